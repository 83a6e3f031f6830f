// SIGHUP: limits and switches change while calls are set up, none is lost; a bad file changes nothing.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import type { Edge } from '../peers/edge.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { setUp } from './setting.ts';

/** Sends SIGHUP and waits until the edge has counted one reload more with that result. */
async function reload(edge: Edge, result: 'applied' | 'refused'): Promise<void> {
  const count = async (): Promise<number> => (await edge.metrics()).sum('surgegate_config_reloads_total', { result });
  const before = await count();
  edge.kill('SIGHUP');
  await waitFor(`a reload to be ${result}`, async () => (await count()) === before + 1 || undefined);
}

peerSuite('reload', () => {
  labTest('under load, again and again: no call is lost, and a new switch gets its share', async ({ lab }) => {
    const { called, edge, switchAddress } = await setUp(lab, 'uas-slow', 'kamailio', { called: { talkMs: 300 } });
    const second = await startSipp(lab, 'uas-slow', { talkMs: 300 });
    const calls = 150;
    const to = edge.address.south;
    const caller = await startSipp(lab, 'uac-call', { to, calls, callsPerSecond: 25, talkMs: 500, limitSeconds: 40 });
    for (let round = 1; caller.child.running() && round <= 20; round++) {
      edge.config.admission = { newCallsPerSecond: 500 + round, burst: 500 };
      const one = { name: 'switch1', address: switchAddress };
      const two = { name: 'switch2', address: `udp:${second.address}`, weight: round };
      edge.config.switches = round % 2 === 0 ? [one] : [one, two];
      edge.writeConfig();
      await reload(edge, 'applied');
      const created = caller.statistics()?.created ?? 0;
      await waitFor('calls to go on', () => !caller.child.running() || (caller.statistics()?.created ?? 0) > created);
    }
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    const seen = await Promise.all([called.stop(), second.stop()]);
    for (const one of seen) expect(one).toMatchObject({ exitCode: 0, failed: 0 });
    expect(seen[1].calls).toBeGreaterThan(0);
    expect(seen[0].calls + seen[1].calls).toBe(calls);
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { decision: 'reject' })).toBe(0);
  });

  labTest('a bad file is refused with the key and the reason, and the old one stays', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call');
    const good = edge.config.admission;
    for (const bad of [{ newCallsPerSecond: -3 }, { newCallsPerSecondd: 3 }, 'plenty']) {
      edge.config.admission = bad;
      edge.writeConfig();
      await reload(edge, 'refused');
    }
    expect(edge.log()).toMatch(/admission\.newCallsPerSecond/);
    expect((await edge.page('/readyz')).status).toBe(200);
    const calls = 10;
    const caller = await startSipp(lab, 'uac-call', { to: edge.address.south, calls, limitSeconds: 20 });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect((await called.stop()).calls).toBe(calls);
    edge.config.admission = good;
    edge.writeConfig();
    await reload(edge, 'applied');
  });

  labTest('what only a restart can change is refused by name', async ({ lab }) => {
    const { edge } = await setUp(lab, 'uas-call');
    (edge.config.interfaces as Record<string, unknown>).west = { listen: ['udp:127.0.0.1:0'] };
    edge.writeConfig();
    await reload(edge, 'refused');
    await waitFor('the reason in the log', () => /restart.*interfaces\.west/.test(edge.log()));
  });

  labTest('a lower limit and a withdrawn trust hold from the next request on', async ({ lab }) => {
    const sides = { south: {}, east: { trust: { resourcePriority: true } } };
    const { edge } = await setUp(lab, 'uas-call', 'sipp', { edge: { sides } });
    const priorityCall = { to: edge.address.east, keys: { rp: 'ets.0' }, calls: 3, limitSeconds: 20 };
    expect((await (await startSipp(lab, 'uac-priority', priorityCall)).result()).successful).toBe(3);
    edge.config.admission = { newCallsPerSecond: 2, burst: 1 };
    const interfaces = edge.config.interfaces as Record<string, Record<string, unknown>>;
    interfaces.east!.trust = { resourcePriority: false };
    edge.writeConfig();
    await reload(edge, 'applied');
    const flood = { to: edge.address.south, calls: 100, callsPerSecond: 100, limitSeconds: 20 };
    const { calls, refused } = await (await startSipp(lab, 'uac-flood', flood)).result();
    expect(calls + refused).toBe(100);
    expect(refused).toBeGreaterThan(80);
    const before = (await edge.metrics()).sum('surgegate_stripped_priority_total');
    await (await startSipp(lab, 'uac-priority', { ...priorityCall, calls: 1, limitSeconds: 2 })).result();
    expect((await edge.metrics()).sum('surgegate_stripped_priority_total')).toBeGreaterThan(before);
  });
});
