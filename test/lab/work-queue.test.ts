import { describe, expect, it } from 'vitest';
import { defaultWorkCosts, WorkQueue } from '../../src/lab/work-queue.ts';

/** Offers INVITEs evenly for ten seconds, each retransmitted at 0.5 s when it has had no turn by then. */
function goodput(capacityPerSecond: number, offeredPerSecond: number): number {
  const queue = new WorkQueue(capacityPerSecond);
  const events: { atMs: number; again: boolean }[] = [];
  for (let i = 0; i < offeredPerSecond * 10; i++) {
    events.push({ atMs: (i * 1000) / offeredPerSecond, again: false });
    events.push({ atMs: (i * 1000) / offeredPerSecond + 500, again: true });
  }
  events.sort((a, b) => a.atMs - b.atMs);
  let inTime = 0;
  for (const { atMs, again } of events) {
    if (again && queue.backlogMs(atMs) < 500) continue; // it had its answer, and was not sent again
    const result = queue.arrive(atMs, again ? 'retransmission' : 'invite');
    if (!again && result.outcome === 'done' && result.atMs <= 10_000) inTime++;
  }
  return inTime / 10;
}

describe('WorkQueue', () => {
  it('serves what it can carry without delay', () => {
    const queue = new WorkQueue(100);
    for (let i = 0; i < 1000; i++) {
      expect(queue.arrive(i * 10, 'invite')).toEqual({ outcome: 'done', atMs: i * 10 + 10 });
    }
    expect(queue.backlogMs(10_000)).toBe(0);
  });

  it('delays a burst by its place in the queue, and is idle again afterwards', () => {
    const queue = new WorkQueue(10);
    expect(queue.arrive(0, 'invite')).toEqual({ outcome: 'done', atMs: 100 });
    expect(queue.arrive(0, 'invite')).toEqual({ outcome: 'done', atMs: 200 });
    expect(queue.backlogMs(50)).toBe(150);
    expect(queue.arrive(86_400_000, 'invite')).toEqual({ outcome: 'done', atMs: 86_400_100 });
  });

  it('refuses at a cost when full, then reads nothing more', () => {
    const queue = new WorkQueue(100, { retransmission: 0.25, refusal: 0.5, fullMs: 100 });
    for (let i = 0; i < 11; i++) expect(queue.arrive(0, 'invite').outcome).toBe('done');
    expect(queue.arrive(0, 'invite')).toEqual({ outcome: 'refused', atMs: 115 });
    for (let i = 0; i < 18; i++) queue.arrive(0, 'invite');
    expect(queue.arrive(0, 'invite')).toEqual({ outcome: 'lost' });
  });

  it('has a goodput that falls while the offer rises', () => {
    const goodputs = [50, 100, 150, 300, 600].map((offered) => goodput(100, offered));
    expect(goodputs[0]).toBeCloseTo(50, 0);
    expect(goodputs[1]).toBeGreaterThan(95);
    expect(goodputs[3]!).toBeLessThan(goodputs[1]!);
    expect(goodputs[4]!).toBeLessThan(goodputs[3]!);
  });

  it('has no limit with infinite capacity', () => {
    const queue = new WorkQueue(Number.POSITIVE_INFINITY, defaultWorkCosts);
    for (let i = 0; i < 1000; i++) expect(queue.arrive(5, 'invite')).toEqual({ outcome: 'done', atMs: 5 });
  });
});
