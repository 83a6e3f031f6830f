import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noRate, type RateEstimate, stepRate } from '../../src/control/demand.ts';
import { poisson, seeded } from './random.ts';

const intervalMs = 100;

/** Poisson counts of `perSecond` calls for a number of intervals; the estimates after each. */
function run(from: RateEstimate, random: () => number, perSecond: number, intervals: number): RateEstimate[] {
  const estimates: RateEstimate[] = [];
  let last = from;
  for (let i = 0; i < intervals; i++) {
    last = stepRate(last, poisson(random, (perSecond * intervalMs) / 1000), intervalMs);
    estimates.push(last);
  }
  return estimates;
}

describe('stepRate', () => {
  it('is the rate of even counts', () => {
    let estimate = noRate;
    for (let i = 0; i < 50; i++) estimate = stepRate(estimate, 7, 100);
    expect(estimate.perSecond).toBe(70);
    expect(stepRate(noRate, 3, 250).perSecond).toBe(12);
  });

  it('sees a tenfold step within 300 ms, 33 → 333 and 100 → 4,000 calls a second, whatever the seed', () => {
    for (const [before, after] of [
      [33, 333],
      [100, 1000],
      [100, 4000],
    ] as const) {
      for (let seed = 1; seed <= 200; seed++) {
        const random = seeded(seed);
        const normal = run(noRate, random, before, 40).at(-1)!;
        const step = run(normal, random, after, 3);
        expect(step[2]!.perSecond, `seed ${seed}`).toBeGreaterThan(0.7 * after);
      }
    }
  });

  it('falls within a second', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const surge = run(noRate, random, 1400, 40).at(-1)!;
      expect(run(surge, random, 100, 10).at(-1)!.perSecond, `seed ${seed}`).toBeLessThan(150);
      const busy = run(noRate, random, 200, 40).at(-1)!;
      expect(run(busy, random, 70, 10).at(-1)!.perSecond, `seed ${seed}`).toBeLessThan(110);
      expect(run(busy, random, 0, 10).at(-1)!.perSecond, `seed ${seed}`).toBe(0);
    }
  });

  it('does not jitter with a few counts per interval', () => {
    // The standard deviation of a mean over 2 s of Poisson counts at 30/s is 13 %.
    for (let seed = 1; seed <= 20; seed++) {
      const rates = run(noRate, seeded(seed), 30, 1000)
        .slice(50)
        .map(({ perSecond }) => perSecond);
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length);
      expect(mean, `seed ${seed}`).toBeGreaterThan(27);
      expect(mean, `seed ${seed}`).toBeLessThan(33);
      expect(deviation / mean, `seed ${seed}`).toBeLessThan(0.18);
      expect(Math.max(...rates), `seed ${seed}`).toBeLessThan(60);
    }
  });

  it('remembers two seconds at most, and stays within the counts it has seen', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 5000 }), { minLength: 1, maxLength: 60 }), (counts) => {
        const last = counts.reduce((estimate, count) => stepRate(estimate, count, intervalMs), noRate);
        expect(last.counts.length).toBeLessThanOrEqual(20);
        const newest = counts.slice(-20).map((count) => count * 10);
        expect(last.perSecond).toBeGreaterThanOrEqual(Math.min(...newest));
        expect(last.perSecond).toBeLessThanOrEqual(Math.max(...newest));
      }),
    );
  });
});
