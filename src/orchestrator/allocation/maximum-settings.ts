// Seed: at start each application is assigned resources with maximum allowable settings. What it may get at most, and what it gets first.
import { type Amounts, byResource, times } from '../../congestion/amounts.ts';
import { fill, sum } from './fill.ts';
import { allocatedOf, byRank, neededOf, ordinaryCapacity, type Part, type Pool } from './part.ts';

/** What is set aside for exempt applications. */
export const emergencyReserve = (host: Amounts, reserveRatio: number): Amounts => times(host, reserveRatio);

/** The least of what it asks for, what configuration allows it, and what the host has; the reserve only for who is exempt. */
export function maximumSettings(
  asked: Amounts,
  configured: Amounts,
  host: Amounts,
  isExempt: boolean,
  reserveRatio: number,
): Amounts {
  return byResource((name) => {
    const has = host[name];
    if (has === undefined) return undefined;
    const most = isExempt ? has : has * (1 - reserveRatio);
    return Math.min(asked[name] ?? most, configured[name] ?? most, most);
  });
}

/** Exempt newcomers get their minimum at least, up to their maximum within the reserve; more when they ask. */
export function firstToExempt(parts: readonly Part[], pool: Pool): readonly Part[] {
  const newcomers = parts.filter((part) => part.isExempt && part.allocated === undefined).sort(byRank);
  if (newcomers.length === 0) return parts;
  const had = sum(parts.filter(({ isExempt }) => isExempt).map(allocatedOf));
  const minima = sum(newcomers.map(({ minimum }) => minimum));
  const amount = Math.min(Math.max(0, pool.maximum - had), Math.max(pool.reserve - had, minima));
  const claims = newcomers.map(({ minimum, maximum }) => ({ floor: minimum, ceiling: maximum, weight: 1 }));
  return assign(parts, newcomers, fill(amount, claims));
}

/**
 * Ordinary newcomers get their minimum at least, up to their maximum while there is room. Where there is not, the unused allocation
 * of those who were first is levelled with theirs, so that nobody goes without only because he came later. `ceilingOf`: what a
 * part may have in this mode.
 */
export function firstToOrdinary(
  parts: readonly Part[],
  pool: Pool,
  keepBelowRatio: number,
  ceilingOf: (part: Part) => number,
): readonly Part[] {
  const ordinary = parts.filter(({ isExempt }) => !isExempt).sort(byRank);
  if (ordinary.every(({ allocated }) => allocated !== undefined)) return parts;
  const claims = ordinary.map((part) => {
    const isNew = part.allocated === undefined;
    return {
      floor: isNew ? part.minimum : neededOf(part, part.used ?? 0, keepBelowRatio),
      ceiling: isNew ? ceilingOf(part) : allocatedOf(part),
      weight: 1,
    };
  });
  const capacity = ordinaryCapacity(pool, parts);
  const doFloorsFit = sum(claims.map(({ floor }) => floor)) <= capacity;
  // Where they do not, minima are handed out all the same, and room for them is made by priority (take.ts).
  const first = doFloorsFit
    ? fill(capacity, claims)
    : ordinary.map((part) => part.allocated ?? Math.min(part.minimum, ceilingOf(part)));
  return assign(parts, ordinary, first);
}

function assign(parts: readonly Part[], to: readonly Part[], amounts: readonly number[]): readonly Part[] {
  const given = new Map(to.map((part, i) => [part.name, amounts[i]!]));
  return parts.map((part) => ({ ...part, allocated: given.get(part.name) ?? part.allocated }));
}
