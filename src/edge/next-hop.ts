// Where a request goes next: RFC 3261 §16.4 (routes of ours are taken out), §16.5 (target), §16.6 steps 6 and 7 (Route before
// Request-URI). From outside it goes to a switch, or along the route set of a dialog that is ours; from a switch it goes
// where its Route or Request-URI says, over the flow that a token of ours names (RFC 5626 §5.3).
import type { Block } from '../admission/cidr.ts';
import type { Reason } from '../admission/reasons.ts';
import { flowOfTarget, readFlowToken } from '../forward/flow-token.ts';
import type { Marks } from '../forward/marks.ts';
import {
  keepRoutes,
  type RouteSet,
  type RouteValue,
  routeUriText,
  routeValues,
  takeOwnRoutes,
} from '../forward/routes.ts';
import { Edits } from '../sip/edits.ts';
import { bytesOf } from '../sip/grammar.ts';
import { readHex } from '../sip/keyed-hash.ts';
import type { Peek } from '../sip/peek.ts';
import { uriOf } from '../sip/uri.ts';
import { scanUri, type UriAt, type UriSpan } from '../sip/uri-span.ts';
import type { Flow, InterfaceName } from '../transport/flow.ts';
import type { Names } from './names.ts';
import type { Flows, Places } from './places.ts';
import { flowToUri, type KnownTargets } from './targets.ts';

/** Where it can be sent on. */
export type Way =
  /** To a switch that is yet to be chosen. */
  | { readonly kind: 'switch'; readonly edits: Edits; readonly uri: string | undefined }
  | {
      readonly kind: 'flow';
      readonly edits: Edits;
      readonly uri: string | undefined;
      readonly flow: Flow;
      /** A flow token of ours names it: what comes later in the dialog must find it in the same way. */
      readonly byToken: boolean;
    };

export type NextHop =
  | Way
  /** A host name is being looked up; ask again when `names` says so. */
  | { readonly kind: 'wait'; readonly host: string }
  | { readonly kind: 'fault'; readonly status: 400 | 404 | 430 | 503; readonly reason: Reason };

export interface RoutingParts {
  readonly places: Places;
  readonly transports: Flows;
  readonly marks: Marks;
  readonly names: Names;
  /** Which interface reaches an address, in order of preference. */
  readonly networks: readonly { readonly interfaceName: InterfaceName; readonly block: Block }[];
  /** The only addresses that requests of dialogs may be aimed at on the side of the switches; empty: any. */
  readonly coreNetworks: readonly Block[];
  /** The outside interface for what no network names. */
  readonly defaultInterface: InterfaceName;
  /** Filled as requests come. */
  readonly known: KnownTargets;
}

/** Whether the request belongs to a dialog that was set up through here: a Route of ours carries the dialog's mark. */
function isProvenDialog(p: Peek, marks: Marks, own: readonly UriSpan[]): boolean {
  for (const uri of own) {
    const said = markIn(p, uri);
    if (said >= 0 && said === marks.dialog(p)) return true;
  }
  return false;
}

/** The mark in the user part `c<mark>…` of a Record-Route of ours; -1 where there is none. */
function markIn(p: Peek, { userStart, userEnd }: UriSpan): number {
  const isMarked = userStart >= 0 && userEnd - userStart >= 9 && p.bytes[userStart] === 99;
  return isMarked ? readHex(p.bytes, userStart + 1) : -1;
}

/** The dialog's mark for a Route of ours, without looking further. */
export function isInOwnDialog(p: Peek, parts: RoutingParts): boolean {
  if (isOwnDialogUri(p, scanUri(p.bytes, p.uriStart, p.uriEnd), parts)) return true;
  if (p.routeCount === 0) return false;
  spare.clear();
  const routes = takeOwnRoutes(p, parts.places.names, spare);
  return isProvenDialog(p, parts.marks, routes.own);
}

/** A strict router before us leaves our Record-Route URI in the Request-URI. */
function isOwnDialogUri(p: Peek, uri: UriSpan | undefined, parts: RoutingParts): uri is UriSpan {
  if (uri === undefined || markIn(p, uri) < 0) return false;
  return parts.places.listenerAt(p.bytes, uri) !== undefined && isProvenDialog(p, parts.marks, [uri]);
}

