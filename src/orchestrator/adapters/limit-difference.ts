// Whether what is in force is what ought to be. Limits come back rounded (pages, quotas, whole KiB), and what is worked out anew every
// second moves a little: differences of no account are none. Pure.
import { type Amounts, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { Limits } from './adapter.ts';

/** Of a limit; and at least so much of each resource. */
const toleranceRatio = 0.01;
const leastDifference: Record<ResourceName, number> = {
  cpuCores: 0.005,
  memoryBytes: 1_048_576,
  diskBytes: 1_048_576,
  diskBytesPerSecond: 8192,
  networkBytesPerSecond: 8192,
};

/** Whether two limits differ by more than noise; undefined is no limit. */
export function differs(name: ResourceName, a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b;
  return Math.abs(a - b) > Math.max(leastDifference[name], toleranceRatio * Math.max(a, b));
}

/** Whether a limit is lower than `bound` by more than noise; no limit is lower than nothing. */
export function isBelow(name: ResourceName, limit: number | undefined, bound: number): boolean {
  return limit !== undefined && limit < bound && (bound === Number.POSITIVE_INFINITY || differs(name, limit, bound));
}

/** The resources, and `suspension`, in which the two differ. */
export function limitDifference(a: Limits, b: Limits): (ResourceName | 'suspension')[] {
  const resources = resourceNames.filter((name) => differs(name, a.limits[name], b.limits[name]));
  return a.isSuspended === b.isSuspended ? resources : [...resources, 'suspension'];
}

/** Only the resources named. */
export function only(amounts: Amounts, names: readonly ResourceName[]): Amounts {
  return Object.fromEntries(Object.entries(amounts).filter(([name]) => names.includes(name as ResourceName)));
}
