// An edge and its orchestrators as processes: what is ordered holds, and whatever becomes of an orchestrator loses no call and leaves
// no limit behind.
import { describe, expect } from 'vitest';
import type { ControlsJson } from '../../src/admin/control-json.ts';
import type { Status } from '../../src/admin/status.ts';
import { type Caller, startCaller } from '../../src/lab/caller.ts';
import type { CallerOptions } from '../../src/lab/caller-options.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { type OrchestratorProcess, prepareOrchestrator } from '../peers/orchestrator.ts';
import { waitFor } from '../peers/wait.ts';

/** Cores for so many calls a second, as the edges here say what calls take. */
const coresFor = (callsPerSecond: number): number => 0.05 + callsPerSecond * 0.0002;
/** Orders hold for 5 s; what is asked of an edge that lost them is asked for longer. */
const expiryMs = 15_000;

async function edgeOf(lab: Lab, orchestrators: readonly OrchestratorProcess[], rest: object = {}): Promise<Edge> {
  const orchestrator = orchestrators.map(({ url, token }) => ({ url, token, minimumCallsPerSecond: 5 }));
  return startEdge(lab, {
    sides: { south: { trust: { resourcePriority: true } } },
    switches: [{ name: 'lab', embedded: true }],
    rest: { orchestrator, ...rest },
  });
}

const call = (edge: Edge, options: Partial<CallerOptions> = {}): Caller =>
  startCaller({
    ...{ target: `udp:${edge.address.south}`, rate: 100, durationMs: 600_000, giveUpMs: 5000, retransmit: true },
    ...{ resourcePriority: 'ets.0', priorityRatio: 0.05, ...options },
  });

/** Calls of all classes a second; null: none. Those that are refused take a little of it. */
const waitForBoundary = (edge: Edge, callsPerSecond: number | null): Promise<unknown> =>
  waitFor(
    `a boundary of ${callsPerSecond} calls a second`,
    async () => {
      const now = (JSON.parse((await edge.page('/v1/status')).text) as Status).boundaryPerSecond;
      if (now === null || callsPerSecond === null) return now === callsPerSecond;
      return now <= callsPerSecond + 1 && now >= callsPerSecond * 0.9;
    },
    expiryMs,
    50,
  );
/** Calls refused in the next so many milliseconds. */
async function refusedIn(caller: Caller, ms: number): Promise<number> {
  const refused = () => caller.report().ordinary.byStatus[503] ?? 0;
  const before = refused();
  const until = performance.now() + ms;
  await waitFor('time to go by', () => performance.now() > until, ms + 5000);
  return refused() - before;
}

async function controls(edge: Edge): Promise<ControlsJson> {
  return JSON.parse((await edge.page('/v1/controls')).text) as ControlsJson;
}

/** What becomes of an orchestrator, and what brings it back. */
const ways: readonly (readonly [string, NodeJS.Signals, (one: OrchestratorProcess) => unknown])[] = [
  ['killed, started again', 'SIGKILL', (one) => one.start()],
  ['stopped and woken up', 'SIGSTOP', (one) => one.child().kill('SIGCONT')],
];

