// TCP and TLS: one listening socket, the connections it accepts, WebSockets among them, and those that we open from it.
import net from 'node:net';
import tls from 'node:tls';
import type { WebSocket } from 'ws';
import { addressHash, addressText, isWildcard, parseAddress } from './address.ts';
import type { ConnectionContext, Peer } from './connection.ts';
import { Connection } from './connection.ts';
import type { ConnectionTable, OpenConnection } from './connection-table.ts';
import type { Flow, Listener, TransportEvents } from './flow.ts';
import type { MessageTap } from './message-tap.ts';
import type { StreamCounters } from './stream-counters.ts';
import { newStreamCounters } from './stream-counters.ts';
import type { TlsSettings } from './tls-files.ts';
import type { TransportLimits, WebSocketRules } from './transport-options.ts';
import { WebSocketConnection } from './web-socket.ts';
import { WebSocketHandshakes } from './web-socket-handshake.ts';

export interface StreamSpec {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Present for TLS. */
  readonly tls: TlsSettings | undefined;
  /** Present for WebSocket. */
  readonly webSocket: WebSocketRules | undefined;
  /** A web page was turned away: its origin. */
  readonly onForeignOrigin: (listener: Listener, origin: string) => void;
  readonly limits: TransportLimits;
  readonly table: ConnectionTable;
  /** Unique within the process. */
  readonly nextId: () => number;
  readonly listener: (host: string, port: number) => Listener;
  /** None of them throws. */
  readonly events: TransportEvents;
  /** Who watches what is sent. */
  readonly tap: MessageTap;
}

/** Idle connections are probed by the kernel after this, so that vanished peers are found. */
const keepAliveMs = 60_000;
/** The listening socket's queue; the kernel cuts it to net.core.somaxconn. */
export const backlog = 4_096;

/** Rejects with the system's error where the address cannot be bound. */
export async function openStreams(spec: StreamSpec): Promise<StreamListener> {
  const server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: spec.host, port: spec.port, ipv6Only: spec.family === 6, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return new StreamListener(spec, server);
}

export class StreamListener {
  readonly listener: Listener;
  readonly counters: StreamCounters = newStreamCounters();
  private readonly spec: StreamSpec;
  private readonly server: net.Server;
  private readonly tlsServer: tls.Server | undefined;
  private readonly handshakes: WebSocketHandshakes | undefined;
  private readonly context: ConnectionContext;
  /** Accepted sockets whose TLS is not up. */
  private readonly raw = new Set<net.Socket>();
  private readonly localAddress: string | undefined;
  private pausedUntilMs = 0;

  constructor(spec: StreamSpec, server: net.Server) {
    this.spec = spec;
    this.server = server;
    const bound = server.address() as net.AddressInfo;
    this.listener = spec.listener(bound.address, bound.port);
    const own = parseAddress(bound.address);
    this.localAddress = own === undefined || isWildcard(own) ? undefined : bound.address;
    this.context = {
      listener: this.listener,
      counters: this.counters,
      frameLimits: {
        messageBytes: spec.limits.messageBytes,
        headerBytes: spec.limits.messageBytes,
        headers: spec.limits.headers,
      },
      sendQueueBytes: spec.limits.sendQueueBytes,
      events: spec.events,
      tap: spec.tap,
      pausedUntilMs: () => this.pausedUntilMs,
    };
    server.on('connection', (socket) => this.accept(socket));
    // Out of descriptors: the connection is lost, the listening socket is not.
    server.on('error', () => {
      this.counters.refusedConnections++;
    });
    this.handshakes = spec.webSocket === undefined ? undefined : this.makeHandshakes(spec.webSocket);
    this.tlsServer = spec.tls === undefined ? undefined : this.makeTlsServer(spec.tls);
  }

  /** Known where Node still shows it. */
  get fd(): number | undefined {
    const fd = (this.server as { _handle?: { fd?: number } })._handle?.fd;
    return fd !== undefined && fd >= 0 ? fd : undefined;
  }

