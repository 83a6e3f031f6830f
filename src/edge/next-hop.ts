// Where a request goes next: RFC 3261 §16.4 (routes of ours are taken out), §16.5 (target), §16.6 steps 6 and 7 (Route before
// Request-URI). From outside it goes to a switch, or along the route set of a dialog that is ours; from a switch it goes
// where its Route or Request-URI says, over the flow that a token of ours names (RFC 5626 §5.3).
import { type Block, inBlock, parseAddress } from '../admission/cidr.ts';
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
import { hex } from '../sip/keyed-hash.ts';
import type { Peek } from '../sip/peek.ts';
import { parseUri, type Uri } from '../sip/uri.ts';
import type { Flow, InterfaceName, Listener } from '../transport/flow.ts';
import type { Transports } from '../transport/transports.ts';
import type { Names } from './names.ts';
import { numericHost, type Places, transportOf } from './places.ts';

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
  readonly transports: Transports;
  readonly marks: Marks;
  readonly names: Names;
  /** Which interface reaches an address, in order of preference. */
  readonly networks: readonly { readonly interfaceName: InterfaceName; readonly block: Block }[];
  /** The only addresses that requests of dialogs may be aimed at on the side of the switches; empty: any. */
  readonly coreNetworks: readonly Block[];
  /** The outside interface for what no network names. */
  readonly defaultInterface: InterfaceName;
}

/** Whether the request belongs to a dialog that was set up through here: a Route of ours carries the dialog's mark. */
export function isProvenDialog(p: Peek, marks: Marks, own: readonly Uri[]): boolean {
  if (own.length === 0) return false;
  const mark = `c${hex(marks.dialog(p))}`;
  return own.some((uri) => uri.user?.startsWith(mark) === true);
}

/** The dialog's mark for a Route of ours, without looking further. */
export function isInOwnDialog(p: Peek, parts: RoutingParts): boolean {
  if (p.routeCount === 0) return isOwnDialogUri(p, parts);
  const routes = takeOwnRoutes(p, (uri) => parts.places.listenerOf(uri) !== undefined, new Edits());
  return isProvenDialog(p, parts.marks, routes.own) || isOwnDialogUri(p, parts);
}

/** A strict router before us leaves our Record-Route URI in the Request-URI. */
function isOwnDialogUri(p: Peek, parts: RoutingParts): boolean {
  const uri = parseUri(p.bytes, p.uriStart, p.uriEnd);
  return uri !== undefined && parts.places.listenerOf(uri) !== undefined && isProvenDialog(p, parts.marks, [uri]);
}

export function nextHop(p: Peek, arrival: Flow, parts: RoutingParts): NextHop {
  const { places } = parts;
  let edits = new Edits();
  let newUri: string | undefined;
  const routes: RouteSet =
    p.routeCount === 0 ? noRoutes : takeOwnRoutes(p, (uri) => places.listenerOf(uri) !== undefined, edits);
  if (routes.isBroken) return { kind: 'fault', status: 400, reason: 'malformed' };
  const isFromCore = arrival.listener.interfaceName === 'core';
  let { own } = routes;
  let next = routes.next?.uri;
  let left: readonly RouteValue[] | undefined;
  if (isOwnDialogUri(p, parts)) {
    // RFC 3261 §16.4: a strict router: the target stands last in Route
    const values = routeValues(p);
    const last = values.at(-1);
    if (last === undefined) return { kind: 'fault', status: 400, reason: 'malformed' };
    newUri = routeUriText(p, last);
    left = values.slice(own.length, -1);
    edits = keepRoutes(p, left);
    if (left.length === 0) next = undefined;
    own = [parseUri(p.bytes, p.uriStart, p.uriEnd)!, ...own];
  }
  const isProven = isProvenDialog(p, parts.marks, own);
  if (!isFromCore && !isProven) return { kind: 'switch', edits, uri: newUri };
  const lastOwn = own.at(-1);
  if (lastOwn !== undefined) {
    const token = tokenOf(lastOwn.user ?? '');
    if (token !== '') {
      const target = readFlowToken(parts.marks, token);
      const flow = target && flowOfTarget(target, places.listeners, parts.transports);
      // RFC 5626 §5.3.1: the flow is gone, or was never ours
      if (flow === undefined) return { kind: 'fault', status: 430, reason: 'flow-failed' };
      return { kind: 'flow', edits, uri: newUri, flow, byToken: true };
    }
  }
  const target = next ?? (newUri === undefined ? parseUri(p.bytes, p.uriStart, p.uriEnd) : parseUri(newUri));
  if (target === undefined) return { kind: 'fault', status: 400, reason: 'malformed' };
  // a dialog of ours without a next route, aimed at ourselves: its far end is the switch
  if (places.listenerOf(target) !== undefined && !isFromCore) return { kind: 'switch', edits, uri: newUri };
  if (next !== undefined && !next.params.some((param) => param.name === 'lr')) {
    // §16.6 step 6: the next one is a strict router: it gets its own URI, and the target goes last in Route
    const values = left ?? routeValues(p).slice(routes.own.length);
    edits = keepRoutes(p, values.slice(1), newUri ?? p.text(p.uriStart, p.uriEnd));
    newUri = routeUriText(p, values[0]!);
  }
  const named = lastOwn === undefined ? undefined : places.listenerOf(lastOwn);
  // a switch's outbound-proxy Route names the side it came in by, which says nothing of the side it goes out by
  const through = named?.interfaceName === arrival.listener.interfaceName && !isProven ? undefined : named;
  return toUri(target, through, arrival, edits, newUri, parts);
}

