// Transports without sockets: flows that keep what was sent, connections that a test opens, loses or refuses.
import { addressText, parseAddress } from '../../src/transport/address.ts';
import type { Flow, Listener } from '../../src/transport/flow.ts';
import type { ListenerOptions } from '../../src/transport/transport-options.ts';
import type { Transports } from '../../src/transport/transports.ts';
import { Message } from './message.ts';

/** One message that left the edge. */
export interface Sent {
  readonly flow: FakeFlow;
  readonly message: Message;
}

export class FakeFlow implements Flow {
  readonly id: number;
  readonly listener: Listener;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly addressHash: number;
  readonly reliable: boolean;
  closed = false;
  note: unknown = undefined;
  /** Nothing can be sent, as on a full queue or a refused connection. */
  broken = false;
  /** How often reading was paused. */
  pauses = 0;
  private readonly sent: Sent[];

  constructor(id: number, listener: Listener, address: string, port: number, sent: Sent[]) {
    this.id = id;
    this.listener = listener;
    this.remoteAddress = address;
    this.remotePort = port;
    this.reliable = listener.transport !== 'udp';
    this.sent = sent;
    let hash = 7;
    for (const c of address) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) | 0;
    this.addressHash = hash >>> 0;
  }

  pauseReads(): void {
    this.pauses++;
  }

  /** `south udp 198.51.100.7:5060`. */
  get text(): string {
    return `${this.listener.interfaceName} ${this.listener.transport} ${this.remoteAddress}:${this.remotePort}`;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.broken) return false;
    this.sent.push({ flow: this, message: new Message(Buffer.from(bytes.subarray(start, end)).toString('latin1')) });
    return true;
  }
}

export class FakeTransports implements Transports {
  readonly listeners: readonly Listener[];
  readonly udp = { mode: 'plain', reason: 'a test' } as const;
  readonly sent: Sent[] = [];
  private readonly datagrams = new Map<string, FakeFlow>();
  private readonly connections = new Map<number, FakeFlow>();
  private lastId = 100;

  constructor(wanted: readonly ListenerOptions[]) {
    this.listeners = wanted.map(({ interfaceName, transport, host, port, advertise }, id) => ({
      id,
      interfaceName,
      transport,
      family: host.includes(':') ? 6 : 4,
      host,
      port,
      advertisedHost: advertise?.host ?? (host.includes(':') ? `[${host}]` : host),
      advertisedPort: advertise?.port ?? port,
    }));
  }

  flowTo(listener: Listener, address: string, port: number): FakeFlow {
    if (listener.transport !== 'udp') {
      for (const one of this.connections.values())
        if (one.listener === listener && one.remoteAddress === address && one.remotePort === port) return one;
      return this.connect(listener, address, port);
    }
    const plain = addressText(parseAddress(address)!);
    const key = `${listener.id} ${plain} ${port}`;
    const known = this.datagrams.get(key) ?? new FakeFlow(0, listener, plain, port, this.sent);
    this.datagrams.set(key, known);
    return known;
  }

  connect(listener: Listener, address: string, port: number): FakeFlow {
    const flow = new FakeFlow(++this.lastId, listener, address, port, this.sent);
    this.connections.set(flow.id, flow);
    return flow;
  }

  close(): Promise<void>;
  close(flow: FakeFlow): void;
  close(flow?: FakeFlow): Promise<void> | undefined {
    if (flow === undefined) return Promise.resolve();
    flow.closed = true;
    this.connections.delete(flow.id);
    return undefined;
  }

  flowById(id: number): FakeFlow | undefined {
    return this.connections.get(id);
  }

  /** Every connection is lost, as when the process ends. */
  closeAll(): void {
    for (const flow of [...this.connections.values()]) this.close(flow);
  }

  stats = () => [];
  sockets = () => [];
  pauseReads(): void {}
  stopAccepting(): void {}
}
