import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GrantTerms, grant } from '../../../src/orchestrator/allocation/grant.ts';
import type { Part, Pool } from '../../../src/orchestrator/allocation/part.ts';
import { amountsOf, partOf, pool } from './part-of.ts';
import { seed } from './seed.ts';

const free: GrantTerms = { boundary: undefined, keptFree: 0, keepBelowRatio: 0.8 };

interface Case {
  readonly rule: string;
  readonly parts: readonly Part[];
  /** By `a`. */
  readonly wanted: number;
  readonly terms?: Partial<GrantTerms>;
  readonly of?: Pool;
  readonly left: Record<string, number>;
  readonly shortBy?: string;
}

const gets = (special: Partial<Part> = {}) => partOf('a', { isExempt: true, priority: 9, ...special });

const cases: readonly Case[] = [
  {
    rule: 'seed: normal condition: an application receives all that it requests, while there is room',
    parts: [partOf('a', { allocated: 30 }), partOf('b', { allocated: 30, used: 30 })],
    wanted: 20,
    left: { a: 50, b: 30 },
  },
  {
    rule: 'the emergency reserve is no room',
    parts: [partOf('a', { allocated: 30, maximum: 70 }), partOf('b', { allocated: 30, used: 30 })],
    wanted: 30,
    left: { a: 50, b: 30 },
    shortBy: 'no-room',
  },
  {
    rule: 'what exempt applications have within the reserve takes no room',
    parts: [partOf('a', { allocated: 30 }), partOf('gets', { isExempt: true, allocated: 20 })],
    wanted: 50,
    left: { a: 80, gets: 20 },
  },
  {
    rule: 'what exempt applications have beyond it does',
    parts: [partOf('a', { allocated: 30 }), partOf('gets', { isExempt: true, allocated: 45 })],
    wanted: 50,
    left: { a: 55, gets: 45 },
    shortBy: 'no-room',
  },
  {
    rule: 'up to its maximum',
    parts: [partOf('a', { allocated: 30, maximum: 35 })],
    wanted: 20,
    left: { a: 35 },
    shortBy: 'maximum',
  },
  {
    rule: 'nothing at its maximum',
    parts: [partOf('a', { allocated: 35, maximum: 35 })],
    wanted: 20,
    left: { a: 35 },
    shortBy: 'maximum',
  },
  {
    rule: 'seed: congestion condition: up to its boundary',
    parts: [partOf('a', { allocated: 30 })],
    wanted: 20,
    terms: { boundary: 40 },
    left: { a: 40 },
    shortBy: 'crisis-mode',
  },
  {
    rule: 'dumped: nothing',
    parts: [partOf('a', { isDumped: true })],
    wanted: 20,
    terms: { boundary: 0 },
    left: { a: 0 },
    shortBy: 'crisis-mode',
  },
  {
    rule: 'seed: insufficient resources: a higher priority gets what a lower one does not use',
    parts: [partOf('a', { allocated: 30, priority: 7 }), partOf('b', { allocated: 50, used: 20 })],
    wanted: 20,
    left: { a: 50, b: 30 },
  },
  {
    rule: 'but not what it uses, nor so much that its use would be near what it has left',
    parts: [partOf('a', { allocated: 30, priority: 7 }), partOf('b', { allocated: 50, used: 36 })],
    wanted: 20,
    left: { a: 35, b: 45 },
    shortBy: 'no-room',
  },
  {
    rule: 'nor below its minimum',
    parts: [partOf('a', { allocated: 30, priority: 7 }), partOf('b', { allocated: 50, minimum: 40 })],
    wanted: 20,
    left: { a: 40, b: 40 },
    shortBy: 'no-room',
  },
  {
    rule: 'the same priority keeps what it has',
    parts: [partOf('a', { allocated: 30 }), partOf('b', { allocated: 50 })],
    wanted: 20,
    left: { a: 30, b: 50 },
    shortBy: 'no-room',
  },
  {
    rule: 'a higher one too',
    parts: [partOf('a', { allocated: 30 }), partOf('b', { allocated: 50, priority: 7 })],
    wanted: 20,
    left: { a: 30, b: 50 },
    shortBy: 'no-room',
  },
  {
    rule: 'what is to be given back to others after an event is no room',
    parts: [partOf('a', { allocated: 30 })],
    wanted: 50,
    terms: { keptFree: 20 },
    left: { a: 60 },
    shortBy: 'no-room',
  },
  {
    rule: 'what the host uses outside of all applications is no room',
    parts: [partOf('a', { allocated: 30, used: 25 })],
    of: { ...pool, used: 35 },
    wanted: 50,
    left: { a: 70 },
    shortBy: 'no-room',
  },
  {
    rule: 'use that cannot be seen is not outside',
    parts: [partOf('a', { allocated: 30, used: undefined })],
    of: { ...pool, used: 30 },
    wanted: 50,
    left: { a: 80 },
  },
  {
    rule: 'exempt: the reserve too',
    parts: [gets({ allocated: 20 }), partOf('b', { allocated: 50 })],
    wanted: 30,
    left: { a: 50, b: 50 },
  },
  {
    rule: 'seed: exempt: all the available hardware in lieu of lower priorities, but for their minima in this mode',
    parts: [gets({ allocated: 20 }), partOf('b', { allocated: 80, used: 80, minimum: 10 })],
    wanted: 100,
    left: { a: 90, b: 80 }, // room for it is made afterwards
    shortBy: 'no-room',
  },
  {
    rule: 'exempt: up to its maximum',
    parts: [gets({ allocated: 20, maximum: 40 }), partOf('b', { allocated: 80 })],
    wanted: 100,
    left: { a: 40, b: 80 },
    shortBy: 'maximum',
  },
  { rule: 'a request for nothing', parts: [partOf('a')], wanted: 0, left: { a: 0 } },
  { rule: 'a request of nobody', parts: [partOf('b')], wanted: 5, left: { b: 0 }, shortBy: 'no-room' },
];

describe('a request for more', () => {
  it.each(cases)('$rule', ({ parts, wanted, terms, of = pool, left, shortBy }) => {
    const found = grant(parts, of, 'a', wanted, { ...free, ...terms });
    expect(amountsOf(found.parts)).toEqual(left);
    expect(found.shortBy).toBe(shortBy);
    const had = parts.find(({ name }) => name === 'a')?.allocated ?? 0;
    expect(found.granted).toBeCloseTo((left.a ?? 0) - had, 9);
  });

  it('is granted no less where there is more room', () => {
    const amount = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        amount,
        amount,
        fc.boolean(),
        (wanted, others, used, size, more, isExempt) => {
          const parts = [
            partOf('a', { isExempt, priority: 7, maximum: 1000 }),
            partOf('b', { allocated: others, used }),
          ];
          const granted = (maximum: number) =>
            grant(parts, { maximum, reserve: 20, used: undefined }, 'a', wanted, free).granted;
          expect(granted(size + more)).toBeGreaterThanOrEqual(granted(size) - 1e-9);
        },
      ),
      { numRuns: 500, ...seed },
    );
  });
});
