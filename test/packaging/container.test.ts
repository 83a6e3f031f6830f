// Dockerfile and compose.yaml, which no test here can run: linted, and held against what they name.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatFault, loadConfig } from '../../src/config/load.ts';
import { loadOrchestratorConfig } from '../../src/config/orchestrator-load.ts';
import { temporaryFile, temporaryFolder } from '../config/files.ts';
import { onPath } from '../peers/install.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
const { version, bin, engines } = JSON.parse(textOf('package.json'));

const dockerfile = textOf('Dockerfile');
/** Instructions with their arguments, lines that go on joined. */
const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .flatMap((line) => {
    const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, rest: rest! }];
  });
const all = (name: string): string[] => instructions.filter((one) => one.name === name).map(({ rest }) => rest);

describe('Dockerfile', () => {
  it('has no fault, and a fault would be found', () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate(dockerfile.replace('--interval', '--interva')).map(({ message }) => message)).toEqual([
      'Unknown flag: interva',
    ]);
  });

  it('builds on a Node that we support, pinned by its version', () => {
    const least = Number(/\d+/.exec(engines.node)?.[0]);
    for (const from of all('FROM')) {
      const major = Number(/^node:(\d+)-\w+-slim( AS build)?$/.exec(from)?.[1]);
      expect(major, from).toBeGreaterThanOrEqual(least);
      expect(major % 2, 'a long-term version').toBe(0);
    }
  });

  it('ends with an ordinary user, a health check and the command of the package', () => {
    expect(all('USER')).toEqual(['1000:1000']);
    expect(all('HEALTHCHECK')).toHaveLength(1);
    expect(JSON.parse(all('ENTRYPOINT')[0]!)).toEqual(['node', `/opt/surgegate/${bin.surgegate}`]);
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const [first, ...allowed] = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const sources = all('COPY')
      .filter((rest) => !rest.startsWith('--from'))
      .flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(allowed.map((line) => line.replace(/^!/, '')).sort()).toEqual(
      sources.map((source) => source.replace(/^\.\//, '')).sort(),
    );
    for (const source of sources) expect(existsSync(join(root, source)), source).toBe(true);
  });

  it('has the health check end as the health is', async () => {
    const [, , script] = JSON.parse(/CMD (\[.*\])$/.exec(all('HEALTHCHECK')[0]!)![1]!);
    const { createServer } = await import('node:http');
    const { execFile } = await import('node:child_process');
    let status = 200;
    const server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const check = () =>
      new Promise((resolve) => {
        const env = { HEALTH_URL: `http://127.0.0.1:${port}/healthz` };
        const child = execFile(process.execPath, ['-e', script], { env }, () => resolve(child.exitCode));
      });
    expect(await check()).toBe(0);
    status = 503;
    expect(await check()).toBe(1);
    await new Promise((resolve) => server.close(resolve));
    expect(await check()).toBe(1);
  });
});

interface Service {
  readonly image: string;
  readonly healthcheck?: object;
  readonly environment?: Record<string, string>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: Record<string, { condition: string }>;
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly network_mode?: string;
}
const compose = parse(textOf('compose.yaml'), { merge: true });
const services: Record<string, Service> = compose.services;
const entries = Object.entries(services);

/** Order as a reader wants it, calls first, and not the alphabet's. */
const rules: NonNullable<ConstructorParameters<typeof DCLinter>[0]>['rules'] = {
  'require-quotes-in-ports': [2, { quoteType: 'double' }],
  'service-dependencies-alphabetical-order': 0,
  'service-keys-order': 0,
  'service-ports-alphabetical-order': 0,
  'services-alphabetical-order': 0,
  'top-level-properties-order': 0,
};

function lint(file: string): string[] {
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  const messages = linter.lintFiles([file], false).flatMap((one: { messages: { message: string }[] }) => one.messages);
  return messages.map(({ message }: { message: string }) => message);
}

