// What the end of a call means: a refusal for want of room is the system doing its work, any other end without an answer is a
// fault. Pure.
import type { CallClass, CallEnd } from './call.ts';

export const callOutcomes = ['completed', 'refused', 'failed', 'timeout'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

export interface CallReport {
  readonly class: CallClass;
  readonly outcome: CallOutcome;
  readonly end: CallEnd;
}

/** Of an end that is not `interrupted`. */
export function outcomeOf(end: CallEnd): CallOutcome {
  switch (end.how) {
    case 'answered':
      return end.fault === '' ? 'completed' : 'failed';
    case 'rejected':
      if (isForLoad(end)) return 'refused';
      return end.status === 408 ? 'timeout' : 'failed';
    case 'silent':
      return 'timeout';
    default:
      return 'failed';
  }
}

/** The reason that the edge itself gives for a refusal, as its metrics name it; undefined where it was somebody else. */
export function edgeReason(reason: string): string | undefined {
  return /;[ \t]*text[ \t]*=[ \t]*"Surgegate ([a-z-]+)"/i.exec(reason)?.[1];
}

/**
 * The edge says why. Of others a 503 is taken for overload (RFC 3261 §21.5.4), whether they say so or not, and whatever has
 * Q.850 cause 42, switching equipment congestion, which survives a gateway that makes a 480 of it.
 */
function isForLoad({ status, reason }: CallEnd): boolean {
  const own = edgeReason(reason);
  // every switch is down: that is no want of room
  if (own !== undefined) return own !== 'no-switch';
  return status === 503 || /\bQ\.850\b[^,]*;[ \t]*cause[ \t]*=[ \t]*42\b/i.test(reason);
}

/** Nobody was reached: nothing came back at all, and the reason is known at once. */
export function isUnreachable({ how, status }: CallEnd): boolean {
  return how === 'lost' && status === 0;
}

/** Exit status of one round, as monitoring plugins have it: 0 good, 1 warning, 2 critical, 3 unknown. */
export function exitStatus(reports: readonly CallReport[]): 0 | 1 | 2 | 3 {
  if (reports.length === 0 || reports.every(({ end }) => isUnreachable(end))) return 3;
  if (reports.some((one) => one.class === 'priority' && one.outcome !== 'completed')) return 2;
  return reports.some(({ outcome }) => outcome !== 'completed') ? 1 : 0;
}
