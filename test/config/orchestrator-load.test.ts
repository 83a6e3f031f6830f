import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatFault } from '../../src/config/load.ts';
import {
  isOrchestratorText,
  loadOrchestratorConfig,
  parseOrchestratorConfig,
} from '../../src/config/orchestrator-load.ts';
import { type OrchestratorConfig, orchestratorJsonSchema } from '../../src/config/orchestrator-schema.ts';
import { makeCertificate, temporaryFolder } from './files.ts';

const repository = new URL('../../', import.meta.url).pathname;
const shipped = join(repository, 'config/orchestrator.yaml');

function loaded(text: string, env: NodeJS.ProcessEnv = {}, file = join(repository, 'config/test.yaml')) {
  return parseOrchestratorConfig(text, file, env);
}

function faultsOf(text: string): string[] {
  const result = loaded(text);
  return 'faults' in result ? result.faults.map(formatFault) : [];
}

function configOf(text: string, env: NodeJS.ProcessEnv = {}, file?: string): OrchestratorConfig {
  const result = loaded(text, env, file);
  if ('faults' in result) throw new Error(result.faults.map(formatFault).join('\n'));
  return result.config;
}

function warningsOf(text: string): string[] {
  const result = loaded(text);
  return 'faults' in result ? [] : result.warnings.map(formatFault);
}

interface Faulty {
  readonly what: string;
  readonly text: string;
  readonly fault?: string;
  readonly faults?: string[];
}
const faulty = parse(readFileSync(new URL('orchestrator-faults.yaml', import.meta.url), 'utf8')) as Faulty[];

describe('faults', () => {
  it.each(faulty)('$what', ({ text, fault, faults }) => expect(faultsOf(text)).toEqual(faults ?? [fault]));

  it('show no token, wherever it stands', () => {
    const secret = 'secret-0123456789';
    const texts = [
      `applications: { name: web, token: ${secret} }`,
      `applications: [ { name: web, tokn: x, token: ${secret} } ]`,
      `peers: [ { name: a, url: ftp, peerToken: ${secret} } ]`,
      `operators: [ { name: a, token: "${secret} ${secret}" }, { name: b, token: [ ${secret} ] } ]`,
      `operators: [ { name: a, token: ${secret} }, { name: b, token: ${secret} } ]`,
    ];
    for (const text of texts) {
      const found = faultsOf(text);
      expect(found.length).toBeGreaterThan(0);
      expect(found.join('\n')).not.toContain(secret);
    }
  });

  it('are all said at once', () => {
    expect(faultsOf('split: x\nintervalMs: 1\n').map((fault) => fault.split(':')[0])).toEqual(['intervalMs', 'split']);
  });

  it('name a file that cannot be read', () => {
    expect(loadOrchestratorConfig('/nowhere/a.yaml')).toEqual({
      faults: [{ key: '', message: expect.stringMatching(/^cannot read .*ENOENT/) }],
    });
  });
});

