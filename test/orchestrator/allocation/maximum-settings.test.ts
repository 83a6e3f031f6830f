import { describe, expect, it } from 'vitest';
import type { Amounts } from '../../../src/congestion/amounts.ts';
import {
  firstToExempt,
  firstToOrdinary,
  maximumSettings,
} from '../../../src/orchestrator/allocation/maximum-settings.ts';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import { amountsOf, partOf, pool } from './part-of.ts';

const host: Amounts = { cpuCores: 10, memoryBytes: 1000 };

describe('seed: maximum allowable settings at start', () => {
  it.each<[string, Amounts, Amounts, boolean, Amounts]>([
    ['the least of what it asks for', { cpuCores: 2 }, { cpuCores: 4 }, false, { cpuCores: 2, memoryBytes: 800 }],
    ['and of what configuration allows', { cpuCores: 6 }, { cpuCores: 4 }, false, { cpuCores: 4, memoryBytes: 800 }],
    ['never the emergency reserve', { cpuCores: 50 }, {}, false, { cpuCores: 8, memoryBytes: 800 }],
    ['exempt: the whole host, the reserve included', {}, {}, true, { cpuCores: 10, memoryBytes: 1000 }],
    ['exempt, but configuration allows less', {}, { cpuCores: 3 }, true, { cpuCores: 3, memoryBytes: 1000 }],
    [
      'a resource that the host does not ration has no maximum',
      { diskBytes: 5, cpuCores: 1, memoryBytes: 1 },
      {},
      false,
      { cpuCores: 1, memoryBytes: 1 },
    ],
  ])('%s', (_, asked, configured, isExempt, expected) => {
    expect(maximumSettings(asked, configured, host, isExempt, 0.2)).toEqual(expected);
  });
});

const fresh = (name: string, special: Partial<Part> = {}) => partOf(name, { ...special, allocated: undefined });
const first = (parts: readonly Part[]) =>
  amountsOf(firstToOrdinary(firstToExempt(parts, pool), pool, 0.8, ({ maximum }) => maximum));

describe('the first allocation', () => {
  it.each<[string, readonly Part[], Record<string, number>]>([
    ['its maximum, while there is room', [fresh('a', { maximum: 30 })], { a: 30 }],
    ['what is free, if that is less', [partOf('b', { allocated: 60, used: 60 }), fresh('a')], { b: 60, a: 20 }],
    [
      'its minimum at least, however little room there is',
      [partOf('b', { allocated: 80, used: 80 }), fresh('a', { minimum: 10 })],
      { b: 80, a: 10 }, // room for it is made afterwards
    ],
    ['of several that come together, equal parts', [fresh('a'), fresh('b')], { a: 40, b: 40 }],
    ['of several, what one cannot use the others', [fresh('a', { maximum: 10 }), fresh('b')], { a: 10, b: 70 }],
    [
      'who comes later goes not without: what the first does not use is levelled',
      [partOf('a', { allocated: 80, used: 8 }), fresh('b')],
      { a: 40, b: 40 },
    ],
    [
      'what the first uses stays with it, and enough that its use is not near it',
      [partOf('a', { allocated: 80, used: 48 }), fresh('b')],
      { a: 60, b: 20 },
    ],
    ['nobody who was there gets more', [partOf('a', { allocated: 10 }), fresh('b', { maximum: 30 })], { a: 10, b: 30 }],
    ['exempt: up to its maximum within the reserve', [fresh('gets', { isExempt: true })], { gets: 20 }],
    ['exempt: its minimum, even beyond the reserve', [fresh('gets', { isExempt: true, minimum: 30 })], { gets: 30 }],
    [
      'exempt, and others have the reserve already: its minimum',
      [partOf('gets', { isExempt: true, allocated: 25 }), fresh('fire', { isExempt: true, minimum: 5 })],
      { gets: 25, fire: 5 },
    ],
    [
      'exempt take from what ordinary ones divide only beyond the reserve',
      [fresh('gets', { isExempt: true }), fresh('a'), fresh('b')],
      { gets: 20, a: 40, b: 40 },
    ],
  ])('%s', (_, parts, expected) => {
    expect(first(parts)).toEqual(expected);
  });

  it('is not above what the mode leaves it', () => {
    const parts = [partOf('a', { allocated: 25 }), fresh('b', { minimum: 50 })];
    expect(amountsOf(firstToOrdinary(parts, pool, 0.8, () => 30))).toEqual({ a: 25, b: 30 });
  });
});
