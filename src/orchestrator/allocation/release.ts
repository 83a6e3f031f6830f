// After the event allocations go back to what they were before it: in steps, as far as there is room, and not held while use moves,
// since it is no additional allocation.
import { fill, sum } from './fill.ts';
import { allocatedOf, byRank, ordinaryCapacity, ordinaryTotal, type Part, type Pool } from './part.ts';

/** What is still to be given back, by application: allocations are to rise to these. */
export type Owed = ReadonlyMap<string, number>;

/**
 * What each had when the event began. Who comes during it, or is not known any more after a restart, is owed what it would have got
 * in L0. `hadBefore`: at the end of the last step. A second event that begins while the first is being released takes nothing off.
 */
export function oweBefore(
  owed: Owed,
  parts: readonly Part[],
  hadBefore: (name: string) => number | undefined,
  isBeginning: boolean,
): Owed {
  const now = new Map(owed);
  for (const { name, isExempt, maximum } of parts) {
    const had = hadBefore(name);
    if (isExempt) continue;
    if (had === undefined) now.set(name, maximum);
    else if (isBeginning) now.set(name, Math.max(had, owed.get(name) ?? 0));
  }
  return now;
}

/** It gave back of its own will, and wants no more than it kept. */
export function owedAfterRecovery(owed: Owed, name: string, kept: number): Owed {
  return new Map([...owed].map(([other, amount]) => [other, other === name ? Math.min(amount, kept) : amount]));
}

/** `ceilingOf`: what a part may have in this mode. */
export function release(
  parts: readonly Part[],
  pool: Pool,
  owed: Owed,
  elapsedMs: number,
  releaseMs: number,
  ceilingOf: (part: Part) => number,
): readonly Part[] {
  if (owed.size === 0) return parts;
  const ordinary = parts.filter(({ isExempt }) => !isExempt).sort(byRank);
  const claims = ordinary.map((part) => {
    const had = allocatedOf(part);
    const target = targetOf(part, owed, ceilingOf);
    const rise = target * Math.min(1, elapsedMs / releaseMs);
    return { floor: had, ceiling: Math.max(had, Math.min(target, had + rise)), weight: 1 };
  });
  const capacity = ordinaryCapacity(pool, parts);
  if (capacity <= ordinaryTotal(parts)) return parts;
  const amounts = fill(capacity, claims);
  const given = new Map(ordinary.map((part, i) => [part.name, amounts[i]!]));
  return parts.map((part) => ({ ...part, allocated: given.get(part.name) ?? part.allocated }));
}

/** What is kept free for others than `name`, because it is theirs to get back. */
export function owedToOthers(
  parts: readonly Part[],
  owed: Owed,
  name: string | undefined,
  ceilingOf: (part: Part) => number,
): number {
  return sum(
    parts
      .filter((part) => part.name !== name && !part.isExempt)
      .map((part) => Math.max(0, targetOf(part, owed, ceilingOf) - allocatedOf(part))),
  );
}

/** Without those that are gone, and when the event is over without what has been given back. */
export function stillOwed(owed: Owed, parts: readonly Part[], isCrisis: boolean): Owed {
  return new Map(
    parts.flatMap((part) => {
      const target = owed.get(part.name);
      if (target === undefined) return [];
      const isGivenBack = allocatedOf(part) >= Math.min(target, part.maximum);
      return isGivenBack && !isCrisis ? [] : [[part.name, target] as const];
    }),
  );
}

function targetOf(part: Part, owed: Owed, ceilingOf: (part: Part) => number): number {
  return Math.min(owed.get(part.name) ?? 0, ceilingOf(part));
}