describe.concurrent('orchestrators of an edge', { timeout: 120_000 }, () => {
  for (const [what, stop, goOn] of ways)
    labTest(`${what}: no call is lost, no limit is stuck`, async ({ lab }) => {
      const orchestrator = await prepareOrchestrator(lab, { maximum: { cpuCores: coresFor(40) } });
      const edge = await edgeOf(lab, [orchestrator]);
      const caller = call(edge);
      expect(await refusedIn(caller, 1000)).toBe(0);

      await orchestrator.start();
      await waitForBoundary(edge, 40);
      // 100 a second come, 40 of them are let through, all priority calls among them
      expect(await refusedIn(caller, 2000)).toBeGreaterThan(80);

      orchestrator.child().kill(stop);
      await waitForBoundary(edge, null);
      expect(await refusedIn(caller, 500).then(() => refusedIn(caller, 1500))).toBe(0);
      expect((await edge.metrics()).sum('surgegate_orchestrator_up')).toBe(0);

      await goOn(orchestrator);
      await waitForBoundary(edge, 40);
      expect(await refusedIn(caller, 1000)).toBeGreaterThan(30);

      caller.stop();
      const { ordinary, priority } = await caller.finished;
      expect(ordinary.lost + priority.lost + ordinary.byeFailures + priority.byeFailures).toBe(0);
      expect(priority.byStatus).toEqual({ 200: priority.offered });
      expect(Object.keys(ordinary.byStatus).sort()).toEqual(['200', '503']);
    });

  labTest('two at once: the lesser boundary holds, and goes with the orchestrator that set it', async ({ lab }) => {
    const [narrow, wide] = [
      await prepareOrchestrator(lab, { maximum: { cpuCores: coresFor(30) } }),
      await prepareOrchestrator(lab, { maximum: { cpuCores: coresFor(60) } }),
    ];
    await Promise.all([narrow.start(), wide.start()]);
    const edge = await edgeOf(lab, [narrow, wide]);
    await waitForBoundary(edge, 30);
    expect((await edge.metrics()).sum('surgegate_orchestrator_up')).toBe(2);
    narrow.child().kill('SIGKILL');
    await waitForBoundary(edge, 60);
    await narrow.start();
    await waitForBoundary(edge, 30);
  });

  labTest('what operators order there holds here, is audited, and ends with the orchestrator', async ({ lab }) => {
    const orchestrator = await prepareOrchestrator(lab);
    await orchestrator.start();
    const edge = await edgeOf(lab, [orchestrator]);
    const order = { seconds: 600, reason: 'exercise' };
    await waitFor('a registration', async () => (await edge.metrics()).sum('surgegate_orchestrator_up') === 1);

    const hot = '5550001111';
    expect(
      await orchestrator.order('PUT', `/v1/controls/gaps/${hot}`, { ...order, intervalSeconds: 'stop' }),
    ).toBeLessThan(300);
    const gapped = async () => (await edge.metrics()).sum('surgegate_gaps', { cause: 'operator' }) === 1;
    await waitFor('the gap', gapped);
    const blocked = await call(edge, { durationMs: 500, hotNumber: hot, hotRatio: 1 }).finished;
    expect(blocked.ordinary.byStatus).toEqual({ 503: blocked.ordinary.offered });
    expect(blocked.priority.byStatus).toEqual({ 200: blocked.priority.offered });
    expect((await controls(edge)).ordered).toMatchObject([{ kind: 'gap', digits: hot, by: 'noc' }]);

    expect(await orchestrator.order('PUT', '/v1/controls/drains/surgegate', order)).toBeLessThan(300);
    await waitFor('the drain', async () => (await edge.page('/readyz')).status === 503);
    const drained = await call(edge, { durationMs: 500 }).finished;
    expect(drained.ordinary.byStatus).toEqual({ 503: drained.ordinary.offered });
    expect(drained.priority.byStatus).toEqual({ 200: drained.priority.offered });
    const { entries } = JSON.parse((await edge.page('/v1/audit')).text) as {
      entries: { by: string; action: string }[];
    };
    expect(entries.map(({ by, action }) => [by.replace(/@.*/, '@'), action])).toEqual([
      ['noc@', 'drain'],
      ['noc@', 'gap'],
    ]);

    orchestrator.child().kill('SIGKILL');
    await waitFor('the drain to end', async () => (await edge.page('/readyz')).status === 200, expiryMs);
    await waitFor('the gap to end', async () => !(await gapped()), expiryMs);
    const free = await call(edge, { durationMs: 500, hotNumber: hot, hotRatio: 1 }).finished;
    expect(free.ordinary.byStatus).toEqual({ 200: free.ordinary.offered });

    // its journal has what is some seconds old
    await orchestrator.start();
    await waitFor('the gap again', gapped, expiryMs);
    expect(await orchestrator.order('DELETE', `/v1/controls/gaps/${hot}`)).toBe(204);
    await waitFor('the gap to be lifted', async () => !(await gapped()));
  });

  labTest('the edge killed and started again is known again within a second or two', async ({ lab }) => {
    const orchestrator = await prepareOrchestrator(lab, { maximum: { cpuCores: coresFor(40) } });
    await orchestrator.start();
    const edge = await edgeOf(lab, [orchestrator]);
    await waitForBoundary(edge, 40);
    edge.kill('SIGKILL');
    await edge.exited();
    await edge.restart();
    await waitForBoundary(edge, 40);
  });

  labTest(
    'embedded, the orchestrator is reached over HTTP, and a port that is taken stops no edge',
    async ({ lab }) => {
      const taken = await prepareOrchestrator(lab);
      await taken.start();
      const port = new URL(taken.url).port;
      const free = await edgeOf(lab, [], { orchestrator: { embedded: true, listen: '127.0.0.1:0' } });
      await waitFor('a registration', async () => (await free.metrics()).sum('surgegate_orchestrator_up') === 1);
      const alone = await edgeOf(lab, [], { orchestrator: { embedded: true, listen: `127.0.0.1:${port}` } });
      await waitFor('the reason in the log', () => /cannot listen on.*the edge goes on without/.test(alone.log()));
      for (const edge of [free, alone]) {
        const { ordinary, priority } = await call(edge, { durationMs: 1000 }).finished;
        expect([ordinary.byStatus, priority.byStatus]).toEqual([{ 200: ordinary.offered }, { 200: priority.offered }]);
      }
      free.kill('SIGTERM');
      expect(await free.exited()).toEqual({ code: 0, signal: null });
    },
  );
});
