// Ten times what a switch can do, before an edge that is told nothing but the address of that switch (RFC 6357 §8).
import { expect } from 'vitest';
import { countAt } from '../../src/lab/ticks.ts';
import { perSecond } from '../bench/surge-figures.ts';
import { expectBalanced } from '../peers/books.ts';
import { labTest } from '../peers/lab-test.ts';
import { peerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { capacityPerSecond, modesOf, refusedBy, setUpSurge, startSurge } from './surge-setting.ts';

// A machine that stalls for a second makes any edge refuse: then once more.
const onceMore = { retry: 2 };
const surgeSeconds = 7;

peerSuite('surge', () => {
  labTest(
    'goodput stays flat, priority calls complete, and it is over when the surge is over',
    onceMore,
    async ({ lab }) => {
      const { limited, edge } = await setUpSurge(lab);
      const half = { to: edge.address.south, callsPerSecond: capacityPerSecond / 2, talkMs: 50 };
      const usual = await startSurge(lab, { ...half, calls: 2 * capacityPerSecond });
      expect(await usual.result()).toMatchObject({ exitCode: 0, refused: 0 });

      const calls = 10 * capacityPerSecond * surgeSeconds;
      const began = Date.now();
      const flood = await startSurge(lab, {
        to: edge.address.south,
        calls,
        callsPerSecond: 10 * capacityPerSecond,
        talkMs: 50,
      });
      // A few more callers, whose answers are kept: what Retry-After they are given.
      const heard = { calls: 5 * surgeSeconds, callsPerSecond: 5, talkMs: 50, trace: true };
      const some = await startSurge(lab, { to: edge.address.south, ...heard });
      const few = { calls: 5 * surgeSeconds, callsPerSecond: 5, talkMs: 50, keys: { rp: 'ets.0' } };
      const priority = await startSipp(lab, 'uac-priority', { to: edge.address.east, ...few });

      const ordinary = await flood.result();
      const ended = Date.now();
      expect(ordinary).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
      expect(ordinary.calls + ordinary.refused).toBe(calls);
      expect(await priority.result()).toMatchObject({ exitCode: 0, successful: few.calls });
      expect((await some.result()).exitCode).toBe(0);

      // Flat: what the switch completed in the seconds after the onset, however many were offered.
      const { mean, deviation } = perSecond(limited.ticks(), 'confirmed', began + 3000, began + surgeSeconds * 1000);
      expect(mean).toBeGreaterThan(0.9 * capacityPerSecond);
      expect(mean).toBeLessThan(1.05 * capacityPerSecond);
      expect(deviation).toBeLessThan(0.15 * capacityPerSecond);
      // Nothing reached it twice once control held, next to nothing at the onset, and it never had to refuse by itself.
      const seen = await limited.now();
      const again = countAt(limited.ticks(), 'retransmissions', began + 2500);
      expect(seen.retransmissions - again).toBe(0);
      expect(again).toBeLessThan(0.03 * seen.invites);
      expect(seen.overloaded + seen.lost).toBe(0);

      const waits = [...some.messages().matchAll(/^Retry-After: (\d+)/gm)].map((match) => Number(match[1]));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
      expect(new Set(waits).size).toBeGreaterThan(3);

      // Half of what it can do: nothing is refused any more, three seconds after the end at the latest.
      const soon = await startSurge(lab, { ...half, calls: (3 * capacityPerSecond) / 2 });
      await waitFor('three seconds after the surge', () => Date.now() > ended + 3000);
      const before = await refusedBy(edge);
      const later = await startSurge(lab, { ...half, calls: capacityPerSecond });
      expect(await later.result()).toMatchObject({ exitCode: 0, calls: capacityPerSecond, refused: 0 });
      expect(await soon.result()).toMatchObject({ exitCode: 0 });
      expect(await refusedBy(edge)).toBe(before);

      await waitFor('L0', () => modesOf(edge).at(-1) === 'L0', 15_000);
      const modes = modesOf(edge);
      expect(
        modes.some((mode) => mode === 'L2' || mode === 'L3'),
        modes.join(),
      ).toBe(true);
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { class: 'priority', decision: 'reject' })).toBe(0);
      expect(metrics.sum('surgegate_requests_total', { class: 'in-dialog', decision: 'reject' })).toBe(0);
    },
  );

  labTest('a televote: its number is gapped, calls to other numbers complete', onceMore, async ({ lab }) => {
    const { edge } = await setUpSurge(lab);
    const to = edge.address.south;
    const half = { to, callsPerSecond: capacityPerSecond / 2, talkMs: 50 };
    const usual = await startSurge(lab, { ...half, calls: capacityPerSecond });
    expect(await usual.result()).toMatchObject({ exitCode: 0, refused: 0 });
    const votes = { calls: 10 * capacityPerSecond * 6, callsPerSecond: 10 * capacityPerSecond };
    const televote = await startSipp(lab, 'uac-flood', { to, ...votes, service: '8005550199', talkMs: 50 });
    await waitFor('the gap', () => /"digits":"8005550199"[^\n]*gap placed/.test(edge.log()));
    const calls = 4 * (capacityPerSecond / 4);
    const others = await startSurge(lab, { to, calls, callsPerSecond: capacityPerSecond / 4, talkMs: 50 });
    const other = await others.result();
    expect(televote.child.running()).toBe(true);
    expect(other).toMatchObject({ exitCode: 0, successful: calls });
    expect(other.calls).toBeGreaterThan(0.75 * calls);
    expect(await televote.result()).toMatchObject({ exitCode: 0, failed: 0 });
    // No number but that one, and none that it only begins like.
    const placed = [...edge.log().matchAll(/"digits":"(\d+)"[^\n]*gap placed/g)].map((match) => match[1]!);
    expect(new Set(placed)).toEqual(new Set(['8005550199']));
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { reason: 'gap' })).toBeGreaterThan(0.5 * votes.calls);
  });
});
