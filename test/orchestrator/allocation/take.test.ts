import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import { makeRoom, take } from '../../../src/orchestrator/allocation/take.ts';
import { amountsOf, partOf, pool } from './part-of.ts';

const low = (special: Partial<Part> = {}) => partOf('low', { priority: 1, allocated: 40, ...special });
const high = (special: Partial<Part> = {}) => partOf('high', { priority: 8, allocated: 40, ...special });
const gets = (special: Partial<Part> = {}) => partOf('gets', { isExempt: true, priority: 9, ...special });

describe('taking', () => {
  it.each<[string, readonly Part[], number, Record<string, number>, number]>([
    ['from the lowest priority first', [high(), low()], 30, { high: 40, low: 10 }, 30],
    ['then from the next', [high(), low()], 50, { high: 30, low: 0 }, 50],
    [
      'from one priority, whoever has most',
      [partOf('a', { allocated: 50 }), partOf('b', { allocated: 30 })],
      30,
      { a: 25, b: 25 },
      30,
    ],
    ['not more than is needed', [low()], 5, { low: 35 }, 5],
    ['what there is, if more is needed', [low()], 100, { low: 0 }, 40],
    ['nothing, if nothing is needed', [low()], 0, { low: 40 }, 0],
  ])('%s', (_, parts, needed, left, taken) => {
    const found = take(parts, needed, () => 0);
    expect([amountsOf(found.parts), found.taken]).toEqual([left, taken]);
  });

  it('from none below its floor, and from none without one', () => {
    const found = take([high(), low()], 100, ({ name }) => (name === 'low' ? 15 : undefined));
    expect([amountsOf(found.parts), found.taken]).toEqual([{ high: 40, low: 15 }, 25]);
  });
});

describe('making room', () => {
  it.each<[string, readonly Part[], Record<string, number>]>([
    ['nothing is taken where all have room', [gets({ allocated: 20 }), high(), low()], { gets: 20, high: 40, low: 40 }],
    [
      'for an exempt application beyond the reserve: what the low do not use first',
      [gets({ allocated: 40 }), high({ used: 32 }), low({ used: 16 })],
      { gets: 40, high: 40, low: 20 },
    ],
    [
      'then what the high do not use',
      [gets({ allocated: 40 }), high({ used: 16 }), low({ used: 24 })],
      { gets: 40, high: 30, low: 30 },
    ],
    [
      'then what the low use, down to their minimum, and only then what the high use',
      [gets({ allocated: 65 }), high({ used: 40, minimum: 10 }), low({ used: 40, minimum: 10 })],
      { gets: 65, high: 25, low: 10 },
    ],
    [
      'minima that do not fit are met by priority',
      [gets({ allocated: 85 }), high({ used: 40, minimum: 10 }), low({ used: 40, minimum: 10 })],
      { gets: 85, high: 10, low: 5 },
    ],
    [
      'what cannot be seen counts as used',
      [gets({ allocated: 40 }), high({ used: 16 }), low({ used: undefined })],
      { gets: 40, high: 20, low: 40 },
    ],
    [
      'ordinary applications go without before an exempt one does',
      [gets({ allocated: 100 }), high({ minimum: 10 }), low({ minimum: 10 })],
      { gets: 100, high: 0, low: 0 },
    ],
    [
      'exempt applications lose only what the host does not have',
      [gets({ allocated: 90 }), partOf('fire', { isExempt: true, priority: 8, allocated: 30 }), low()],
      { gets: 90, fire: 10, low: 0 },
    ],
  ])('%s', (_, parts, left) => {
    expect(amountsOf(makeRoom(parts, pool, 0.8))).toEqual(left);
  });
});
