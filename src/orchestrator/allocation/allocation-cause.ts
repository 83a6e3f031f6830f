// Which rule changed what; for the log and metrics.
import type { ResourceName } from '../../congestion/amounts.ts';
import { allocatedOf, type Part } from './part.ts';

const allocationRules = [
  'maximum-settings', // it had more than it may get
  'first-allocation', // a newcomer's; or levelled with it
  'minimum', // it had less than the mode's minimum
  'recovered', // what it reported unused
  'recovery-refused', // its use would be too near what it had left
  'granted', // what it asked for; or unused, and taken for a request of a higher priority
  'boundary', // its preset congestion boundary
  'dumped', // not essential, from L1 on
  'room-made', // for a newcomer, an exempt application, or because the host has less
  'released', // back to what it was before the event
  'rebalanced', // from low priority to high, near the host's maximum
  'minima-do-not-fit', // they are met by priority: from the minimum to what it has
] as const;
export type AllocationRuleName = (typeof allocationRules)[number];

export interface AllocationCause {
  readonly rule: AllocationRuleName;
  readonly application: string;
  readonly resource: ResourceName;
  readonly fromAmount: number;
  readonly toAmount: number;
}

/** What a rule has changed. Both in the same order. */
export function causesOf(
  rule: AllocationRuleName,
  resource: ResourceName,
  before: readonly Part[],
  after: readonly Part[],
): readonly AllocationCause[] {
  return after
    .map((part, i) => {
      const amounts = { fromAmount: allocatedOf(before[i]!), toAmount: allocatedOf(part) };
      return { rule, application: part.name, resource, ...amounts };
    })
    .filter(({ fromAmount, toAmount }) => fromAmount !== toAmount);
}

/** Without those of applications that end the step with what they began it with. */
export function netCauses(
  causes: readonly AllocationCause[],
  before: readonly Part[],
  after: readonly Part[],
): readonly AllocationCause[] {
  const same = after.filter((part, i) => allocatedOf(part) === allocatedOf(before[i]!)).map(({ name }) => name);
  return causes.filter(({ rule, application }) => rule === 'recovery-refused' || !same.includes(application));
}
