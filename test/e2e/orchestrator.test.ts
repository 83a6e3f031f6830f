// The orchestrator as a program: README's examples as they are printed, and a kill at the worst moment, with a real control group.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { ModeReport } from '../../src/congestion/orders.ts';
import { createCgroupAdapter } from '../../src/orchestrator/adapters/cgroup.ts';
import { noLimits } from '../../src/orchestrator/adapters/reconcile.ts';
import { type Child, startChild } from '../peers/child.ts';
import { whyNoGroups } from '../peers/control-groups.ts';
import { waitFor } from '../peers/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const why = await whyNoGroups();
const token = 'operator-token-of-the-test';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'surgegate-orchestrator-'));
  const made = folder;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

interface Program {
  readonly child: Child;
  readonly api: string;
}

async function start(config: string): Promise<Program> {
  const child = startChild('orchestrator', process.execPath, ['dist/cli.js', 'orchestrator', '--config', config], {
    cwd: root,
    env: { XDG_STATE_HOME: folder },
  });
  onTestFinished(() => child.end(3000));
  const address = /"address":"([^"]+)"/;
  await waitFor('it to listen', () => address.test(child.log()) || !child.running());
  const found = address.exec(child.log())?.[1];
  if (found === undefined) throw new Error(child.log());
  return { child, api: `http://${found}` };
}

async function asOperator(api: string, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${api}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

const modeOf = async (api: string) => (await (await asOperator(api, 'GET', 'mode')).json()) as ModeReport;

it('README: the examples work as they are printed', async () => {
  const config = join(folder, 'orchestrator.yaml');
  const shipped = readFileSync(join(root, 'config/orchestrator.yaml'), 'utf8');
  writeFileSync(config, shipped.replace('127.0.0.1:9465', '127.0.0.1:0'));
  const { api } = await start(config);
  const block = /```sh\n(TOKENS=[\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1];
  expect(block).toContain('API=http://127.0.0.1:9465');
  const script = block!
    .replace('http://127.0.0.1:9465', api)
    .replaceAll('curl -s ', 'curl -sS --fail-with-body -w "\\n" ');
  const shell = startChild('bash', 'bash', ['-e', '-c', script], { env: { XDG_STATE_HOME: folder } });
  expect(await shell.exited, shell.log()).toMatchObject({ code: 0 });
  const answers = shell
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(answers[0]).toMatchObject({ orchestrator: 'host-1', attributes: {} });
  expect(answers[1]).toMatchObject({ application: 'web', session: expect.any(String), sequence: expect.any(Number) });
  expect(answers[2]).toMatchObject({ application: 'web', session: answers[1].session });
  expect(answers[3]).toMatchObject({ mode: 'L2', causes: ['operator'] });
  expect(answers[4].entries.map(({ action, by }: { action: string; by: string }) => `${by} ${action}`)).toEqual([
    'operator lift-gap',
    'operator lift-override',
    'operator gap',
    'operator override',
  ]);
  expect(answers[5]).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
});

it('one that cannot start says why in one line and ends with 1', async () => {
  const config = join(folder, 'bad.yaml');
  writeFileSync(config, 'reserveRatio: 2\n');
  const child = startChild('orchestrator', process.execPath, ['dist/cli.js', 'orchestrator', '-c', config], {
    cwd: root,
  });
  expect(await child.exited).toMatchObject({ code: 1 });
  expect(child.log()).toMatch(/^surgegate: .*reserveRatio.*2.*\n$/);
});

describe.skipIf(why !== undefined)('kill -9 while an application is limited by force', () => {
  it('the next one goes on from the journal, and leaves nothing limited when it is over', async () => {
    const path = `surgegate-kill-${process.pid}/shop`;
    const busy = startChild('a busy application', process.execPath, ['-e', 'for (;;);']);
    const group = createCgroupAdapter({ kind: 'cgroup', path, create: true, pids: [busy.pid] });
    onTestFinished(async () => {
      await group.apply(noLimits);
      await busy.end(50);
      await waitFor('the group to be removed', async () => (await group.close().then(() => true)) === true);
    });
    await group.read();
    const quota = async () => (await group.read()).limits.cpuCores;
    const config = join(folder, 'orchestrator.yaml');
    const adapter = { kind: 'cgroup', path, create: false };
    writeFileSync(
      config,
      stringify({
        listen: '127.0.0.1:0',
        intervalMs: 200,
        host: { maximum: { cpuCores: 0.5 } },
        shedding: { deadlineSeconds: 1 },
        applications: [{ name: 'shop', adapter }],
        operators: [{ name: 'alice', token }],
      }),
    );
    const first = await start(config);
    const order = { mode: 'L2', seconds: 120, reason: 'test' };
    expect((await asOperator(first.api, 'PUT', 'mode/override', order)).status).toBe(200);
    // of half a core a fifth is kept, and an order of L2 reduces the rest in stages
    await waitFor('it to be forced', async () => (await quota()) !== undefined);
    expect(await quota()).toBeLessThan(0.41);
    await waitFor('the journal', () =>
      readFileSync(join(folder, 'surgegate/orchestrator/journal.json'), 'utf8').includes('"L2"'),
    );
    first.child.kill('SIGKILL');
    await first.child.exited;
    expect(await quota()).toBeLessThan(0.41);

    const second = await start(config);
    expect(await modeOf(second.api)).toMatchObject({ mode: 'L2', causes: ['operator'] });
    await waitFor('what it found to be lifted', async () => (await quota()) === undefined);
    await waitFor('it to be forced again', async () => (await quota()) !== undefined);
    expect((await asOperator(second.api, 'DELETE', 'mode/override')).status).toBe(204);
    await waitFor('it to be lifted', async () => (await quota()) === undefined, 20_000);

    expect((await asOperator(second.api, 'PUT', 'mode/override', order)).status).toBe(200);
    await waitFor('it to be forced once more', async () => (await quota()) !== undefined);
    second.child.kill('SIGTERM');
    expect(await second.child.exited).toMatchObject({ code: 0 });
    expect(await quota()).toBeUndefined();
  });
});
