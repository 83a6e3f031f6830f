// One call attempt, from the caller's INVITE to its end; and one source of them.
import type { RateStep } from './rate.ts';

/**
 * `new`: at the edge. `waiting`: in the edge's lane. `sent`: at a switch, nothing heard. `trying`: 100 heard. `set-up`: it rings.
 * The rest are ends: `refused` by the edge or by what stands before it, `failed` at the switch, `given-up` by the caller.
 */
export type CallStage = 'new' | 'waiting' | 'sent' | 'trying' | 'set-up' | 'refused' | 'failed' | 'given-up';

/** Where calls come from: a peer network on east, or all the customers of south together. */
export interface SourceRule {
  readonly name: string;
  readonly interface: 'south' | 'east' | 'west' | 'north';
  /** The neighbour of configuration whose calls these are; '' for all the others of the interface, each its own client. */
  readonly neighbour: string;
  readonly rate: readonly RateStep[];
  /** Share of its calls that are priority calls. */
  readonly priorityRatio: number;
  /** Obeys RFC 7339 feedback of this algorithm. */
  readonly obeysOc: 'loss' | 'rate' | undefined;
  /**
   * Share of the callers that wait as long as Retry-After says before they try again; of a peer network, which is one
   * client, whether it falls silent for so long (RFC 3261 §21.5.4): above 0.5 it does.
   */
  readonly retryAfterRatio: number;
  readonly callers: CallerRule;
  /** Which numbers they call. */
  readonly numbers: readonly string[];
  /** The edge that it sends to. */
  readonly edge: number;
}

export interface CallerRule {
  /** Chance that a call that failed is dialled again, and how long after, ms; at most `mostRedials` times. */
  readonly redialRatio: number;
  readonly redialMedianMs: number;
  readonly mostRedials: number;
  /** How long they listen to silence, ms (log-normal, sigma 0.4). */
  readonly patienceMedianMs: number;
}

export class Call {
  stage: CallStage = 'new';
  /** Attempts before this one. */
  readonly redials: number;
  readonly source: number;
  readonly isPriority: boolean;
  readonly digits: string;
  /** The digits as `calledNumber` of admission/gaps.ts gives them. */
  readonly called: number;
  /** A number that is not the same for two calls: stands for the Call-ID. */
  readonly key: number;
  readonly arrivedMs: number;
  switchIndex = -1;
  /** Switches that it was sent to. */
  attempts = 0;
  sentMs = 0;
  /** When its timer fires next, after it was sent, and when the INVITE is next repeated: 500, 1,500, 3,500 ms … (Timer A). */
  timerMs = 0;
  resendMs = 0;
  /** How often its switch has been found silent. */
  silences = 0;
  /** Which life of the switch read the INVITE; -1 for none: a retransmission is then a new INVITE to it. */
  readBy = -1;

  constructor(one: Pick<Call, 'source' | 'isPriority' | 'digits' | 'called' | 'key' | 'redials' | 'arrivedMs'>) {
    this.source = one.source;
    this.isPriority = one.isPriority;
    this.digits = one.digits;
    this.called = one.called;
    this.key = one.key;
    this.redials = one.redials;
    this.arrivedMs = one.arrivedMs;
  }
}
