// What happens under overload: the switch dies and returns, the configuration is read again, the edge only looks on.
import { expect } from 'vitest';
import { perSecond } from '../bench/surge-figures.ts';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { startLimitedSwitch } from '../peers/limited-switch.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { capacityPerSecond, setUpSurge, startSurge } from './surge-setting.ts';

// A machine that stalls for a second makes any edge refuse: then once more.
const onceMore = { retry: 2 };
const overload = { callsPerSecond: 5 * capacityPerSecond, talkMs: 50 };

peerSuite('surge and changes', () => {
  labTest('a switch that dies gets a trickle, and all that it can do when it returns', onceMore, async ({ lab }) => {
    const { limited, edge } = await setUpSurge(lab);
    const sent = async (): Promise<number> => (await edge.metrics()).sum('surgegate_switch_requests_total', {});
    const flood = await startSurge(lab, { to: edge.address.south, ...overload, calls: 20_000 });
    await waitFor('the switch to be busy', async () => (await limited.now()).confirmed > 2 * capacityPerSecond);
    limited.child.kill('SIGKILL');
    await limited.child.exited;
    await waitFor('the switch to be known for silent', async () => {
      const metrics = await edge.metrics();
      return metrics.sum('surgegate_switch_silent') === 1 || metrics.sum('surgegate_switch_up') === 0;
    });
    const before = { requests: await sent(), atMs: Date.now() };
    await waitFor('two seconds of silence', () => Date.now() > before.atMs + 2000);
    const trickle = ((await sent()) - before.requests) / ((Date.now() - before.atMs) / 1000);
    expect(trickle).toBeLessThan(0.5 * capacityPerSecond);

    const listen = [`udp:${limited.address}`];
    const returned = await startLimitedSwitch(lab, { capacityPerSecond, listen });
    const goodput = await waitFor(
      'the switch to be busy again',
      () => {
        const ticks = returned.ticks();
        const { atMs } = ticks.at(-1)!;
        const { mean } = perSecond(ticks, 'confirmed', atMs - 2000, atMs);
        return ticks.length > 20 && mean > 0.9 * capacityPerSecond ? mean : undefined;
      },
      20_000,
    );
    expect(goodput).toBeLessThan(1.1 * capacityPerSecond);
    flood.child.kill('SIGKILL');
    await flood.child.exited;
    const { retransmissions, invites, overloaded } = await returned.now();
    expect(retransmissions).toBeLessThan(0.5 * invites);
    expect(overloaded).toBe(0);
  });

  labTest('reloads under overload lose no call in set-up', onceMore, async ({ lab }) => {
    const { limited, edge } = await setUpSurge(lab, { answerMs: 800 });
    const calls = 6 * overload.callsPerSecond;
    const flood = await startSurge(lab, { to: edge.address.south, ...overload, calls });
    await waitFor('overload', async () => (await limited.now()).confirmed > capacityPerSecond);
    const applied = async (): Promise<number> =>
      (await edge.metrics()).sum('surgegate_config_reloads_total', { result: 'applied' });
    let reloads = 0;
    while (flood.child.running() && (flood.statistics()?.created ?? 0) < 0.9 * calls) {
      edge.config.control = { waitMs: 100 + 10 * (reloads % 10) };
      edge.writeConfig();
      edge.kill('SIGHUP');
      reloads++;
      await waitFor('the reload', async () => (await applied()) === reloads);
      const created = flood.statistics()?.created ?? 0;
      await waitFor('calls to go on', () => !flood.child.running() || (flood.statistics()?.created ?? 0) > created);
    }
    const result = await flood.result();
    expect(reloads).toBeGreaterThan(2);
    expect(result).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
    expect(result.calls + result.refused).toBe(calls);
    await waitFor('all answers to be confirmed', async () => (await limited.now()).confirmed === result.calls);
    expect((await limited.now()).invites).toBe(result.calls);
    // the onset, in which the capacity is learned, has little beyond it
    expect(result.calls).toBeGreaterThan(0.75 * 6 * capacityPerSecond);
    await expectBalanced(edge);
  });

  labTest('mode: shadow decides and counts, and refuses nothing', onceMore, async ({ lab }) => {
    const told = { capacityPerSecond: 10 };
    const { edge } = await setUpSurge(lab, { capacityPerSecond: 100_000 }, { mode: 'shadow' }, told);
    const calls = 450;
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, calls, callsPerSecond: 150, talkMs: 50 });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
    expect(metrics.sum('surgegate_shadow_refusals_total')).toBeGreaterThan(calls / 2);
  });
});