const noRoutes: RouteSet = { own: [], next: undefined, isBroken: false };

/** The flow token in the user part of a Path (`f…`) or Record-Route (`c<mark>.f…`) of ours, or ''. */
function tokenOf(user: string): string {
  if (user.startsWith('f')) return user;
  return user.startsWith('c') && user[9] === '.' ? user.slice(10) : '';
}

/** To the address in a URI (RFC 3263), from the interface of the Record-Route that stands for that side, or that reaches it. */
function toUri(
  target: Uri,
  through: Listener | undefined,
  arrival: Flow,
  edits: Edits,
  uri: string | undefined,
  parts: RoutingParts,
): NextHop {
  const unreachable: NextHop = { kind: 'fault', status: 404, reason: 'no-route' };
  if (target.scheme !== 'sip' && target.scheme !== 'sips') return unreachable;
  const maddr = target.params.find((param) => param.name === 'maddr')?.value;
  const host = maddr ?? target.host;
  const numeric = numericHost(host);
  const found = numeric === undefined ? parts.names.find(host, target.port, transportOf(target)) : undefined;
  if (found === 'pending') return { kind: 'wait', host };
  if (found === 'failed') return unreachable;
  const address = numeric ?? found!.address;
  const transport = transportOf(target) ?? found?.transport;
  const port = numeric === undefined ? found!.port : (target.port ?? (transport === 'tls' ? 5061 : 5060));
  const family = address.includes(':') ? 6 : 4;
  const side = through?.interfaceName ?? interfaceFor(address, arrival, parts);
  if (side === 'core' && !isAllowedCore(address, parts.coreNetworks)) return unreachable;
  const wanted = transport === undefined ? (['udp', 'tcp', 'tls'] as const) : ([transport] as const);
  for (const one of wanted) {
    // nobody may aim us at ourselves: what comes from us would have the trust of the side that it comes in by
    if (parts.places.isOurs(one, address, port)) return unreachable;
    const isThrough = through?.transport === one && through.family === family;
    const listener = isThrough ? through : parts.places.towards(side, one, address);
    if (listener !== undefined)
      return { kind: 'flow', edits, uri, flow: parts.transports.flowTo(listener, address, port), byToken: false };
  }
  return unreachable;
}

function interfaceFor(address: string, arrival: Flow, parts: RoutingParts): InterfaceName {
  if (arrival.listener.interfaceName !== 'core') return 'core';
  const groups = parseAddress(address);
  const found = groups && parts.networks.find(({ block }) => inBlock(groups, block));
  return found?.interfaceName ?? parts.defaultInterface;
}

function isAllowedCore(address: string, blocks: readonly Block[]): boolean {
  if (blocks.length === 0) return true;
  const groups = parseAddress(address);
  return groups !== undefined && blocks.some((block) => inBlock(groups, block));
}
