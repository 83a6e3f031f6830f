// What crosses between the sockets and the pipeline: listeners, flows (RFC 5626 §1: "a flow is a
// bidirectional stream of datagrams or a connection"), and the events that sockets report.

export type InterfaceName = 'north' | 'south' | 'east' | 'west' | 'core';

/** `ws`, `wss`: WebSocket (RFC 7118), without and with TLS. */
export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** How messages leave for an address; a WebSocket is opened by its client alone. */
export type OpenedTransport = Exclude<TransportName, 'ws' | 'wss'>;

export function isWebSocket(transport: TransportName): transport is 'ws' | 'wss' {
  return transport === 'ws' || transport === 'wss';
}

/** Where a URI or a Via tells no port (RFC 3261 §19.1.2, §18.2.2; RFC 7118 §5.5). */
export function defaultPort(transport: TransportName | undefined): number {
  switch (transport) {
    case 'tls':
      return 5061;
    case 'ws':
      return 80;
    case 'wss':
      return 443;
    default:
      return 5060;
  }
}

/** Whether a listener needs a certificate. */
export function isSecure(transport: TransportName): boolean {
  return transport === 'tls' || transport === 'wss';
}

/** One bound socket of ours. */
export interface Listener {
  /** Position among all listeners, in the order of the configuration: interfaces as written, then `listen` as written. */
  readonly id: number;
  readonly interfaceName: InterfaceName;
  readonly transport: TransportName;
  readonly family: 4 | 6;
  /** Bound address, numeric, without brackets. */
  readonly host: string;
  /** Bound port, after the kernel has replaced a 0. */
  readonly port: number;
  /** What Via, Record-Route and Path carry: a host (IPv6 in brackets) and a port. */
  readonly advertisedHost: string;
  readonly advertisedPort: number;
}

/** One remote address and port as seen from one listener (UDP), or one connection (streams). */
export interface Flow {
  /** Unique within the process for a connection; 0 for UDP. */
  readonly id: number;
  readonly listener: Listener;
  /** Numeric, without brackets; an IPv4-mapped IPv6 address is shown as IPv4. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** UDP: the remote address as a number of 32 bits where it is IPv4, else -1: comparing and writing it needs no text. */
  readonly v4?: number;
  /** A 32-bit hash of the remote address alone, equal for equal addresses: a cheap key for per-source tables. */
  readonly addressHash: number;
  readonly reliable: boolean;
  readonly closed: boolean;
  /** Room for the pipeline's note on who this is: looked up once, kept with the flow. */
  note: unknown;
  /**
   * Sends bytes[start, end) as one SIP message; the bytes may be reused when the call returns. Returns false when
   * the message cannot be sent (connection closed, send queue full, datagram too long).
   */
  send(bytes: Uint8Array, start: number, end: number): boolean;
  /** Streams only: reads nothing for so long, so that TCP slows the sender down. What was read is still delivered. */
  pauseReads?(ms: number): void;
}

/** Why a stream's framing failed; the connection is closed after the event. */
export type StreamFault =
  | 'message-too-large'
  | 'too-many-headers'
  | 'bad-content-length'
  | 'no-content-length'
  | 'not-sip';

export interface TransportEvents {
  /** One whole message in bytes[start, end), valid only during the call. Must not throw. */
  onMessage(flow: Flow, bytes: Buffer, start: number, end: number): void;
  /** The framing of a connection failed: bytes[start, end) is what there is of the message's head. */
  onStreamFault(flow: Flow, fault: StreamFault, bytes: Buffer, start: number, end: number): void;
  /** A connection ended, or a connection that `flowTo` began could not be made (then `error` is set). */
  onFlowClosed(flow: Flow, error: Error | undefined): void;
  /** An exception came out of one of the above, which is a bug: it is caught, and serving goes on. */
  onInternalError?(error: unknown, flow: Flow): void;
}
