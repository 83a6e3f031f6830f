// One application's part of one resource, and the pool that it is a part of. Every rule of allocation takes the parts and gives them
// back changed; resources do not depend on one another.
import { sum } from './fill.ts';

export interface Part {
  readonly name: string;
  readonly isExempt: boolean;
  /** Exempt applications are. */
  readonly isEssential: boolean;
  /** It does not run in this mode. */
  readonly isDumped: boolean;
  readonly priority: number;
  /** What it may get at most, the host considered; the least that it must have in this mode, not above the maximum. */
  readonly maximum: number;
  readonly minimum: number;
  /** Undefined until it has got its first allocation. */
  readonly allocated: number | undefined;
  /** Undefined where it cannot be seen. */
  readonly used: number | undefined;
  readonly usedBefore: number;
}

export interface Pool {
  readonly maximum: number;
  /** Set aside for exempt applications. */
  readonly reserve: number;
  /** Of the host, whoever uses it; undefined where it cannot be seen. */
  readonly used: number | undefined;
}

/** Less than this part of the host's maximum is what sums of fractions are off by, and nothing to act on. */
export const negligibleRatio = 1e-9;

export const allocatedOf = (part: Part): number => part.allocated ?? 0;

/** The highest first: exempt before others, then by priority; names make it one order. */
export function byRank(a: Pick<Part, 'name' | 'isExempt' | 'priority'>, b: typeof a): number {
  if (a.isExempt !== b.isExempt) return a.isExempt ? -1 : 1;
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

export const exemptTotal = (parts: readonly Part[]): number =>
  sum(parts.filter(({ isExempt }) => isExempt).map(allocatedOf));
export const ordinaryTotal = (parts: readonly Part[]): number =>
  sum(parts.filter(({ isExempt }) => !isExempt).map(allocatedOf));

/** What ordinary applications may have together: the reserve is not theirs, nor what exempt applications have beyond it. */
export function ordinaryCapacity(pool: Pool, parts: readonly Part[]): number {
  return Math.max(0, pool.maximum - Math.max(pool.reserve, exemptTotal(parts)));
}

/** Use of the host that is no application's; an application whose use cannot be seen uses what it has. */
function outsideUse(pool: Pool, parts: readonly Part[]): number {
  return Math.max(0, (pool.used ?? 0) - sum(parts.map((part) => part.used ?? allocatedOf(part))));
}

/** What may be granted to ordinary applications; what is used outside of all applications is not there to be granted. */
export function ordinaryRoom(pool: Pool, parts: readonly Part[]): number {
  return Math.max(0, ordinaryCapacity(pool, parts) - ordinaryTotal(parts) - outsideUse(pool, parts));
}

/** How small its allocation may get by losing only what it does not use, so that use stays below `keepBelowRatio` of it. */
export function neededOf(part: Part, used: number, keepBelowRatio: number): number {
  return Math.min(allocatedOf(part), Math.max(part.minimum, used / keepBelowRatio));
}

/** The parts, that of `name` with another allocation. */
export function withAllocated(parts: readonly Part[], name: string, allocated: number): readonly Part[] {
  return parts.map((part) => (part.name === name ? { ...part, allocated } : part));
}
