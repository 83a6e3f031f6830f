import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatFault, parseConfig } from '../../src/config/load.ts';
import { compareConfigs } from '../../src/config/reload.ts';
import { makeCertificate, temporaryFolder } from './files.ts';

const token = 'a-token-of-sixteen+';
const url = 'http://127.0.0.1:9465';

function load(orchestrator: unknown, folder = temporaryFolder()) {
  const text = JSON.stringify(orchestrator === undefined ? {} : { orchestrator });
  return parseConfig(text, join(folder, 'edge.yaml'), {});
}
function linksOf(orchestrator: unknown, folder?: string) {
  const loaded = load(orchestrator, folder);
  if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return loaded.config.orchestrator;
}
function faultsOf(orchestrator: unknown, folder?: string): string[] {
  const loaded = load(orchestrator, folder);
  return 'faults' in loaded ? loaded.faults.map((fault) => formatFault(fault).replace(' (line 1)', '')) : [];
}

const needs = {
  perCall: { cpuCores: 0.0002, memoryBytes: 100_000 },
  perRefusal: { cpuCores: 0.000_008 },
  atRest: { cpuCores: 0.05, memoryBytes: 150_000_000 },
};
const common = { priority: 9, minimumCallsPerSecond: 10, maximumCallsPerSecond: 5000, needs };
const listen = { host: '127.0.0.1', port: 9465 };

