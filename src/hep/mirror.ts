// Mirrors whole calls to a collector. What becomes of a call is known when the edge first sends something for it: only then is
// it decided whether it is mirrored, beginning with the request that was received before.
import type { RequestClass } from '../classify/class.ts';
import type { Address } from '../transport/address.ts';
import { isWildcard, parseAddress } from '../transport/address.ts';
import type { Flow, Listener } from '../transport/flow.ts';
import type { MessageTap } from '../transport/message-tap.ts';
import { CallChoice, type CallKind, type ChoiceRules } from './call-choice.ts';
import { CallGlance } from './call-glance.ts';
import { CallHash } from './call-hash.ts';
import type { Collector } from './collector.ts';
import type { HepCounts } from './hep-counts.ts';
import { type Identity, PacketWriter } from './packet.ts';
import { WaitingRequests } from './waiting.ts';

/** The pipeline, of which the mirror asks how the request at hand was classified. */
export interface ClassSource {
  classAtHand: RequestClass;
}

export interface MirrorRules extends ChoiceRules, Identity {
  readonly maskCredentials: boolean;
}

/** Milliseconds that the wall clock may have been set by before timestamps follow it. */
const mostSkewMs = 5;
const leastFailure = 300;

export class Mirror implements Omit<MessageTap, 'isOn'> {
  private readonly choice: CallChoice;
  private readonly packets: PacketWriter;
  private readonly collector: Collector;
  private readonly counts: HepCounts;
  private readonly source: () => ClassSource;
  private readonly waiting = new WaitingRequests();
  // one for each direction: they come in turns, each mostly out of the same buffer
  private readonly incoming = new CallGlance();
  private readonly outgoing = new CallGlance();
  private readonly hash = new CallHash();
  private readonly locals = new Map<Listener, Address>();
  private originMs = 0;
  /** The request at hand, while nothing is decided about its call. */
  private flow: Flow | undefined = undefined;
  private bytes: Uint8Array = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  private sample = 0;
  private print = 0;
  private unixMicroseconds = 0;

  constructor(rules: MirrorRules, collector: Collector, counts: HepCounts, source: () => ClassSource) {
    this.choice = new CallChoice(rules);
    this.packets = new PacketWriter(rules, rules.maskCredentials);
    this.collector = collector;
    this.counts = counts;
    this.source = source;
    this.follow();
  }

  /** Follows the wall clock: once a second. */
  follow(): void {
    const originMs = Date.now() - performance.now();
    if (Math.abs(originMs - this.originMs) > mostSkewMs) this.originMs = originMs;
  }

  received(flow: Flow, bytes: Uint8Array, start: number, end: number): void {
    this.flow = undefined;
    const { incoming, hash, choice } = this;
    if (!incoming.find(bytes, start, end)) return;
    hash.of(bytes, incoming.idStart, incoming.idEnd);
    if (!choice.isSampled(hash.sample)) return;
    const fate = choice.fate(hash.sample, hash.print);
    if (fate === 'left-out' || (fate === 'unknown' && !incoming.mayBegin)) return;
    const nowMs = performance.now();
    const unixMicroseconds = this.microseconds(nowMs);
    if (fate !== 'unknown') return this.pass(fate, false, flow, incoming, bytes, start, end, unixMicroseconds);
    this.flow = flow;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.sample = hash.sample;
    this.print = hash.print;
    this.unixMicroseconds = unixMicroseconds;
    this.source().classAtHand = 'new-call';
  }

  /** What nothing was sent for waits for its turn, or was dropped. */
  handled(): void {
    if (this.flow === undefined) return;
    this.waiting.put(this.sample, this.print, this.flow, this.bytes, this.start, this.end, this.unixMicroseconds);
    this.flow = undefined;
  }

