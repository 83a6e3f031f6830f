import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatencyHistogram } from '../../src/lab/latency-histogram.ts';

it('gives quantiles within 4 %', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.add(value);
        const sorted = [...values].sort((a, b) => a - b);
        for (const ratio of [0.5, 0.99, 1]) {
          const exact = sorted[Math.max(1, Math.ceil(sorted.length * ratio)) - 1]!;
          expect(Math.abs(histogram.quantileMs(ratio) - exact)).toBeLessThanOrEqual(exact * 0.04 + 0.002);
        }
        expect(histogram.count).toBe(values.length);
        expect(histogram.maxMs).toBe(sorted.at(-1));
      },
    ),
  );
});

it('is empty at first and after clear', () => {
  const histogram = new LatencyHistogram();
  expect(histogram.summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  histogram.add(5);
  histogram.clear();
  expect(histogram.summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
});
