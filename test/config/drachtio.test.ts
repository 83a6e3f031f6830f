// The keys of `engine: drachtio`: what is refused, what is said to have no effect, and what then has none.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drachtioSecret } from '../../src/config/drachtio-checks.ts';
import { formatFault, parseConfig } from '../../src/config/load.ts';
import { compareConfigs } from '../../src/config/reload.ts';
import { temporaryFolder } from './files.ts';

const load = (text: string, folder = '/nowhere') => parseConfig(text, join(folder, 'edge.yaml'), { HOME: folder });

function configOf(text: string, folder?: string) {
  const loaded = load(text, folder);
  if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return loaded;
}

function faultsOf(text: string): string[] {
  const loaded = load(text);
  return 'faults' in loaded ? loaded.faults.map(formatFault) : [];
}

describe('a fault', () => {
  it.each([
    [
      'drachtio: { host: 10.1.2.3 }',
      'drachtio.host: value "10.1.2.3" is not allowed; allowed: an address of the loopback, or `allowRemote: true` (line 1)',
    ],
    [
      'engine: drachtio\ninterfaces: { south: { listen: ["udp:0.0.0.0:5060", "udp:127.0.0.1:0"] } }',
      'interfaces.south.listen[0]: value "udp:0.0.0.0:5060" is not allowed; allowed: an address and port of the drachtio-server, as it tells them when it starts (line 2)',
    ],
    [
      'drachtio: { secret: "a|b" }',
      'drachtio.secret: the value (a secret, so not shown) is not allowed; allowed: 1 to 256 characters, on one line and without "|" (line 1)',
    ],
    [
      'drachtio: { secretFile: nowhere }',
      expect.stringMatching(/^drachtio\.secretFile: value "nowhere" is not allowed; allowed: a file with the secret/),
    ],
    [
      'drachtio: { host: "127.0.0.1:9022" }',
      'drachtio.host: value "127.0.0.1:9022" is not allowed; allowed: an address or a name, without a port (line 1)',
    ],
    [
      'drachtio: { metricsUrl: "ftp://127.0.0.1/" }',
      'drachtio.metricsUrl: value "ftp://127.0.0.1/" is not allowed; allowed: http://HOST:PORT/PATH or https://HOST:PORT/PATH (line 1)',
    ],
  ])('%j', (text, fault) => expect(faultsOf(text)[0]).toEqual(fault));

  it.each(['127.0.0.1', '::1', '"[::1]"', 'localhost', '127.3.4.5'])('is not that the server is at %s', (host) =>
    expect(faultsOf(`drachtio: { host: ${host} }`)).toEqual([]),
  );

  it('is not that it is elsewhere where that is allowed', () =>
    expect(faultsOf('drachtio: { host: sip.example.net, allowRemote: true }')).toEqual([]));

  it("is not that a certificate is missing, which is the server's", () => {
    const text = 'interfaces: { south: { listen: ["tls:127.0.0.1:5061"] } }';
    expect(faultsOf(text)).toHaveLength(1);
    expect(faultsOf(`engine: drachtio\n${text}`)).toEqual([]);
  });
});

describe('what a drachtio-server cannot do', () => {
  const text = `
engine: drachtio
udp: plain
penalty: { refusedPerSecond: 7 }
timers: { t1Ms: 400, switchTimeoutMs: 3000 }
limits: { transactions: 500, headers: 100 }
interfaces:
  south: { pushback: drop }
  east: { neighbours: [ { name: a, addresses: ["10.0.0.1"], pushback: oc }, { name: b, addresses: ["10.0.0.2"] } ] }
switches: [ { name: a, address: "udp:10.0.0.9:5060", oc: loss } ]
`;
  const { config, warnings } = configOf(text);

  it('is said, each with its line', () =>
    expect(warnings.map(formatFault)).toEqual([
      'interfaces.south.pushback: a drachtio-server answers all that it receives: refused as by `reject` (line 8)',
      'interfaces.east.neighbours[0].pushback: oc has no effect: refused as by `reject` (line 9)',
      'switches[0].oc: a drachtio-server writes its own Via: nothing is offered (line 10)',
      'penalty.refusedPerSecond: belongs to the embedded engine: no effect with a drachtio-server (line 4)',
      'timers.t1Ms: belongs to the embedded engine: no effect with a drachtio-server (line 5)',
      'limits.headers: belongs to the embedded engine: no effect with a drachtio-server (line 6)',
      'udp: belongs to the embedded engine: no effect with a drachtio-server (line 3)',
    ]));

  it('is not in force', () => {
    const { south, east } = config.interfaces;
    expect([south?.pushback, east?.pushback]).toEqual(['reject', 'reject']);
    expect(east?.neighbours.map(({ pushback }) => pushback)).toEqual(['reject', undefined]);
    expect([config.switches[0]?.oc, config.penalty.enabled]).toEqual(['none', false]);
  });

  it('is all there with the embedded engine', () => {
    const { config, warnings } = configOf(text.replace('drachtio', 'embedded'));
    expect([config.interfaces.south?.pushback, config.switches[0]?.oc, config.penalty.enabled]).toEqual([
      'drop',
      'loss',
      true,
    ]);
    expect(warnings).toEqual([]);
  });

  it('nothing is said of a file that asks for none of it', () =>
    expect(configOf('engine: drachtio\ninterfaces: { south: {}, east: {} }').warnings).toEqual([]));
});

describe('the secret', () => {
  it('is that which the server is shipped with, the one written, or the first line of a file', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'secret'), 'from the file\nsecond line\n');
    const secretOf = (text: string) => drachtioSecret(configOf(text, folder).config.drachtio);
    expect(secretOf('')).toBe('cymru');
    expect(secretOf('drachtio: { secret: own }')).toBe('own');
    expect(secretOf('drachtio: { secretFile: secret }')).toBe('from the file');
    expect(faultsOf('drachtio: { secret: own, secretFile: secret }')).toEqual([
      'drachtio.secretFile: value "secret" is not allowed; allowed: one of secret and secretFile, and not both (line 1)',
    ]);
  });
});

it('only a restart changes the engine and where its server is; who fails over changes at once', () => {
  const changed = (more: string) => {
    const before = configOf('engine: drachtio').config;
    return compareConfigs(before, configOf(`engine: ${more}`).config).needRestart;
  };
  expect(changed('embedded')).toContain('engine');
  expect(changed('drachtio\ndrachtio: { port: 9023 }')).toEqual(['drachtio.port']);
  expect(changed('drachtio\ndrachtio: { failOver: always }')).toEqual([]);
});
