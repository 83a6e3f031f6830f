// What metrics and the status page read of a link to an orchestrator.
import type { Amounts } from '../congestion/amounts.ts';
import type { FailureKind } from '../congestion/client-options.ts';
import type { RunningMode } from '../control/throttle.ts';

/** What the edge says besides registrations and reports. */
export const ownMessages = ['pre-congestion', 'low-utilisation', 'request'] as const;
export type OwnMessage = (typeof ownMessages)[number];

export interface LinkView {
  readonly name: string;
  /** Registered, and answered the last time. */
  readonly isUp: boolean;
  /** Since its last answer that was as it should be; undefined: never. */
  readonly answeredSecondsAgo: number | undefined;
  /** What its orders say while they are valid; undefined and empty where there are none. */
  readonly mode: RunningMode | undefined;
  readonly isExempt: boolean;
  readonly allocation: Amounts;
  /** The least of allocation, boundary, targets of notices and forced limits. */
  readonly allowed: Amounts;
  /** What that is in calls; Infinity: no limit. */
  readonly boundaryPerSecond: number;
  readonly reductionRatio: number;
  readonly notices: number;
  /** Sent and taken; `failed` where that can be told by kind. */
  readonly messages: Readonly<
    Record<'registration' | 'report' | OwnMessage, { readonly sent: number; readonly failed?: number }>
  >;
  readonly failures: Readonly<Record<FailureKind, number>>;
}
