import { describe, expect, it } from 'vitest';
import { defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import { congestionBoundaries, isDumpedIn, minimumIn } from '../../../src/orchestrator/allocation/boundaries.ts';
import { emergencyReserve } from '../../../src/orchestrator/allocation/maximum-settings.ts';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import { asRecord, partOf, pool } from './part-of.ts';

interface Case {
  readonly rule: string;
  readonly parts: readonly Part[];
  readonly split?: 'equal' | 'proportional';
  readonly reductionRatio?: number;
  readonly boundaries: Record<string, number>;
}

const gets = partOf('gets', { isExempt: true, priority: 9 });

const cases: readonly Case[] = [
  {
    rule: 'seed: two applications, divided equally: 20 for the emergency reserve, 40 for each',
    parts: [partOf('first', { usedBefore: 60 }), partOf('second', { usedBefore: 20 })],
    boundaries: { first: 40, second: 40 },
  },
  {
    rule: 'seed: the first used three times as much as the second, divided in proportion: 20 for the reserve, 60 and 20',
    parts: [partOf('first', { usedBefore: 45 }), partOf('second', { usedBefore: 15 })],
    split: 'proportional',
    boundaries: { first: 60, second: 20 },
  },
  {
    rule: 'seed: any number of applications, equally',
    parts: ['a', 'b', 'c', 'd', 'e'].map((name) => partOf(name)),
    boundaries: { a: 16, b: 16, c: 16, d: 16, e: 16 },
  },
  {
    rule: 'seed: any number of applications, in proportion',
    parts: [partOf('a', { usedBefore: 1 }), partOf('b', { usedBefore: 2 }), partOf('c', { usedBefore: 5 })],
    split: 'proportional',
    boundaries: { a: 10, b: 20, c: 50 },
  },
  {
    rule: 'an application that used nothing before the event has only its minimum, in proportion',
    parts: [partOf('a', { usedBefore: 30 }), partOf('b', { usedBefore: 0, minimum: 4 })],
    split: 'proportional',
    boundaries: { a: 76, b: 4 },
  },
  {
    rule: 'in proportion to nothing is equally',
    parts: [partOf('a'), partOf('b')],
    split: 'proportional',
    boundaries: { a: 40, b: 40 },
  },
  {
    rule: 'seed: non-essential applications are dumped, and what they leave is divided among the others',
    parts: [partOf('a'), partOf('b'), partOf('batch', { isEssential: false, isDumped: true })],
    boundaries: { a: 40, b: 40, batch: 0 },
  },
  {
    rule: 'exempt applications have no boundary',
    parts: [gets, partOf('a')],
    boundaries: { a: 80 },
  },
  {
    rule: 'exempt applications within the reserve take nothing from the others',
    parts: [{ ...gets, allocated: 20 }, partOf('a'), partOf('b')],
    boundaries: { a: 40, b: 40 },
  },
  {
    rule: 'seed: what exempt applications have beyond the reserve is given to them in lieu of lower priorities',
    parts: [{ ...gets, allocated: 50 }, partOf('a'), partOf('b')],
    boundaries: { a: 25, b: 25 },
  },
  {
    rule: "never above an application's maximum: what that leaves over goes to the others",
    parts: [partOf('a', { maximum: 10 }), partOf('b'), partOf('c')],
    boundaries: { a: 10, b: 35, c: 35 },
  },
  {
    rule: 'what is more than all maxima stays free',
    parts: [partOf('a', { maximum: 10 }), partOf('b', { maximum: 20 })],
    boundaries: { a: 10, b: 20 },
  },
  {
    rule: "not below the mode's minimum, where the minima fit",
    parts: [partOf('a', { minimum: 50 }), partOf('b')],
    boundaries: { a: 50, b: 30 },
  },
  {
    rule: 'minima that do not fit are met by priority',
    parts: [partOf('a', { minimum: 50 }), partOf('b', { minimum: 50, priority: 7 })],
    boundaries: { a: 30, b: 50 },
  },
  {
    rule: 'seed, L2: a stage of reduction reduces each boundary',
    parts: [partOf('a'), partOf('b')],
    reductionRatio: 0.25,
    boundaries: { a: 30, b: 30 },
  },
  {
    rule: "a stage of reduction goes down to the mode's minimum and no further",
    parts: [partOf('a', { minimum: 35 }), partOf('b')],
    reductionRatio: 0.5,
    boundaries: { a: 35, b: 20 },
  },
  {
    rule: 'the last stage leaves those nothing that have no minimum',
    parts: [partOf('a')],
    reductionRatio: 1,
    boundaries: { a: 0 },
  },
];

describe('preset congestion boundaries', () => {
  it.each(cases)('$rule', ({ parts, split = 'equal', reductionRatio = 0, boundaries }) => {
    expect(asRecord(congestionBoundaries(parts, pool, reductionRatio, split))).toEqual(boundaries);
  });

  it('the emergency reserve is a part of each resource of the host', () => {
    expect(emergencyReserve({ cpuCores: 4, memoryBytes: 1000 }, 0.2)).toEqual({ cpuCores: 0.8, memoryBytes: 200 });
  });

  const essential = { isEssential: true, isExempt: false };
  it.each([
    ['L0', 100],
    ['L1', 100],
    ['L2', 75],
    ['L3', 50],
  ] as const)('seed: minimum allocation shrinks from L1 to L3: of 100 in %s %d', (mode, least) => {
    expect(minimumIn(mode, 100, essential, defaultAllocationRules)).toBe(least);
    expect(minimumIn(mode, 100, { ...essential, isExempt: true }, defaultAllocationRules)).toBe(100);
  });

  it('only what is neither essential nor exempt is dumped, and only from L1 on', () => {
    const batch = { isEssential: false, isExempt: false };
    expect((['L0', 'L1', 'L2', 'L3'] as const).map((mode) => isDumpedIn(mode, batch))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(isDumpedIn('L3', essential)).toBe(false);
    expect(isDumpedIn('L3', { isEssential: false, isExempt: true })).toBe(false);
    expect(minimumIn('L1', 100, batch, defaultAllocationRules)).toBe(0);
  });
});
