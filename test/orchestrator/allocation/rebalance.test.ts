import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import { type RebalanceTerms, rebalance } from '../../../src/orchestrator/allocation/rebalance.ts';
import { amountsOf, partOf, pool } from './part-of.ts';

const terms: RebalanceTerms = {
  boundaryOf: () => undefined,
  isHeld: () => false,
  keptFreeFrom: () => 0,
  rules: { keepBelowRatio: 0.8, nearMaximumRatio: 0.9 },
};
const low = (special: Partial<Part> = {}) => partOf('low', { priority: 2, allocated: 50, used: 20, ...special });
const high = (special: Partial<Part> = {}) => partOf('high', { priority: 8, allocated: 30, used: 28, ...special });

interface Case {
  readonly rule: string;
  readonly parts: readonly Part[];
  readonly used?: number;
  readonly terms?: Partial<RebalanceTerms>;
  readonly left: Record<string, number>;
}

const cases: readonly Case[] = [
  {
    rule: 'seed: near the maximum, what a low priority does not use goes to a high one that is short',
    parts: [low(), high()],
    left: { low: 45, high: 35 },
  },
  {
    rule: 'not near the maximum, all keep what they have',
    used: 89,
    parts: [low(), high()],
    left: { low: 50, high: 30 },
  },
  {
    rule: 'what is free goes first',
    parts: [low({ allocated: 40 }), high()],
    left: { low: 40, high: 35 },
  },
  { rule: 'who is not short gets nothing', parts: [low(), high({ used: 26 })], left: { low: 50, high: 30 } },
  {
    rule: 'who gives keeps enough that its use is not near it',
    parts: [low({ used: 38 }), high()],
    left: { low: 47.5, high: 32.5 },
  },
  {
    rule: 'nobody gives below its minimum',
    parts: [low({ minimum: 48 }), high()],
    left: { low: 48, high: 32 },
  },
  {
    rule: 'the low get nothing from the high',
    parts: [partOf('low', { priority: 2, allocated: 30, used: 30 }), partOf('high', { priority: 8, allocated: 50 })],
    left: { low: 30, high: 50 },
  },
  {
    rule: 'nor from the same priority',
    parts: [low({ priority: 8 }), high()],
    left: { low: 50, high: 30 },
  },
  {
    rule: 'seed: exempt applications get first, and out of the reserve too',
    parts: [partOf('gets', { isExempt: true, allocated: 10, used: 10 }), low(), high()],
    left: { gets: 12.5, low: 45, high: 35 },
  },
  {
    rule: 'exempt applications give nothing',
    parts: [partOf('gets', { isExempt: true, priority: 0, allocated: 50, used: 0 }), high({ allocated: 50, used: 50 })],
    left: { gets: 50, high: 50 },
  },
  {
    rule: 'who is held (L0, its use moves) gets nothing',
    parts: [low(), high()],
    terms: { isHeld: () => true },
    left: { low: 50, high: 30 },
  },
  {
    rule: 'exempt applications are not held',
    parts: [partOf('gets', { isExempt: true, allocated: 10, used: 10 })],
    terms: { isHeld: () => true },
    left: { gets: 12.5 },
  },
  {
    rule: 'in a crisis, up to the boundary',
    parts: [low(), high()],
    terms: { boundaryOf: (name) => (name === 'high' ? 32 : 48) },
    left: { low: 48, high: 32 },
  },
  {
    rule: 'up to the maximum',
    parts: [low(), high({ maximum: 31 })],
    left: { low: 49, high: 31 },
  },
  {
    rule: 'what is to be given back to others stays free',
    parts: [low({ allocated: 40 }), high()],
    terms: { keptFreeFrom: () => 8 },
    left: { low: 37, high: 35 },
  },
  {
    rule: 'who is dumped gets nothing',
    parts: [low(), high({ isDumped: true, allocated: 0, used: 5 })],
    left: { low: 50, high: 0 },
  },
];

describe('rebalancing', () => {
  it.each(cases)('$rule', ({ parts, used = 92, terms: special, left }) => {
    // What the host uses is the applications': nothing is outside.
    const rest = used - parts.reduce((all, part) => all + (part.used ?? 0), 0);
    const other = partOf('zz', { isExempt: true, allocated: 0, used: rest });
    const after = rebalance([...parts, { ...other, maximum: 0 }], { ...pool, used }, { ...terms, ...special });
    expect(amountsOf(after.filter(({ name }) => name !== 'zz'))).toEqual(left);
  });

  it('comes to rest', () => {
    let parts: readonly Part[] = [low(), high(), partOf('mid', { allocated: 0, used: 0 })];
    const full = { ...pool, used: 48 + 44 };
    parts = rebalance(parts, full, terms);
    expect(rebalance(parts, full, terms)).toEqual(parts);
  });
});
