// What a request is (DESIGN.md §1): emergency, priority, in-dialog, new call, registration or non-essential, by its
// method, its To tag, its Request-URI (RFC 5031 and the dial plan) and a trusted Resource-Priority (RFC 4412).
import { equalsIgnoreCase } from '../sip/bytes.ts';
import type { Method } from '../sip/method.ts';
import type { Peek } from '../sip/peek.ts';
import type { InterfaceName } from '../transport/flow.ts';
import type { RequestClass } from './class.ts';
import { ruleOfUri } from './digit-table.ts';
import type { Dialplan, DialRule, PlanRefusal } from './plan.ts';
import {
  hasNamespaceOf,
  PriorityReading,
  readResourcePriority,
  requiresResourcePriority,
} from './resource-priority.ts';

/** What is known of where a request comes from. One object for each interface and trust, kept between requests. */
export interface ClassifyContext {
  readonly plan: Dialplan;
  readonly interfaceName: InterfaceName;
  /** Whether Resource-Priority of this neighbour is honoured; for `core` it always is. */
  readonly trustsPriority: boolean;
  /** Sent by a switch: the plan tells its class, but neither refuses, routes nor rewrites it. */
  readonly fromCore: boolean;
}

/** What was found; reused from request to request, so copy what must outlive the next call. */
export class Classification {
  class: RequestClass = 'non-essential';
  /** The rank of the Resource-Priority value in force: higher is more, 0 is none. Comparable within one plan only. */
  priorityRank = 0;
  /** Index into the plan's rules (`ruleOf`), or -1: the rule for everything else. */
  route = -1;
  /** There is a Resource-Priority and its sender is not trusted: take it out, and count it. */
  stripResourcePriority = false;
  /** The r-value that the edge is to put in; '' for none. */
  insertResourcePriority = '';
  /** To be answered 417 with Accept-Resource-Priority: `plan.priorities.acceptText` (RFC 4412 §4.6.2). */
  unknownRequiredPriority = false;
  /** The final response that the plan gives this number, or undefined. */
  refuse: PlanRefusal | undefined = undefined;
  /** False for what running mode L1 refuses: the class `non-essential`. */
  essential = false;
}

const reading = new PriorityReading();

/** Classifies the request in `p` into `out`. Never fails: what cannot be understood is what its method says. */
export function classify(p: Peek, context: ClassifyContext, out: Classification): void {
  const { method } = p;
  out.priorityRank = 0;
  out.route = -1;
  out.insertResourcePriority = '';
  out.unknownRequiredPriority = false;
  out.refuse = undefined;
  out.class = classOfRequest(p);
  const isInDialog = out.class === 'in-dialog';
  if (!isInDialog && method !== 'REGISTER') classifyUri(p, context, out);
  if (p.resourcePriorityCount === 0) out.stripResourcePriority = false;
  else classifyPriority(p, context, isInDialog, out);
  out.essential = out.class !== 'non-essential';
}

/** What a request is by its method and its To tag alone: all that is known of one that is refused before it is classified. */
export function classOfRequest(p: Peek): RequestClass {
  return inDialog(p) ? 'in-dialog' : classOfMethod(p.method);
}

/**
 * RFC 3261 §12.2: a To tag marks a request inside a dialog. ACK, CANCEL, PRACK, BYE and UPDATE exist for a call that is
 * there already. A REGISTER makes no dialog (§10.2), so its To tag does not lift it over the registration limit.
 */
function inDialog(p: Peek): boolean {
  switch (p.method) {
    case 'ACK':
    case 'CANCEL':
    case 'PRACK':
    case 'BYE':
    case 'UPDATE':
      return true;
    case 'REGISTER':
      return false;
    default:
      return p.toTagStart >= 0;
  }
}

function classOfMethod(method: Method): RequestClass {
  if (method === 'INVITE') return 'new-call';
  return method === 'REGISTER' ? 'registration' : 'non-essential';
}

