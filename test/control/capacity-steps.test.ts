// stepCapacity by hand: what holds after any samples, and the single rules.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapacityState, initialCapacity, stepCapacity } from '../../src/control/capacity.ts';
import type { SwitchSample } from '../../src/control/load-sample.ts';

const intervalMs = 100;

function sampleOf(values: Partial<SwitchSample>): SwitchSample {
  return {
    ...{ name: 's', isUp: true, weight: 1, configuredPerSecond: undefined, oc: undefined },
    ...{ sent: 0, privilegedSent: 0, retransmitted: 0, outstanding: 0, backlogCalls: 0, progressed: 0, answered: 0 },
    ...{ refused: 0, timedOut: 0, firstResponseMs: [], progressMs: [] },
    ...values,
  };
}

/** Steps through equal samples, or through those a function gives; returns the last state. */
function steps(
  from: CapacityState,
  count: number,
  startMs: number,
  demandPerSecond: number,
  values: Partial<SwitchSample>,
): CapacityState {
  let state = from;
  for (let i = 1; i <= count; i++) {
    state = stepCapacity(state, sampleOf(values), { nowMs: startMs + i * intervalMs, intervalMs, demandPerSecond });
  }
  return state;
}

const fine = (calls: number, ms: number): Partial<SwitchSample> => {
  const times = Array.from({ length: calls }, () => ms);
  return { sent: calls, progressed: calls, outstanding: 1, firstResponseMs: times, progressMs: times };
};

describe('stepCapacity', () => {
  it('does not limit what it knows nothing of, nor what shows no stress', () => {
    expect(initialCapacity().perSecond).toBe(Infinity);
    const state = steps(initialCapacity(), 100, 0, 50, fine(5, 20));
    expect(state.perSecond).toBeGreaterThan(4 * 50);
    expect(state.outstanding).toBeGreaterThan(10);
    expect(state.isAtCapacity).toBe(false);
  });

  it('a configured capacity is the ceiling, and full use of it is told', () => {
    const state = steps(initialCapacity(50), 100, 0, 45, fine(4, 20));
    expect(state).toMatchObject({ perSecond: 50, isAtCapacity: false, isSilent: false });
    expect(steps(state, 5, 10_000, 200, fine(5, 20))).toMatchObject({ perSecond: 50, isAtCapacity: true });
  });

  it('a configured switch that suffers gets less than is configured', () => {
    const state = steps(initialCapacity(100), 50, 0, 80, fine(8, 20));
    const slow = steps(state, 30, 5000, 300, { ...fine(3, 700), sent: 6, outstanding: 60 });
    expect(slow.perSecond).toBeLessThan(40);
    expect(slow.isAtCapacity).toBe(true);
  });

  it('503s show the limit at once, a single one does not', () => {
    const state = steps(initialCapacity(), 50, 0, 100, fine(10, 20));
    const one = steps(state, 1, 5000, 100, { ...fine(10, 20), refused: 1 });
    expect(one.isAtCapacity).toBe(false);
    const many = steps(state, 2, 5000, 300, { ...fine(10, 20), sent: 30, refused: 20 });
    expect(many.perSecond).toBeLessThan(110);
    expect(many.isAtCapacity).toBe(true);
  });

  it('is silent after 4 INVITEs and a second without an answer, and is not after the first answer', () => {
    const state = steps(initialCapacity(), 50, 0, 100, fine(10, 20));
    const early = steps(state, 9, 5000, 100, { sent: 10, outstanding: 90 });
    expect(early.isSilent).toBe(false);
    const silent = steps(early, 3, 5900, 100, { sent: 10, outstanding: 120 });
    expect(silent).toMatchObject({ isSilent: true, perSecond: 2, outstanding: Infinity, isAtCapacity: false });
    const back = steps(silent, 1, 26_200, 100, { sent: 0, outstanding: 120, ...{ progressed: 1, progressMs: [30] } });
    expect(back.isSilent).toBe(false);
    expect(back.perSecond).toBeGreaterThan(100);
    // The INVITEs that the silence has swallowed take no room from new ones.
    expect(back.outstanding).toBeGreaterThan(135);
  });

  it('one INVITE without an answer is no silence', () => {
    const state = steps(initialCapacity(), 50, 0, 1, fine(1, 20));
    const one = steps(state, 1, 5000, 1, { sent: 1, outstanding: 1 });
    expect(steps(one, 100, 5100, 1, { outstanding: 1 }).isSilent).toBe(false);
  });

  it('a day without a call leaves no limit behind', () => {
    let state = steps(initialCapacity(), 50, 0, 100, fine(10, 20));
    state = steps(state, 20, 5000, 500, { ...fine(5, 600), sent: 10, outstanding: 100 });
    expect(state.isAtCapacity).toBe(true);
    state = steps(state, 600, 7000, 0, {});
    state = stepCapacity(state, sampleOf({}), { nowMs: 86_400_000, intervalMs, demandPerSecond: 0 });
    expect(state).toMatchObject({ isAtCapacity: false, isSilent: false });
    expect(state.perSecond).toBeGreaterThan(300);
  });

  it('an answer to what was sent before it was watched is no trouble', () => {
    const state = steps(initialCapacity(), 1, 0, 0, { firstResponseMs: [0] });
    expect(state.outstanding).toBe(100);
  });

  it('after any samples: numbers, a rate of at least 1 and at most what is configured, room for at least some INVITEs', () => {
    const times = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 20 });
    const count = fc.nat({ max: 500 });
    const samples = fc.array(
      fc.record({
        ...{ sent: count, outstanding: count, progressed: count, refused: count, timedOut: count },
        ...{ firstResponseMs: times, progressMs: times, demandPerSecond: fc.nat({ max: 10_000 }) },
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(samples, fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }), (all, configured) => {
        let state = initialCapacity(configured);
        for (const [i, { demandPerSecond, ...values }] of all.entries()) {
          state = stepCapacity(state, sampleOf(values), { nowMs: (i + 1) * intervalMs, intervalMs, demandPerSecond });
          expect(state.perSecond).toBeGreaterThanOrEqual(configured === 1 ? 0.9 : 1);
          expect(state.perSecond).toBeLessThanOrEqual(configured ?? Infinity);
          expect(state.outstanding).toBeGreaterThanOrEqual(4);
        }
      }),
      { numRuns: 300 },
    );
  });
});
