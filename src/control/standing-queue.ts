// What waits in a switch and the edge's count of it (admission/leaky-bucket.ts) does not know: the burst in which its limit was found,
// work that others gave it, and what a rate a little too high has piled up. A queue that is seen for a moment is a burst, and goes by
// itself; one that was never gone for a whole interval is standing, and only goes if it is counted and waited for (CoDel, RFC 8289 §3).
//
// unknown = queue that the delay tells of − calls counted, in ms of the rate; what is least in it over the interval is added to the count.

/** RFC 8289 §4.2 has 100 ms for packets; here one sample is as long, and its delay is a mean over some calls. */
const windowMs = 500;
/** In one window, of a switch whose limit nothing has shown: a wrong floor must not cost more than a tenth, ms. */
const mostSparedMs = 100;

export interface StandingQueue {
  /** The unknown of the last samples, newest last, ms; below 0 where more was counted. */
  readonly unknownMs: readonly number[];
  readonly wasLimited: boolean;
}

export const noStandingQueue: StandingQueue = { unknownMs: [], wasLimited: false };

export interface StandingInput {
  /** As the delay tells, ms; 0 or more. */
  readonly queueMs: number;
  /** Calls counted: sent, and by `perSecond` not worked off. */
  readonly backlogCalls: number;
  /** What the switch is given; Infinity: without a limit there is no count. */
  readonly perSecond: number;
  /** Answers came since the last sample: without any, nothing is known that was not known before. */
  readonly isHeard: boolean;
  /** Its limit has shown: then the first sample tells of the burst in which it did. */
  readonly isLimited: boolean;
  readonly intervalMs: number;
}

/** One sample later; `addCalls` (0 or more) belong to the count. */
export function stepStandingQueue(
  old: StandingQueue,
  { queueMs, backlogCalls, perSecond, isHeard, isLimited, intervalMs }: StandingInput,
): { readonly state: StandingQueue; readonly addCalls: number } {
  if (perSecond === Infinity) return { state: noStandingQueue, addCalls: 0 };
  if (!isHeard) return { state: old, addCalls: 0 };
  const isFound = isLimited && !old.wasLimited;
  const samples = Math.ceil(windowMs / intervalMs);
  const newest = queueMs - (backlogCalls * 1000) / perSecond;
  const unknownMs = [...(isFound ? [] : old.unknownMs), newest].slice(-samples);
  const isJudged = isFound || unknownMs.length === samples;
  const least = isJudged ? Math.max(0, Math.min(...unknownMs)) : 0;
  const addMs = isLimited ? least : Math.min(least, mostSparedMs);
  const state = { unknownMs: unknownMs.map((one) => one - addMs), wasLimited: isLimited };
  return { state, addCalls: (addMs * perSecond) / 1000 };
}
