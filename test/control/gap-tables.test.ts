import { expect, it } from 'vitest';
import {
  gapDurationFor,
  gapDurationsSeconds,
  gapIntervalFor,
  gapIntervalsSeconds,
  nextShorterInterval,
  stopAll,
} from '../../src/control/gap-tables.ts';

it('the table of AIN: 0 removes, then 0.1 s to 600 s', () => {
  expect(gapIntervalsSeconds).toEqual([0, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600]);
  expect(gapDurationsSeconds).toEqual(Array.from({ length: 12 }, (_, i) => 2 ** i));
});

it.each([
  [10, 0.1],
  [4, 0.25],
  [2.4, 0.5],
  [2, 0.5],
  [1.9, 0.5],
  [1.7, 1],
  [1, 1],
  [0.4, 5],
  [0.01, 120],
  [0.0001, 600],
  [20, 0.05],
  [60, 0.016],
  [1e6, 0.001],
  [0, stopAll],
  [-1, stopAll],
  [Number.NaN, stopAll],
])('%d calls per second: %d s', (target, seconds) => expect(gapIntervalFor(target)).toBe(seconds));

it('lets through at most a tenth more than asked for, and at least 0.3 of it', () => {
  for (let target = 0.002; target < 1000; target *= 1.01) {
    const passes = 1 / gapIntervalFor(target);
    expect(passes).toBeLessThanOrEqual(target * 1.1);
    expect(passes).toBeGreaterThan(target * 0.3);
  }
});

it('goes one step shorter, and no shorter than the shortest', () => {
  expect([600, 1, 0.25, 0.1, 0.001].map(nextShorterInterval)).toEqual([300, 0.5, 0.1, 0.09, 0.001]);
});

it('rounds a duration up', () => {
  expect([0.5, 1, 3, 64, 65, 1e6].map(gapDurationFor)).toEqual([1, 1, 4, 64, 128, 2048]);
});
