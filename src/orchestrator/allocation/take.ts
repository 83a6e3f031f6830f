// Takes allocation away: from the lowest priority first, from none below its floor, and from those of one priority whoever has most.
import { fill, sum } from './fill.ts';
import {
  allocatedOf,
  exemptTotal,
  neededOf,
  negligibleRatio,
  ordinaryCapacity,
  ordinaryTotal,
  type Part,
  type Pool,
} from './part.ts';

export interface Taken {
  readonly parts: readonly Part[];
  /** At most what was needed. */
  readonly taken: number;
}

/** `floorOf`: what is left to the part at least; undefined: it gives nothing. */
export function take(parts: readonly Part[], needed: number, floorOf: (part: Part) => number | undefined): Taken {
  const floors = new Map(parts.map((part) => [part.name, floorOf(part)]));
  const givers = parts.filter((part) => (floors.get(part.name) ?? Number.POSITIVE_INFINITY) < allocatedOf(part));
  const left = new Map<string, number>();
  let taken = 0;
  for (const priority of [...new Set(givers.map((part) => part.priority))].sort((a, b) => a - b)) {
    const group = givers.filter((part) => part.priority === priority);
    if (taken >= needed) break;
    const had = sum(group.map(allocatedOf));
    const claims = group.map((part) => ({ floor: floors.get(part.name)!, ceiling: allocatedOf(part), weight: 1 }));
    const keep = Math.max(sum(claims.map(({ floor }) => floor)), had - (needed - taken));
    const kept = fill(keep, claims);
    group.forEach((part, i) => {
      left.set(part.name, kept[i]!);
    });
    taken += had - sum(kept);
  }
  if (left.size === 0) return { parts, taken: 0 };
  return { parts: parts.map((part) => ({ ...part, allocated: left.get(part.name) ?? part.allocated })), taken };
}

/** What an application does not use, if its use can be seen. */
export function unusedFloor(part: Part, keepBelowRatio: number): number | undefined {
  return part.isExempt || part.used === undefined ? undefined : neededOf(part, part.used, keepBelowRatio);
}

/**
 * Brings ordinary applications down to what they may have together: what they do not use goes first, then what is above their
 * minimum, and where even the minima do not fit, minima by priority. Exempt applications lose something only where the host itself
 * has less than they have.
 */
export function makeRoom(parts: readonly Part[], pool: Pool, keepBelowRatio: number): readonly Part[] {
  const negligible = pool.maximum * negligibleRatio;
  let now = parts;
  for (const floorOf of [(part: Part) => part.minimum, () => 0]) {
    const excess = exemptTotal(now) - pool.maximum;
    if (excess > negligible) now = take(now, excess, (part) => (part.isExempt ? floorOf(part) : undefined)).parts;
  }
  const passes = [(part: Part) => unusedFloor(part, keepBelowRatio), (part: Part) => part.minimum, () => 0];
  for (const floorOf of passes) {
    const excess = ordinaryTotal(now) - ordinaryCapacity(pool, now);
    if (excess > negligible) now = take(now, excess, (part) => (part.isExempt ? undefined : floorOf(part))).parts;
  }
  return now;
}
