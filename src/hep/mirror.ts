// Mirrors whole calls to a collector. What becomes of a call is known when the edge first sends something for it: only then is
// it decided whether it is mirrored, beginning with the request that was received before.
import type { RequestClass } from '../classify/class.ts';
import type { Flow } from '../transport/flow.ts';
import type { MessageTap } from '../transport/message-tap.ts';
import { CallChoice, type CallKind, type ChoiceRules } from './call-choice.ts';
import { CallGlance, statusOf } from './call-glance.ts';
import { CallHash } from './call-hash.ts';
import type { Collector } from './collector.ts';
import type { HepCounts } from './hep-counts.ts';
import { type Identity, PacketWriter } from './packet.ts';
import { Passages } from './passages.ts';
import { type Held, WaitingRequests } from './waiting.ts';

/** The pipeline, of which the mirror asks how the request at hand was classified. */
export interface ClassSource {
  classAtHand: RequestClass;
}

export interface MirrorRules extends ChoiceRules, Identity {
  readonly maskCredentials: boolean;
}

const leastFailure = 300;
/** Longer than a request may wait for its turn or for a name. */
const longestWaitMs = 10_000;

export class Mirror implements Omit<MessageTap, 'isOn'> {
  private readonly choice: CallChoice;
  private readonly packets: PacketWriter;
  private readonly passages = new Passages();
  private readonly collector: Pick<Collector, 'send'>;
  private readonly counts: HepCounts;
  private readonly source: () => ClassSource;
  private readonly waiting = new WaitingRequests();
  // one for each direction: they come in turns, each mostly out of the same buffer
  private readonly incoming = new CallGlance();
  private readonly outgoing = new CallGlance();
  private readonly hash = new CallHash();
  /** The message that is being handled, while it is neither mirrored nor left out. */
  private readonly hand: Held = { flow: undefined, bytes: Buffer.alloc(0), start: 0, end: 0, atMs: 0 };
  /** Whether `sample` and `print` are those of its Call-ID, and nothing is known of that. */
  private isCandidate = false;
  private sample = 0;
  private print = 0;
  /** Whether it is a request of a call that is not sampled: then its answers are of no interest either. */
  private isOutside = false;

  constructor(rules: MirrorRules, collector: Pick<Collector, 'send'>, counts: HepCounts, source: () => ClassSource) {
    this.choice = new CallChoice(rules);
    this.packets = new PacketWriter(rules, rules.maskCredentials);
    this.collector = collector;
    this.counts = counts;
    this.source = source;
  }

  /** Once a second: follows the wall clock, and forgets requests that came to nothing. */
  tick(): void {
    this.passages.follow();
    this.waiting.expire(performance.now() - longestWaitMs);
  }

  /** Only noted: under a flood most of it is of no interest. */
  received(flow: Flow, bytes: Uint8Array, start: number, end: number): void {
    const { hand } = this;
    hand.flow = flow;
    hand.bytes = bytes;
    hand.start = start;
    hand.end = end;
    hand.atMs = performance.now();
    this.isCandidate = false;
    this.isOutside = false;
    this.source().classAtHand = 'new-call';
  }

  /** What nothing was sent for waits for its turn, or ends here. */
  handled(): void {
    const { hand } = this;
    if (hand.flow !== undefined && !this.isCandidate) this.look();
    if (hand.flow !== undefined) this.waiting.put(this.sample, this.print, hand);
    hand.flow = undefined;
    this.isCandidate = false;
    this.isOutside = false;
  }

