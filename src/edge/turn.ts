// Whether an ordinary call may go on, now or when its turn comes: gaps, limits, shares, the switches' room. Called by the pipeline
// (new-calls.ts) and, with the same parts, by the simulator.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { EdgeParts } from './parts.ts';

export type TurnParts = Pick<EdgeParts, 'admission' | 'gaps' | 'lanes' | 'numbers' | 'switches'>;

/** Notes an ordinary call to `called` (`calledNumber`); false where a gap on that number, or on first digits of it, is closed. */
export function passesGaps({ gaps, numbers }: TurnParts, called: number, nowMs: number): boolean {
  numbers.noteAttempt(called);
  if (gaps.check(called, nowMs)) return true;
  numbers.noteGapped(called);
  return false;
}

/**
 * For a call that has just come: `admitted`, `wait`, or why it is refused. Under slow scan every ordinary call waits for its turn.
 */
export function onArrival(parts: TurnParts, from: Neighbour, nowMs: number): Reason | 'wait' {
  const { admission, lanes } = parts;
  const { index } = from.side;
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

/** For a call that waits and whose turn it is: `wait` where its interface or the switches have no room yet. */
export function onTurn({ admission, switches }: TurnParts, from: Neighbour, nowMs: number): 'admitted' | 'wait' {
  return !switches.areFull(nowMs) && admission.proceed(from, nowMs) === 'admitted' ? 'admitted' : 'wait';
}

/** In shadow mode: what `onArrival` would say if nothing could wait; nobody is kept from anything. */
export function inShadow({ admission }: TurnParts, from: Neighbour, nowMs: number): Reason {
  const entry = admission.enter(from, nowMs);
  return entry === 'admitted' ? admission.proceed(from, nowMs) : entry;
}
