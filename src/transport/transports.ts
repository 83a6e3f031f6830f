// All sockets of the edge behind one door: opens the listeners, finds or makes the flow to an address, counts.
import type { Flow, InterfaceName, Listener, TransportEvents, TransportName } from './flow.ts';
import type { TransportOptions } from './transport-options.ts';

/** Plain numbers of one listener, ever growing except `connections`. */
export interface ListenerStats {
  readonly id: number;
  readonly interfaceName: InterfaceName;
  readonly transport: TransportName;
  readonly family: 4 | 6;
  /** How UDP is read and written; `stream` for TCP and TLS. */
  readonly path: 'batched' | 'plain' | 'stream';
  readonly receivedMessages: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  /** Messages that the kernel, a full queue or a closed connection did not take. */
  readonly sendDrops: number;
  /** UDP: reads that failed. Streams: framing faults. */
  readonly receiveFaults: number;
  /** Open connections, those we opened included. */
  readonly connections: number;
  readonly acceptedConnections: number;
  /** Closed at once because of a limit on connections. */
  readonly refusedConnections: number;
  readonly openedConnections: number;
  readonly failedConnects: number;
  readonly failedHandshakes: number;
  /** Closed because a message took too long. */
  readonly slowConnections: number;
  readonly idleConnections: number;
}

export interface Transports {
  readonly listeners: readonly Listener[];
  /** How UDP is done, and why not batched where it was asked for. */
  readonly udp: { readonly mode: 'batched' | 'plain'; readonly reason: string };
  /**
   * The flow to a numeric address. UDP: the cached flow. Streams: a live connection of the listener's interface and
   * transport to or from that address and port; else a new one, which takes sends at once and reports its failure
   * through `onFlowClosed`. An address that the listener cannot reach gives a flow that is closed from the start.
   */
  flowTo(listener: Listener, address: string, port: number): Flow;
  /** A live connection by its id; undefined for 0 and for what is closed. */
  flowById(id: number): Flow | undefined;
  /** One entry a listener, in their order; a fresh copy. */
  stats(): ListenerStats[];
  /** File descriptors of UDP and listening sockets where they are known, for the monitor. */
  descriptors(): { readonly listener: Listener; readonly fd: number }[];
  /** Reads no connection of the listener for so long, so that TCP slows its senders down; UDP is always drained. */
  pauseReads(listener: Listener, ms: number): void;
  /** No new inbound connections; everything else goes on. */
  stopAccepting(): void;
  /** Closes every socket; pending sends of streams get a moment to leave. */
  close(): Promise<void>;
}

/** Rejects with an Error of one line that names the listener: `udp:127.0.0.1:5060 on south: address in use`. */
export declare function openTransports(options: TransportOptions, events: TransportEvents): Promise<Transports>;
