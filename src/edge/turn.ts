// Whether an ordinary call may go on, now or when its turn comes: gaps, limits, shares, the switches' room. Called by the pipeline
// (new-calls.ts) and, with the same parts, by the simulator.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { EdgeParts } from './parts.ts';

export type TurnParts = Pick<EdgeParts, 'admission' | 'gaps' | 'lanes' | 'numbers' | 'switches'>;

/**
 * For a call to `called` (`calledNumber`; 0 where it is not needed) that has just come: `admitted`, `wait`, or why it is refused.
 * `counts`: it is one of those that the heavy hitters count. What is above its sender's own limit is no demand, so it neither
 * counts for the number nor uses up a gap. Under slow scan every call waits for its turn.
 */
export function onArrival(
  parts: TurnParts,
  from: Neighbour,
  called: number,
  counts: boolean,
  nowMs: number,
): Reason | 'wait' {
  const { admission, lanes } = parts;
  const { index } = from.side;
  const limit = admission.ownLimit(from, nowMs) ?? gapOn(parts, called, counts, nowMs);
  if (limit !== undefined) return limit;
  const entry = admission.enter(from, nowMs);
  if (entry !== 'admitted') return entry;
  if (from.isServed && !parts.switches.areFull(nowMs, true)) {
    from.side.share?.spend();
    return 'admitted';
  }
  const turn = lanes.isScanned(index) ? 'wait' : onTurn(parts, from, nowMs);
  if (turn === 'admitted' || lanes.hasRoom(index)) return turn;
  admission.leave(from);
  return parts.switches.areFull(nowMs) ? 'switch-capacity' : 'share';
}

/** Notes the attempt; `gap` where a gap on that number, or on first digits of it, is closed. */
function gapOn({ gaps, numbers }: TurnParts, called: number, counts: boolean, nowMs: number): 'gap' | undefined {
  if (counts) numbers.noteAttempt(called);
  if (gaps.check(called, nowMs)) return undefined;
  if (counts) numbers.noteGapped(called);
  return 'gap';
}

/** For a call that waits and whose turn it is: `wait` where its interface or the switches have no room yet. */
export function onTurn({ admission, switches }: TurnParts, from: Neighbour, nowMs: number): 'admitted' | 'wait' {
  return !switches.areFull(nowMs) && admission.proceed(from, nowMs) === 'admitted' ? 'admitted' : 'wait';
}

/**
 * For a call that has waited as long as it may: `admitted` where only chance has brought so many at once. While the mode reduces no
 * ordinary calls, the share of its interface and the switches may go a little into debt for it, which those that come next pay.
 */
export function onLastTurn(
  { isReducing, switches }: TurnParts & Pick<EdgeParts, 'isReducing'>,
  { side: { share } }: Neighbour,
  nowMs: number,
): 'admitted' | 'wait' {
  if (share !== undefined) {
    share.refill(nowMs);
    if (isReducing || !share.has(-share.ratePerSecond * shareDebtSeconds)) return 'wait';
  }
  if (switches.areFull(nowMs, true)) return 'wait';
  share?.spend();
  return 'admitted';
}

/** The debt of a share, in seconds of it. */
const shareDebtSeconds = 0.1;

/** In shadow mode: what `onArrival` would say if nothing could wait; nobody is kept from anything. */
export function inShadow(parts: TurnParts, from: Neighbour, called: number, counts: boolean, nowMs: number): Reason {
  const { admission } = parts;
  const limit = admission.ownLimit(from, nowMs) ?? gapOn(parts, called, counts, nowMs);
  if (limit !== undefined) return limit;
  const entry = admission.enter(from, nowMs);
  return entry === 'admitted' ? admission.proceed(from, nowMs) : entry;
}
