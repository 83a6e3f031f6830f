// How an accepted connection becomes a WebSocket (RFC 7118 §4.1, RFC 6455 §4.2): an HTTP request of bounded size and time, with
// the subprotocol `sip`, from a web page that may. Everything else gets an HTTP error and is closed.
import type { IncomingMessage } from 'node:http';
import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { lingerMs } from './connection.ts';
import type { StreamCounters } from './stream-counters.ts';
import type { TransportLimits, WebSocketRules } from './transport-options.ts';

/** The request with its headers; browsers send cookies with it. */
const mostHeaderBytes = 16_384;
/** Fragments of one message, and pieces that a frame comes in: each costs an object, however short it is. */
const mostFragments = 256;
const mostPieces = 1_024;

export interface HandshakeSpec {
  readonly limits: TransportLimits;
  readonly rules: WebSocketRules;
  readonly counters: StreamCounters;
  readonly onOpen: (webSocket: WebSocket, socket: Socket) => void;
  /** `origin`: what the web page's browser said; refused for it. */
  readonly onForeignOrigin: (origin: string) => void;
}

export class WebSocketHandshakes {
  private readonly spec: HandshakeSpec;
  // Neither listens: they are handed connections that are within the limits, their TLS up.
  private readonly http: Server;
  private readonly upgrader: WebSocketServer;
  /** With the timers that end them. */
  private readonly pending = new Map<Duplex, NodeJS.Timeout>();

  constructor(spec: HandshakeSpec) {
    this.spec = spec;
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: spec.limits.messageBytes,
      maxFragments: mostFragments,
      maxBufferedChunks: mostPieces,
      closeTimeout: lingerMs,
      handleProtocols: () => 'sip',
    };
    this.upgrader = new WebSocketServer(options);
    this.http = createServer({ maxHeaderSize: mostHeaderBytes });
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    this.http.on('request', (_request, response) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade, close', 'Content-Type': 'text/plain' });
      response.end(`${STATUS_CODES[426]}\n`);
    });
    this.http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
    });
  }

  /** Counts it as failed where it closes, or takes longer than a message may, before it is a WebSocket. */
  begin(socket: Socket): void {
    const { limits, counters } = this.spec;
    this.pending.set(
      socket,
      setTimeout(() => socket.destroy(), limits.messageMs),
    );
    socket.on('error', ignore);
    socket.once('close', () => {
      if (this.settle(socket)) counters.failedHandshakes++;
    });
    this.http.emit('connection', socket);
  }

  /** Ends those that are not done. */
  close(): void {
    for (const socket of this.pending.keys()) socket.destroy();
  }

  /** False where it was settled before. */
  private settle(socket: Duplex): boolean {
    clearTimeout(this.pending.get(socket));
    return this.pending.delete(socket);
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOf(request, this.spec.rules.origins?.());
    if (refusal === 403) this.spec.onForeignOrigin(request.headers.origin ?? '');
    if (refusal !== undefined) return refuse(socket, refusal);
    this.upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      this.settle(socket);
      this.spec.onOpen(webSocket, socket as Socket);
    });
  }
}

/** The HTTP status that a handshake is refused with: 403 for its Origin, 400 where it does not offer `sip`. */
export function refusalOf({ headers }: IncomingMessage, origins: readonly string[] | undefined): 400 | 403 | undefined {
  if (!isAllowedOrigin(headers.origin, origins)) return 403;
  const offered = headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => name.trim() === 'sip') ? undefined : 400;
}

const ofLoopback = /^https?:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** `origin`: as the browser says it (RFC 6454 §7); undefined where there is no such header. */
export function isAllowedOrigin(origin: string | undefined, origins: readonly string[] | undefined): boolean {
  // RFC 6455 §10.2: other clients than browsers can write what they like there, so nothing is gained by asking for one
  if (origin === undefined) return true;
  if (origins === undefined) return ofLoopback.test(origin);
  return origins.includes('*') || origins.includes(origin.toLowerCase());
}

function refuse(socket: Duplex, status: number): void {
  if (!socket.writable) return void socket.destroy();
  const body = `${STATUS_CODES[status]}\n`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n`;
  socket.end(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
  // unread bytes would make the kernel reset the connection before the answer arrives
  socket.resume();
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

function ignore(): void {}