  /**
   * A new connection to an address of the listener's family, port 1 to 65,535; sends are queued until it is up.
   * Undefined when there are too many, and for WebSocket: a browser has no address where it could be called.
   */
  connect(address: string, port: number): Flow | undefined {
    const parsed = parseAddress(address);
    if (parsed === undefined || this.handshakes !== undefined) return undefined;
    if (!this.spec.table.admitOutbound()) return undefined;
    const to = {
      host: address,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      autoSelectFamily: false,
      ...(this.localAddress === undefined ? {} : { localAddress: this.localAddress }),
    };
    const secure = this.spec.tls?.client;
    const socket = secure === undefined ? net.connect(to) : tls.connect({ ...to, ...secure });
    const peer = { id: this.spec.nextId(), address: addressText(parsed), port, addressHash: addressHash(parsed) };
    const connection = new Connection(this.context, socket, peer, performance.now());
    let failure: Error | undefined = new Error('closed before it was up');
    const deadline = setTimeout(
      () => socket.destroy(new Error(`not connected after ${this.spec.limits.connectMs} ms`)),
      this.spec.limits.connectMs,
    );
    socket.once(secure === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(deadline);
      failure = undefined;
      this.counters.openedConnections++;
      connection.quietSinceMs = performance.now();
    });
    socket.on('error', (error) => {
      if (failure !== undefined) failure = error;
    });
    socket.once('close', () => {
      clearTimeout(deadline);
      this.spec.table.releaseOutbound();
      if (failure !== undefined) this.counters.failedConnects++;
      this.closed(connection, failure);
    });
    this.spec.table.add(connection, this.counters);
    return connection;
  }

  pauseReads(ms: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, performance.now() + ms);
  }

  stopAccepting(): void {
    if (this.server.listening) this.server.close();
  }

  /** Resolves when the listening socket and all it accepted are gone; `ConnectionTable.endAll` comes first. */
  close(): Promise<void> {
    for (const socket of this.raw) socket.destroy();
    this.handshakes?.close();
    return new Promise((resolve) => {
      if (this.server.listening) this.server.close(() => resolve());
      else resolve();
    });
  }

  private accept(socket: net.Socket): void {
    const from = parseAddress(socket.remoteAddress ?? '');
    if (from === undefined) {
      socket.destroy();
      return;
    }
    const address = addressText(from);
    if (!this.spec.table.admitInbound(address)) {
      this.counters.refusedConnections++;
      socket.resetAndDestroy();
      return;
    }
    this.counters.acceptedConnections++;
    socket.once('close', () => this.spec.table.releaseInbound(address));
    if (this.tlsServer === undefined) return this.ready(socket);
    socket.on('error', ignore);
    this.raw.add(socket);
    socket.once('close', () => this.raw.delete(socket));
    this.tlsServer.emit('connection', socket);
  }

  /** Accepted, with TLS up where there is any. */
  private ready(socket: net.Socket): void {
    if (this.handshakes !== undefined) return this.handshakes.begin(socket);
    this.serve(socket, (peer) => new Connection(this.context, socket, peer, performance.now()));
  }

  private serve(socket: net.Socket, open: (peer: Peer) => OpenConnection): void {
    const from = parseAddress(socket.remoteAddress ?? '');
    if (from === undefined || socket.remotePort === undefined) {
      socket.destroy();
      return;
    }
    const peer = {
      id: this.spec.nextId(),
      address: addressText(from),
      port: socket.remotePort,
      addressHash: addressHash(from),
    };
    const connection = open(peer);
    // What matters of an error is that `close` follows it.
    socket.on('error', ignore);
    socket.once('close', () => this.closed(connection, undefined));
    this.spec.table.add(connection, this.counters);
  }

  private closed(connection: OpenConnection, error: Error | undefined): void {
    connection.stop();
    this.spec.table.remove(connection);
    this.spec.events.onFlowClosed(connection, error);
  }

  // Not listening itself: it is handed the accepted sockets, so that the limits hold before any handshake.
  private makeTlsServer(settings: TlsSettings): tls.Server {
    const server = tls.createServer({ ...settings.server, handshakeTimeout: this.spec.limits.messageMs });
    server.on('secureConnection', (socket) => this.ready(socket));
    server.on('tlsClientError', (_error, socket) => {
      this.counters.failedHandshakes++;
      socket.destroy();
    });
    return server;
  }

  private makeHandshakes(rules: WebSocketRules): WebSocketHandshakes {
    const onOpen = (webSocket: WebSocket, socket: net.Socket): void => {
      const open = (peer: Peer) =>
        new WebSocketConnection(this.context, webSocket, socket, peer, rules.pingMs, performance.now());
      this.serve(socket, open);
    };
    return new WebSocketHandshakes({
      limits: this.spec.limits,
      rules,
      counters: this.counters,
      onOpen,
      onForeignOrigin: (origin) => this.spec.onForeignOrigin(this.listener, origin),
    });
  }
}

function ignore(): void {}
