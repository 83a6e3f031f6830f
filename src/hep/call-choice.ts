// Which calls are mirrored. By the hash of their Call-ID at first; of those, as many as the limits leave room for, priority and
// emergency calls first; refused ones by a limit of their own. A call that was begun is gone on with, one that was left out stays out.
import { TokenBucket } from '../admission/token-bucket.ts';
import { CallSet } from './call-set.ts';

/** What a call is to the mirror when the edge first sends something for it. The index is its mark in the table; 0 is for none. */
export type CallKind = 'call' | 'priority' | 'refusal';
const kinds = [undefined, 'call', 'priority', 'refusal'] as const;
const marks: Readonly<Record<CallKind, number>> = { call: 1, priority: 2, refusal: 3 };

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
/** Four bytes each. Calls left out are remembered for the sake of their next messages. */
const callsKept = 2 ** 20;
const callsLeftOut = 2 ** 18;

export class CallChoice {
  private readonly below: number;
  private readonly starts: TokenBucket;
  private readonly refusals: TokenBucket | undefined;
  private readonly messages: TokenBucket;
  private readonly messagesOfRefusals: TokenBucket | undefined;
  private readonly kept = new CallSet(callsKept);
  private readonly leftOut = new CallSet(callsLeftOut);

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

  /** What a call is mirrored as; undefined: it is not. */
  keptAs(sample: number, print: number): CallKind | undefined {
    return kinds[this.kept.find(sample, print)];
  }

  isLeftOut(sample: number, print: number): boolean {
    return this.leftOut.find(sample, print) !== 0;
  }

  /** Decides about a call of which nothing is known. `isPrivileged`: priority or emergency. */
  begin(kind: CallKind, isPrivileged: boolean, sample: number, print: number, nowMs: number): boolean {
    const isKept = kind === 'refusal' ? this.takeRefusal(isPrivileged, nowMs) : this.takeCall(isPrivileged, nowMs);
    if (isKept) this.keep(kind, sample, print);
    else this.leaveOut(sample, print);
    return isKept;
  }

  /** As `kind` from now on. */
  keep(kind: CallKind, sample: number, print: number): void {
    this.kept.add(sample, print, marks[kind]);
  }

  leaveOut(sample: number, print: number): void {
    this.leftOut.add(sample, print, 1);
  }

  /** Whether a refused call would be mirrored now, if it is no priority call. */
  hasRoomForRefusal(nowMs: number): boolean {
    const { refusals } = this;
    if (refusals === undefined) return false;
    refusals.refill(nowMs);
    return refusals.has(reserveRatio * refusals.burst);
  }

  /** Whether one more message of a call that is kept fits into the limit. */
  takesMessage(kind: CallKind, nowMs: number): boolean {
    const limit = kind === 'refusal' ? this.messagesOfRefusals : this.messages;
    return limit !== undefined && take(limit, kind === 'call' ? reserveRatio * limit.burst : 0, nowMs);
  }

  /** Those of priority pass whatever was begun before them, and ordinary ones make room for what that takes. */
  private takeCall(isPrivileged: boolean, nowMs: number): boolean {
    this.messages.refill(nowMs);
    if (!isPrivileged) return this.messages.has(2 * reserveRatio * this.messages.burst) && take(this.starts, 0, nowMs);
    this.starts.refill(nowMs);
    this.starts.spend();
    return this.messages.has(0);
  }

  private takeRefusal(isPrivileged: boolean, nowMs: number): boolean {
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
