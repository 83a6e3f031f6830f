// A mass-call event on the access side with priority and emergency calls inside it. Counts only, no wall-clock limits:
// what must hold is how many calls complete, not how fast this machine is.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { setUp, switchKinds } from './setting.ts';

const limitPerSecond = 50;
/** A second's worth: what a busy machine may keep the edge waiting without a call being lost for it. */
const burst = 50;
const reserveRatio = 0.2;

peerSuite('flood', () => {
  for (const kind of switchKinds) {
    labTest(`every priority call completes, ordinary goodput stays at the limit (${kind})`, async ({ lab }) => {
      const admission = { newCallsPerSecond: limitPerSecond, burst, priorityReserveRatio: reserveRatio };
      const sides = { south: {}, east: { trust: { resourcePriority: true } } };
      const { called, edge } = await setUp(lab, 'uas-call', kind, { edge: { sides, rest: { admission } } });
      const seconds = 6;
      const callsPerSecond = 1_000;
      const calls = callsPerSecond * seconds;
      const began = performance.now();
      const flood = await startSipp(lab, 'uac-flood', { to: edge.address.south, calls, callsPerSecond, talkMs: 50 });
      const keys = { rp: 'ets.0' };
      const few = { calls: 30, callsPerSecond: 6, talkMs: 100 };
      const priority = await startSipp(lab, 'uac-priority', { to: edge.address.east, keys, ...few });
      const emergency = await startSipp(lab, 'uac-call', { to: edge.address.south, service: '911', ...few });

      expect(await priority.result()).toMatchObject({ exitCode: 0, successful: few.calls });
      expect(await emergency.result()).toMatchObject({ exitCode: 0, successful: few.calls });
      const ordinary = await flood.result();
      const lasted = (performance.now() - began) / 1000;
      // Answered or refused, every caller heard what became of his call.
      expect(ordinary).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
      expect(ordinary.calls + ordinary.refused).toBe(calls);
      // Priority calls take from the same limit without asking; ordinary ones get the rest of it.
      const rest = limitPerSecond * seconds - 2 * few.calls;
      expect(ordinary.calls).toBeGreaterThanOrEqual(0.95 * rest);

      const seen = (await called.stop()).calls;
      expect(seen).toBe(ordinary.calls + 2 * few.calls);
      expect(seen).toBeLessThanOrEqual(limitPerSecond * lasted + burst + 2 * few.calls);
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { class: 'priority', decision: 'reject' })).toBe(0);
      expect(metrics.sum('surgegate_requests_total', { class: 'emergency', decision: 'reject' })).toBe(0);
      expect(metrics.sum('surgegate_requests_total', { class: 'in-dialog', decision: 'reject' })).toBe(0);
      expect(metrics.sum('surgegate_priority_cap_total')).toBe(0);
      expect(metrics.sum('surgegate_socket_drops_total')).toBe(0);
    });
  }

  labTest('callers on all four interfaces complete to a Kamailio while south is flooded', async ({ lab }) => {
    const admission = { newCallsPerSecond: 200, burst: 50, priorityReserveRatio: 0.2 };
    const sides = { south: { admission: { newCallsPerSecond: 40, burst: 40 } }, east: {}, west: {}, north: {} };
    const { called, edge } = await setUp(lab, 'uas-call', 'kamailio', { edge: { sides, rest: { admission } } });
    const to = edge.address;
    const surge = { to: to.south, calls: 4_000, callsPerSecond: 800, talkMs: 50 };
    const flood = await startSipp(lab, 'uac-flood', surge);
    const few = { calls: 60, callsPerSecond: 15, talkMs: 100 };
    const callers = await Promise.all([
      ...(['east', 'west', 'north'] as const).map((side) => startSipp(lab, 'uac-call', { to: to[side], ...few })),
      startSipp(lab, 'uac-call', { to: to.south, service: '911', ...few }),
    ]);
    for (const caller of callers) {
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: few.calls });
    }
    const { calls, refused } = await flood.result();
    expect(calls + refused).toBe(surge.calls);
    // The flood's own share, but for the emergency calls from the same side.
    expect(calls).toBeGreaterThanOrEqual(0.95 * ((40 * surge.calls) / surge.callsPerSecond - few.calls));
    expect((await called.stop()).calls).toBe(calls + 4 * few.calls);
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { decision: 'reject', reason: 'interface-rate' })).toBe(refused);
  });
});
