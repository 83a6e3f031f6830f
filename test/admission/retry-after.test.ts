import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RefusedShare, retryAfterSeconds } from '../../src/admission/retry-after.ts';

const jitters = Array.from({ length: 256 }, (_, i) => i / 256);
const values = (minSeconds: number, maxSeconds: number, ratio: number) =>
  jitters.map((jitter) => retryAfterSeconds({ minSeconds, maxSeconds }, ratio, jitter));
const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

describe('Retry-After', () => {
  it('is a whole number of at least 1 and within its range (RFC 3261 §20.33)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 0, max: 254 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (minSeconds, more, ratio, jitter) => {
          const maxSeconds = Math.min(255, minSeconds + more);
          const seconds = retryAfterSeconds({ minSeconds, maxSeconds }, ratio, jitter);
          expect(Number.isInteger(seconds)).toBe(true);
          expect(seconds).toBeGreaterThanOrEqual(minSeconds);
          expect(seconds).toBeLessThanOrEqual(maxSeconds);
        },
      ),
    );
  });

  it('grows with the share that is refused, for every caller', () => {
    for (const jitter of jitters) {
      const graded = [0, 0.1, 0.3, 0.5, 0.8, 1].map((ratio) =>
        retryAfterSeconds({ minSeconds: 1, maxSeconds: 30 }, ratio, jitter),
      );
      expect(graded).toEqual(graded.toSorted((a, b) => a - b));
    }
    const means = [0, 0.25, 0.5, 0.75, 1].map((ratio) => mean(values(1, 30, ratio)));
    for (let i = 1; i < means.length; i++) expect(means[i]! - means[i - 1]!).toBeGreaterThan(1);
  });

  it('spreads the callers, with no second that takes most of them', () => {
    for (const ratio of [0.3, 0.6, 1]) {
      const found = values(1, 30, ratio);
      const counts = [...new Set(found)].map((seconds) => found.filter((one) => one === seconds).length);
      expect(counts.length).toBeGreaterThan(8);
      expect(Math.max(...counts)).toBeLessThan(found.length / 5);
    }
  });

  it('spreads even where little is refused', () => {
    expect(new Set(values(4, 30, 0)).size).toBeGreaterThan(1);
  });
});

describe('the share refused lately', () => {
  const run = (share: RefusedShare, fromMs: number, seconds: number, refused: number, offered: number) => {
    for (let ms = fromMs + 100; ms <= fromMs + seconds * 1000; ms += 100) {
      for (let i = 0; i < offered; i++) share.count(i < refused);
      share.tick(ms);
    }
    return share.ratio;
  };
  it('follows with a time constant of 2 s, up and down', () => {
    const share = new RefusedShare();
    share.tick(0);
    expect(run(share, 0, 2, 8, 10)).toBeCloseTo(0.8 * (1 - Math.exp(-1)), 1);
    expect(run(share, 2_000, 20, 8, 10)).toBeCloseTo(0.8, 2);
    expect(run(share, 22_000, 20, 0, 10)).toBeLessThan(0.01);
  });
  it('falls when nothing comes, whatever the step', () => {
    const share = new RefusedShare();
    share.tick(0);
    run(share, 0, 20, 10, 10);
    share.tick(80_000);
    expect(share.ratio).toBeLessThan(0.001);
  });
  it('stays between 0 and 1, and takes no clock that stands still or goes back', () => {
    const share = new RefusedShare();
    share.count(true);
    share.tick(1_000);
    share.tick(1_000);
    expect(share.ratio).toBe(0);
    share.tick(500);
    expect(share.ratio).toBe(0);
    share.tick(700);
    expect(share.ratio).toBeGreaterThan(0);
    expect(share.ratio).toBeLessThanOrEqual(1);
  });
});
