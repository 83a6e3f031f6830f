// What stands before the switches in a simulation: ours, a peer's rule, or nothing. One of these per edge and run.
import type { OcFeedback, RunningMode } from '../../src/control/throttle.ts';
import type { Call, SourceRule } from './call.ts';
import type { SimSwitchRule } from './sim-switch.ts';

/** A call is sent to a switch (its index), waits in the edge until an `EdgeOutput` is called, or is refused; 0: no Retry-After. */
export type Decision =
  | { readonly kind: 'forward'; readonly switchIndex: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly retryAfterSeconds: number };

export interface ControlledEdge {
  /** A switch that has said nothing for so long, 100 included, has not answered, ms. */
  readonly switchTimeoutMs: number;
  /** A new call; never a retransmission. */
  onInvite(call: Call, nowMs: number): Decision;
  /** Whether a REGISTER may pass, and if not the Retry-After of its refusal in seconds (0: none). */
  onRegister(nowMs: number): 'pass' | number;
  /** The first response to the call's INVITE, be it a 100. */
  onFirstResponse?(call: Call, nowMs: number): void;
  /** The first response other than 100: 180, 486 or, from a switch that is full, 503. */
  onProgress(call: Call, status: 180 | 486 | 503, nowMs: number): void;
  onAnswered?(call: Call, nowMs: number): void;
  onRetransmitted?(call: Call, nowMs: number): void;
  /**
   * The switch has said nothing for `switchTimeoutMs`; asked again at each later retransmission while the answer is `wait`, and at
   * 32 s at the latest (Timer B), when it is over. Comes instead of `onProgress`.
   */
  onTimeout(call: Call, nowMs: number): 'over' | 'wait';
  /** The caller gave up before `onProgress`, which then never comes. */
  onGone(call: Call, nowMs: number): void;
  /** After a 503 or a time-out: another switch for the call, or the refusal that the caller gets. */
  nextSwitch?(call: Call, nowMs: number): Decision;
  /** Every 10 ms. */
  tick(nowMs: number): void;
  /** Whether each switch answered an OPTIONS; once a second. */
  onProbe?(isAlive: readonly boolean[], nowMs: number): void;
  /** What a neighbour is told by RFC 7339, where that is spoken. */
  feedbackFor?(source: SourceRule): OcFeedback | undefined;
  mode?(): RunningMode;
}

/** For calls that waited. */
export interface EdgeOutput {
  forward(call: Call, switchIndex: number, nowMs: number): void;
  refuse(call: Call, retryAfterSeconds: number, nowMs: number): void;
}

export interface EdgeInput {
  readonly sources: readonly SourceRule[];
  readonly switches: readonly SimSwitchRule[];
  /** What waits in a switch now, ms of its work, Infinity in a dead one. No real edge can see that. */
  readonly backlogMs: (switchIndex: number) => number;
  /** What the operator knows the switches can do together, calls per second; undefined: nothing. */
  readonly configuredPerSecond: number | undefined;
  readonly random: () => number;
  readonly output: EdgeOutput;
}

export type MakeEdge = (input: EdgeInput) => ControlledEdge;

const forwards: Decision[] = [];
const refusals: Decision[] = [];

/** Decisions are made millions of times: each value exists once. */
export function forwardTo(switchIndex: number): Decision {
  forwards[switchIndex] ??= { kind: 'forward', switchIndex };
  return forwards[switchIndex];
}

export function refuseFor(retryAfterSeconds: number): Decision {
  refusals[retryAfterSeconds] ??= { kind: 'refuse', retryAfterSeconds };
  return refusals[retryAfterSeconds];
}

export const waitInEdge: Decision = { kind: 'wait' };
