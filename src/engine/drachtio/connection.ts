// One control connection to a drachtio-server, from its first packet to its last: it never comes back, the next one is another
// (open-link.ts). drachtio-srf is handed a socket that was connected here, as if it had come to a server of its own: its own way to
// connect comes back without TLS, more and more seldom, and without saying why.
import { Server, type Socket, connect as tcpConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { LinkOptions, StackAddress } from './link.ts';
import { readAddresses } from './received.ts';
import { type Agent, createSrf, type SocketState, type Srf, type SrfRequest, type SrfResponse } from './srf.ts';
import { Wire } from './wire.ts';

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
  /** The secret was accepted, requests may come from now on. */
  onAccepted(): void;
  /** All that was asked for is handed over, or refused. */
  onUp(): void;
  onRequest(request: SrfRequest, response: SrfResponse): void;
  /** The server has answered it, and the INVITE of this transaction with 487. */
  onCancel(transaction: string): void;
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
  private isAccepted = false;
  private isGone = false;
  /** Whether our handler saw the request that is being delivered. */
  private wasSeen = false;
  private readonly routes = new Map<string, string>();
  private readonly withdrawals = new Map<string, () => void>();

  /** `openMs`: from the first packet until it is up. `methods` of the options are not empty. */
  constructor(options: LinkOptions, openMs: number, events: ConnectionEvents) {
    this.options = options;
    this.events = events;
    const { host, port, tls } = options;
    this.socket = tls === false ? tcpConnect({ host, port }) : tlsConnect({ host, port, ...(tls === true ? {} : tls) });
    this.socket.setNoDelay(true);
    this.socket.once(tls === false ? 'connect' : 'secureConnect', () => this.begin());
    this.socket.on('error', (error) => this.gone({ cause: 'network', reason: error.message }));
    this.socket.on('close', () => this.gone({ cause: 'network', reason: 'the drachtio-server closed the connection' }));
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

  /**
   * Asks for no more requests. Resolves when those that were on their way are here, at the latest after `lingerMs`.
   */
  async withdraw(): Promise<void> {
    if (!this.isAccepted || this.isGone) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lingerMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      try {
        this.withdrawals.set(this.removeRoutes(), done);
      } catch {
        done();
      }
    });
    this.withdrawals.clear();
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
    this.srf.on('connect', (error, addresses, version, local) => {
      if (error === null) this.accepted(addresses, version ?? '', local ?? '');
      else this.refused();
    });
    this.srf.on('error', (error) => this.gone({ cause: 'network', reason: error.message }));
    this.srf.use((request, response) => this.seen(request, response));
    this.srf.listen({ server: never, secret: this.options.secret, enablePing: true, pingInterval: pingMs });
    never.emit('connection', this.socket);
    this.wire = new Wire(this.agent.wp, this.socket, {
      onMessage: (type, message, deliver) => this.message(type, message, deliver),
      onBroken: (reason) => this.gone({ cause: 'stream', reason }),
    });
  }

  private accepted(addresses: string, version: string, local: string): void {
    if (this.isGone) return;
    const told = readAddresses(addresses);
    const own = readAddresses(local);
    this.addresses = own.length === told.length ? own : told;
    this.version = version;
    this.isAccepted = true;
    this.events.onAccepted();
    try {
      // A method that nobody has routed the server answers itself, with 503 and no Retry-After.
      for (const method of this.options.methods) this.routes.set(this.send(`route|${method}`), method);
    } catch (error) {
      this.gone({ cause: 'network', reason: (error as Error).message });
    }
  }

  private refused(): void {
    this.gone({ cause: 'secret', reason: 'the drachtio-server refuses the secret' });
  }

  private message(type: string, message: string, deliver: () => void): void {
    if (type === 'response' && this.withdrawals.size + this.routes.size > 0 && this.ourAnswer(message)) return;
    const head = type === 'sip' && this.isAccepted ? readHead(message) : undefined;
    if (head?.method === 'CANCEL') this.events.onCancel(head.transaction);
    // It would print the whole of it, and leave it without an answer.
    if (head?.isReadable === false) return this.answerUnseen(head, 400);
    this.wasSeen = false;
    let status = 400;
    try {
      deliver();
    } catch {
      status = 500;
    }
    if (head !== undefined && !this.wasSeen) this.answerUnseen(head, status);
  }

  private seen(request: SrfRequest, response: SrfResponse): void {
    this.wasSeen = true;
    // No request of ours, which the server shows where it ends a dialog; an ACK has no answer.
    if (request.source === 'network' && request.method !== 'ACK') this.events.onRequest(request, response);
  }

  /** uuid|response|<our id>|OK, or NO and the reason. */
  private ourAnswer(message: string): boolean {
    const [, , id = '', word, reason = ''] = message.split('|', 5);
    const isWithdrawn = this.withdrawals.get(id);
    if (isWithdrawn !== undefined) {
      isWithdrawn();
      return true;
    }
    const method = this.routes.get(id);
    if (method === undefined) return false;
    this.routes.delete(id);
    if (word !== 'OK') this.events.onRouteRefused(method, reason);
    if (this.routes.size > 0) return true;
    clearTimeout(this.openTimer);
    this.events.onUp();
    return true;
  }

  /** A request that never came out of drachtio-srf would wait for ever: it could not read it, or failed over it. */
  private answerUnseen({ method, transaction, startLine }: Head, status: number): void {
    if (swallowed.has(method)) return;
    const phrase = status === 400 ? 'Bad Request' : 'Server Internal Error';
    try {
      this.send(`sip|${transaction}|\r\nSIP/2.0 ${status} ${phrase}\r\ncontent-length: 0\r\n\r\n`);
    } catch {
      return;
    }
    this.events.onUnreadable(startLine, status);
  }

  private gone(loss: Loss): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.openTimer);
    this.leave();
    this.events.onGone(loss);
  }

  /** Returns the id of the last message. Throws as `send` does. */
  private removeRoutes(): string {
    let id = '';
    for (const method of this.options.methods) id = this.send(`remove_route|${method}`);
    return id;
  }

  /**
   * The server goes on handing requests to a lost application for as long as something of it holds it, in vain: for ever where its
   * frames were torn (ran: 8 of 16 calls). Told so, it does not.
   */
  private leave(): void {
    const { socket, wire } = this;
    wire?.close();
    if (!this.isAccepted || wire === undefined || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    try {
      this.removeRoutes();
    } catch {
      socket.destroy();
      return;
    }
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

/** Answered inside drachtio-srf, by the server, or never. */
const swallowed = new Set(['ACK', 'CANCEL', 'PRACK', 'UPDATE']);
/** What drachtio-srf takes for the first line of a request; the server is more lenient. */
const readableStart = /^[\w\-.!%*+`'~]+\s\S+\sSIP\s*\/\s*\d+\.\d+/;

interface Head {
  readonly transaction: string;
  readonly startLine: string;
  readonly method: string;
  readonly isReadable: boolean;
}

/** Of a request from the network; undefined for all else. */
function readHead(message: string): Head | undefined {
  const end = message.indexOf('\r\n');
  const words = message.slice(0, end).split('|');
  const transaction = words[8] ?? '';
  const lineEnd = message.indexOf('\r\n', end + 2);
  const startLine = message.slice(end + 2, lineEnd < 0 ? undefined : lineEnd);
  if (end < 0 || words[2] !== 'network' || transaction === '' || startLine.startsWith('SIP/')) return undefined;
  return { transaction, startLine, method: startLine.split(' ', 1)[0]!, isReadable: readableStart.test(startLine) };
}
