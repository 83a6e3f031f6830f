// The life of a request, one call per arrow of DESIGN.md §2: peek → transaction → classify → admit → forward, or refuse from
// the peeked bytes. Every request ends in exactly one decision with exactly one reason.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import { neighbourAt } from '../admission/side.ts';
import { isPrivileged, type RequestClass } from '../classify/class.ts';
import { Classification, classify, classOfRequest } from '../classify/classify.ts';
import { AckGlance } from '../sip/ack-glance.ts';
import { parseMessage } from '../sip/parse.ts';
import { Peek, peek } from '../sip/peek.ts';
import type { Flow, StreamFault } from '../transport/flow.ts';
import { keep } from './call.ts';
import type { Carrier } from './carrier.ts';
import { byParser, byPlan, checkRequest, endsLoad, faultRefusal, type Refusal } from './checks.ts';
import type { HealthChecks } from './health-checks.ts';
import { NewCalls } from './new-calls.ts';
import { isInOwnDialog } from './next-hop.ts';
import { optionsAnswer } from './options.ts';
import { noteAnswer, noteOffer } from './overload-control.ts';
import { count, countRefusal, type EdgeParts } from './parts.ts';
import { answer, isWaiting, refuseForLoad, rememberAdmitted, remembered } from './refuse.ts';
import { failRoute, relayResponse } from './relay.ts';

export class Edge {
  private readonly parts: EdgeParts;
  private readonly carrier: Carrier;
  private readonly health: Pick<HealthChecks, 'onResponse'>;
  private readonly ack = new AckGlance();
  private readonly p = new Peek();
  private readonly c = new Classification();
  private readonly newCalls: NewCalls;

  constructor(parts: EdgeParts, carrier: Carrier, health: Pick<HealthChecks, 'onResponse'>) {
    this.parts = parts;
    this.carrier = carrier;
    this.health = health;
    this.newCalls = new NewCalls(parts, carrier, this, this.p, this.c);
  }

  /** The class of the request at hand; what was set before, where it was answered without being classified. */
  get classAtHand(): RequestClass {
    return this.c.class;
  }

  set classAtHand(value: RequestClass) {
    this.c.class = value;
  }

  /** One message from a socket; bytes[start, end) is ours during the call only. */
  onMessage(flow: Flow, bytes: Buffer, start: number, end: number): void {
    const { parts, p, ack } = this;
    if (ack.find(bytes, start, end) && parts.marks.isRefusalTag(bytes, ack.tagStart, ack.tagEnd)) {
      const { index } = this.neighbour(flow).side;
      return parts.counters.requests.count(index, 'ACK', 'in-dialog', 'absorb', 'ack-of-refusal');
    }
    // what a stream brings its framer has cut; a WebSocket message (RFC 7118 §5) is cut here, as a datagram
    peek(p, bytes, start, end, false);
    if (!p.isRequest && p.status > 0) return this.onResponse(flow);
    const from = this.neighbour(flow);
    if (p.fault === 'keep-alive') return count(parts, from, p, 'non-essential', 'absorb', 'keep-alive');
    if (!p.isRequest) return this.onFault(flow, from, undefined);
    if (p.fault !== 'none') return this.onFault(flow, from, faultRefusal(p.fault));
    parts.marks.transaction(p);
    noteOffer(parts, flow, p, from);
    if (p.method === 'INVITE') this.onInvite(flow, from);
    else if (p.method === 'ACK') this.onAck(flow, from);
    else if (p.method === 'CANCEL') this.onCancel(flow, from);
    else this.onOther(flow, from);
  }

  /** A connection's framing failed: what there is of the message is answered where it can be. */
  onStreamFault(flow: Flow, _fault: StreamFault, bytes: Buffer, start: number, end: number): void {
    const { p } = this;
    peek(p, bytes, start, end, true);
    if (!p.isRequest) return;
    this.onFault(flow, this.neighbour(flow), faultRefusal(p.fault === 'none' ? 'bad-content-length' : p.fault));
  }

  private onInvite(flow: Flow, from: Neighbour): void {
    const { parts, p, c } = this;
    const nowMs = parts.now();
    // transaction: the same request gets the same answer
    const known = this.carrier.find(parts.marks.serverKey());
    if (known !== undefined) {
      this.carrier.onRetransmission(known);
      return count(parts, from, p, known.class, 'absorb', 'retransmission');
    }
    let memory = p.toTagStart < 0 ? remembered(parts, flow, p, from, 'new-call', nowMs) : 'new';
    if (memory === 'answered') return;
    const refusal = checkRequest(p, parts.marks, flow.listener.id);
    if (refusal !== undefined) return this.refuseRequest(flow, from, refusal);
    classify(p, from.context, c);
    if (c.stripResourcePriority) parts.counters.strippedPriority[from.side.index]!++;
    if (c.class === 'in-dialog') {
      // proven by the mark in our own Record-Route; else anybody could pass a flood off as re-INVITEs
      if (from.side.name === 'core' || isInOwnDialog(p, parts.policy.routing))
        return this.relay(flow, from, 'in-dialog');
      c.class = 'new-call';
      memory = remembered(parts, flow, p, from, 'new-call', nowMs);
      if (memory === 'answered') return;
    }
    if (c.unknownRequiredPriority) return this.refuseRequest(flow, from, this.unknownPriority());
    if (c.refuse !== undefined) return this.refuseRequest(flow, from, byPlan(c.refuse));
    this.newCalls.arrive(flow, from, memory === 'admitted' || from.side.name === 'core', nowMs);
  }

