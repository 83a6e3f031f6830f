// One admitted INVITE: its server transaction towards the caller, its branches towards the switches, and what is kept of it.
import type { Neighbour } from '../admission/side.ts';
import type { RequestClass } from '../classify/class.ts';
import type { DialRule } from '../classify/plan.ts';
import { newResponseContext, type ResponseContext } from '../forward/response-context.ts';
import type { HeavyHitters } from '../monitor/heavy-hitters.ts';
import type { InviteClientRules, InviteClientState, InviteClientTimer } from '../transaction/invite-client.ts';
import { type InviteServerState, type InviteServerTimer, inviteServerStart } from '../transaction/invite-server.ts';
import type { Flow } from '../transport/flow.ts';
import type { Switch } from './switches.ts';
import type { CallTrace } from './tracing.ts';

export type BranchTimer = InviteClientTimer | 'c' | 'failover' | 'cancel' | 'cancel-resend';
export type CallTimer = InviteServerTimer | BranchTimer;

/** A timer that is set: what the timer wheel holds; `branch` -1: the server transaction. */
export interface TimerToken {
  readonly call: Call;
  readonly timer: CallTimer;
  readonly branch: number;
  /** Of the timer wheel. */
  handle: number;
  /** Of the same call. */
  next: TimerToken | undefined;
}

/** A client transaction, and the switch it goes to; none for a call outwards. */
export interface CallBranch {
  readonly index: number;
  readonly one: Switch | undefined;
  readonly flow: Flow;
  /** The INVITE as sent, for retransmission, ACK and CANCEL; emptied when none of them can come any more. */
  sent: Buffer;
  readonly rules: InviteClientRules;
  state: InviteClientState;
  readonly sentMs: number;
  /** Some response has come; some response other than 100. */
  hasAnswered: boolean;
  hasProgress: boolean;
  /** Interval of the CANCEL's retransmission; 0: no CANCEL is open. */
  cancelIntervalMs: number;
}

const empty = Buffer.alloc(0);
const none: readonly never[] = [];

/** The list with one more. Nearly every call has one branch: a list that is pushed to would keep room for sixteen. */
export function withOne<T>(list: readonly T[], one: T): readonly T[] {
  return list.length === 0 ? [one] : [...list, one];
}

export class Call {
  readonly key: number;
  /** The key of all its branches (`Marks.branch`). */
  branchKey = -1;
  /** Chooses the switch: the hash of the Call-ID. */
  readonly callKey: number;
  readonly from: Neighbour;
  /** Where the request came from, and what its top Via says of where answers go. */
  readonly arrival: Flow;
  readonly replyFlow: Flow;
  readonly class: RequestClass;
  readonly isPrivileged: boolean;
  readonly rule: DialRule | undefined;
  readonly stripPriority: boolean;
  readonly insertPriority: string;
  readonly beganMs: number;
  /** The number called (`calledNumber`) by an ordinary call, else 0. */
  readonly called: number;
  /** Its INVITE offered overload control to us (RFC 7339 §4.1). */
  readonly takesPart: boolean;
  readonly trace: CallTrace | undefined;
  /** The INVITE as it came; emptied once a 2xx has gone up. */
  request: Buffer;
  /** The response that retransmissions get. */
  last: Buffer = empty;
  /** The best final response so far, not yet sent. */
  kept: Buffer = empty;
  keptStatus = 0;
  hasFinal = false;
  server: InviteServerState = inviteServerStart;
  context: ResponseContext = newResponseContext;
  branches: readonly CallBranch[] = none;
  tried: readonly Switch[] = none;
  /** The first of those that are set. */
  timers: TimerToken | undefined = undefined;

  constructor(
    init: Pick<
      Call,
      | 'key'
      | 'callKey'
      | 'from'
      | 'arrival'
      | 'replyFlow'
      | 'class'
      | 'isPrivileged'
      | 'rule'
      | 'stripPriority'
      | 'insertPriority'
      | 'beganMs'
      | 'request'
      | 'called'
      | 'takesPart'
      | 'trace'
    >,
  ) {
    this.key = init.key;
    this.callKey = init.callKey;
    this.from = init.from;
    this.arrival = init.arrival;
    this.replyFlow = init.replyFlow;
    this.class = init.class;
    this.isPrivileged = init.isPrivileged;
    this.rule = init.rule;
    this.stripPriority = init.stripPriority;
    this.insertPriority = init.insertPriority;
    this.beganMs = init.beganMs;
    this.request = init.request;
    this.called = init.called;
    this.takesPart = init.takesPart;
    this.trace = init.trace;
  }

  /** A 2xx has gone up: no other switch is tried. A branch that was not accepted may still have its CANCEL or ACK to come. */
  onAnswered(numbers: HeavyHitters): void {
    // a second 2xx of a forked call is no second answer
    if (this.request.length > 0) {
      this.tried.at(-1)?.tally.noteAnswered();
      numbers.noteAnswer(this.called);
    }
    this.request = empty;
    for (const branch of this.branches) if (branch.state.name === 'accepted') branch.sent = empty;
  }
}

/** Keeps bytes[0, end) beyond the next message. */
export function keep(bytes: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  // a plain view costs less than a subarray of a Buffer
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start));
  return copy;
}
