// What is sent on without state (RFC 3261 §16.11): everything but the INVITE that begins a call, and every response that
// belongs to no call here. Branches are deterministic, so retransmissions, ACK and CANCEL look alike downstream.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { RequestClass } from '../classify/class.ts';
import { type Classification, routeOfUri } from '../classify/classify.ts';
import { type DialRule, ruleOf } from '../classify/plan.ts';
import type { OwnBranch } from '../forward/marks.ts';
import { writeUpstream } from '../forward/rewrite.ts';
import { callKey } from '../forward/select-switch.ts';
import { interfaceIndex } from '../metrics/counters.ts';
import type { Peek } from '../sip/peek.ts';
import { parseVia } from '../sip/via.ts';
import { defaultPort, type Flow } from '../transport/flow.ts';
import { nextHop } from './next-hop.ts';
import { writeOutgoing } from './outgoing.ts';
import { ocOfFlow } from './overload-control.ts';
import { count, countRefusal, type EdgeParts } from './parts.ts';
import { answer } from './refuse.ts';
import { switchFlow } from './switch-flow.ts';

const phrases = { 400: 'Bad Request', 404: 'Not Found', 430: 'Flow Failed', 503: 'Service Unavailable' } as const;

/**
 * Sends a request on, and counts it under `reason`. `wait` where a name has to be looked up first: then nothing was counted.
 * ACK is never answered, so a fault of its route drops it.
 */
export function relayRequest(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  classification: Classification,
  requestClass: RequestClass,
  reason: Reason,
): { waitFor: string } | undefined {
  const hop = nextHop(p, flow, parts.policy.routing);
  if (hop.kind === 'wait') return { waitFor: hop.host };
  if (hop.kind === 'fault') {
    failRoute(parts, flow, p, from, requestClass, hop.status, hop.reason);
    return undefined;
  }
  const rule = hop.kind === 'switch' ? ruleFor(parts, p, from, classification, requestClass) : undefined;
  const group = rule?.route ?? parts.policy.defaultGroup;
  const one =
    hop.kind === 'switch' ? parts.switches.stateless(group, callKey(p.bytes, p.callIdStart, p.callIdEnd)) : undefined;
  const next = hop.kind === 'flow' ? hop.flow : one && switchFlow(parts, one);
  if (next === undefined) {
    failRoute(parts, flow, p, from, requestClass, 503, 'no-switch');
    return undefined;
  }
  writeOutgoing(parts, p, {
    arrival: flow,
    next,
    byToken: hop.kind === 'flow' && hop.byToken,
    edits: hop.edits,
    uri: hop.uri,
    // the ACK is matched by its branch; where it is that of a 2xx, its Request-URI is a Contact and no number
    rule: p.method === 'ACK' ? undefined : rule,
    attempt: 0,
    stripPriority: classification.stripResourcePriority,
    insertPriority: classification.insertResourcePriority,
    stripOc: parts.takesPart,
    ocOffer: one?.ocOffer ?? '',
  });
  if (one !== undefined) one.counters.requests++;
  next.send(parts.writer.bytes, 0, parts.writer.at);
  count(parts, from, p, requestClass, 'forward', reason);
  return undefined;
}

/** The rule of the dial plan that routes a request; undefined where that is no business of the plan. */
function ruleFor(
  parts: EdgeParts,
  p: Peek,
  from: Neighbour,
  classification: Classification,
  requestClass: RequestClass,
): DialRule | undefined {
  if (from.side.name === 'core') return undefined;
  const { plan } = parts.policy;
  // RFC 3261 §9.1, §17.1.1.3: both have the Request-URI of their INVITE, and must reach the switch that has it
  if (p.method === 'CANCEL' || p.method === 'ACK') return ruleOf(plan, routeOfUri(p, from.context));
  return requestClass === 'in-dialog' ? undefined : ruleOf(plan, classification.route);
}

/** A request that cannot be sent on. */
export function failRoute(
  parts: EdgeParts,
  flow: Flow,
  p: Peek,
  from: Neighbour,
  requestClass: RequestClass,
  status: 400 | 404 | 430 | 503,
  reason: Reason,
): void {
  // RFC 3261 §17.1.1.3: nobody waits for an answer to an ACK
  if (p.method === 'ACK') return count(parts, from, p, requestClass, 'drop', reason);
  answer(parts, flow, p, from, status, phrases[status], '');
  countRefusal(parts, flow, p, from, requestClass, 'reject', reason, status, 0, parts.now());
}

/**
 * A response that belongs to no call here, with a branch of ours: to the next Via (RFC 3261 §16.7 step 3, §18.2.2; RFC 3581).
 * Differs from RFC 6026 §8.9, which drops a response to an INVITE without its transaction: ours carry a keyed mark, so after a
 * restart the calls that were ringing still complete.
 */
export function relayResponse(parts: EdgeParts, own: OwnBranch, p: Peek): void {
  const { places, transports } = parts.policy.routing;
  const listener = places.listeners[own.listenerId];
  const via = p.hasSecondVia ? parseVia(p.bytes, p.via2Start, p.via2End) : undefined;
  if (listener === undefined || via === undefined) return;
  const host = via.received ?? via.host;
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  const port = via.rport ?? via.port ?? defaultPort(listener.transport);
  // RFC 3261 §18.2.2: on the connection that the request came by, while it is open
  const flow = transports.flowById(own.flowId) ?? transports.flowTo(listener, address, port);
  writeUpstream(parts.writer, p, ocOfFlow(parts, flow));
  flow.send(parts.writer.bytes, 0, parts.writer.at);
  parts.counters.responses.count(interfaceIndex(listener.interfaceName), 'sent', p.status);
}