/** Index of the rule for the Request-URI, or -1: for what must go where its INVITE went, though its class is in-dialog. */
export function routeOfUri(p: Peek, { plan, interfaceName }: ClassifyContext): number {
  return isSos(p.bytes, p.uriStart, p.uriEnd)
    ? plan.sosRule
    : ruleOfUri(plan.tables[interfaceName], p.bytes, p.uriStart, p.uriEnd);
}

/** The Request-URI against the plan: also with a pre-loaded Route, which says the way and not who is called. */
function classifyUri(p: Peek, context: ClassifyContext, out: Classification): void {
  const { plan } = context;
  const index = routeOfUri(p, context);
  if (index >= 0) applyRule(plan.rules[index]!, index, p.method, context, out);
  else if (!context.fromCore) out.refuse = plan.rules[plan.otherwiseRule]!.refuse;
}

function applyRule(rule: DialRule, index: number, method: Method, context: ClassifyContext, out: Classification): void {
  const isCall = method === 'INVITE';
  // A MESSAGE to an emergency number is a call for help; an OPTIONS to it is a test of the line.
  const isRaised = rule.class === 'emergency' ? isCall || method === 'MESSAGE' : rule.class === 'priority' && isCall;
  if (isRaised) out.class = rule.class === 'emergency' ? 'emergency' : 'priority';
  else if (rule.class === 'non-essential') out.class = 'non-essential';
  if (context.fromCore) return;
  out.route = index;
  out.refuse = rule.refuse;
  if (isRaised && rule.insertRank > 0) {
    out.insertResourcePriority = rule.insertResourcePriority;
    out.priorityRank = rule.insertRank;
  }
}

/** RFC 4412 §4.2, and DESIGN.md §3 on trust. */
function classifyPriority(p: Peek, context: ClassifyContext, isInDialog: boolean, out: Classification): void {
  const isTrusted = context.trustsPriority || context.fromCore;
  out.stripResourcePriority = !isTrusted;
  // Differs from RFC 4412 §4.6.2: what ends load, and a call for help, is not refused for a header value.
  const mayRefuse = !isInDialog && out.class !== 'emergency' && !context.fromCore;
  const isRequired = mayRefuse && requiresResourcePriority(p);
  if (!isTrusted && !isRequired) return;
  const order = context.plan.priorities;
  readResourcePriority(p, order, reading);
  const { highest } = reading;
  out.unknownRequiredPriority = isRequired && highest === undefined;
  if (!isTrusted || highest === undefined || !carriesPriority(p.method)) return;
  if (hasNamespaceOf(reading, order, out.insertResourcePriority)) out.insertResourcePriority = '';
  if (highest.rank > out.priorityRank) out.priorityRank = highest.rank;
  if (isInDialog || out.class === 'emergency' || highest.kind === 'ordinary') return;
  out.class = highest.kind;
  // a vacant code is vacant for a priority call too; inside an emergency services network numbers are their own
  if (highest.kind === 'emergency') out.refuse = undefined;
}

/** RFC 4412 §4.2: the methods whose Resource-Priority must or should be acted upon; in others it may be ignored. */
function carriesPriority(method: Method): boolean {
  switch (method) {
    case 'REGISTER':
    case 'OPTIONS':
    case 'INFO':
    case 'PUBLISH':
    case 'other':
      return false;
    default:
      return true;
  }
}

const sosUrn = 'urn:service:sos';

/** RFC 5031 §3: urn:service:sos with or without sub-services, without case. `urn:service:test.sos` is none. */
function isSos(bytes: Uint8Array, start: number, end: number): boolean {
  if ((bytes[start]! | 0x20) !== 117) return false;
  const labelEnd = start + sosUrn.length;
  return (
    end >= labelEnd && (end === labelEnd || bytes[labelEnd] === 46) && equalsIgnoreCase(bytes, start, labelEnd, sosUrn)
  );
}
