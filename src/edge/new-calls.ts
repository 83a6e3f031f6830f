// A new call, from its class to its switch: admit → queue ⇄ scan → forward (DESIGN.md §2). Priority and emergency calls go
// straight through. An ordinary one needs a gap that is open and a token of its share; where there is none it waits for its turn
// in the lane of its interface, a fifth of a second at most, and nothing is sent of it meanwhile.
import { calledNumber } from '../admission/gaps.ts';
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import { isPrivileged } from '../classify/class.ts';
import { type Classification, classify } from '../classify/classify.ts';
import { ruleOf } from '../classify/plan.ts';
import { callKey } from '../forward/select-switch.ts';
import { parseMessage } from '../sip/parse.ts';
import { type Peek, peek } from '../sip/peek.ts';
import type { Flow } from '../transport/flow.ts';
import { keep } from './call.ts';
import type { Carrier } from './carrier.ts';
import { byParser, type Refusal } from './checks.ts';
import type { WaitingCall } from './lanes.ts';
import { nextHop } from './next-hop.ts';
import { count, type EdgeParts } from './parts.ts';
import { answer, refuse, refuseForLoad, rememberAdmitted, rememberWaiting } from './refuse.ts';
import { failRoute } from './relay.ts';
import type { Choice } from './switches.ts';
import { inShadow, onArrival, onLastTurn, onTurn } from './turn.ts';

export interface NewCallsOwner {
  /** Answers what is wrong with the request itself. */
  refuseRequest(flow: Flow, from: Neighbour, refusal: Refusal): void;
  /** The message runs through the pipeline once more when the name is known. */
  waitFor(host: string, flow: Flow, message: Buffer, from: Neighbour): void;
}

export class NewCalls {
  private readonly parts: EdgeParts;
  private readonly carrier: Carrier;
  private readonly owner: NewCallsOwner;
  /** The request at hand and its class: the pipeline's own. */
  private readonly p: Peek;
  private readonly c: Classification;

  constructor(parts: EdgeParts, carrier: Carrier, owner: NewCallsOwner, p: Peek, c: Classification) {
    this.parts = parts;
    this.carrier = carrier;
    this.owner = owner;
    this.p = p;
    this.c = c;
  }

  /** The INVITE at hand. `isAdmitted`: it has had its tokens before, or comes from a switch. */
  arrive(flow: Flow, from: Neighbour, isAdmitted: boolean, nowMs: number): void {
    const { parts, p, c } = this;
    if (isAdmitted) return this.forward(flow, from, nowMs);
    const passesFirst = isPrivileged(c.class);
    if (parts.isDraining && !passesFirst) return refuse(parts, flow, p, from, c.class, 'draining', nowMs);
    if (c.class === 'new-call') return this.arriveOrdinary(flow, from, nowMs);
    let verdict: Reason;
    if (passesFirst) verdict = parts.admission.priorityCall(from, nowMs);
    else verdict = parts.passNonEssential ? parts.admission.nonEssentialRequest(from, nowMs) : 'mode';
    if (verdict === 'priority-cap') parts.counters.priorityCap++;
    if (verdict !== 'admitted' && refuseForLoad(parts, flow, p, from, c.class, verdict, nowMs)) return;
    this.forward(flow, from, nowMs);
  }

  private arriveOrdinary(flow: Flow, from: Neighbour, nowMs: number): void {
    const { parts, p } = this;
    const counts = parts.numbers.counts();
    const called = counts || parts.gaps.size > 0 ? calledNumber(p.bytes, p.uriStart, p.uriEnd) : 0;
    const decide = parts.isShadow ? inShadow : onArrival;
    const verdict = decide(parts, from, called, counts, nowMs);
    if (verdict === 'wait') return this.wait(flow, from, nowMs);
    if (verdict !== 'admitted' && refuseForLoad(parts, flow, p, from, 'new-call', verdict, nowMs)) return;
    this.forward(flow, from, nowMs);
  }

  /** Puts the request at hand into its lane. It is counted when it is decided. */
  private wait(flow: Flow, from: Neighbour, nowMs: number): void {
    const { parts, p } = this;
    const { keyHigh, low } = parts.marks;
    const bytes = keep(p.bytes, p.start, p.end);
    parts.lanes.offer(from.side.index, { flow, from, bytes, keyHigh, low }, nowMs);
    rememberWaiting(parts, nowMs);
  }

