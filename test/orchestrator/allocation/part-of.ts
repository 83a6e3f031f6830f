// Parts of a pool of 100 with a reserve of 20, for the tables: what a case does not speak of is ordinary.
import type { Part, Pool } from '../../../src/orchestrator/allocation/part.ts';

export const pool: Pool = { maximum: 100, reserve: 20, used: undefined };

export function partOf(name: string, special: Partial<Part> = {}): Part {
  const isExempt = special.isExempt ?? false;
  const maximum = isExempt ? 100 : 80;
  const ordinary = { isEssential: true, isDumped: false, priority: 5, minimum: 0, used: 0, usedBefore: 0 };
  return { name, isExempt, maximum, allocated: 0, ...ordinary, ...special };
}

/** `{ a: 40, b: 40 }`: what each has. */
export function amountsOf(parts: readonly Part[]): Record<string, number | undefined> {
  return Object.fromEntries(parts.map(({ name, allocated }) => [name, rounded(allocated)]));
}

export const asRecord = (map: ReadonlyMap<string, number>): Record<string, number | undefined> =>
  Object.fromEntries([...map].map(([name, amount]) => [name, rounded(amount)]));

/** Fractions of a hundred millionth are the machine's. */
const rounded = (amount: number | undefined): number | undefined =>
  amount === undefined ? undefined : Math.round(amount * 1e8) / 1e8;
