// The carrier of the drachtio engine: what is admitted is handed to the server's proxy, with the switches that it may try. Of what
// happens then only final answers are told (notes in README.md), so of a switch is noted what can be known from them.

import { calledNumber } from '../../admission/gaps.ts';
import type { Reason } from '../../admission/reasons.ts';
import type { Neighbour } from '../../admission/side.ts';
import type { Classification } from '../../classify/classify.ts';
import { type DialRule, ruleOf } from '../../classify/plan.ts';
import { treatUri } from '../../dialplan/treat.ts';
import type { CarriedCall, Carrier } from '../../edge/carrier.ts';
import { nextHop, type Way } from '../../edge/next-hop.ts';
import { count, type EdgeParts } from '../../edge/parts.ts';
import { failRoute } from '../../edge/relay.ts';
import type { Switch } from '../../edge/switches.ts';
import { type CallTrace, traceOf } from '../../edge/tracing.ts';
import { callKey } from '../../forward/select-switch.ts';
import { interfaceIndex } from '../../metrics/counters.ts';
import type { Peek } from '../../sip/peek.ts';
import type { Flow, InterfaceName } from '../../transport/flow.ts';
import { destinationOf } from './destination.ts';
import type { HeaderFields, ProxyOutcome, StackRequest } from './link.ts';
import type { StackFlow } from './stack-flow.ts';
import { WorkTold } from './work-told.ts';

/** The server's own Timer C, which nothing changes, and what it takes to tell us of it; ms. */
const longestCallMs = 185_000 + 5_000;
/** Timer F (RFC 3261 §17.1.2.2), after which the server tells nobody; ms. */
const longestOtherMs = 32_000 + 3_000;

export interface StackCallsRules {
  /** INVITEs open at once. */
  readonly most: number;
  readonly failOver: 'privileged' | 'always' | 'never';
}

export interface StackCall extends CarriedCall {
  readonly key: number;
  readonly from: Neighbour;
  readonly isPrivileged: boolean;
  /** The number called by an ordinary call, else 0. */
  readonly called: number;
  /** In the order in which the server tries them; none for a call outwards. */
  readonly switches: readonly Switch[];
  readonly to: InterfaceName;
  readonly sentMs: number;
  readonly trace: CallTrace | undefined;
}

type OwnFlow = StackFlow<StackRequest>;

export class StackCalls implements Carrier<StackCall> {
  private readonly parts: EdgeParts;
  private readonly rules: () => StackCallsRules;
  private readonly byKey = new Map<number, StackCall>();
  private readonly told: WorkTold;

  constructor(parts: EdgeParts, rules: () => StackCallsRules) {
    this.parts = parts;
    this.rules = rules;
    this.told = new WorkTold(parts);
  }

  /** Calls without a final answer. */
  get open(): number {
    return this.byKey.size;
  }

  find(key: number): StackCall | undefined {
    return this.byKey.get(key);
  }

  /** The server repeats its answers itself. */
  onRetransmission(): void {}

  /** It keeps the ACK of a refusal to itself, and sends that of a 2xx on. */
  onAck(): boolean {
    return true;
  }

  /** It has cancelled what it proxies. */
  onCancel(): void {}

  /** Responses never come here. */
  onResponse(): boolean {
    return false;
  }

  hasRoom(isPrivileged: boolean): boolean {
    return this.byKey.size < this.rules().most * (isPrivileged ? 1 : 0.9);
  }

  begin(
    p: Peek,
    hop: Way,
    arrival: Flow,
    from: Neighbour,
    classification: Classification,
    isPrivileged: boolean,
    first: Switch | undefined,
  ): void {
    const { parts } = this;
    const rule = from.side.name === 'core' ? undefined : ruleOf(parts.policy.plan, classification.route);
    const switches = first === undefined ? [] : [first, ...this.others(p, rule, first, isPrivileged)];
    const call: StackCall = {
      key: parts.marks.serverKey(),
      class: classification.class,
      from,
      isPrivileged,
      called: classification.class === 'new-call' ? calledNumber(p.bytes, p.uriStart, p.uriEnd) : 0,
      switches,
      to: sideOf(hop),
      sentMs: parts.now(),
      trace: traceOf(parts, p, arrival, from, classification.class, isPrivileged, false),
    };
    this.byKey.set(call.key, call);
    if (first !== undefined) this.told.sent(call, first);
    void (arrival as OwnFlow).request
      .proxy(placesOf(p, rule, hop, switches), {
        recordRoute: true,
        provisionalTimeoutMs: parts.policy.switchTimeoutMs,
        finalTimeoutMs: longestCallMs,
        deadlineMs: longestCallMs * Math.max(1, switches.length),
        fields: fieldsOf(classification),
      })
      .then((outcome) => this.ended(call, outcome));
  }

  /** Every 100 ms. */
  tick(nowMs: number): void {
    this.told.tick(nowMs);
  }

