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

/** For a call that has just come: `admitted` (its tokens are taken), `wait`, or why it is refused. */
export function onArrival(parts: TurnParts, from: Neighbour, nowMs: number): Reason | 'wait' {
  // slow scan: every ordinary call waits for its turn
  const isScanned = parts.lanes.isScanned(from.side.index);
  let verdict: Reason = isScanned ? 'share' : parts.admission.newCall(from, nowMs);
  if (verdict === 'admitted') {
    if (!parts.switches.areFull(nowMs)) return 'admitted';
    parts.admission.giveBack(from);
    verdict = 'switch-capacity';
  }
  const mayWait = verdict === 'share' || verdict === 'neighbour-share' || verdict === 'switch-capacity';
  return mayWait && parts.lanes.hasRoom(from.side.index) ? 'wait' : verdict;
}

/** For a call that waits and whose turn it is: the same; `wait` where its interface or the switches have no room yet. */
export function onTurn(parts: TurnParts, from: Neighbour, nowMs: number): Reason | 'wait' {
  if (parts.switches.areFull(nowMs)) return 'wait';
  const verdict = parts.admission.newCall(from, nowMs);
  return verdict === 'share' || verdict === 'edge-rate' ? 'wait' : verdict;
}
