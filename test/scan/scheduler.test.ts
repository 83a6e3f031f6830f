import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../src/scan/lane.ts';
import type { ScanLane } from '../../src/scan/scheduler.ts';
import { Scheduler } from '../../src/scan/scheduler.ts';

interface Wanted {
  waiting?: number;
  weight?: number;
  intervalMs?: number;
  batch?: number;
  sharePerSecond?: number;
}

function laneOf(wanted: Wanted): ScanLane & { lane: Lane<number> } {
  const { waiting = 0, weight = 1, intervalMs = 0, batch = 1000, sharePerSecond = 1000 } = wanted;
  const lane = new Lane<number>(10_000);
  for (let i = 0; i < waiting; i++) lane.offer(i, 0);
  return { lane, weight, sharePerSecond, plan: { intervalMs, batch, newestFirst: false, room: 10_000 } };
}

/** Indexes in the order in which they are served, `tokens` of them at most. */
function scan(scheduler: Scheduler, lanes: readonly (ScanLane & { lane: Lane<number> })[], nowMs = 0, tokens = 1e9) {
  const order: number[] = [];
  const served = scheduler.scan(lanes, nowMs, (index) => {
    if (order.length >= tokens) return false;
    order.push(index);
    return lanes[index]!.lane.takeNext(false) !== undefined;
  });
  expect(served).toBe(order.length);
  return order;
}

const count = (order: readonly number[], index: number): number => order.filter((one) => one === index).length;

