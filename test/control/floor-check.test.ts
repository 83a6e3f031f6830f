// A switch by hand: what is sent waits, `perSecond` of it is worked off, and the delay that is seen is what waits and `errorMs`.
import { describe, expect, it } from 'vitest';
import { type FloorCheck, initialFloorCheck, stepFloorCheck } from '../../src/control/floor-check.ts';

const intervalMs = 100;

interface Told {
  readonly check: FloorCheck;
  readonly errorsMs: readonly number[];
  /** Begins of emptyings, ms. */
  readonly emptiedAtMs: readonly number[];
}

interface Options {
  readonly perSecond?: number;
  /** What stands in it, and what its floor is too low by, ms. */
  readonly queueMs?: number;
  readonly errorMs?: number;
  /** Share of its work that privileged calls are. */
  readonly privileged?: number;
  readonly sent?: number;
}

function run(seconds: number, options: Options = {}): Told {
  const { perSecond = 100, queueMs = 20, errorMs = 0, privileged = 0 } = options;
  const sent = options.sent ?? perSecond;
  let check = initialFloorCheck(0);
  let waitingMs = queueMs;
  let heldMs = 0;
  const errorsMs: number[] = [];
  const emptiedAtMs: number[] = [];
  for (let nowMs = intervalMs; nowMs <= seconds * 1000; nowMs += intervalMs) {
    // what is held back is drained, but for what privileged calls bring
    const drainedMs = Math.min(heldMs, intervalMs * (1 - privileged));
    heldMs -= drainedMs;
    const calls = (sent * (intervalMs - drainedMs)) / 1000;
    waitingMs = Math.max(0, waitingMs - intervalMs + (calls * 1000) / perSecond);
    if (heldMs === 0 && drainedMs === 0) waitingMs = Math.max(waitingMs, queueMs);
    const before = check;
    check = stepFloorCheck(check, {
      ...{ nowMs, intervalMs, excessMs: waitingMs + errorMs, targetMs: 20, estimatePerSecond: perSecond, sent: calls },
    });
    heldMs += check.holdMs;
    if (check.phase === 'emptying' && before.phase === 'waiting') emptiedAtMs.push(nowMs);
    if (check.floorErrorMs > 0) errorsMs.push(check.floorErrorMs);
  }
  return { check, errorsMs, emptiedAtMs };
}

describe('letting the queue run empty', () => {
  it('comes after 2 s and then every 8 s, and finds no error in a right floor', () => {
    const { errorsMs, emptiedAtMs } = run(30);
    expect(emptiedAtMs).toHaveLength(4);
    expect(emptiedAtMs[0]).toBe(2000);
    for (const [i, atMs] of emptiedAtMs.slice(1).entries()) {
      expect(atMs - emptiedAtMs[i]!).toBeGreaterThanOrEqual(8000);
      expect(atMs - emptiedAtMs[i]!).toBeLessThan(9500);
    }
    expect(errorsMs).toEqual([]);
  });

  it('finds what the floor is too low by, but for a call, and looks again soon', () => {
    const { errorsMs, emptiedAtMs } = run(6, { errorMs: 35, perSecond: 200 });
    expect(errorsMs[0]).toBeCloseTo(30);
    expect(emptiedAtMs[1]! - emptiedAtMs[0]!).toBeLessThan(4000);
  });

  it('tells nothing where privileged calls keep it from running empty', () => {
    const { errorsMs, emptiedAtMs } = run(12, { errorMs: 35, privileged: 0.99 });
    expect(emptiedAtMs.length).toBeGreaterThan(0);
    expect(errorsMs).toEqual([]);
  });

  it('is not done to a long queue', () => {
    expect(run(30, { queueMs: 200 }).emptiedAtMs).toEqual([]);
  });
});

describe('a long delay', () => {
  it('that stays the same although less is sent belongs to the floor', () => {
    const { errorsMs } = run(20, { queueMs: 0, errorMs: 400, sent: 60 });
    expect(errorsMs[0]).toBe(400);
  });

  it('that becomes shorter is a queue', () => {
    let check = initialFloorCheck(0);
    for (let i = 1; i <= 100; i++) {
      const excessMs = Math.max(0, 2000 - i * 40);
      const input = { nowMs: i * intervalMs, intervalMs, excessMs, targetMs: 20, estimatePerSecond: 100, sent: 6 };
      check = stepFloorCheck(check, input);
      if (excessMs > 150) expect(check.floorErrorMs, `at ${i}`).toBe(0);
    }
  });
});
