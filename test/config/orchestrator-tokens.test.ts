import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOrchestratorConfig } from '../../src/config/orchestrator-load.ts';
import type { OrchestratorConfig } from '../../src/config/orchestrator-schema.ts';
import { loadCallers, peerTokenOf, tokenFileIn } from '../../src/config/orchestrator-tokens.ts';
import { temporaryFolder } from './files.ts';

function setUp(text: string) {
  const folder = temporaryFolder();
  const made: string[] = [];
  const warnings: string[] = [];
  const words = {
    made: (name: string, file: string) => made.push(`${name} ${file}`),
    warn: (message: string) => warnings.push(message),
  };
  const read = (more: string) => {
    const full = `${more}\nstate: { directory: ${join(folder, 'state')} }`;
    return (parseOrchestratorConfig(full, join(folder, 'a.yaml'), {}) as { config: OrchestratorConfig }).config;
  };
  const state = join(folder, 'state');
  return { folder, state, made, warnings, words, config: read(text), read };
}

const three =
  'applications: [ { name: web, callbackHosts: [ 10.0.0.1 ] } ]\npeers: [ { name: east } ]\noperators: [ { name: noc } ]';

describe('a token that is not configured', () => {
  it('is made at the first start, said where, and the same at the next', () => {
    const { config, words, made, state } = setUp(three);
    const first = loadCallers(config, words);
    expect(first.map(({ role, name }) => `${role} ${name}`)).toEqual(['application web', 'peer east', 'operator noc']);
    expect(new Set(first.map(({ token }) => token)).size).toBe(3);
    expect(first[0]?.callbackHosts).toEqual(['10.0.0.1']);
    expect(made).toEqual(['web', 'east', 'noc'].map((name) => `${name} ${join(state, 'tokens', name)}`));
    made.length = 0;
    expect(loadCallers(config, words)).toEqual(first);
    expect(made).toEqual([]);
  });

  it('is in a file that its owner alone can read, and nothing else is left behind', () => {
    const { config, words, state } = setUp(three);
    loadCallers(config, words);
    const folder = join(state, 'tokens');
    expect(readdirSync(folder).sort()).toEqual(['east', 'noc', 'web']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'web')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'web'), 'utf8')).toMatch(/^[A-Za-z0-9_-]{43}\n$/);
  });

  it('is closed to others where somebody has opened it', () => {
    const { config, words, warnings, state } = setUp(three);
    loadCallers(config, words);
    const file = tokenFileIn(state, 'web');
    chmodSync(file, 0o644);
    loadCallers(config, words);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(warnings).toEqual([`${file} could be read by others: its mode is now 0600`]);
  });

  it('that somebody has spoilt ends the start with one line that does not show it', () => {
    const { config, words, state } = setUp(three);
    mkdirSync(join(state, 'tokens'), { recursive: true });
    writeFileSync(tokenFileIn(state, 'web'), 'short');
    const file = tokenFileIn(state, 'web');
    expect(() => loadCallers(config, words)).toThrow(
      `the token of web cannot be kept in ${file}: it holds no token; remove it, and a new one is made`,
    );
  });

  it('that cannot be kept ends the start', () => {
    const { config, words, state } = setUp(three);
    writeFileSync(state, 'a file where the folder should be');
    expect(() => loadCallers(config, words)).toThrow(/^the token of web cannot be kept in .*(ENOTDIR|EEXIST)/);
  });
});

describe('a token that is configured', () => {
  it('stands in the file or in another one, or a certificate stands for it', () => {
    const { folder, state, words } = setUp('');
    writeFileSync(join(folder, 'noc.token'), 'secret-of-noc-0123\n');
    const { read } = setUp('');
    const config: OrchestratorConfig = {
      ...read('applications: [ { name: web, token: secret-of-web-0123 } ]'),
      operators: [{ name: 'noc', tokenFile: join(folder, 'noc.token') }],
      state: { directory: state },
    };
    const withCertificate = {
      ...config.applications[0]!,
      name: 'vm',
      token: undefined,
      certificateName: 'vm.example.net',
    };
    const callers = loadCallers({ ...config, applications: [...config.applications, withCertificate] }, words);
    expect(callers.map(({ name, token, certificateName }) => [name, token, certificateName])).toEqual([
      ['web', 'secret-of-web-0123', undefined],
      ['vm', undefined, 'vm.example.net'],
      ['noc', 'secret-of-noc-0123', undefined],
    ]);
  });

  it('does not stand for two, one of them in a file', () => {
    const { folder, words, read } = setUp('');
    writeFileSync(join(folder, 'noc.token'), 'secret-0123456789');
    const config = read(
      'applications: [ { name: web, token: secret-0123456789 } ]\noperators: [ { name: noc, tokenFile: noc.token } ]',
    );
    expect(() => loadCallers(config, words)).toThrow('web and noc have the same token');
  });

  it('that a peer has given us stands in the file or in another one', () => {
    const { folder, read } = setUp('');
    writeFileSync(join(folder, 'east.token'), 'secret-of-east-0123');
    const { peers } = read(
      'peers: [ { name: a, url: "http://[::1]:1", peerTokenFile: east.token }, { name: b, url: "http://[::1]:1", peerToken: secret-0123456789 }, { name: c } ]',
    );
    expect(peers.map(peerTokenOf)).toEqual(['secret-of-east-0123', 'secret-0123456789', undefined]);
  });
});
