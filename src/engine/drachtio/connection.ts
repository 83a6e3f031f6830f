// One control connection to a drachtio-server, from its first packet to its last: it never comes back, the next one is another
// (open-link.ts). drachtio-srf is handed a socket that was connected here, as if it had come to a server of its own: its own way to
// connect comes back without TLS, without an end and without saying why (notes in README.md).
import { Server, type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { LinkOptions, StackAddress } from './link.ts';
import { type Agent, createSrf, type SocketState, type Srf, type SrfRequest, type SrfResponse } from './srf.ts';
import { Wire } from './wire.ts';

/** From the first packet until the server has accepted the secret, ms. */
const openMs = 5_000;
/** drachtio-srf's least, ms. */
const pingMs = 5_000;
/** How long the server has to take our last words, ms. */
const lingerMs = 1_000;

export interface Loss {
  /** `secret`: it was refused. `stream`: what came could not be read. `network`: all else. */
  readonly cause: 'secret' | 'stream' | 'network' | 'closed';
  /** One line. */
  readonly reason: string;
}

export interface ConnectionEvents {
  /** The secret was accepted, requests may come. */
  onUp(): void;
  onRequest(request: SrfRequest, response: SrfResponse): void;
  /** Once for each connection, whether it was up or not. */
  onGone(loss: Loss): void;
  /** A request that drachtio-srf could not make sense of; it was answered. */
  onUnreadable(request: string, status: number): void;
  onRouteRefused(method: string, reason: string): void;
}

export class Connection {
  readonly srf: Srf = createSrf();
  addresses: readonly StackAddress[] = [];
  version = '';
  private readonly options: LinkOptions;
  private readonly events: ConnectionEvents;
  private readonly socket: Socket;
  private readonly openTimer: NodeJS.Timeout;
  private wire: Wire | undefined;
  private isUp = false;
  private isGone = false;
  private wasRefused = false;
  /** Whether our handler saw the request that is being delivered. */
  private wasSeen = false;
  private readonly routes = new Map<string, string>();

  constructor(options: LinkOptions, events: ConnectionEvents) {
    this.options = options;
    this.events = events;
    const { host, port, tls } = options;
    this.socket = tls ? tlsConnect({ host, port }) : tcpConnect({ host, port });
    this.socket.setNoDelay(true);
    this.socket.once(tls ? 'secureConnect' : 'connect', () => this.begin());
    this.socket.on('error', (error) => this.gone({ cause: 'network', reason: error.message }));
    this.socket.on('close', () => this.gone(this.closedReason()));
    this.openTimer = setTimeout(() => {
      this.gone({ cause: 'network', reason: `no drachtio-server answered within ${openMs} ms` });
    }, openMs);
  }

  get agent(): Agent {
    return this.srf.app.client;
  }

  /** Undefined where the connection is gone. */
  get state(): SocketState | undefined {
    return this.agent.mapServer.get(this.socket);
  }

  /** Of the message sent last. */
  get lastId(): string {
    return this.wire?.lastId ?? '';
  }

  /** Throws MessageTooLong, or an Error where the connection is gone. */
  send(message: string): string {
    if (this.wire === undefined) throw new Error('the connection to the drachtio-server is not up');
    return this.wire.send(message);
  }

  /** ms without a sign of life since a ping; 0: there was one. */
  silentMs(nowMs: number): number {
    return this.wire?.silentMs(nowMs) ?? 0;
  }

  /** Gives it up. Resolves when the socket is closed. */
  close(loss: Loss): Promise<void> {
    const isClosed = this.socket.closed
      ? Promise.resolve()
      : new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    this.gone(loss);
    return isClosed;
  }

  private begin(): void {
    const never = new Server();
    this.srf.on('connect', (error, addresses, version) => this.answered(error, addresses, version));
    this.srf.on('error', (error) => this.gone({ cause: 'network', reason: error.message }));
    this.srf.use((request, response) => this.seen(request, response));
    this.srf.listen({ server: never, secret: this.options.secret, enablePing: true, pingInterval: pingMs });
    never.emit('connection', this.socket);
    this.wire = new Wire(this.agent.wp, this.socket, {
      onMessage: (type, message, deliver) => this.message(type, message, deliver),
      onBroken: (reason) => this.gone({ cause: 'stream', reason }),
    });
  }

  private answered(error: Error | null, addresses: string, version: string | null): void {
    if (this.isGone) return;
    clearTimeout(this.openTimer);
    if (error !== null) {
      this.wasRefused = true;
      return this.gone(this.closedReason());
    }
    this.addresses = readAddresses(addresses);
    this.version = version ?? '';
    // A method that nobody has routed the server answers itself, with 503 and no Retry-After.
    for (const method of this.options.methods) this.routes.set(this.send(`route|${method}`), method);
    this.isUp = true;
    this.events.onUp();
  }

  private message(type: string, message: string, deliver: () => void): void {
    if (type === 'response' && this.routes.size > 0 && this.routeAnswered(message)) return;
    this.wasSeen = false;
    let status = 400;
    try {
      deliver();
    } catch {
      status = 500;
    }
    if (type === 'sip' && !this.wasSeen && this.isUp) this.answerUnseen(message, status);
  }

  private seen(request: SrfRequest, response: SrfResponse): void {
    this.wasSeen = true;
    // No request of ours, which the server shows where it ends a dialog; an ACK has no answer.
    if (request.source === 'network' && request.method !== 'ACK') this.events.onRequest(request, response);
  }

  /** uuid|response|<our id>|OK, or NO and the reason. */
  private routeAnswered(message: string): boolean {
    const [, , id = '', word, reason = ''] = message.split('|', 5);
    const method = this.routes.get(id);
    if (method === undefined) return false;
    this.routes.delete(id);
    if (word !== 'OK') this.events.onRouteRefused(method, reason);
    return true;
  }

  /** A request that never came out of drachtio-srf would wait for ever: it could not read it, or failed over it. */
  private answerUnseen(message: string, status: number): void {
    const headEnd = message.indexOf('\r\n');
    const words = message.slice(0, headEnd).split('|');
    const transaction = words[8] ?? '';
    const startLine = message.slice(headEnd + 2, message.indexOf('\r\n', headEnd + 2));
    if (words[2] !== 'network' || transaction === '' || /^(SIP\/|ACK |CANCEL |PRACK |UPDATE )/.test(startLine)) return;
    const phrase = status === 400 ? 'Bad Request' : 'Server Internal Error';
    try {
      this.send(`sip|${transaction}|\r\nSIP/2.0 ${status} ${phrase}\r\ncontent-length: 0\r\n\r\n`);
    } catch {
      return;
    }
    this.events.onUnreadable(startLine, status);
  }

  private closedReason(): Loss {
    if (this.wasRefused) return { cause: 'secret', reason: 'the drachtio-server refuses the secret' };
    return { cause: 'network', reason: 'the drachtio-server closed the connection' };
  }

  private gone(loss: Loss): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.openTimer);
    this.leave();
    this.events.onGone(loss);
  }

  /**
   * The server takes a lost application out of its round robin only when nothing it has still to write holds it; told so, it
   * does at once. What it still has to say is read and thrown away, or it could not hear us.
   */
  private leave(): void {
    const { socket, wire } = this;
    wire?.close();
    if (!this.isUp || wire === undefined || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    try {
      wire.send(`remove_route|${this.options.methods[0] ?? 'invite'}`);
    } catch {
      socket.destroy();
      return;
    }
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** `udp/127.0.0.1:5060,tcp/[::1]:5060`; what is none is left out. */
export function readAddresses(text: string): StackAddress[] {
  return text.split(',').flatMap((one) => {
    const match = /^(udp|tcp|tls|wss|ws)\/\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(one.trim());
    if (match === null) return [];
    return [{ protocol: match[1] as StackAddress['protocol'], host: match[2]!, port: Number(match[3]) }];
  });
}
