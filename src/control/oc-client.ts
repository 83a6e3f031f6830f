// What a server asks of us, its client: kept per address and port, and turned into what may be sent (RFC 7339 §5.4, §5.5,
// §5.7, §7.2; RFC 7415 §3.5.1). One state for each switch.
import type { OcValue } from './load-sample.ts';
import { compareSequences } from './oc-sequence.ts';

/** RFC 7339 §4.3: where a response names none. */
const defaultValidityMs = 500;
/** A value that would hold longer is believed for so long: a switch that dies after `oc=100` must not silence us for a day. */
const longestValidityMs = 60_000;
/** How long a number is remembered after a stop: 64*T1, as long as a response may be retransmitted (RFC 3261 §17.2.1). */
const stopRememberedMs = 32_000;
/** RFC 7339 §4.4: below half of the last, a number has begun again; a late response is not that far behind. */
const restartRatio = 0.5;
/** Numbers below this are too small to tell a restart from a late response. */
const restartFloor = 1000;

/** The parameters of our own Via in a response (sip/oc.ts `readOc`). */
export interface OcReport {
  readonly hasOc: boolean;
  readonly value: number | undefined;
  readonly algorithms: readonly string[];
  readonly validityMs: number | undefined;
  readonly sequence: string | undefined;
}

export interface OcClientState {
  /** undefined: no control, or it was stopped. */
  readonly value: OcValue | undefined;
  readonly sequence: string | undefined;
  /** Until when `value` and `sequence` hold. */
  readonly untilMs: number;
}

export const noOc: OcClientState = { value: undefined, sequence: undefined, untilMs: Number.NEGATIVE_INFINITY };

/** What holds after a response with `report` in its top Via came at `nowMs`. */
export function noteOc(state: OcClientState, report: OcReport, nowMs: number): OcClientState {
  // RFC 7339 §5.4: what was stored MUST be reset once the validity has expired
  const stored = nowMs < state.untilMs ? state : noOc;
  const validityMs = Math.min(longestValidityMs, report.validityMs ?? defaultValidityMs);
  const isStop = report.validityMs === 0;
  // RFC 7339 §4.3: a non-zero validity without `oc` MUST be discarded; §6: an `oc` without a value is our own, come back
  if (!isStop && report.value === undefined) return stored;
  if (!isNewer(report.sequence, stored.sequence)) return stored;
  // RFC 7339 §5.7: at validity 0 the value counts for nothing
  if (isStop) {
    if (report.sequence === undefined) return noOc;
    return { value: undefined, sequence: report.sequence, untilMs: nowMs + stopRememberedMs };
  }
  const value = askedBy(report);
  if (value === undefined) return stored;
  return { value, sequence: report.sequence, untilMs: nowMs + validityMs };
}

function isNewer(sequence: string | undefined, last: string | undefined): boolean {
  // RFC 7339 §4.4: a server MUST send one; the first 100 of §6 has none, and is taken where nothing is known yet
  if (last === undefined) return true;
  if (sequence === undefined) return false;
  if (compareSequences(sequence, last) > 0) return true;
  // RFC 7339 §4.4: "significantly less" is an overflow, or a server that has begun anew
  const before = Number.parseInt(last, 10);
  return before >= restartFloor && Number.parseInt(sequence, 10) < before * restartRatio;
}

function askedBy({ value, algorithms }: OcReport): OcValue | undefined {
  if (value === undefined || algorithms.length > 1) return undefined;
  // RFC 7339 §4.2: the default algorithm is "loss"; §7.1: its value MUST be 0 to 100
  const algorithm = algorithms[0] ?? 'loss';
  if (algorithm === 'loss') return value <= 100 ? { algorithm, percent: value } : undefined;
  return algorithm === 'rate' ? { algorithm, perSecond: value } : undefined;
}

/** What the server asks for at `nowMs`; undefined: nothing, or no longer. */
export function ocInForce(state: OcClientState, nowMs: number): OcValue | undefined {
  return nowMs < state.untilMs ? state.value : undefined;
}