  /** One pass over the lanes: those whose turn it is go on, then what has waited too long is refused. Every 10 ms. */
  scan(nowMs: number): void {
    const { parts } = this;
    if (parts.lanes.length === 0) return;
    parts.lanes.scan(nowMs, (item, sinceMs) => this.serve(item, sinceMs, nowMs));
    parts.lanes.expire(nowMs, (item, sinceMs) => {
      if (onLastTurn(parts, item.from, nowMs) === 'admitted') {
        this.forwardHeld(item, sinceMs, nowMs, true);
        return false;
      }
      parts.admission.leave(item.from);
      this.takeUp(item);
      refuse(parts, item.flow, this.p, item.from, 'new-call', 'expired', nowMs);
      return true;
    });
  }

  /** False where its interface or the switches have no room now; then it goes on waiting. */
  private serve(item: WaitingCall, sinceMs: number, nowMs: number): boolean {
    if (onTurn(this.parts, item.from, nowMs) === 'wait') return false;
    this.forwardHeld(item, sinceMs, nowMs, item.from.isServed);
    return true;
  }

  private forwardHeld(item: WaitingCall, sinceMs: number, nowMs: number, mayOwe: boolean): void {
    this.takeUp(item);
    this.parts.heldSinceMs = sinceMs;
    this.parts.heldBy = 'lane';
    this.forward(item.flow, item.from, nowMs, mayOwe);
    this.parts.heldSinceMs = -1;
  }

  /** The call whose CANCEL is at hand waits no more: it gets its 487 (RFC 3261 §9.2). */
  cancelWaiting(): void {
    const { parts, p } = this;
    const { keyHigh, low } = parts.marks;
    const item = parts.lanes.remove(keyHigh, low);
    if (item === undefined) return;
    parts.admission.leave(item.from);
    this.takeUp(item);
    answer(parts, item.flow, p, item.from, 487, 'Request Terminated', '');
    count(parts, item.from, p, 'new-call', 'reject', 'cancelled');
  }

  /** Makes a waiting call the request at hand again. */
  private takeUp(item: WaitingCall): void {
    const { parts, p, c } = this;
    peek(p, item.bytes, 0, item.bytes.length, true);
    parts.marks.transaction(p);
    classify(p, item.from.context, c);
    c.class = 'new-call';
  }

  /** forward: full parse, then a call with a transaction on both sides. `mayOwe`: its switch may go into debt for it. */
  private forward(flow: Flow, from: Neighbour, nowMs: number, mayOwe = from.isServed): void {
    const { parts, p, c } = this;
    const passesFirst = isPrivileged(c.class);
    if (!this.carrier.hasRoom(passesFirst)) return refuse(parts, flow, p, from, c.class, 'transactions-full', nowMs);
    const parsed = parseMessage(p.bytes, p.start, p.end);
    if (parsed.kind === 'fault') {
      rememberAdmitted(parts, nowMs); // so that a retransmission takes no token again
      return this.owner.refuseRequest(flow, from, byParser(parsed));
    }
    const hop = nextHop(p, flow, parts.policy.routing);
    if (hop.kind === 'wait') {
      rememberAdmitted(parts, nowMs);
      return this.owner.waitFor(hop.host, flow, keep(p.bytes, p.start, p.end), from);
    }
    if (hop.kind === 'fault') return failRoute(parts, flow, p, from, c.class, hop.status, hop.reason);
    const first = hop.kind === 'switch' ? this.choose(passesFirst || parts.isShadow, mayOwe) : undefined;
    if (first === 'full') return refuse(parts, flow, p, from, c.class, 'switch-capacity', nowMs);
    if (first === 'none') return refuse(parts, flow, p, from, c.class, 'no-switch', nowMs);
    const reason = from.side.name === 'core' ? 'from-core' : isPrivileged(c.class) ? c.class : 'admitted';
    count(parts, from, p, c.class, 'forward', reason);
    if (c.class === 'new-call') from.side.refusedShare.count(false);
    this.carrier.begin(p, hop, flow, from, c, passesFirst, first);
  }

  /** The switch for the call at hand, before anything is kept of it. */
  private choose(passesFirst: boolean, mayOwe: boolean): Choice {
    const { parts, p, c } = this;
    const group = ruleOf(parts.policy.plan, c.route).route;
    const key = callKey(p.bytes, p.callIdStart, p.callIdEnd);
    return parts.switches.choose(group, key, [], passesFirst, parts.now(), mayOwe);
  }
}