describe('compose.yaml', () => {
  it('is of the schema and without fault, and a fault would be found', () => {
    expect(lint(join(root, 'compose.yaml'))).toEqual([]);
    const faults = (key: string, wrong: string) =>
      lint(temporaryFile('compose.yaml', textOf('compose.yaml').replace(key, wrong))).join();
    expect(faults('stop_grace_period', 'stop_grace')).toContain('"/services/edge"');
    expect(faults('127.0.0.1:9090:', '9090:')).toContain('9090');
  });

  it('has our version, and images of a version each', () => {
    for (const [name, { image }] of entries) expect(image, name).toMatch(/:v?\d+\.\d+\.\d+(-\w+)?$/);
    expect(services.edge?.image).toBe(`surgegate:${version}`);
  });

  it('publishes ports of the loopback alone', () => {
    const published = entries.flatMap(([, { ports = [] }]) => ports);
    expect(published.length).toBeGreaterThan(0);
    for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+\/(udp|tcp)$/);
    expect(entries.filter(([, { privileged, network_mode }]) => privileged || network_mode !== undefined)).toEqual([]);
  });

  it('mounts what is there, and keeps what is written in volumes that it names', () => {
    for (const mount of entries.flatMap(([, { volumes = [] }]) => volumes)) {
      const [from, , mode] = mount.split(':') as [string, string, string?];
      if (from.startsWith('./')) {
        expect(existsSync(join(root, from)), mount).toBe(true);
        expect(mode, mount).toBe('ro');
      } else expect(Object.keys(compose.volumes), mount).toContain(from);
    }
  });

  it('starts each service when what it needs is well', () => {
    for (const [name, { image, healthcheck, depends_on = {} }] of entries) {
      expect(healthcheck !== undefined || image.startsWith('surgegate:'), name).toBe(true);
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(services), name).toContain(needed);
        expect(condition).toBe('service_healthy');
      }
    }
  });

  it('has a file of targets for each that Prometheus reads, and each is a service', () => {
    const mine = readdirSync(join(root, 'config/compose/targets')).sort();
    expect(mine).toEqual(readdirSync(join(root, 'config/prometheus/targets')).sort());
    const targets = mine.flatMap((file) => parse(textOf(`config/compose/targets/${file}`))[0].targets as string[]);
    expect(targets).toHaveLength(mine.length);
    for (const target of targets) expect(Object.keys(services)).toContain(target.split(':')[0]);
  });
});

describe('the configurations of compose.yaml', () => {
  it.skipIf(!onPath('promtool'))('Prometheus: promtool finds no fault where the containers have their targets', () => {
    const folder = temporaryFolder();
    cpSync(join(root, 'config/prometheus'), folder, { recursive: true });
    cpSync(join(root, 'config/compose/targets'), join(folder, 'targets'), { recursive: true });
    const check = () =>
      spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')], { encoding: 'utf8' });
    expect(check()).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(folder, 'targets/edges.yml'), '- goals: ["edge:9464"]\n');
    expect(check().status).not.toBe(0);
  });

  it('edge: valid, listens where compose.yaml publishes and Prometheus asks', () => {
    const token = temporaryFile('token', 'a-token-of-the-orchestrator\n');
    const { tokenFile } = parse(textOf('config/compose/surgegate.yaml')).orchestrator;
    expect(services.edge?.volumes).toContain('orchestrator-state:/run/state:ro');
    expect(tokenFile).toMatch(/^\/run\/state\/orchestrator\/tokens\//);
    const file = temporaryFile('surgegate.yaml', textOf('config/compose/surgegate.yaml').replace(tokenFile, token));
    const loaded = loadConfig(file);
    if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
    const { interfaces, admin, orchestrator, switches } = loaded.config;
    const listens = [...Object.values(interfaces).flatMap((one) => one?.listen ?? []), admin.listen];
    const inside = services.edge!.ports!.map((port) => Number(/:(\d+)\/\w+$/.exec(port)?.[1]));
    for (const port of inside) expect(listens.map((one) => one.port)).toContain(port);
    expect(admin.listen.port).toBe(9464);
    expect(textOf('config/compose/targets/edges.yml')).toContain('edge:9464');
    expect(switches.map(({ address }) => address?.host)).toEqual(['kamailio']);
    if (orchestrator.kind !== 'links') throw new Error('no link');
    expect(orchestrator.links.map(({ url }) => url)).toEqual(['http://orchestrator:9465']);
  });

  it('orchestrator: valid, and knows the edge', () => {
    const loaded = loadOrchestratorConfig(join(root, 'config/compose/orchestrator.yaml'));
    if ('faults' in loaded) throw new Error(loaded.faults.map(formatFault).join('\n'));
    expect(loaded.config.applications.map(({ name }) => name)).toContain('surgegate');
    expect(loaded.config.listen.port).toBe(9465);
    expect(services.orchestrator?.environment?.HEALTH_URL).toBe('http://127.0.0.1:9465/healthz');
  });
});
