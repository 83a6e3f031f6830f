// Which calls are mirrored. By the hash of their Call-ID at first; of those, as many as the limits leave room for, priority and
// emergency calls first; refused ones by a limit of their own. A call that was begun is gone on with, one that was left out stays out.
import { TokenBucket } from '../admission/token-bucket.ts';
import { CallSet } from './call-set.ts';

/** What a call is to the mirror when the edge first sends something for it. */
export type CallKind = 'call' | 'priority' | 'refusal';
export const callKinds: readonly CallKind[] = ['call', 'priority', 'refusal'];

export interface ChoiceRules {
  /** Share of the calls, 0 to 1. */
  readonly ratio: number;
  readonly messagesPerSecond: number;
  /** 0: none. */
  readonly refusalsPerSecond: number;
}

/** Messages of a call through a proxy, both sides: INVITE, 100, 180, 200, ACK, BYE, 200, and a re-INVITE now and then. */
const messagesOfCall = 16;
/** INVITE, 503, ACK, and retransmissions. */
const messagesOfRefusal = 6;
/** Of each limit, what only priority and emergency calls may use. */
const reserveRatio = 0.2;
/** Four bytes each. Refused calls end at once, and calls left out are remembered for the sake of their retransmissions. */
const callsKnown = 2 ** 20;
const priorityKnown = 2 ** 16;
const refusalsKnown = 2 ** 16;
const leftOutKnown = 2 ** 17;

export class CallChoice {
  private readonly below: number;
  private readonly starts: TokenBucket;
  private readonly refusals: TokenBucket | undefined;
  private readonly messages: TokenBucket;
  private readonly messagesOfRefusals: TokenBucket | undefined;
  private readonly sets: Readonly<Record<CallKind, CallSet>> = {
    call: new CallSet(callsKnown),
    priority: new CallSet(priorityKnown),
    refusal: new CallSet(refusalsKnown),
  };
  private readonly leftOut = new CallSet(leftOutKnown);

  constructor({ ratio, messagesPerSecond, refusalsPerSecond: refused }: ChoiceRules) {
    this.below = ratio * 2 ** 32;
    this.messages = bucket(messagesPerSecond);
    this.starts = bucket(((1 - reserveRatio) * messagesPerSecond) / messagesOfCall);
    this.refusals = refused === 0 ? undefined : bucket(refused);
    this.messagesOfRefusals = refused === 0 ? undefined : bucket(refused * messagesOfRefusal);
  }

  /** Whether the hash of a Call-ID is among those sampled. */
  isSampled(sample: number): boolean {
    return sample < this.below;
  }

  /** What was decided of a call. */
  fate(sample: number, print: number): CallKind | 'left-out' | 'unknown' {
    const { call, priority, refusal } = this.sets;
    if (call.has(sample, print)) return 'call';
    if (priority.has(sample, print)) return 'priority';
    if (refusal.has(sample, print)) return 'refusal';
    return this.leftOut.has(sample, print) ? 'left-out' : 'unknown';
  }

  /** Decides about a call that is not known. `isPrivileged`: priority or emergency. */
  begin(kind: CallKind, isPrivileged: boolean, sample: number, print: number, nowMs: number): boolean {
    const isKept = kind === 'refusal' ? this.hasRoomForRefusal(isPrivileged, nowMs) : this.hasRoom(isPrivileged, nowMs);
    (isKept ? this.sets[kind] : this.leftOut).add(sample, print);
    return isKept;
  }

  /** A call that was refused is tried again under its Call-ID, and admitted. */
  promote(sample: number, print: number): void {
    this.sets.call.add(sample, print);
  }

  /** Whether one more message of a call that is kept fits into the limit. */
  takesMessage(kind: CallKind, nowMs: number): boolean {
    const limit = kind === 'refusal' ? this.messagesOfRefusals : this.messages;
    return limit !== undefined && take(limit, kind === 'call' ? reserveRatio * limit.burst : 0, nowMs);
  }

  /** Those of priority pass whatever was begun before them, and ordinary ones make room for what that takes. */
  private hasRoom(isPrivileged: boolean, nowMs: number): boolean {
    this.messages.refill(nowMs);
    if (!isPrivileged) return this.messages.has(2 * reserveRatio * this.messages.burst) && take(this.starts, 0, nowMs);
    this.starts.refill(nowMs);
    this.starts.spend();
    return this.messages.has(0);
  }

  private hasRoomForRefusal(isPrivileged: boolean, nowMs: number): boolean {
    const { refusals } = this;
    return refusals !== undefined && take(refusals, isPrivileged ? 0 : reserveRatio * refusals.burst, nowMs);
  }
}

const bucket = (perSecond: number): TokenBucket => new TokenBucket(perSecond, Math.max(2, perSecond));

function take(limit: TokenBucket, floor: number, nowMs: number): boolean {
  limit.refill(nowMs);
  if (!limit.has(floor)) return false;
  limit.spend();
  return true;
}
