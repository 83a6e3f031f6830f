import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, cutShares } from '../../src/control/cut-shares.ts';

const one = (name: Asked['name'], demands: readonly number[], weight = 1): Asked => ({
  name,
  weight,
  neighbours: demands.map((demandPerSecond, i) => ({ name: `n${i}`, weight: 1, demandPerSecond })),
});
const rates = (asked: Asked[], capacity: number) => cutShares(asked, capacity).map(({ perSecond }) => perSecond);

describe('shares of interfaces', () => {
  it('nobody is limited while there is enough for all', () => {
    expect(rates([one('south', [60]), one('east', [40])], 100)).toEqual([Infinity, Infinity]);
    expect(cutShares([one('south', [60])], 60)[0]!.neighbours).toEqual([
      { name: 'n0', perSecond: Infinity, isServed: false },
    ]);
  });

  it('a flood on south costs east nothing that east needs', () => {
    const [south, east] = rates([one('south', [4000]), one('east', [30])], 100);
    expect(south).toBeCloseTo(70);
    expect(east).toBeGreaterThan(30);
  });

  it('who wants more divides what is left, by weight', () => {
    expect(rates([one('south', [4000], 1), one('east', [4000], 3)], 100)).toEqual([25, 75]);
  });

  it('nothing to divide leaves nothing', () => expect(rates([one('south', [10])], 0)).toEqual([0]));

  it('in sum never more than there is, headroom of the satisfied aside', () => {
    const demands = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 4 });
    const names = ['south', 'east', 'west', 'north'] as const;
    const askedOf = fc
      .array(demands, { minLength: 1, maxLength: 4 })
      .map((all) => all.map((d, i) => one(names[i]!, d)));
    fc.assert(
      fc.property(askedOf, fc.double({ min: 0, max: 5e3, noNaN: true }), (asked, capacity) => {
        const shares = cutShares(asked, capacity);
        if (shares[0]!.perSecond === Infinity) return;
        // nobody takes more than it asks for
        const taken = shares.map(({ perSecond }, i) => {
          const demand = asked[i]!.neighbours.reduce((sum, { demandPerSecond }) => sum + demandPerSecond, 0);
          return Math.min(perSecond, demand);
        });
        expect(taken.reduce((sum, rate) => sum + rate, 0)).toBeLessThanOrEqual(capacity * (1 + 1e-9) + 1e-9);
      }),
    );
  });
});

describe('shares of neighbours', () => {
  it('the small one of a short interface gets what it asks for, and a little more', () => {
    const [south] = cutShares([one('south', [500, 10])], 100);
    const [big, small] = south!.neighbours;
    expect(big!.perSecond).toBeCloseTo(90);
    expect(small!.perSecond).toBeGreaterThan(10);
    expect(small!.perSecond).toBeLessThan(22);
    expect([big!.isServed, small!.isServed]).toEqual([false, true]);
  });

  it('those of an interface that gets all it asks for are not limited one by one', () => {
    const [, east] = cutShares([one('south', [4000]), one('east', [10, 20])], 100);
    expect(east!.neighbours.map(({ perSecond }) => perSecond)).toEqual([Infinity, Infinity]);
    expect(east!.neighbours.map(({ isServed }) => isServed)).toEqual([true, true]);
  });
});