  /** The lanes of waiting calls, every 10 ms. */
  scan(): void {
    this.newCalls.scan(this.parts.now());
  }

  private onAck(flow: Flow, from: Neighbour): void {
    const { parts, p } = this;
    const call = this.carrier.find(parts.marks.serverKey());
    if (call !== undefined && this.carrier.onAck(call))
      return count(parts, from, p, 'in-dialog', 'absorb', 'ack-of-transaction');
    // a refusal keeps the To tag of a request that brought one: then its transaction tells
    if (
      parts.marks.isRefusalTag(p.bytes, p.toTagStart, p.toTagEnd) ||
      parts.memory.find(parts.marks.keyHigh, parts.marks.low, parts.now())
    )
      return count(parts, from, p, 'in-dialog', 'absorb', 'ack-of-refusal');
    this.passOn(flow, from);
  }

  private onCancel(flow: Flow, from: Neighbour): void {
    const { parts, p } = this;
    const call = this.carrier.find(parts.marks.serverKey());
    if (call !== undefined) {
      answer(parts, flow, p, from, 200, 'OK', '');
      count(parts, from, p, 'in-dialog', 'answer', 'cancelled');
      return this.carrier.onCancel(call);
    }
    if (parts.memory.find(parts.marks.keyHigh, parts.marks.low, parts.now())) {
      // RFC 3261 §8.2.7: a stateless UAS ignores the CANCEL of what it has refused
      if (!isWaiting(parts)) return count(parts, from, p, 'in-dialog', 'absorb', 'retransmission');
      answer(parts, flow, p, from, 200, 'OK', '');
      count(parts, from, p, 'in-dialog', 'answer', 'cancelled');
      return this.newCalls.cancelWaiting();
    }
    this.passOn(flow, from);
  }

  /** ACK, CANCEL: never refused, but for what cannot be sent on at all. */
  private passOn(flow: Flow, from: Neighbour): void {
    const { parts, p, c } = this;
    const refusal = checkRequest(p, parts.marks, flow.listener.id);
    if (refusal !== undefined && p.method === 'ACK') return count(parts, from, p, 'in-dialog', 'drop', refusal.reason);
    if (refusal !== undefined) return this.refuseUnclassified(flow, from, refusal);
    classify(p, from.context, c);
    this.relay(flow, from, 'in-dialog');
  }

  /** Every other method: in-dialog ones always, the rest by the limits of their class; all without state. */
  private onOther(flow: Flow, from: Neighbour): void {
    const { parts, p, c } = this;
    const nowMs = parts.now();
    if (p.method === 'OPTIONS' && p.toTagStart < 0) {
      const own = optionsAnswer(p, parts, from);
      if (own !== undefined) {
        answer(parts, flow, p, from, own.status, own.phrase, own.lines);
        return count(parts, from, p, 'non-essential', 'answer', 'options');
      }
    }
    const refusal = checkRequest(p, parts.marks, flow.listener.id);
    if (refusal !== undefined) return this.refuseUnclassified(flow, from, refusal);
    classify(p, from.context, c);
    if (c.stripResourcePriority) parts.counters.strippedPriority[from.side.index]!++;
    if (from.side.name === 'core') return this.relay(flow, from, c.class === 'in-dialog' ? 'in-dialog' : 'from-core');
    if (c.class === 'in-dialog') {
      // a To tag alone proves nothing; what ends load passes all the same
      if (endsLoad(p.method) || isInOwnDialog(p, parts.policy.routing)) return this.relay(flow, from, 'in-dialog');
      c.class = 'non-essential';
    }
    if (c.unknownRequiredPriority) return this.refuseRequest(flow, from, this.unknownPriority());
    if (c.refuse !== undefined) return this.refuseRequest(flow, from, byPlan(c.refuse));
    const passed = isPrivileged(c.class) ? c.class : 'admitted';
    const memory = remembered(parts, flow, p, from, c.class, nowMs);
    if (memory === 'answered') return;
    if (memory === 'new') {
      const verdict = this.admitOther(from, nowMs);
      if (verdict !== 'admitted' && refuseForLoad(parts, flow, p, from, c.class, verdict, nowMs)) return;
      rememberAdmitted(parts, nowMs);
    }
    const parsed = parseMessage(p.bytes, p.start, p.end);
    if (parsed.kind === 'fault') return this.refuseRequest(flow, from, byParser(parsed));
    this.relay(flow, from, passed);
  }

