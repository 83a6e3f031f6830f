import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatFault, loadConfig, parseConfig, startError } from '../../src/config/load.ts';
import { isOrchestratorText, loadOrchestratorConfig } from '../../src/config/orchestrator-load.ts';
import type { Config } from '../../src/config/schema.ts';
import { makeCertificate, temporaryFile, temporaryFolder } from './files.ts';

const repository = new URL('../../', import.meta.url).pathname;
const examples = join(repository, 'config');
const place = join(examples, 'test.yaml');

function faultsOf(text: string): string[] {
  const loaded = parseConfig(text, place, {});
  return 'faults' in loaded ? loaded.faults.map(formatFault) : [];
}

function configOf(text: string, env: NodeJS.ProcessEnv = {}): Config {
  const loaded = parseConfig(text, place, env);
  if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
  return loaded.config;
}

interface Faulty {
  readonly what: string;
  readonly text: string;
  readonly fault: string;
}
const faulty = parse(readFileSync(new URL('faults.yaml', import.meta.url), 'utf8')) as Faulty[];

describe('faults', () => {
  it.each(faulty)('$what', ({ text, fault }) => expect(faultsOf(text)).toEqual([fault]));

  it('are all said at once, one line each', () => {
    const found = faultsOf('udp: fast\nlog: { level: loud }\nlimits:\n  headers: 1\n  bytes: 5\n');
    expect(found.map((fault) => fault.split(':')[0])).toEqual(['limits.headers', 'limits.bytes', 'udp', 'log.level']);
    expect(found.every((fault) => !fault.includes('\n'))).toBe(true);
  });

  it('in YAML have the line where it breaks', () => {
    const [fault, ...more] = faultsOf('interfaces:\n  south: { listen: [\n');
    expect(fault).toMatch(/^not YAML: .* \(line \d\)$/);
    expect(more.every((line) => line.startsWith('not YAML: '))).toBe(true);
  });

  it('are found behind aliases', () => {
    const text = 'interfaces:\n  south: &a\n    pushback: none\n  east: *a\n';
    expect(faultsOf(text).map((fault) => fault.slice(-8))).toEqual(['(line 3)', '(line 3)']);
  });

  it('stop aliases that grow without bound', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (const [to, from] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => [pair[0], pair[1]])) {
      lines.push(`${to}: &${to} [*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from}]`);
    }
    expect(faultsOf(lines.join('\n'))).toEqual([expect.stringMatching(/^not YAML: Excessive alias count/)]);
  });

  it('name a file that cannot be read', () => {
    const loaded = loadConfig('/nowhere/surgegate.yaml');
    expect(loaded).toEqual({ faults: [{ key: '', message: expect.stringMatching(/^cannot read .*ENOENT/) }] });
  });

  it('name every place where the dial plan was looked for', () => {
    const [fault] = faultsOf('dialplan: none.yaml');
    expect(fault).toContain(`(looked for ${examples}/none.yaml, ${repository}none.yaml)`);
  });

  it('become the one line of a failed start', () => {
    const fault = { key: 'udp', message: 'no', line: 3 };
    expect(startError('a.yaml', [fault]).message).toBe('a.yaml: udp: no (line 3)');
    expect(startError('a.yaml', [fault, fault]).message).toBe(
      'a.yaml: udp: no (line 3); 1 more: surgegate check a.yaml',
    );
  });
});

describe('an example configuration', () => {
  it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))('%s loads', (name) => {
    const file = join(examples, name);
    const loaded = (isOrchestratorText(readFileSync(file, 'utf8')) ? loadOrchestratorConfig : loadConfig)(file, {});
    expect('faults' in loaded ? loaded.faults.map(formatFault) : []).toEqual([]);
  });

  it('that is empty is the one that we ship, but for its trust, its limit of new calls and its orchestrator', () => {
    const shipped = loadConfig(join(examples, 'surgegate.yaml'), {});
    const { config } = shipped as { config: Config };
    const trust = { resourcePriority: false };
    const untrusting = { ...config.interfaces };
    for (const name of ['east', 'west', 'north'] as const) untrusting[name] = { ...config.interfaces[name]!, trust };
    const learned = { newCallsPerSecond: Number.POSITIVE_INFINITY, priorityCapPerSecond: 1000 };
    const admission = { ...config.admission, ...learned };
    expect(configOf('')).toEqual({ ...config, interfaces: untrusting, admission, orchestrator: { kind: 'none' } });
  });
});