  private ended(call: StackCall, outcome: ProxyOutcome): void {
    const { parts } = this;
    if (this.byKey.get(call.key) === call) this.byKey.delete(call.key);
    this.told.ended(call, outcome);
    this.countAnswers(call.from, call.to, outcome);
    if (call.trace !== undefined) tell(call.trace, call, outcome, parts.now());
    if (outcome.status >= 200 && outcome.status < 300) parts.counters.completed.count(call.from.side.index, call.class);
    if (outcome.status >= 200) parts.counters.callSetupSeconds.observe((parts.now() - call.sentMs) / 1000);
  }

  private countAnswers(from: Neighbour, to: InterfaceName, { status, finals }: ProxyOutcome): void {
    const { responses } = this.parts.counters;
    for (const final of finals) responses.count(interfaceIndex(to), 'received', final.status);
    if (status >= 100) responses.count(from.side.index, 'sent', status);
  }

  /** Those that the server may try after the first: they are up, and have room. */
  private others(p: Peek, rule: DialRule | undefined, first: Switch, isPrivileged: boolean): Switch[] {
    const { failOver } = this.rules();
    if (failOver === 'never' || (failOver === 'privileged' && !isPrivileged)) return [];
    const { switches, now, policy } = this.parts;
    const group = rule?.route ?? policy.defaultGroup;
    return switches.others(group, callKey(p.bytes, p.callIdStart, p.callIdEnd), first, isPrivileged, now());
  }

  relay(
    p: Peek,
    flow: Flow,
    from: Neighbour,
    classification: Classification,
    reason: Reason,
  ): { readonly waitFor: string } | undefined {
    const { parts } = this;
    const { class: requestClass } = classification;
    // of what is over already: the server has answered it
    if (p.method === 'CANCEL' || p.method === 'ACK') {
      count(parts, from, p, 'in-dialog', 'absorb', 'retransmission');
      return undefined;
    }
    const hop = nextHop(p, flow, parts.policy.routing);
    if (hop.kind === 'wait') return { waitFor: hop.host };
    if (hop.kind === 'fault') {
      failRoute(parts, flow, p, from, requestClass, hop.status, hop.reason);
      return undefined;
    }
    const isPlanned = from.side.name !== 'core' && requestClass !== 'in-dialog';
    const rule = isPlanned ? ruleOf(parts.policy.plan, classification.route) : undefined;
    const group = rule?.route ?? parts.policy.defaultGroup;
    const one =
      hop.kind === 'switch' ? parts.switches.stateless(group, callKey(p.bytes, p.callIdStart, p.callIdEnd)) : undefined;
    if (hop.kind === 'switch' && one === undefined) {
      failRoute(parts, flow, p, from, requestClass, 503, 'no-switch');
      return undefined;
    }
    if (one !== undefined) one.counters.requests++;
    count(parts, from, p, requestClass, 'forward', reason);
    const isCall = p.method === 'INVITE';
    void (flow as OwnFlow).request
      .proxy(placesOf(p, rule, hop, one === undefined ? [] : [one]), {
        // of a REGISTER the server makes a Path of it, and requires that the registrar knows it
        recordRoute: isCall || p.method === 'SUBSCRIBE',
        provisionalTimeoutMs: parts.policy.switchTimeoutMs,
        finalTimeoutMs: isCall ? longestCallMs : longestOtherMs,
        deadlineMs: isCall ? longestCallMs : longestOtherMs,
        fields: fieldsOf(classification),
      })
      .then((outcome) => {
        for (const { status } of outcome.finals) one?.counters.countResponse(status);
        if (one !== undefined && outcome.finals.length > 0) parts.switches.note(one, { kind: 'traffic-response' });
        this.countAnswers(from, sideOf(hop), outcome);
      });
    return undefined;
  }
}

/** Attempts are no spans here: when each began and ended is not told. */
function tell(trace: CallTrace, { switches }: StackCall, { status, finals }: ProxyOutcome, nowMs: number): void {
  for (const { address, port } of finals) {
    const one = switches.find(({ target }) => target?.address === address && target.port === port);
    trace.told(one?.name ?? '');
  }
  if (status >= 200) trace.answered(status, nowMs);
  trace.ended(nowMs);
}

const sideOf = (hop: Way): InterfaceName => (hop.kind === 'flow' ? hop.flow.listener.interfaceName : 'core');

function fieldsOf({ insertResourcePriority }: Classification): HeaderFields {
  return insertResourcePriority === '' ? {} : { 'Resource-Priority': insertResourcePriority };
}

/** URIs of the switches, or of where the request's own route leads. */
function placesOf(p: Peek, rule: DialRule | undefined, hop: Way, switches: readonly Switch[]): string[] {
  // what is Latin-1 here came as UTF-8, and goes as that
  const written = Buffer.from(hop.uri ?? p.text(p.uriStart, p.uriEnd), 'latin1').toString();
  const uri = rule === undefined ? written : treatUri(rule, written);
  if (hop.kind === 'flow') {
    const { listener, remoteAddress: address, remotePort: port } = hop.flow;
    return [destinationOf(uri, { transport: listener.transport, address, port })];
  }
  return switches.flatMap(({ target }) => (target === undefined ? [] : [destinationOf(uri, target)]));
}