describe('what is filled in', () => {
  it('all of an empty file', () => {
    expect(configOf('', { HOME: '/home/a' })).toMatchObject({
      name: 'orchestrator',
      listen: { host: '127.0.0.1', port: 9465 },
      intervalMs: 1000,
      host: { maximum: {}, diskPaths: ['/'] },
      reserveRatio: 0.2,
      split: 'equal',
      minimumRatio: { L1: 1, L2: 0.75, L3: 0.5 },
      shedding: { deadlineSeconds: 10, toleranceRatio: 0.05 },
      limits: { requestsPerSecond: 50, burst: 100, connections: 1000 },
      applications: [],
      peers: [],
      operators: [],
      state: { directory: '/home/a/.local/state/surgegate/orchestrator' },
      log: { level: 'info' },
    });
  });

  it('an application, a peer and an operator', () => {
    const config = configOf('applications: [ { name: a } ]\npeers: [ { name: b } ]\noperators: [ { name: c } ]');
    expect(config.applications).toEqual([
      {
        name: 'a',
        essential: true,
        priority: 5,
        exempt: false,
        maximum: {},
        minimum: {},
        callbackHosts: [],
        adapter: { kind: 'advise' },
      },
    ]);
    expect(config.peers).toMatchObject([
      { name: 'b', exchange: 'fetch', intervalMs: 2000, timeoutMs: 1500, proposes: 'L1' },
    ]);
    expect(config.operators).toEqual([{ name: 'c' }]);
  });

  it.each([
    ['{ kind: advise, pids: [ 7 ] }', { kind: 'advise', pids: [7] }],
    ['{ kind: cgroup, path: a.slice/b }', { kind: 'cgroup', path: 'a.slice/b' }],
    [
      '{ kind: cgroup, path: a, create: true, pids: [], memory: hard, baseline: { cpuCores: 2 }, devices: [ "8:0" ] }',
      {
        kind: 'cgroup',
        path: 'a',
        create: true,
        pids: [],
        memory: 'hard',
        baseline: { cpuCores: 2 },
        devices: ['8:0'],
      },
    ],
    ['{ kind: libvirt, domain: web }', { kind: 'libvirt', domain: 'web', uri: 'qemu:///system' }],
    [
      '{ kind: libvirt, domain: web, uri: "test:///default" }',
      { kind: 'libvirt', domain: 'web', uri: 'test:///default' },
    ],
  ])('the adapter %s', (written, adapter) => {
    expect(configOf(`applications: [ { name: a, adapter: ${written} } ]`).applications[0]?.adapter).toEqual(adapter);
  });

  it.each([
    ['as written, from the folder of the file', 'state: { directory: ../var }', {}, join(repository, 'var')],
    ['of systemd', '', { STATE_DIRECTORY: '/var/lib/a:/var/lib/b' }, '/var/lib/a/orchestrator'],
    ['of XDG', '', { XDG_STATE_HOME: '/s' }, '/s/surgegate/orchestrator'],
  ])('the state directory %s', (_what, text, env, expected) => {
    expect(configOf(text, env).state.directory).toBe(expected);
  });

  it('paths of certificates and authorities, from the folder of the file', () => {
    const folder = temporaryFolder();
    makeCertificate(folder, 'a');
    const text = [
      'tls: { certificate: a.crt, key: a.key, clientAuthority: a.crt }',
      'applications: [ { name: web, certificateName: web.example.net } ]',
      'peers: [ { name: east, url: "https://east", authority: a.crt } ]',
    ].join('\n');
    const config = configOf(text, {}, join(folder, 'orchestrator.yaml'));
    const certificate = join(folder, 'a.crt');
    expect(config.tls).toEqual({ certificate, key: join(folder, 'a.key'), clientAuthority: certificate });
    expect(config.peers[0]?.authority).toBe(certificate);
  });
});

describe('the file that we ship', () => {
  it('is valid without a warning, and leaves no secret to be invented', () => {
    const result = loadOrchestratorConfig(shipped, { HOME: '/home/a' });
    expect(result).toMatchObject({ warnings: [] });
    expect(readFileSync(shipped, 'utf8')).not.toMatch(/^[^#]*token/m);
  });

  it('names the edge, a web application and a batch job that is not essential', () => {
    const { config } = loadOrchestratorConfig(shipped, {}) as { config: OrchestratorConfig };
    expect(config.applications.map(({ name, essential }) => [name, essential])).toEqual([
      ['surgegate', true],
      ['web', true],
      ['batch', false],
    ]);
  });

  it.each([
    ['the edge', 'surgegate.yaml', false],
    ['the orchestrator', 'orchestrator.yaml', true],
  ])('is told from the other one: that of %s', (_whose, name, expected) => {
    expect(isOrchestratorText(readFileSync(join(repository, 'config', name), 'utf8'))).toBe(expected);
  });

  it.each(['', 'log: { level: debug }', '- a', '{', 'orchestrator: embedded'])('%j is one of the edge', (text) => {
    expect(isOrchestratorText(text)).toBe(false);
  });
});

describe('warnings', () => {
  const some = 'applications: [ { name: a } ]\n';
  it.each([
    ['nothing doubtful', some, []],
    ['nobody may register', '', ['applications: nobody can register: name the applications of this host']],
    [
      'tokens in the clear',
      `${some}listen: "0.0.0.0:9465"`,
      ['listen: tokens cross the network in the clear: without tls, listen on the loopback (line 2)'],
    ],
    [
      'a token of a peer in the clear',
      `${some}peers: [ { name: a2, url: "http://10.0.0.1:9465" }, { name: b2, url: "http://[::1]:9465" } ]`,
      ['peers[0].url: its token crosses the network in the clear: use https (line 2)'],
    ],
  ])('%s', (_what, text, expected) => expect(warningsOf(text)).toEqual(expected));
});

it('every key has a description', () => {
  interface Node {
    readonly description?: string;
    readonly properties?: Readonly<Record<string, Node>>;
    readonly items?: Node;
  }
  const bare: string[] = [];
  const walk = (node: Node, key: string): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      const isGroup = child.properties !== undefined;
      const isResource = /(maximum|minimum|baseline)$/.test(key);
      if (!isGroup && !isResource && child.description === undefined) bare.push(`${key}.${name}`);
      walk(child, `${key}.${name}`);
    }
    if (node.items !== undefined) walk(node.items, `${key}[]`);
  };
  walk(orchestratorJsonSchema() as Node, '');
  expect(bare).toEqual([]);
});
