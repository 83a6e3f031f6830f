import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TokenBucket } from '../../src/admission/token-bucket.ts';

it('never gives more than burst + rate × time, whatever the arrivals', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 400 }),
      (rate, burst, gaps) => {
        const bucket = new TokenBucket(rate, burst);
        let now = 1000;
        let given = 0;
        for (const gap of gaps) {
          now += gap;
          bucket.refill(now);
          if (bucket.has(0)) {
            bucket.spend();
            given++;
          }
        }
        expect(given).toBeLessThanOrEqual(burst + (rate * (now - 1000)) / 1000 + 1e-6);
      },
    ),
  );
});

it('is full and no more after 24 idle hours', () => {
  const bucket = new TokenBucket(100, 20);
  bucket.refill(0);
  for (let i = 0; i < 20; i++) bucket.spend();
  bucket.refill(86_400_000);
  expect(bucket.level).toBe(20);
});

it('keeps a floor, goes into debt of at most a second, and survives a clock that goes back', () => {
  const bucket = new TokenBucket(10, 10);
  bucket.refill(1000);
  for (let i = 0; i < 8; i++) bucket.spend();
  expect(bucket.has(0)).toBe(true);
  expect(bucket.has(2)).toBe(false);
  for (let i = 0; i < 1000; i++) bucket.spend();
  expect(bucket.level).toBe(-10);
  bucket.refill(500);
  expect(bucket.level).toBe(-10);
  bucket.refill(2100);
  expect(bucket.level).toBeCloseTo(1);
});
