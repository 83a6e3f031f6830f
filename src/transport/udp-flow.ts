// One remote address and port as seen from one UDP socket, and the bounded table that finds it again.
import type { Address } from './address.ts';
import { addressText, ipv4Hash, ipv4Text, ipv6Hash } from './address.ts';
import type { Flow, Listener } from './flow.ts';

/** What a flow needs of its socket. */
export interface UdpSender {
  readonly listener: Listener;
  readonly closed: boolean;
  /** The contract of `Flow.send`. */
  sendTo(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): boolean;
}

/** Largest payload of a datagram over IPv4: 65,535 less 20 of IP and 8 of UDP. */
export const maxDatagramBytes = 65_507;

/** IPv4 in `v4` (-1 for IPv6), IPv6 in `words`, both in host order. */
export class UdpFlow implements Flow {
  readonly id = 0;
  readonly reliable = false;
  note: unknown = undefined;
  readonly remotePort: number;
  readonly addressHash: number;
  readonly v4: number;
  readonly words: Uint32Array | undefined;
  /** Scope of a link-local IPv6 address (RFC 4007 §11): the interface's number; 0 for none. */
  readonly scope: number;
  private readonly sender: UdpSender;
  private text: string | undefined;

  constructor(sender: UdpSender, v4: number, words: Uint32Array | undefined, scope: number, port: number) {
    this.sender = sender;
    this.v4 = v4;
    this.words = words;
    this.scope = scope;
    this.remotePort = port;
    this.addressHash = words === undefined ? ipv4Hash(v4) : ipv6Hash(words[0]!, words[1]!, words[2]!, words[3]!);
  }

  get listener(): Listener {
    return this.sender.listener;
  }

  get closed(): boolean {
    return this.sender.closed;
  }

  get remoteAddress(): string {
    if (this.text === undefined) {
      this.text =
        this.words === undefined ? ipv4Text(this.v4) : addressText({ family: 6, words: this.words, zone: '' });
    }
    return this.text;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sender.sendTo(this, bytes, start, end);
  }
}

/**
 * Places of the table; a power of two. Few enough that under a flood a flow is gone before the collector has moved it to the
 * old generation, where a million of them would pile up.
 */
const places = 8_192;

/**
 * Finds the flow of a source without an allocation and without a hash map: each source has two places, and what stands in
 * both gives way in turn. So a million forged sources cost what 8,192 cost; what is forgotten is made anew on its next
 * message, and whoever holds a flow may go on using it. A table holds one family, its socket's.
 */
export class UdpFlowTable {
  private readonly sender: UdpSender;
  private readonly flows: (UdpFlow | undefined)[] = new Array<UdpFlow | undefined>(places).fill(undefined);

  constructor(sender: UdpSender) {
    this.sender = sender;
  }

  /** Flows held: counted on demand. */
  get size(): number {
    return this.flows.reduce((n, flow) => n + (flow === undefined ? 0 : 1), 0);
  }

  v4(address: number, port: number): UdpFlow {
    const place = placeOf(ipv4Hash(address), port);
    const first = this.flows[place];
    if (first !== undefined && first.v4 === address && first.remotePort === port) return first;
    const second = this.flows[place ^ 1];
    if (second !== undefined && second.v4 === address && second.remotePort === port) return second;
    return this.keep(place, new UdpFlow(this.sender, address, undefined, 0, port));
  }

  v6(a: number, b: number, c: number, d: number, scope: number, port: number): UdpFlow {
    const place = placeOf(ipv6Hash(a, b, c, d), port);
    const first = this.flows[place];
    if (first !== undefined && first.remotePort === port && sameV6(first, a, b, c, d, scope)) return first;
    const second = this.flows[place ^ 1];
    if (second !== undefined && second.remotePort === port && sameV6(second, a, b, c, d, scope)) return second;
    return this.keep(place, new UdpFlow(this.sender, -1, Uint32Array.of(a, b, c, d), scope, port));
  }

  find(address: Address, scope: number, port: number): UdpFlow {
    if (address.family === 4) return this.v4(address.v4, port);
    const words = address.words;
    return this.v6(words[0]!, words[1]!, words[2]!, words[3]!, scope, port);
  }

  /** The newest stands in the place of its hash; the one it finds there moves to the other. */
  private keep(place: number, flow: UdpFlow): UdpFlow {
    this.flows[place ^ 1] = this.flows[place];
    this.flows[place] = flow;
    return flow;
  }
}

function placeOf(hash: number, port: number): number {
  return (hash ^ Math.imul(port, 0x9e3779b1)) >>> 19;
}

function sameV6(flow: UdpFlow, a: number, b: number, c: number, d: number, scope: number): boolean {
  const words = flow.words!;
  return words[0] === a && words[1] === b && words[2] === c && words[3] === d && flow.scope === scope;
}
