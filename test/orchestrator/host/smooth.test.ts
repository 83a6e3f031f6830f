import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amounts } from '../../../src/congestion/amounts.ts';
import { createRate } from '../../../src/orchestrator/host/rate.ts';
import { smooth } from '../../../src/orchestrator/host/smooth.ts';

describe('smooth', () => {
  it('follows a step by 63 % in one time constant, however many steps it takes', () => {
    expect(smooth({ cpuCores: 0 }, { cpuCores: 1 }, 3000, 3000).cpuCores).toBeCloseTo(0.632, 3);
    let value: Amounts = { cpuCores: 0 };
    for (let i = 0; i < 30; i++) value = smooth(value, { cpuCores: 1 }, 100, 3000);
    expect(value.cpuCores).toBeCloseTo(0.632, 3);
  });

  it.each([
    ['a resource that was not known begins with what it is', {}, { memoryBytes: 7 }, 1, { memoryBytes: 7 }],
    ['one of which nothing is known any more is left out', { memoryBytes: 7 }, {}, 1, {}],
    ['no time, no change', { memoryBytes: 7 }, { memoryBytes: 9 }, 0, { memoryBytes: 7 }],
    ['a clock that goes back changes nothing', { memoryBytes: 7 }, { memoryBytes: 9 }, -5, { memoryBytes: 7 }],
  ])('%s', (_what, before, raw, elapsedMs, expected) => expect(smooth(before, raw, elapsedMs, 3000)).toEqual(expected));

  it('with no time constant is what was measured', () =>
    expect(smooth({ cpuCores: 5 }, { cpuCores: 1 }, 1, 0)).toEqual({ cpuCores: 1 }));

  it('never leaves the range between before and now', () => {
    const value = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(value, value, fc.nat(), fc.integer({ min: 1, max: 60_000 }), (before, now, elapsedMs, constantMs) => {
        const { cpuCores } = smooth({ cpuCores: before }, { cpuCores: now }, elapsedMs, constantMs);
        const [low, high] = [Math.min(before, now), Math.max(before, now)];
        expect(cpuCores).toBeGreaterThanOrEqual(low - high * 1e-12);
        expect(cpuCores).toBeLessThanOrEqual(high * (1 + 1e-12));
      }),
    );
  });
});

describe('rate', () => {
  it('is per second, each name for itself, from the second measurement on', () => {
    const rate = createRate();
    expect(rate.next('a', 100, 0)).toBeUndefined();
    expect(rate.next('b', 5, 0)).toBeUndefined();
    expect(rate.next('a', 150, 500)).toBe(100);
    expect(rate.next('b', 5, 1000)).toBe(0);
  });

  it('a counter that went back began anew', () => {
    const rate = createRate();
    rate.next('a', 100, 0);
    expect(rate.next('a', 3, 1000)).toBe(0);
    expect(rate.next('a', 13, 2000)).toBe(10);
  });

  it('holds for a while, so that two looks at once do not make noise', () => {
    const rate = createRate(200);
    rate.next('a', 0, 0);
    expect(rate.next('a', 10, 1000)).toBe(10);
    expect(rate.next('a', 12, 1001)).toBe(10);
    expect(rate.next('a', 12, 1000)).toBe(10);
    expect(rate.next('a', 20, 1500)).toBe(20);
  });
});
