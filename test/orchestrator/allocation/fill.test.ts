import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Claim, fill, sum } from '../../../src/orchestrator/allocation/fill.ts';
import { seed } from './seed.ts';

const claim = (floor: number, ceiling: number, weight = 1): Claim => ({ floor, ceiling, weight });

describe('what is divided', () => {
  it.each<[string, number, Claim[], number[]]>([
    ['nothing among nobody', 10, [], []],
    ['equal parts', 80, [claim(0, 100), claim(0, 100)], [40, 40]],
    ['by weight', 80, [claim(0, 100, 3), claim(0, 100, 1)], [60, 20]],
    ['what a ceiling leaves over goes to the others', 80, [claim(0, 10), claim(0, 100), claim(0, 100)], [10, 35, 35]],
    ['a floor above the level is kept, the others share the rest', 80, [claim(50, 100), claim(0, 100)], [50, 30]],
    ['all ceilings met, and something left', 80, [claim(0, 10), claim(0, 20)], [10, 20]],
    ['weights of nobody: what is left over goes to them', 80, [claim(0, 30, 1), claim(0, 100, 0)], [30, 50]],
    ['a weight of nothing gets its floor first', 80, [claim(0, 100, 1), claim(5, 100, 0)], [75, 5]],
    ['a weight too small to divide by is none', 80, [claim(0, 100, 1), claim(0, 100, 1e-300)], [80, 0]],
    ['no weight at all: equal parts', 80, [claim(0, 100, 0), claim(0, 100, 0)], [40, 40]],
    [
      'floors that do not fit: the first go without last',
      80,
      [claim(60, 100), claim(60, 100), claim(1, 1)],
      [60, 20, 0],
    ],
    ['a floor above its ceiling: the ceiling counts', 80, [claim(60, 10), claim(0, 100)], [10, 70]],
    ['of nothing', 0, [claim(0, 10)], [0]],
    ['of less than nothing', -5, [claim(3, 10)], [0]],
  ])('%s', (_, amount, claims, expected) => {
    fill(amount, claims).forEach((one, i) => {
      expect(one).toBeCloseTo(expected[i]!, 9);
    });
  });

  it('is never more than there is, between floor and ceiling, and nothing is left while somebody could have more', () => {
    const number = fc.double({ min: 0, max: 1e11, noNaN: true });
    const claims = fc.array(fc.record({ floor: number, ceiling: number, weight: number }), { maxLength: 8 });
    fc.assert(
      fc.property(number, claims, (amount, all) => {
        const given = fill(amount, all);
        const tolerance = 1e-9 * (amount + sum(all.map(({ ceiling }) => ceiling)));
        expect(sum(given)).toBeLessThanOrEqual(amount + tolerance);
        const floors = all.map(({ floor, ceiling }) => Math.min(floor, ceiling));
        given.forEach((one, i) => {
          expect(one).toBeLessThanOrEqual(all[i]!.ceiling);
          if (sum(floors) <= amount) expect(one).toBeGreaterThanOrEqual(floors[i]! - tolerance);
        });
        const most = sum(all.map(({ ceiling }) => ceiling));
        expect(sum(given)).toBeGreaterThanOrEqual(Math.min(amount, most) - tolerance);
      }),
      { numRuns: 500, ...seed },
    );
  });
});
