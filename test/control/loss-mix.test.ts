// The default algorithm of RFC 7339 §7.2, with its own numbers.
import { expect, it } from 'vitest';
import { lossRatios, newTrafficMix, stepTrafficMix } from './loss-mix.ts';

it.each([
  // "if oc=10 and 40% of the requests should be included in the first category, then 10 / 40 * 100 = 25"
  [10, 0.4, 0.25, 0],
  [0, 0.4, 0, 0],
  [40, 0.4, 1, 0],
  [70, 0.4, 1, 0.5],
  [100, 0.4, 1, 1],
  [100, 1, 1, 0],
  [0, 0, 0, 0],
  [10, 0, 1, 0.1],
])('refuses for oc=%d with %d in category 1: %d of it and %d of category 2', (percent, mix, first, second) => {
  const ratios = lossRatios(percent, mix);
  expect(ratios.category1).toBeCloseTo(first);
  expect(ratios.category2).toBeCloseTo(second);
});

it('samples the mix every 5 s', () => {
  let mix = newTrafficMix(0);
  expect(mix.category1Ratio).toBe(0.8);
  mix = stepTrafficMix(mix, 400, 20, 4900);
  expect(mix.category1Ratio).toBe(0.8);
  // "450 out of the 500 were messages subject to reduction … cat1 := 90"
  mix = stepTrafficMix(mix, 50, 30, 5000);
  expect(mix).toEqual({ category1Ratio: 450 / 500, category1: 0, category2: 0, sinceMs: 5000 });
  mix = stepTrafficMix(mix, 0, 0, 10_000);
  expect(mix.category1Ratio).toBe(0.9);
});
