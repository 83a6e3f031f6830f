// From where to where a message goes, and when by the wall clock.
import type { Address } from '../transport/address.ts';
import { isWildcard, parseAddress } from '../transport/address.ts';
import type { Flow, Listener } from '../transport/flow.ts';
import type { Passage } from './packet.ts';

/** By so many milliseconds the wall clock may be set before timestamps follow: less than that would only upset their order. */
const mostSkewMs = 5;

export class Passages {
  private readonly locals = new Map<Listener, Address>();
  private originMs = Date.now() - performance.now();

  /** Follows the wall clock. */
  follow(): void {
    const originMs = Date.now() - performance.now();
    if (Math.abs(originMs - this.originMs) > mostSkewMs) this.originMs = originMs;
  }

  /** `atMs`: of `performance.now()`. */
  of(flow: Flow, isOut: boolean, atMs: number): Passage {
    const remote = remoteOf(flow);
    const local = this.localOf(flow.listener, remote.family);
    const { port } = flow.listener;
    return {
      source: isOut ? local : remote,
      sourcePort: isOut ? port : flow.remotePort,
      target: isOut ? remote : local,
      targetPort: isOut ? flow.remotePort : port,
      isUdp: !flow.reliable,
      unixMicroseconds: Math.floor((this.originMs + atMs) * 1000),
    };
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
