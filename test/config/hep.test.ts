// The keys of `capture.hep`: off at first, its secrets in a file, its files checked, and followed by a reload.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hepPassword } from '../../src/config/hep-files.ts';
import { formatFault, parseConfig } from '../../src/config/load.ts';
import { compareConfigs, reloadRefusal } from '../../src/config/reload.ts';
import { temporaryFolder } from './files.ts';

const load = (text: string, folder = '/nowhere') => parseConfig(text, join(folder, 'edge.yaml'), { HOME: folder });

function configOf(text: string, folder?: string) {
  const loaded = load(text, folder);
  if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return loaded;
}

function faultsOf(text: string, folder?: string): string[] {
  const loaded = load(text, folder);
  return 'faults' in loaded ? loaded.faults.map(formatFault) : [];
}

it('nothing is mirrored unless a collector is named', () => {
  const { hep } = configOf('{}').config.capture;
  expect(hep.address).toBeUndefined();
  expect(hep).toMatchObject({ ratio: 1, messagesPerSecond: 5000, refusalsPerSecond: 100, maskCredentials: true });
  expect(hepPassword(hep)).toBeUndefined();
});

describe('a fault', () => {
  it.each([
    [
      'address: homer',
      'capture.hep.address: value "homer" is not allowed; allowed: udp:, tcp: or tls:, then HOST:PORT',
    ],
    ['address: "ws:h:1"', 'capture.hep.address: value "ws:h:1" is not allowed'],
    ['ratio: 1.5', 'capture.hep.ratio: value 1.5 is not allowed; allowed: a number from 0 to 1 (share)'],
    [
      'captureId: -1',
      'capture.hep.captureId: value -1 is not allowed; allowed: a whole number from 0 to 4294967295 (id)',
    ],
    ['messagesPerSecond: 5', 'capture.hep.messagesPerSecond: value 5 is not allowed; allowed: a whole number from 100'],
    ['password: "a b"', 'capture.hep.password: the value (a secret, so not shown) is not allowed; allowed: 1 to 64'],
    [
      'passwordFile: nowhere',
      'capture.hep.passwordFile: value "nowhere" is not allowed; allowed: a file with the password',
    ],
    ['ca: nowhere', 'capture.hep.ca: value "nowhere" is not allowed; allowed: a file that can be read'],
    ['capturId: 1', 'capture.hep.capturId: no such key; allowed: address, ca, captureId,'],
  ])('%s', (text, fault) => {
    expect(faultsOf(`capture: { hep: { ${text} } }`)[0]).toContain(fault);
  });

  it('is a password beside a file with one, and a file that holds none; neither is shown', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'good'), 's3cret\nmore');
    writeFileSync(join(folder, 'bad'), 'not one');
    const both = faultsOf('capture: { hep: { password: x1y2z3, passwordFile: good } }', folder).join();
    expect(both).toContain('one of password and passwordFile, and not both');
    expect(both).not.toContain('x1y2z3');
    const bad = faultsOf('capture: { hep: { passwordFile: bad } }', folder).join();
    expect(bad).toContain('its first line is not 1 to 64');
    expect(bad).not.toContain('not one');
    expect(hepPassword(configOf('capture: { hep: { passwordFile: good } }', folder).config.capture.hep)).toBe('s3cret');
  });
});

it('a reload changes all of it', () => {
  const off = configOf('{}').config;
  const on = configOf('capture: { hep: { address: "udp:127.0.0.1:9060", ratio: 0.1, password: a } }').config;
  const change = compareConfigs(off, on);
  expect(change.changed).toEqual(['capture.hep.ratio', 'capture.hep.address', 'capture.hep.password']);
  expect(reloadRefusal(change)).toBeUndefined();
  expect(reloadRefusal(compareConfigs(on, off))).toBeUndefined();
});

it('with a drachtio-server it is said to have no effect', () => {
  const { warnings } = configOf(
    'engine: drachtio\ncapture: { hep: { address: "udp:127.0.0.1:9060" } }\ninterfaces: { south: { listen: ["udp:127.0.0.1:5060"] }, core: { listen: ["udp:127.0.0.1:5050"] } }',
  );
  expect(warnings.map(({ key, message }) => `${key}: ${message}`)).toContain(
    'capture.hep.address: belongs to the embedded engine: no effect with a drachtio-server',
  );
});

it('the example of README is good', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const text = /^## Captures with HOMER[\s\S]*?```yaml\n([\s\S]*?)```/m.exec(readme)?.[1] ?? '';
  const { hep } = configOf(text).config.capture;
  expect(hep).toMatchObject({ address: { transport: 'udp', port: 9060 }, nodeName: 'edge-1', ratio: 0.1 });
});