describe('Scheduler', () => {
  it('serves lanes in turns, by weight', () => {
    const lanes = [laneOf({ waiting: 100, weight: 2 }), laneOf({ waiting: 100 }), laneOf({ waiting: 3 })];
    const order = scan(new Scheduler(), lanes, 0, 40);
    expect(order.slice(0, 4)).toEqual([0, 1, 2, 0]);
    expect(count(order, 2)).toBe(3);
    expect(count(order, 0)).toBeGreaterThanOrEqual(24);
    expect(count(order, 1)).toBeGreaterThanOrEqual(12);
  });

  it('goes on where the scan before ended, when tokens end each of them early', () => {
    const lanes = [laneOf({ waiting: 100 }), laneOf({ waiting: 100 }), laneOf({ waiting: 100 })];
    const scheduler = new Scheduler();
    const order = Array.from({ length: 9 }, () => scan(scheduler, lanes, 0, 1)).flat();
    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('a lane that was idle is owed nothing', () => {
    const busy = laneOf({ waiting: 5000 });
    const idle = laneOf({});
    const scheduler = new Scheduler();
    for (let i = 0; i < 100; i++) scan(scheduler, [busy, idle], i, 10);
    for (let i = 0; i < 100; i++) idle.lane.offer(i, 0);
    expect(count(scan(scheduler, [busy, idle], 100, 10), 0)).toBe(5);
  });

  it('who refuses a call gets no more turns in this scan, the others go on', () => {
    const lanes = [laneOf({ waiting: 5 }), laneOf({ waiting: 5 })];
    const asked: number[] = [];
    const served = new Scheduler().scan(lanes, 0, (index) => {
      asked.push(index);
      return index === 1 && lanes[1]!.lane.takeNext(false) !== undefined;
    });
    expect(served).toBe(5);
    expect(asked.filter((index) => index === 0)).toHaveLength(1);
  });

  it('what a slow scan had no tokens for is served as they come, before the next scan', () => {
    const lanes = [laneOf({ waiting: 100, intervalMs: 50, batch: 10, sharePerSecond: 100 })];
    const scheduler = new Scheduler();
    const counts = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90].map((nowMs) => scan(scheduler, lanes, nowMs, 2).length);
    // the scan at 50 ms has five turns
    expect(counts).toEqual([0, 0, 0, 0, 0, 2, 2, 1, 0, 0]);
  });

  it('calls that leave a lane while it is served are not waited for', () => {
    const lanes = [laneOf({ waiting: 10 })];
    const { lane } = lanes[0]!;
    const served = new Scheduler().scan(lanes, 0, () => {
      lane.takeNext(false);
      lane.takeNext(false);
      return true;
    });
    expect(served).toBe(5);
  });

  it('a slow lane serves its share over time, whenever its calls come, and only in its scans', () => {
    const lanes = [laneOf({ intervalMs: 150, batch: 40, sharePerSecond: 100 }), laneOf({ batch: 5 })];
    const scheduler = new Scheduler();
    const scansAt: number[] = [];
    let served = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 10) {
      // Unevenly: 40 calls at a time, twice the share.
      if (nowMs % 200 === 0) for (let i = 0; i < 40; i++) lanes[0]!.lane.offer(i, nowMs);
      lanes[0]!.lane.expire(nowMs, 200, () => {});
      const order = scan(scheduler, lanes, nowMs);
      if (order.length > 0) scansAt.push(nowMs);
      served += order.length;
    }
    expect(served).toBeGreaterThanOrEqual(0.98 * 6000);
    expect(served).toBeLessThanOrEqual(6000);
    expect(scansAt.every((atMs) => atMs % 150 === 0)).toBe(true);
  });

  it.each([false, true])('serves no less than the share however much is offered, newest first: %s', (newestFirst) => {
    const sharePerSecond = 120;
    const plan = { intervalMs: 150, batch: 25, newestFirst, room: 24 };
    for (const times of [1.5, 10, 40]) {
      const lane = new Lane<number>(plan.room);
      const scheduler = new Scheduler();
      let [arrived, served, expired, refused, longestMs] = [0, 0, 0, 0, 0];
      for (let nowMs = 0; nowMs < 60_000; nowMs += 10) {
        lane.expire(nowMs, 200, () => expired++);
        scheduler.scan([{ lane, plan, sharePerSecond, weight: 1 }], nowMs, () => {
          longestMs = Math.max(longestMs, nowMs - lane.takeNext(newestFirst)!);
          served++;
          return true;
        });
        for (; arrived < (times * sharePerSecond * nowMs) / 1000; arrived++) if (!lane.offer(nowMs, nowMs)) refused++;
      }
      expect(served).toBeGreaterThan(0.99 * 60 * sharePerSecond);
      expect(served).toBeLessThanOrEqual(60 * sharePerSecond);
      expect(longestMs).toBeLessThanOrEqual(200);
      expect(arrived).toBe(served + expired + refused + lane.length);
    }
  });

  it('no lane starves, each gets by its weight what tokens there are, and no scan serves more than its batch', () => {
    const lane = fc.record({ weight: fc.integer({ min: 1, max: 8 }), batch: fc.integer({ min: 20, max: 50 }) });
    fc.assert(
      fc.property(fc.array(lane, { minLength: 2, maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (wanted, tokens) => {
        const lanes = wanted.map((one) => laneOf({ ...one, waiting: 3000 }));
        const scheduler = new Scheduler();
        const order: number[] = [];
        for (let i = 0; i < 200; i++) order.push(...scan(scheduler, lanes, i * 10, tokens));
        const weights = wanted.reduce((sum, { weight }) => sum + weight, 0);
        for (const [k, { weight }] of wanted.entries()) {
          const fair = (order.length * weight) / weights;
          expect(Math.abs(count(order, k) - fair)).toBeLessThanOrEqual(weights);
        }
        const whole = scan(scheduler, lanes, 2000);
        expect(wanted.map((_, k) => count(whole, k))).toEqual(wanted.map(({ batch }) => batch));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the order of a lane', () => {
    const lanes = [laneOf({ waiting: 50 }), laneOf({ waiting: 50 })];
    const seen: number[][] = [[], []];
    new Scheduler().scan(lanes, 0, (index) => {
      seen[index]!.push(lanes[index]!.lane.takeNext(false)!);
      return true;
    });
    const inOrder = Array.from({ length: 50 }, (_, i) => i);
    expect(seen).toEqual([inOrder, inOrder]);
  });
});
