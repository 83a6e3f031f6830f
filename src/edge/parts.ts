// What the pipeline's stages share. Built by main.ts; a reload replaces what may change.
import type { Admission } from '../admission/admission.ts';
import type { DecisionMemory } from '../admission/decision-memory.ts';
import type { GapTable } from '../admission/gaps.ts';
import type { Decision, Reason } from '../admission/reasons.ts';
import type { Refusals } from '../admission/refusals.ts';
import type { Neighbour, Side } from '../admission/side.ts';
import type { RequestClass } from '../classify/class.ts';
import type { Dialplan } from '../classify/plan.ts';
import type { RunningMode } from '../control/throttle.ts';
import type { Marks } from '../forward/marks.ts';
import type { Counters } from '../metrics/counters.ts';
import type { HeavyHitters } from '../monitor/heavy-hitters.ts';
import type { Peek } from '../sip/peek.ts';
import type { Writer } from '../sip/writer.ts';
import type { TimerTable } from '../transaction/timers.ts';
import type { Flow, InterfaceName } from '../transport/flow.ts';
import type { Lanes } from './lanes.ts';
import type { RoutingParts } from './next-hop.ts';
import type { Pauses } from './pauses.ts';
import type { Penalties } from './penalties.ts';
import type { Switches } from './switches.ts';
import type { HeldBy, Tracing } from './tracing.ts';

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', text: string, fields?: Record<string, unknown>) => void;

/** What a reload replaces. */
export interface Policy {
  readonly plan: Dialplan;
  readonly sides: Readonly<Record<InterfaceName, Side>>;
  readonly timers: TimerTable;
  readonly switchTimeoutMs: number;
  /** Where requests without a rule of the dial plan go. */
  readonly defaultGroup: string;
  readonly routing: RoutingParts;
  /** The interface where clients sit behind NATs and on connections that only they can open. */
  readonly accessInterface: InterfaceName;
}

export interface EdgeParts {
  readonly marks: Marks;
  readonly counters: Counters;
  readonly switches: Switches;
  readonly admission: Admission;
  readonly memory: DecisionMemory;
  /** The last refusals, with what they are explained by. */
  readonly refusals: Refusals;
  /** What is let through to called numbers, and what they are asked for. */
  readonly gaps: GapTable;
  readonly numbers: HeavyHitters;
  /** Ordinary calls that wait for their turn. */
  readonly lanes: Lanes;
  penalties: Penalties;
  readonly pauses: Pauses;
  /** Which admitted calls are traced. */
  readonly tracing: Tracing;
  /** Where messages are written before they are sent. */
  readonly writer: Writer;
  readonly log: Log;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  policy: Policy;
  /** After SIGTERM: ordinary new calls are refused. */
  isDraining: boolean;
  /** Shadow mode: what would be refused for load is counted, and goes on. */
  isShadow: boolean;
  /** Whether the running mode lets non-essential requests pass. */
  passNonEssential: boolean;
  /** The running mode. */
  mode: RunningMode;
  /** Whether the running mode reduces ordinary calls: L2 and L3. */
  isReducing: boolean;
  /** Whether the request at hand offers overload control, on an interface that pushes back by it (RFC 7339 §4.1). */
  takesPart: boolean;
  /** Since when the request at hand has waited, and for what; -1: it has come just now. */
  heldSinceMs: number;
  heldBy: HeldBy;
  /** Added to Retry-After: whole seconds, 0 or more. */
  retryAfterSeconds: number;
}

/** Every request ends in one call of this. */
export function count(
  parts: EdgeParts,
  from: Neighbour,
  p: Peek,
  requestClass: RequestClass,
  decision: Decision,
  reason: Reason,
): void {
  parts.counters.requests.count(from.side.index, p.method, requestClass, decision, reason);
  // ACK and CANCEL cannot be held back: who is told how much it may send does not count them (RFC 7415 §3.5)
  const isLoad = decision !== 'absorb' && p.method !== 'ACK' && p.method !== 'CANCEL';
  if (isLoad) from.tally.note(requestClass, reason);
}

/** Every request that is refused ends in one call of this. `status` 0: not answered; `retryAfter`: seconds, 0 for none. */
export function countRefusal(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  requestClass: RequestClass,
  decision: 'reject' | 'drop',
  reason: Reason,
  status: number,
  retryAfter: number,
  nowMs: number,
): void {
  const { refusals } = parts;
  count(parts, from, p, requestClass, decision, reason);
  if (refusals.takes(requestClass, nowMs))
    refusals.keep(p, flow, from, requestClass, decision, reason, status, retryAfter, nowMs);
}