  private admitOther(from: Neighbour, nowMs: number): Reason {
    const { admission, counters } = this.parts;
    if (this.c.class === 'registration') return admission.registration(from, nowMs);
    if (this.c.class === 'non-essential')
      return this.parts.passNonEssential ? admission.nonEssentialRequest(from, nowMs) : 'mode';
    const verdict = admission.priorityCall(from, nowMs);
    if (verdict === 'priority-cap') counters.priorityCap++;
    return verdict;
  }

  private relay(
    flow: Flow,
    from: Neighbour,
    reason: 'in-dialog' | 'admitted' | 'from-core' | 'emergency' | 'priority',
  ): void {
    const { parts, p, c } = this;
    if (reason === 'in-dialog' && parts.tracing.dialogs > 0) parts.tracing.onInDialog(p, from, parts.now());
    const wait = this.carrier.relay(p, flow, from, c, reason);
    if (wait !== undefined) this.waitFor(wait.waitFor, flow, keep(p.bytes, p.start, p.end), from);
  }

  /** A name is looked up; then the message runs through the pipeline once more. */
  waitFor(host: string, flow: Flow, message: Buffer, from: Neighbour): void {
    const { parts, p, c } = this;
    const sinceMs = parts.now();
    const isKept = parts.policy.routing.names.whenKnown(host, () => {
      parts.heldSinceMs = sinceMs;
      parts.heldBy = 'look-up';
      this.onMessage(flow, message, 0, message.length);
      parts.heldSinceMs = -1;
    });
    if (!isKept) failRoute(parts, flow, p, from, c.class, 503, 'no-route');
  }

  private onResponse(flow: Flow): void {
    const { parts, p } = this;
    parts.counters.responses.count(this.neighbour(flow).side.index, 'received', p.status);
    if (p.fault !== 'none' || this.health.onResponse(p)) return;
    // RFC 3261 §16.7 step 1, §18.1.2: a response whose top Via is not ours is not for us
    const own = parts.marks.readBranch(p.bytes, p.branchStart, p.branchEnd);
    if (own === undefined) return;
    noteAnswer(parts, flow, p);
    if (!this.carrier.onResponse(own, p)) relayResponse(parts, own, p);
  }

  private onFault(flow: Flow, from: Neighbour, refusal: Refusal | undefined): void {
    const { parts, p } = this;
    parts.penalties.noteMalformed(flow);
    const isAnswerable = refusal !== undefined && p.method !== 'ACK' && p.viaStart >= 0 && p.sentByEnd > p.sentByStart;
    const isPenalised = parts.penalties.isPenalised(flow.addressHash);
    if (!isPenalised && isAnswerable) return this.refuseUnclassified(flow, from, refusal);
    const reason = isPenalised ? 'penalised' : 'unanswerable';
    if (refusal === undefined) return count(parts, from, p, 'non-essential', 'drop', reason);
    countRefusal(parts, flow, p, from, 'non-essential', 'drop', reason, 0, 0, parts.now());
  }

  private refuseUnclassified(flow: Flow, from: Neighbour, refusal: Refusal): void {
    this.c.class = classOfRequest(this.p);
    this.refuseRequest(flow, from, refusal);
  }

  /** Answers what is wrong with the request itself; load is `refuse`'s. */
  refuseRequest(flow: Flow, from: Neighbour, refusal: Refusal): void {
    const { parts, p } = this;
    answer(parts, flow, p, from, refusal.status, refusal.phrase, refusal.lines);
    const requestClass = p.method === 'INVITE' ? 'new-call' : this.c.class;
    countRefusal(parts, flow, p, from, requestClass, 'reject', refusal.reason, refusal.status, 0, parts.now());
  }

  /** RFC 4412 §4.6.2. */
  private unknownPriority(): Refusal {
    const lines = `Accept-Resource-Priority: ${this.parts.policy.plan.priorities.acceptText}\r\n`;
    return { status: 417, phrase: 'Unknown Resource-Priority', reason: 'unknown-priority', lines };
  }

  /** Who sent it: looked up once, then noted on the flow; anew after a reload. */
  private neighbour(flow: Flow): Neighbour {
    const side = this.parts.policy.sides[flow.listener.interfaceName];
    const noted = flow.note as Neighbour | undefined;
    if (noted !== undefined && noted.side === side) return noted;
    const found = side.blocks.length === 0 ? side.anyone : neighbourAt(side, flow.remoteAddress);
    flow.note = found;
    return found;
  }
}
