// Where a URI leads (RFC 3263): from which listener of ours, to which address. What was found for a numeric host is kept, for
// the requests of a dialog all go to the same few places.
import { type Block, inBlock, parseAddress } from '../admission/cidr.ts';
import { text } from '../sip/grammar.ts';
import { type Uri, uriOf } from '../sip/uri.ts';
import type { UriAt } from '../sip/uri-span.ts';
import type { Flow, InterfaceName, Listener } from '../transport/flow.ts';
import { defaultPort, isWebSocket } from '../transport/flow.ts';
import type { RoutingParts } from './next-hop.ts';
import { numericHost, transportOf } from './places.ts';

export type Target =
  | { readonly kind: 'found'; readonly listener: Listener; readonly address: string; readonly port: number }
  /** A host name is being looked up. */
  | { readonly kind: 'wait'; readonly host: string }
  | { readonly kind: 'unreachable' };

const unreachable = { kind: 'unreachable' } as const;
const mostKnown = 4096;
/** RFC 6761 §6.4. */
const neverResolves = /(^|\.)invalid\.?$/i;

/** What was found by `flowToUri`; of one routing, and thrown away with it. */
export class KnownTargets {
  /** By what the URI says behind its user; one map for each way that `through` and the sender's side make. */
  private readonly maps: (Map<string, { readonly target: Target; flow: Flow | undefined }> | undefined)[] = [];

  /** The flow to a target that was found before; made anew where it is a connection. */
  flow(way: number, key: string, parts: RoutingParts): Flow | undefined {
    const known = this.maps[way]?.get(key);
    if (known === undefined || known.target.kind !== 'found') return undefined;
    if (known.flow !== undefined && !known.flow.closed) return known.flow;
    const { listener, address, port } = known.target;
    const flow = parts.transports.flowTo(listener, address, port);
    // an address stays good; a connection is asked for each time
    known.flow = flow.reliable ? undefined : flow;
    return flow;
  }

  keep(way: number, key: string, target: Target): void {
    this.maps[way] ??= new Map();
    const map = this.maps[way];
    if (map.size >= mostKnown) map.clear();
    map.set(key, { target, flow: undefined });
  }
}

/**
 * The flow to the address in a URI, from the interface of the Record-Route that stands for that side (`through`), or from the
 * one that reaches the address.
 */
export function flowToUri(
  { bytes, span }: UriAt,
  through: Listener | undefined,
  isFromCore: boolean,
  parts: RoutingParts,
): Flow | Exclude<Target, { kind: 'found' }> {
  if (span.scheme !== 'sip' && span.scheme !== 'sips') return unreachable;
  const way = ((through?.id ?? -1) + 1) * 4 + (isFromCore ? 2 : 0) + (span.scheme === 'sips' ? 1 : 0);
  const key = text(bytes, span.hostStart, span.end);
  const known = parts.known.flow(way, key, parts);
  if (known !== undefined) return known;
  const uri = uriOf(bytes, span);
  const target = findTarget(uri, through, isFromCore, parts);
  if (target.kind !== 'found') return target;
  // what a name leads to may change
  if (numericHost(hostOf(uri)) !== undefined) parts.known.keep(way, key, target);
  return parts.transports.flowTo(target.listener, target.address, target.port);
}

/** RFC 3261 §19.1.1: `maddr` takes the place of the host. */
function hostOf(uri: Uri): string {
  return uri.params.find((param) => param.name === 'maddr')?.value ?? uri.host;
}

function findTarget(uri: Uri, through: Listener | undefined, isFromCore: boolean, parts: RoutingParts): Target {
  const host = hostOf(uri);
  const asked = transportOf(uri);
  // RFC 7118 §5.5, Appendix B.1: a WebSocket is there or not, and its client's host is a made-up name of `.invalid`: only a flow
  // token leads to it
  if ((asked !== undefined && isWebSocket(asked)) || neverResolves.test(host)) return unreachable;
  const numeric = numericHost(host);
  const found = numeric === undefined ? parts.names.find(host, uri.port, asked) : undefined;
  if (found === 'pending') return { kind: 'wait', host };
  if (found === 'failed') return unreachable;
  const address = numeric ?? found!.address;
  const transport = asked ?? found?.transport;
  const port = numeric === undefined ? found!.port : (uri.port ?? defaultPort(transport));
  const family = address.includes(':') ? 6 : 4;
  const side = through?.interfaceName ?? interfaceFor(address, isFromCore, parts);
  if (side === 'core' && !isAllowedCore(address, parts.coreNetworks)) return unreachable;
  const wanted = transport === undefined ? (['udp', 'tcp', 'tls'] as const) : ([transport] as const);
  for (const one of wanted) {
    // nobody may aim us at ourselves: what comes from us would have the trust of the side that it comes in by
    if (parts.places.isOurs(one, address, port)) return unreachable;
    const isThrough = through?.transport === one && through.family === family;
    const listener = isThrough ? through : parts.places.towards(side, one, address);
    if (listener !== undefined) return { kind: 'found', listener, address, port };
  }
  return unreachable;
}

function interfaceFor(address: string, isFromCore: boolean, parts: RoutingParts): InterfaceName {
  if (!isFromCore) return 'core';
  const groups = parseAddress(address);
  const found = groups && parts.networks.find(({ block }) => inBlock(groups, block));
  return found?.interfaceName ?? parts.defaultInterface;
}

function isAllowedCore(address: string, blocks: readonly Block[]): boolean {
  if (blocks.length === 0) return true;
  const groups = parseAddress(address);
  return groups !== undefined && blocks.some((block) => inBlock(groups, block));
}