  sent(flow: Flow, bytes: Uint8Array, start: number, end: number): void {
    const { outgoing, hash, choice } = this;
    if (!outgoing.find(bytes, start, end)) return;
    hash.of(bytes, outgoing.idStart, outgoing.idEnd);
    if (!choice.isSampled(hash.sample)) return;
    let fate = choice.fate(hash.sample, hash.print);
    if (fate === 'left-out') return;
    const nowMs = performance.now();
    const isFailure = outgoing.status >= leastFailure;
    if (fate === 'unknown') {
      const kind = this.begin(isFailure, nowMs);
      if (kind === undefined) return;
      fate = kind;
    } else if (fate === 'refusal' && !isFailure) {
      // tried again under the same Call-ID, and admitted
      choice.promote(hash.sample, hash.print);
      fate = 'call';
    }
    this.pass(fate, true, flow, outgoing, bytes, start, end, this.microseconds(nowMs));
  }

  /** Decides about the call of `hash`, whose request is at hand or waits, and mirrors that; undefined: it is left out. */
  private begin(isFailure: boolean, nowMs: number): CallKind | undefined {
    const { sample, print } = this.hash;
    const { waiting } = this;
    const isAtHand = this.flow !== undefined && this.sample === sample && this.print === print;
    if (!isAtHand && !waiting.take(sample, print)) return undefined;
    const isPrivileged = isRaised(this.source().classAtHand);
    const kind: CallKind = isFailure ? 'refusal' : isPrivileged ? 'priority' : 'call';
    const isKept = this.choice.begin(kind, isPrivileged, sample, print, nowMs);
    this.counts.calls[kind][isKept ? 'kept' : 'leftOut']++;
    const { incoming } = this;
    if (isAtHand) {
      const { flow, bytes, start, end, unixMicroseconds } = this;
      this.flow = undefined;
      if (isKept) this.pass(kind, false, flow!, incoming, bytes, start, end, unixMicroseconds);
    } else if (isKept && incoming.find(waiting.bytes, waiting.start, waiting.end)) {
      const { flow, bytes, start, end, unixMicroseconds } = waiting;
      this.pass(kind, false, flow!, incoming, bytes, start, end, unixMicroseconds);
    }
    return isKept ? kind : undefined;
  }

  private pass(
    kind: CallKind,
    isOut: boolean,
    flow: Flow,
    glance: CallGlance,
    bytes: Uint8Array,
    start: number,
    end: number,
    unixMicroseconds: number,
  ): void {
    if (!this.choice.takesMessage(kind, performance.now())) {
      this.counts.dropped.rate++;
      return;
    }
    const remote = remoteOf(flow);
    const local = this.localOf(flow.listener, remote.family);
    const { port } = flow.listener;
    const passage = {
      source: isOut ? local : remote,
      sourcePort: isOut ? port : flow.remotePort,
      target: isOut ? remote : local,
      targetPort: isOut ? flow.remotePort : port,
      isUdp: !flow.reliable,
      unixMicroseconds,
    };
    const length = this.packets.write(passage, bytes, start, end, glance.idStart, glance.idEnd);
    if (length === 0) this.counts.dropped.size++;
    else this.collector.send(this.packets.bytes, length);
  }

  private microseconds(nowMs: number): number {
    return Math.floor((this.originMs + nowMs) * 1000);
  }

  /** A listener on every address goes by what it advertises, where that is an address. */
  private localOf(listener: Listener, family: 4 | 6): Address {
    const known = this.locals.get(listener);
    if (known !== undefined) return known;
    const bound = parseAddress(listener.host);
    const told = parseAddress(listener.advertisedHost);
    const isKnown = bound !== undefined && !isWildcard(bound);
    const local = isKnown ? bound : told?.family === family ? told : (bound ?? nowhere);
    this.locals.set(listener, local);
    return local;
  }
}

const nowhere: Address = { family: 4, v4: 0 };

function remoteOf(flow: Flow): Address {
  if (flow.v4 !== undefined && flow.v4 >= 0) return { family: 4, v4: flow.v4 };
  return parseAddress(flow.remoteAddress) ?? nowhere;
}

const isRaised = (one: RequestClass): boolean => one === 'emergency' || one === 'priority';