  sent(flow: Flow, bytes: Uint8Array, start: number, end: number): void {
    if (this.hand.flow !== undefined && !this.isCandidate) {
      this.look();
      if (this.isCandidate && this.isOneRefusalTooMany(bytes, start)) return;
    }
    if (this.isOutside && statusOf(bytes, start) > 0) return;
    const { outgoing, hash, choice } = this;
    if (!outgoing.find(bytes, start, end)) return;
    hash.of(bytes, outgoing.idStart, outgoing.idEnd);
    const { sample, print } = hash;
    if (!choice.isSampled(sample)) return;
    const nowMs = performance.now();
    const isFailure = outgoing.status >= leastFailure;
    let kind = choice.keptAs(sample, print);
    if (kind === undefined) kind = this.begin(sample, print, isFailure, nowMs);
    else if (kind === 'refusal' && !isFailure) {
      // tried again under the same Call-ID, and admitted
      kind = 'call';
      choice.keep(kind, sample, print);
    }
    if (kind !== undefined) this.pass(kind, true, flow, outgoing, bytes, start, end, nowMs);
  }

  /** Looks at the message at hand: mirrors it, if its call is; if nothing is known of that, it is a candidate; else forgets it. */
  private look(): void {
    const { hand, incoming, hash, choice } = this;
    const { flow } = hand;
    hand.flow = undefined;
    if (flow === undefined || !incoming.find(hand.bytes, hand.start, hand.end)) return;
    hash.of(hand.bytes, incoming.idStart, incoming.idEnd);
    const { sample, print } = hash;
    if (!choice.isSampled(sample)) {
      this.isOutside = incoming.status === 0;
      return;
    }
    const kind = choice.keptAs(sample, print);
    if (kind !== undefined) return this.pass(kind, false, flow, incoming, hand.bytes, hand.start, hand.end, hand.atMs);
    if (!incoming.mayBegin) return;
    hand.flow = flow;
    this.isCandidate = true;
    this.sample = sample;
    this.print = print;
  }

  /** The short way of a flood: the answer is not looked at. */
  private isOneRefusalTooMany(bytes: Uint8Array, start: number): boolean {
    if (statusOf(bytes, start) < leastFailure || this.choice.hasRoomForRefusal(this.hand.atMs)) return false;
    if (isRaised(this.source().classAtHand)) return false;
    const { choice, sample, print } = this;
    if (!choice.isLeftOut(sample, print)) {
      choice.leaveOut(sample, print);
      this.counts.calls.refusal.leftOut++;
    }
    this.hand.flow = undefined;
    this.isCandidate = false;
    return true;
  }

  /** Decides about a call, whose request is at hand or waits, and mirrors that; undefined: it is left out. */
  private begin(sample: number, print: number, isFailure: boolean, nowMs: number): CallKind | undefined {
    const { choice, incoming } = this;
    const isAtHand = this.isCandidate && this.sample === sample && this.print === print;
    const held = isAtHand ? this.hand : this.waiting.take(sample, print);
    const flow = held?.flow;
    if (held === undefined || flow === undefined) return undefined;
    held.flow = undefined;
    if (choice.isLeftOut(sample, print)) return undefined;
    const isPrivileged = isRaised(this.source().classAtHand);
    const kind: CallKind = isFailure ? 'refusal' : isPrivileged ? 'priority' : 'call';
    const isKept = choice.begin(kind, isPrivileged, sample, print, nowMs);
    this.counts.calls[kind][isKept ? 'kept' : 'leftOut']++;
    if (!isKept) return undefined;
    if (incoming.find(held.bytes, held.start, held.end))
      this.pass(kind, false, flow, incoming, held.bytes, held.start, held.end, held.atMs);
    return kind;
  }

  private pass(
    kind: CallKind,
    isOut: boolean,
    flow: Flow,
    glance: CallGlance,
    bytes: Uint8Array,
    start: number,
    end: number,
    atMs: number,
  ): void {
    if (!this.choice.takesMessage(kind, performance.now())) {
      this.counts.dropped.rate++;
      return;
    }
    const passage = this.passages.of(flow, isOut, atMs);
    const length = this.packets.write(passage, bytes, start, end, glance.idStart, glance.idEnd);
    if (length === 0) this.counts.dropped.size++;
    else this.collector.send(this.packets.bytes, length);
  }
}

const isRaised = (one: RequestClass): boolean => one === 'emergency' || one === 'priority';
