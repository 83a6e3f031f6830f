import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxMinShares } from '../../src/control/shares.ts';

const claim = (demandPerSecond: number, weight = 1) => ({ weight, demandPerSecond });
const claims = fc.array(
  fc.record({
    weight: fc.double({ min: 0.01, max: 1000, noNaN: true }),
    demandPerSecond: fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: 0, max: 1e5, noNaN: true }) },
      fc.constantFrom(0, Infinity),
    ),
  }),
  { maxLength: 20 },
);
const capacity = fc.double({ min: 0, max: 1e5, noNaN: true });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('maxMinShares', () => {
  it('gives all what they ask for while there is enough', () => {
    expect(maxMinShares(100, [claim(20), claim(30), claim(50)])).toEqual([20, 30, 50]);
    expect(maxMinShares(Infinity, [claim(20), claim(Infinity)])).toEqual([20, Infinity]);
  });

  it('a flood costs the others nothing that they need', () => {
    expect(maxMinShares(140, [claim(5600), claim(30), claim(40)])).toEqual([70, 30, 40]);
  });

  it('shares by weight among those who want more', () => {
    expect(maxMinShares(90, [claim(1000, 1), claim(1000, 2), claim(0, 7)])).toEqual([30, 60, 0]);
    expect(maxMinShares(90, [claim(Infinity, 2), claim(10, 1), claim(Infinity, 2)])).toEqual([40, 10, 40]);
  });

  it('gives nothing where there is nothing', () => {
    expect(maxMinShares(0, [claim(3), claim(Infinity)])).toEqual([0, 0]);
    expect(maxMinShares(10, [])).toEqual([]);
  });

  it('never hands out more than there is, nor more than is asked for, nor leaves anything that is', () => {
    fc.assert(
      fc.property(capacity, claims, (perSecond, all) => {
        const shares = maxMinShares(perSecond, all);
        const asked = sum(all.map(({ demandPerSecond }) => demandPerSecond));
        const tolerance = 1e-9 * (1 + perSecond);
        expect(sum(shares)).toBeLessThanOrEqual(perSecond + tolerance);
        expect(sum(shares)).toBeGreaterThanOrEqual(Math.min(perSecond, asked) - tolerance);
        for (const [i, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(all[i]!.demandPerSecond);
        }
      }),
    );
  });

  it('who is short has, for its weight, at least as much as anybody', () => {
    fc.assert(
      fc.property(capacity, claims, (perSecond, all) => {
        const shares = maxMinShares(perSecond, all);
        const levels = shares.map((share, i) => share / all[i]!.weight);
        for (const [i, share] of shares.entries()) {
          if (share >= all[i]!.demandPerSecond * (1 - 1e-9)) continue;
          for (const level of levels) expect(levels[i]!).toBeGreaterThanOrEqual(level * (1 - 1e-6) - 1e-9);
        }
      }),
    );
  });

  it('asking for more brings no less', () => {
    fc.assert(
      fc.property(capacity, claims, fc.double({ min: 0, max: 1e4, noNaN: true }), (perSecond, all, more) => {
        fc.pre(all.length > 0);
        const greedy = all.map((one, i) => (i === 0 ? { ...one, demandPerSecond: one.demandPerSecond + more } : one));
        const before = maxMinShares(perSecond, all)[0]!;
        expect(maxMinShares(perSecond, greedy)[0]!).toBeGreaterThanOrEqual(before * (1 - 1e-9) - 1e-9);
      }),
    );
  });
});
