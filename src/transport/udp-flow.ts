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

/** IPv4 in `v4`, IPv6 in `words`, both in host order. */
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

/** Flows of each generation: two of them, so that a million forged sources cost what 65,536 cost. */
const generationSize = 32_768;

/**
 * Finds the flow of a source without an allocation. Two generations: a hit in the old one moves to the young one;
 * when the young one is full, the old one is forgotten. What is forgotten is made anew on its next message. A table
 * holds one family, its socket's.
 */
export class UdpFlowTable {
  private readonly sender: UdpSender;
  private young = new Map<number, UdpFlow>();
  private old = new Map<number, UdpFlow>();

  constructor(sender: UdpSender) {
    this.sender = sender;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  v4(address: number, port: number): UdpFlow {
    const key = address * 65_536 + port;
    return (
      this.young.get(key) ?? this.keep(key, this.old.get(key) ?? new UdpFlow(this.sender, address, undefined, 0, port))
    );
  }

  /** The key is a hash: a flow of another address under the same key gives way. */
  v6(a: number, b: number, c: number, d: number, scope: number, port: number): UdpFlow {
    const key = ipv6Hash(a, b, c, d) * 65_536 + port;
    const young = this.young.get(key);
    if (young !== undefined && sameV6(young, a, b, c, d, scope)) return young;
    const old = this.old.get(key);
    if (old !== undefined && sameV6(old, a, b, c, d, scope)) return this.keep(key, old);
    return this.keep(key, new UdpFlow(this.sender, 0, Uint32Array.of(a, b, c, d), scope, port));
  }

  find(address: Address, scope: number, port: number): UdpFlow {
    if (address.family === 4) return this.v4(address.v4, port);
    const words = address.words;
    return this.v6(words[0]!, words[1]!, words[2]!, words[3]!, scope, port);
  }

  private keep(key: number, flow: UdpFlow): UdpFlow {
    if (this.young.size >= generationSize) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, flow);
    return flow;
  }
}

function sameV6(flow: UdpFlow, a: number, b: number, c: number, d: number, scope: number): boolean {
  const words = flow.words!;
  return words[0] === a && words[1] === b && words[2] === c && words[3] === d && flow.scope === scope;
}