/** Of the request at hand: a result of `nextHop` is done with before the next. */
const spare = new Edits();

/** `edits` of the result hold until the next call. */
export function nextHop(p: Peek, arrival: Flow, parts: RoutingParts): NextHop {
  const { places } = parts;
  let edits = spare;
  edits.clear();
  let newUri: string | undefined;
  const routes: RouteSet = p.routeCount === 0 ? noRoutes : takeOwnRoutes(p, places.names, edits);
  if (routes.isBroken) return malformed;
  const isFromCore = arrival.listener.interfaceName === 'core';
  let { own } = routes;
  let next = routes.next?.uri;
  let left: readonly RouteValue[] | undefined;
  const requestUri = scanUri(p.bytes, p.uriStart, p.uriEnd);
  if (isOwnDialogUri(p, requestUri, parts)) {
    // RFC 3261 §16.4: a strict router: the target stands last in Route
    const values = routeValues(p);
    const last = values.at(-1);
    if (last === undefined) return malformed;
    newUri = routeUriText(p, last);
    left = values.slice(own.length, -1);
    edits = keepRoutes(p, left);
    if (left.length === 0) next = undefined;
    own = [requestUri, ...own];
  }
  const isProven = isProvenDialog(p, parts.marks, own);
  if (!isFromCore && !isProven) return { kind: 'switch', edits, uri: newUri };
  const lastOwn = own.at(-1);
  if (lastOwn !== undefined) {
    const token = tokenOf(p.text(lastOwn.userStart, lastOwn.userEnd));
    if (token !== '') {
      const target = readFlowToken(parts.marks, token);
      const flow = target && flowOfTarget(target, places.listeners, parts.transports);
      // RFC 5626 §5.3.1: the flow is gone, or was never ours
      if (flow === undefined) return { kind: 'fault', status: 430, reason: 'flow-failed' };
      return { kind: 'flow', edits, uri: newUri, flow, byToken: true };
    }
  }
  const span = next ?? requestUri;
  const target = next === undefined && newUri !== undefined ? uriAt(newUri) : span && { bytes: p.bytes, span };
  if (target === undefined) return malformed;
  // a dialog of ours without a next route, aimed at ourselves: its far end is the switch
  if (!isFromCore && places.listenerAt(target.bytes, target.span) !== undefined)
    return { kind: 'switch', edits, uri: newUri };
  if (next !== undefined && !uriOf(p.bytes, next).params.some((param) => param.name === 'lr')) {
    // §16.6 step 6: the next one is a strict router: it gets its own URI, and the target goes last in Route
    const values = left ?? routeValues(p).slice(routes.own.length);
    edits = keepRoutes(p, values.slice(1), newUri ?? p.text(p.uriStart, p.uriEnd));
    newUri = routeUriText(p, values[0]!);
  }
  const named = lastOwn === undefined ? undefined : places.listenerAt(p.bytes, lastOwn);
  // a switch's outbound-proxy Route names the side it came in by, which says nothing of the side it goes out by
  const through = named?.interfaceName === arrival.listener.interfaceName && !isProven ? undefined : named;
  const flow = flowToUri(target, through, isFromCore, parts);
  if ('send' in flow) return { kind: 'flow', edits, uri: newUri, flow, byToken: false };
  return flow.kind === 'wait' ? flow : { kind: 'fault', status: 404, reason: 'no-route' };
}

const noRoutes: RouteSet = { own: [], next: undefined, isBroken: false };
const malformed: NextHop = { kind: 'fault', status: 400, reason: 'malformed' };

function uriAt(uri: string): UriAt | undefined {
  const bytes = bytesOf(uri);
  const span = scanUri(bytes, 0, bytes.length);
  return span && { bytes, span };
}

/** The flow token in the user part of a Path (`f…`) or Record-Route (`c<mark>.f…`) of ours, or ''. */
function tokenOf(user: string): string {
  if (user.startsWith('f')) return user;
  return user.startsWith('c') && user[9] === '.' ? user.slice(10) : '';
}