describe('the orchestrators of an edge', () => {
  it.each<[unknown, unknown]>([
    [undefined, { kind: 'none' }],
    ['none', { kind: 'none' }],
    ['embedded', { kind: 'embedded', listen, ...common }],
    [
      { embedded: true, listen: '[::1]:0', priority: 3 },
      { kind: 'embedded', ...common, listen: { host: '::1', port: 0 }, priority: 3 },
    ],
    [
      { url, token },
      { kind: 'links', links: [{ url, application: 'surgegate', token, ...common }] },
    ],
    [
      [
        { url, token, application: 'east-1' },
        { url: 'http://[::1]:1/base', token },
      ],
      {
        kind: 'links',
        links: [
          { url, application: 'east-1', token, ...common },
          { url: 'http://[::1]:1/base', application: 'surgegate', token, ...common },
        ],
      },
    ],
  ])('%j', (written, expected) => expect(linksOf(written)).toEqual(expected));

  it('may have needs of their own, key by key', () => {
    const found = linksOf({ url, token, needs: { perCall: { cpuCores: 0.001 }, atRest: { memoryBytes: '1Gi' } } });
    expect(found).toMatchObject({
      links: [
        {
          needs: {
            perCall: { cpuCores: 0.001, memoryBytes: 100_000 },
            atRest: { cpuCores: 0.05, memoryBytes: 2 ** 30 },
          },
        },
      ],
    });
  });

  it.each<[unknown, string]>([
    [
      'fast',
      'orchestrator: value "fast" is not allowed; allowed: none, embedded, one mapping, or a list of 1 to 4 of them',
    ],
    [7, 'orchestrator: value 7 is not allowed; allowed: none, embedded, one mapping, or a list of 1 to 4 of them'],
    [[], 'orchestrator: value [] is not allowed; allowed: a list of at least 1'],
    [{}, 'orchestrator.url: is missing; allowed: http://HOST:PORT or https://HOST:PORT, without user or query'],
    [{ embedded: false }, 'orchestrator.embedded: value false is not allowed; allowed: true'],
    [
      { url: 'http://me:secret@host', token },
      'orchestrator.url: value "http://me:secret@host" is not allowed; allowed: http://HOST:PORT or https://HOST:PORT, without user or query',
    ],
    [{ url }, 'orchestrator.token: is missing; allowed: a token, a tokenFile, or certificate and key'],
    [
      { url, token: 'short' },
      'orchestrator.token: the value (a secret, so not shown) is not allowed; allowed: 16 to 256 letters, digits, ".", "_", "~", "+", "/" or "-" (RFC 6750)',
    ],
    [
      { url, token, priority: 10 },
      'orchestrator.priority: value 10 is not allowed; allowed: a whole number from 0 to 9 (priority)',
    ],
    [
      { url, token, tokn: token },
      'orchestrator.tokn: no such key; allowed: url, application, token, tokenFile, ca, certificate, key, priority, minimumCallsPerSecond, maximumCallsPerSecond, needs',
    ],
    [
      { url, token, minimumCallsPerSecond: 6000 },
      'orchestrator.minimumCallsPerSecond: value 6000 is not allowed; allowed: at most maximumCallsPerSecond, 5000 (calls per second)',
    ],
    [
      [
        { url, token },
        { url, token },
      ],
      `orchestrator[1].url: value "${url}" is not allowed; allowed: an orchestrator that is not named twice`,
    ],
    [{ url, token, ca: 'ca.crt' }, 'orchestrator.ca: value "ca.crt" is not allowed; allowed: only where url is https:'],
    [
      { url: 'https://host', token, key: 'a.key' },
      'orchestrator.certificate: is missing; allowed: certificate and key together',
    ],
  ])('%j is a fault', (written, fault) => expect(faultsOf(written)).toEqual([fault]));

  it('name files that are looked for beside the configuration', () => {
    const folder = temporaryFolder();
    makeCertificate(folder, 'edge');
    writeFileSync(join(folder, 'token'), `${token}\n`);
    const certificate = { certificate: 'edge.crt', key: 'edge.key', ca: 'edge.crt' };
    expect(linksOf({ url: 'https://host', ...certificate }, folder)).toMatchObject({
      links: [{ certificate: join(folder, 'edge.crt'), key: join(folder, 'edge.key'), ca: join(folder, 'edge.crt') }],
    });
    expect(linksOf({ url, tokenFile: 'token' }, folder)).toMatchObject({
      links: [{ tokenFile: join(folder, 'token') }],
    });
    expect(faultsOf({ url, tokenFile: 'other' }, folder)[0]).toMatch(/^orchestrator\.tokenFile: .*ENOENT/);
    expect(faultsOf({ url: 'https://host', ...certificate, key: 'no.key' }, folder)[0]).toMatch(/^orchestrator\.key: /);
    expect(faultsOf({ url: 'https://host', token, ca: 'no.crt' }, folder)[0]).toMatch(/^orchestrator\.ca: .*ENOENT/);
  });

  it('are warned of where a token could be read on its way', () => {
    const warned = (orchestrator: unknown) => {
      const loaded = load(orchestrator);
      return 'faults' in loaded ? loaded.faults : loaded.warnings.map(({ key }) => key);
    };
    expect(warned({ url: 'http://10.0.0.1:9465', token })).toEqual(['orchestrator.url']);
    expect(
      warned([
        { url, token },
        { url: 'http://far:1', token },
      ]),
    ).toEqual(['orchestrator[1].url']);
    expect(warned({ embedded: true, listen: '0.0.0.0:9465' })).toEqual(['orchestrator.listen']);
    for (const one of [{ url, token }, { url: 'http://[::1]:1', token }, { url: 'https://far', token }, 'embedded'])
      expect(warned(one)).toEqual([]);
  });

  it('can only be changed by a restart', () => {
    const of = (orchestrator: unknown) => {
      const loaded = load(orchestrator, '/nowhere/config');
      if ('faults' in loaded) throw new Error('faults');
      return loaded.config;
    };
    const link = { url, token };
    expect(compareConfigs(of('none'), of('embedded')).needRestart).not.toEqual([]);
    expect(compareConfigs(of(link), of({ ...link, priority: 2 })).needRestart).toEqual(['orchestrator.links']);
    expect(compareConfigs(of(link), of(link)).changed).toEqual([]);
  });
});