describe('what is filled in', () => {
  it('origins as browsers say them', () => {
    const origins = ['HTTPS://Phone.Example.NET:443', 'http://[::1]:8080', 'http://example.net:80', '*'];
    const config = configOf(`interfaces: { south: { webSocket: { origins: ${JSON.stringify(origins)} } } }`);
    expect(config.interfaces.south?.webSocket).toEqual({
      origins: ['https://phone.example.net', 'http://[::1]:8080', 'http://example.net', '*'],
      pingSeconds: 30,
    });
  });

  it('only the interfaces that are written, and core', () => {
    const config = configOf('interfaces: { west: { listen: ["udp:[::1]:0"] } }');
    expect(Object.keys(config.interfaces)).toEqual(['west', 'core']);
    expect(config.interfaces.west).toMatchObject({
      listen: [{ transport: 'udp', host: '::1', port: 0 }],
      pushback: 'oc',
      admission: {},
    });
  });

  it.each([
    ['1000 where no capacity is known', '{ name: a, embedded: true }', 1000],
    [
      '1000 where one capacity is not known',
      '{ name: a, embedded: true, capacityPerSecond: 40 }, { name: b, address: "udp:10.0.0.5:5060" }',
      1000,
    ],
    [
      'the sum of the capacities',
      '{ name: a, embedded: true, capacityPerSecond: 40 }, { name: b, address: "udp:10.0.0.5:5060", capacityPerSecond: 25 }',
      65,
    ],
  ])('new calls are as many as the switches can do; priority calls that are believed: %s', (_what, switches, cap) => {
    const { admission } = configOf(`switches: [ ${switches} ]`);
    expect(admission.newCallsPerSecond).toBe(Number.POSITIVE_INFINITY);
    expect(admission.priorityCapPerSecond).toBe(cap);
  });

  it.each([
    ['as written, from the folder of the file', 'state: { directory: ../var }', {}, join(repository, 'var')],
    ['of systemd', '', { STATE_DIRECTORY: '/var/lib/surgegate:/var/lib/other', HOME: '/home/a' }, '/var/lib/surgegate'],
    ['of XDG', '', { XDG_STATE_HOME: '/home/a/.state', HOME: '/home/a' }, '/home/a/.state/surgegate'],
    ['in the home folder', '', { HOME: '/home/a' }, '/home/a/.local/state/surgegate'],
  ])('the state directory %s', (_what, text, env, expected) => {
    expect(configOf(text, env).state.directory).toBe(expected);
  });

  it('the dial plan beside the file, before the one of the package', () => {
    const folder = temporaryFolder();
    const file = join(folder, 'edge.yaml');
    const plan = temporaryFile('own.yaml', '');
    const ownPlan = parseConfig(`dialplan: ${plan}`, file, {}) as { config: Config };
    expect(ownPlan.config.dialplan).toBe(plan);
    const packaged = parseConfig('', file, {}) as { config: Config };
    expect(packaged.config.dialplan).toBe(join(repository, 'dialplans/default.yaml'));
  });
});

describe('certificates', () => {
  const text = (certificate: string, key: string, more = '') =>
    `interfaces: { south: { listen: ["tls:127.0.0.1:5061"], tls: { certificate: ${certificate}, key: ${key}${more} } } }`;

  it('are found from the folder of the file, and fit their keys', () => {
    const folder = temporaryFolder();
    makeCertificate(folder, 'a');
    makeCertificate(folder, 'b');
    const load = (content: string) => parseConfig(content, join(folder, 'edge.yaml'), {});
    const good = load(text('a.crt', 'a.key', ', ca: b.crt, requestClientCertificate: true'));
    expect((good as { config: Config }).config.interfaces.south?.tls).toEqual({
      certificate: join(folder, 'a.crt'),
      key: join(folder, 'a.key'),
      ca: join(folder, 'b.crt'),
      requestClientCertificate: true,
    });
    const lines = (content: string) =>
      (load(content) as { faults: { key: string; message: string }[] }).faults.map(formatFault);
    expect(lines(text('a.crt', 'b.key'))).toEqual([
      expect.stringMatching(
        /^interfaces\.south\.tls\.certificate: value "a\.crt" is not allowed; allowed: a PEM certificate whose/,
      ),
    ]);
    expect(lines(text('a.crt', 'none.key'))).toEqual([
      expect.stringMatching(
        /^interfaces\.south\.tls\.key: value "none\.key" is not allowed; allowed: a file that can be read/,
      ),
    ]);
    expect(lines(text('a.crt', 'a.key', ', requestClientCertificate: true'))).toEqual([
      'interfaces.south.tls.ca: is missing; allowed: a file of authorities, as requestClientCertificate is true (line 1)',
    ]);
  });
});

describe('a warning', () => {
  it.each([
    [
      'interfaces:\n  south: { listen: ["udp:0.0.0.0:5060"] }\nswitches: [ { name: a, address: "udp:127.0.0.1:5090" } ]',
      'interfaces.south.listen[0]: Via will carry the first address of the machine for udp:0.0.0.0:5060; see advertise (line 2)',
    ],
    [
      'interfaces: { east: { pushback: retry-after } }',
      'interfaces.east.pushback: a few large neighbours that are silenced for seconds bring no emergency calls either; reject refuses single calls (line 1)',
    ],
    [
      'interfaces: { south: { listen: ["udp:192.0.2.1:5060"] } }',
      'switches[0].embedded: the test switch will answer calls that come in on udp:192.0.2.1:5060',
    ],
    [
      'interfaces:\n  south: { webSocket: { origins: ["https://example.net", "*"] } }',
      'interfaces.south.webSocket.origins: every web page can make the browsers of its visitors call here; list the origins of your own pages (line 2)',
    ],
    [
      'admission: { newCallsPerSecond: 50 }\nswitches: [ { name: a, embedded: true, capacityPerSecond: 40 } ]',
      'admission.newCallsPerSecond: 50 is more than the capacity of all switches, 40 calls per second (line 1)',
    ],
  ])('%j', (text, warning) => {
    const loaded = parseConfig(text, place, {});
    expect('warnings' in loaded ? loaded.warnings.map(formatFault) : loaded.faults).toEqual([warning]);
  });

  it.each(['surgegate.yaml', 'drachtio.yaml'])('is not given for what we ship: %s', (name) => {
    expect(loadConfig(join(examples, name), {})).toMatchObject({ warnings: [] });
  });
});
