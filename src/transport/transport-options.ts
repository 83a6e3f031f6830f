// What `openTransports` is given: listeners, limits, and how sockets are made.
import type { InterfaceName, TransportName } from './flow.ts';
import type { MessageTap } from './message-tap.ts';

/** PEM files of a TLS listener; the same certificate is shown on connections that we open (RFC 3261 §26.3.1). */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Authorities that we accept, of clients and of servers; default: those of Node. */
  readonly ca?: string | undefined;
  /** Demand a client certificate that an authority of `ca` signed; default false. */
  readonly requestClientCertificate?: boolean | undefined;
  /** Server name to ask for (SNI) and to verify on connections that we open; default: the address. */
  readonly serverName?: string | undefined;
  /** Accept servers that `ca` does not vouch for on connections that we open; default false. */
  readonly acceptAnyServer?: boolean | undefined;
}

export interface WebSocketRules {
  /**
   * Origins of web pages that may connect, as browsers say them (`https://example.net`), `*` for any; undefined: only pages
   * of the loopback. Who sends no Origin is no browser, and always may. Asked at every handshake.
   */
  readonly origins?: (() => readonly string[] | undefined) | undefined;
  /** A client that sends nothing for so long is pinged, and closed when nothing comes for as long again. */
  readonly pingMs: number;
}

export const defaultPingMs = 30_000;

export interface ListenerOptions {
  readonly interfaceName: InterfaceName;
  readonly transport: TransportName;
  /** Numeric, without brackets. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  /** What Via and Record-Route carry; default: the bound address, or our first address where that is a wildcard. */
  readonly advertise?: { readonly host: string; readonly port?: number | undefined } | undefined;
  /** Needed for `tls` and `wss`. */
  readonly tls?: TlsFiles | undefined;
  /** Of `ws` and `wss`. */
  readonly webSocket?: WebSocketRules | undefined;
}

export interface TransportLimits {
  /** Largest message on a stream; UDP takes what a datagram holds. */
  readonly messageBytes: number;
  /** Header fields of a message on a stream. */
  readonly headers: number;
  /** Inbound connections of all listeners together; as many again may be opened by us, so that a flood of the first
   * cannot cut us off from the switches. */
  readonly connections: number;
  /** Connections that one address may open to us. */
  readonly connectionsPerAddress: number;
  /** A connection that brings no byte for so long is closed. */
  readonly idleMs: number;
  /** A message that has begun, a TLS handshake, and a WebSocket handshake must be complete after so long. */
  readonly messageMs: number;
  /** Bytes that wait on one connection, or on a UDP socket, before `send` returns false. */
  readonly sendQueueBytes: number;
  /** Kernel buffers of a UDP socket, both directions. */
  readonly receiveBufferBytes: number;
  /** A connection that we open must be up after so long, TLS included. */
  readonly connectMs: number;
}

export const defaultTransportLimits: TransportLimits = {
  messageBytes: 65_535,
  headers: 128,
  connections: 20_000,
  connectionsPerAddress: 1_000,
  idleMs: 600_000,
  messageMs: 10_000,
  sendQueueBytes: 1_048_576,
  receiveBufferBytes: 8_388_608,
  connectMs: 5_000,
};

/** `batched` falls back to `plain` where libc cannot be called. */
export type UdpMode = 'batched' | 'plain';

/** May be called for every connection that somebody makes: the same text should not be written each time. */
export type TransportLog = (
  level: 'info' | 'warn' | 'error',
  text: string,
  fields: Record<string, string | number | boolean>,
) => void;

export interface TransportOptions {
  readonly listeners: readonly ListenerOptions[];
  readonly limits?: Partial<TransportLimits> | undefined;
  /** Default `batched`. */
  readonly udp?: UdpMode | undefined;
  readonly log?: TransportLog | undefined;
  /** Who watches all messages; default: nobody. */
  readonly tap?: MessageTap | undefined;
}
