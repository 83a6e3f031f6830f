// What may wait in a switch when an ordinary call is sent to it. A switch serves first come, first served, so whatever waits there
// stands before the next priority call, and a queue once made stays for as long as the switch gets exactly what it can do.
//
// The leaky bucket of RFC 7415 §3.5.2 (admission/leaky-bucket.ts) counts what was sent and is not worked off. Ordinary calls are sent
// while that is at most TAU1, those of neighbours that get all they ask for up to TAU2, privileged ones always. TAU1 is what a burst
// may be while the switch can do what is asked for. While more is asked for there are always ordinary calls waiting in the edge, and
// they only fill the gaps that privileged calls leave: TAU1 then is no longer than the time between two looks at the lanes, in which
// the switch must not run idle. The bucket's content is kept, so the burst of an onset is drained before the next ordinary call.

export interface QueueRoom {
  /** Calls in the bucket with one that is sent: TAU1 + T, TAU2 + T; at least 1. */
  readonly ordinary: number;
  readonly served: number;
}

/** Whether more is asked for than a switch can do, and how well we keep time ourselves. */
export interface Shortage {
  readonly isShort: boolean;
  /** How long more has been asked for, or, of one that is short, no more; ms. */
  readonly sinceMs: number;
  /** By how much our own timers are late at the worst: the greatest lately, which fades; ms. */
  readonly lateMs: number;
}

export const noShortage: Shortage = { isShort: false, sinceMs: 0, lateMs: 0 };

/**
 * More is asked for: so much more at once, or a little more for so long (ms), as for a moment ordinary traffic does that by chance,
 * and would find its calls refused; and no more for as long. What holds stays meanwhile: each change is a burst.
 */
const shortAtOnceRatio = 1.3;
const shortRatio = 1.1;
const enoughRatio = 0.95;
const heldMs = 500;
/** While the switch can do what is asked for: TAU of RFC 7415 §3.5.1 is 4 T, and this is between so many ms of its rate. */
const calmCalls = 4;
const calmMs = { least: 60, most: 200 } as const;
/** What calls of served neighbours, and those that have waited as long as they may, find then, ms. */
const calmServedMs = 200;
/**
 * While it cannot: the lanes' timer, and by how much it may be late, ms. With less the switch would have nothing to do while we are
 * held up; priority calls are then held up as well. What was late lately may be so again: it fades by a tenth each sample.
 */
const timerMs = 10;
const late = { leastMs: 5, mostMs: 190, fading: 0.9 } as const;
const shortServedRatio = 2.5;

/** One sample later. `canDoPerSecond`: what the switch can do, above 0, perhaps Infinity. `ownDelayMs`: our timers' worst since then. */
export function stepShortage(
  old: Shortage,
  demandPerSecond: number,
  canDoPerSecond: number,
  intervalMs: number,
  ownDelayMs = 0,
): Shortage {
  const lateMs = Math.max(ownDelayMs, old.lateMs * late.fading);
  const ratio = demandPerSecond / canDoPerSecond;
  if (!old.isShort && ratio > shortAtOnceRatio) return { isShort: true, sinceMs: 0, lateMs };
  const isOther = old.isShort ? ratio < enoughRatio : ratio > shortRatio;
  const sinceMs = isOther ? old.sinceMs + intervalMs : 0;
  const isShort = sinceMs < heldMs ? old.isShort : !old.isShort;
  return { isShort, sinceMs: isShort === old.isShort ? sinceMs : 0, lateMs };
}

/** `callsPerSecond`: what the switch is given, above 0, perhaps Infinity. */
export function queueRoom({ isShort, lateMs }: Shortage, callsPerSecond: number): QueueRoom {
  const perMs = callsPerSecond / 1000;
  if (isShort) {
    const ordinary = 1 + (timerMs + Math.min(late.mostMs, Math.max(late.leastMs, lateMs))) * perMs;
    return { ordinary, served: shortServedRatio * ordinary };
  }
  const calm = Math.min(calmMs.most * perMs, Math.max(calmMs.least * perMs, calmCalls));
  return { ordinary: Math.max(1, calm), served: Math.max(1.5, calmServedMs * perMs) };
}
