// Seed: when use approaches the maximum of the host, allocation goes from low priority to high: what the low do not use, to those
// that are short. Exempt applications give nothing.
import type { AllocationRules } from './allocation-rules.ts';
import { grant } from './grant.ts';
import { allocatedOf, byRank, type Part, type Pool } from './part.ts';

export interface RebalanceTerms {
  /** In a crisis mode. */
  readonly boundaryOf: (name: string) => number | undefined;
  /** Additional allocation to it is held (L0, its use moves); exempt applications are never held. */
  readonly isHeld: (name: string) => boolean;
  readonly keptFreeFrom: (name: string) => number;
  readonly rules: Pick<AllocationRules, 'keepBelowRatio' | 'nearMaximumRatio'>;
}

function isNearMaximum(pool: Pool, nearMaximumRatio: number): boolean {
  return (pool.used ?? 0) >= pool.maximum * nearMaximumRatio && pool.maximum > 0;
}

/** It is short when its use is near its allocation; it gets enough to be as far from that as who gives has to stay. */
export function rebalance(parts: readonly Part[], pool: Pool, terms: RebalanceTerms): readonly Part[] {
  const { keepBelowRatio, nearMaximumRatio } = terms.rules;
  if (!isNearMaximum(pool, nearMaximumRatio)) return parts;
  const ranked = [...parts].sort(byRank);
  return ranked.reduce((now, { name, isExempt, isDumped, used = 0 }) => {
    const had = allocatedOf(now.find((part) => part.name === name)!);
    const isShort = used > 0 && used >= had * nearMaximumRatio;
    if (!isShort || isDumped || (!isExempt && terms.isHeld(name))) return now;
    const wanted = Math.max(0, used / keepBelowRatio - had);
    const boundary = terms.boundaryOf(name);
    return grant(now, pool, name, wanted, { boundary, keptFree: terms.keptFreeFrom(name), keepBelowRatio }).parts;
  }, parts);
}
