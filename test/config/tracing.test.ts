// The keys of traces: what is refused and in which words, the file with headers, and what a reload can change.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatFault, parseConfig } from '../../src/config/load.ts';
import { compareConfigs, reloadRefusal } from '../../src/config/reload.ts';
import { tracingHeaders } from '../../src/config/tracing-files.ts';
import { temporaryFolder } from './files.ts';

const load = (text: string, folder = '/nowhere') => parseConfig(text, join(folder, 'edge.yaml'), { HOME: folder });

function loaded(text: string, folder?: string) {
  const found = load(text, folder);
  if ('faults' in found) throw new Error(found.faults.map(formatFault).join('\n'));
  return found;
}

function firstFault(text: string, folder?: string): string | undefined {
  const found = load(text, folder);
  return 'faults' in found ? formatFault(found.faults[0]!) : undefined;
}

describe('a fault', () => {
  it.each([
    [
      'tracing: { otlp: "127.0.0.1:4318" }',
      'tracing.otlp: value "127.0.0.1:4318" is not allowed; allowed: http:// or https://, then HOST:PORT or HOST:PORT/PATH (line 1)',
    ],
    ['tracing: { ratio: 2 }', 'tracing.ratio: value 2 is not allowed; allowed: a number from 0 to 1 (share) (line 1)'],
    [
      'tracing: { callsPerSecond: 0 }',
      'tracing.callsPerSecond: value 0 is not allowed; allowed: a whole number from 1 to 10000 (calls per second) (line 1)',
    ],
    ['tracing: { callId: none }', 'tracing.callId: value "none" is not allowed; allowed: hash, full (line 1)'],
    [
      'tracing: { continueFrom: [ outside ] }',
      'tracing.continueFrom[0]: value "outside" is not allowed; allowed: south, east, west, north or core, or INTERFACE/NEIGHBOUR (line 1)',
    ],
    [
      'interfaces: { south: {} }\ntracing: { continueFrom: [ core, south, east ] }',
      'tracing.continueFrom[2]: value "east" is not allowed; allowed: an interface or a neighbour of this configuration (line 2)',
    ],
    [
      'tracing: { continueFrom: [ east/carrier-a ] }',
      'tracing.continueFrom[0]: value "east/carrier-a" is not allowed; allowed: an interface or a neighbour of this configuration (line 1)',
    ],
  ])('%j', (text, fault) => expect(firstFault(text)).toBe(fault));

  it('a neighbour that is there is none', () => {
    const east = 'interfaces: { east: { neighbours: [ { name: Carrier-A, addresses: [203.0.113.7] } ] } }';
    expect(firstFault(`${east}\ntracing: { continueFrom: [ east/Carrier-A ] }`)).toBeUndefined();
    expect(firstFault(`${east}\ntracing: { continueFrom: [ east/carrier-a ] }`)).toContain('tracing.continueFrom[0]');
  });
});

it('is off by default', () => expect(loaded('').config.tracing).toMatchObject({ ratio: 0.01, priorityRatio: 1 }));

describe('the file with headers', () => {
  const withFile = (text: string) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'headers'), text);
    return { folder, yaml: 'tracing: { otlp: "http://127.0.0.1:4318", headersFile: headers }' };
  };

  it('has one on each line', () => {
    const { folder, yaml } = withFile('# of the collector\nAuthorization: Bearer s3cret\n\nX-Tenant:  voice \n');
    const { tracing } = loaded(yaml, folder).config;
    expect(tracing.headersFile).toBe(join(folder, 'headers'));
    expect(tracingHeaders(tracing)).toEqual({ Authorization: 'Bearer s3cret', 'X-Tenant': 'voice' });
  });

  it.each([
    ['X-Ok: yes\ns3cret without a name', 'line 2 is not "Name: value"'],
    ['# nothing', 'it has none'],
    ['Authorization: Bearer\u0007', 'line 1 is not "Name: value"'],
  ])('%j is a fault that says none of it', (text, why) => {
    const { folder, yaml } = withFile(text);
    expect(firstFault(yaml, folder)).toBe(
      `tracing.headersFile: value "headers" is not allowed; allowed: a file with a header on each line (${why}) (line 1)`,
    );
  });

  it('that is not there is a fault', () => expect(firstFault('tracing: { headersFile: nowhere }')).toContain('ENOENT'));
});

describe('a warning', () => {
  it.each([
    ['engine: drachtio\ntracing: { propagate: true }', ['tracing.propagate']],
    ['tracing: { propagate: true }', []],
    ['tracing: { otlp: "http://10.1.2.3:4318", headersFile: headers }', ['tracing.otlp']],
    ['tracing: { otlp: "https://10.1.2.3:4318", headersFile: headers }', []],
    ['tracing: { otlp: "http://[::1]:4318", headersFile: headers }', []],
  ])('%j', (text, keys) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'headers'), 'A: b');
    const { warnings } = loaded(text, folder);
    expect(warnings.map(({ key }) => key).filter((key) => key.startsWith('tracing'))).toEqual(keys);
  });
});

describe('a reload', () => {
  const refusal = (before: string, after: string) =>
    reloadRefusal(compareConfigs(loaded(before).config, loaded(after).config));

  it.each(['otlp: "http://127.0.0.1:4319"', 'serviceName: edge-7'])('cannot change %s', (key) => {
    const named = `tracing.${key.split(':')[0]}`;
    expect(refusal('', `tracing: { ${key} }`)).toBe(`only a restart can change ${named}`);
  });

  it('changes which calls are traced, and what is told of them', () => {
    const keys = 'ratio: 0.5, priorityRatio: 0, callsPerSecond: 10, callId: full, numberDigits: 4, propagate: true';
    expect(refusal('', `tracing: { ${keys}, continueFrom: [ south ] }`)).toBeUndefined();
  });
});
