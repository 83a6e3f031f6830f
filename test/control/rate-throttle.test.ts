// The leaky bucket of RFC 7415 §3.5: the text's own algorithm step by step, and what it promises.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateThrottle, type RequestRank } from './rate-throttle.ts';

const middle = 0.5; // u = 0: as without §3.5.3

/** Arrivals at these times, and which of them pass. */
function admitted(throttle: RateThrottle, times: readonly number[], rank: RequestRank = 'only'): number[] {
  return times.filter((ms) => throttle.admits(ms, rank, middle));
}
const every = (ms: number, count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i * ms);

describe('without priority (§3.5.1)', () => {
  it('lets TAU/T + 1 through at once, then one each T', () => {
    // T = 100 ms, TAU = 400 ms: X may be 0, 100 … 400 before a request
    expect(admitted(new RateThrottle(10, 0, middle), Array(20).fill(0)).length).toBe(5);
    const times = every(10, 200);
    const passed = admitted(new RateThrottle(10, 0, middle), times);
    expect(passed.slice(0, 5)).toEqual([0, 10, 20, 30, 40]);
    const gaps = passed.slice(6).map((ms, i) => ms - passed[i + 5]!);
    expect(gaps.every((gap) => gap === 100)).toBe(true);
  });

  it('follows the reference algorithm', () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), arrivals, (perSecond, gaps) => {
        const T = 1000 / perSecond;
        const throttle = new RateThrottle(perSecond, 0, middle);
        let ta = 0;
        let LCT = 0;
        let X = 0;
        for (const gap of gaps) {
          ta += gap;
          const Xp = X - (ta - LCT);
          const passes = Xp <= 4 * T;
          if (passes) {
            X = Math.max(0, Xp) + T;
            LCT = ta;
          }
          expect(throttle.admits(ta, 'only', middle)).toBe(passes);
        }
      }),
    );
  });

  it('rejects everything at oc=0, and starts afresh after it', () => {
    const throttle = new RateThrottle(0, 0, middle);
    expect(admitted(throttle, every(100, 100))).toEqual([]);
    throttle.change(10, 10_000);
    expect(admitted(throttle, Array(20).fill(10_000)).length).toBe(5);
    throttle.change(0, 10_000);
    expect(admitted(throttle, [10_000, 20_000])).toEqual([]);
  });

  it('is not blocked at a high rate by what filled it at a low one, nor opened by the opposite', () => {
    const throttle = new RateThrottle(1, 0, middle);
    admitted(throttle, Array(20).fill(0));
    throttle.change(1000, 0);
    expect(admitted(throttle, every(1, 1000, 1)).length).toBe(1000);
    admitted(throttle, Array(20).fill(1001));
    throttle.change(1, 1001);
    expect(admitted(throttle, [1001, 1900]).length).toBe(0);
  });
});

describe('with priority (§3.5.2)', () => {
  it('keeps room for priority above what ordinary requests may fill', () => {
    // T = 100 ms: ordinary up to TAU1 = 500 ms, priority up to TAU2 = 1,000 ms
    const throttle = new RateThrottle(10, 0, middle);
    expect(admitted(throttle, Array(20).fill(0), 'ordinary').length).toBe(6);
    expect(admitted(throttle, Array(20).fill(0), 'priority').length).toBe(5);
    expect(admitted(throttle, Array(20).fill(0), 'ordinary').length).toBe(0);
  });

  it('lets priority through first, and both no more than the rate', () => {
    const throttle = new RateThrottle(100, 0, middle);
    let priority = 0;
    let ordinary = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      if (throttle.admits(ms, 'ordinary', middle)) ordinary++;
      if (ms % 20 === 0 && throttle.admits(ms, 'priority', middle)) priority++;
    }
    expect(priority).toBe(500);
    expect(priority + ordinary).toBeLessThanOrEqual(1000 + 12);
    expect(priority + ordinary).toBeGreaterThanOrEqual(1000);
  });
});

describe('against resonance (§3.5.3)', () => {
  it('adds T/2 to 3T/2 where the bucket had emptied, and T where it had not', () => {
    // one request after a long silence, four more at once, and the wait until the next: what the first one added
    const burst = (random: number) => {
      const throttle = new RateThrottle(10, 0, 0);
      const passed = Array.from({ length: 5 }, () => throttle.admits(10_000, 'only', random)).filter(Boolean).length;
      let ms = 10_000;
      while (!throttle.admits(ms, 'only', random)) ms++;
      return [passed, ms - 10_000];
    };
    // content T + 4T, 3T/2 + 3T, T/2 + 4T; the next passes at 4T
    expect([burst(0.5), burst(0.999_99), burst(0)]).toEqual([
      [5, 100],
      [4, 50],
      [5, 50],
    ]);
  });

  it('begins with a content between -T/2 and T/2', () => {
    const first = (random: number) => admitted(new RateThrottle(10, 0, random), Array(20).fill(0)).length;
    expect([first(0), first(0.49), first(0.51), first(0.99)]).toEqual([5, 5, 4, 4]);
  });
});

it('never passes more than the rate and its burst, in any window', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), gaps, (perSecond, steps) => {
      const throttle = new RateThrottle(perSecond, 0, middle);
      let ms = 0;
      const times = steps.map((gap) => {
        ms += gap;
        return ms;
      });
      const passed = admitted(throttle, times, 'priority');
      for (let from = 0; from < passed.length; from += 7) {
        const windowMs = passed.at(-1)! - passed[from]!;
        expect(passed.length - from).toBeLessThanOrEqual((windowMs * perSecond) / 1000 + 12);
      }
    }),
  );
});

it('with random steps too, over time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 500 }), fc.integer(), (perSecond, seed) => {
      let state = seed >>> 0;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state / 2 ** 32;
      };
      const throttle = new RateThrottle(perSecond, 0, random());
      let passed = 0;
      // arrivals at about the rate, so that the bucket empties often
      for (let ms = 0; ms < 60_000; ms++) {
        if (random() < perSecond / 1000 && throttle.admits(ms, 'only', random())) passed++;
      }
      expect(passed).toBeLessThanOrEqual(perSecond * 60 * 1.05);
      expect(passed).toBeGreaterThanOrEqual(perSecond * 60 * 0.75);
    }),
    { numRuns: 10 },
  );
});
