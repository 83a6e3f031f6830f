// A control port as a drachtio-server has it, on loopback, without any SIP behind it: a test says what it hands over and reads what
// the application sends. For what no well-behaved server does.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { FrameReader } from '../../../src/engine/drachtio/frames.ts';
import { waitFor } from '../../peers/wait.ts';

/** A message of the application, after its id. */
export interface Received {
  readonly id: string;
  readonly words: readonly string[];
  readonly body: string;
  readonly peer: Peer;
}

export interface Peer {
  readonly socket: Socket;
  readonly routes: Set<string>;
  send(message: string): void;
  answer(id: string, ...words: string[]): void;
}

export interface ControlPortOptions {
  readonly secret?: string;
  readonly addresses?: string;
  /** What it says that its sockets are, where that is something else. */
  readonly local?: string;
  readonly refusedRoutes?: readonly string[];
  /** Does not answer to `remove_route`. */
  readonly slowRemove?: boolean;
  readonly tls?: TlsOptions;
  readonly port?: number;
  /** Reads nothing. */
  readonly isDeaf?: boolean;
}

export class ControlPort {
  readonly peers: Peer[] = [];
  readonly received: Received[] = [];
  /** When each peer came, ms of performance.now. */
  readonly peerTimesMs: number[] = [];
  /** Of each message that was received, with its length. */
  readonly frameBytes: number[] = [];
  /** TCP connections, also those that were never a peer. */
  connections = 0;
  answersPings = true;
  /** Closes every connection at once. */
  isRefusing = false;
  private readonly server: Server;
  private readonly options: ControlPortOptions;

  private constructor(options: ControlPortOptions) {
    this.options = options;
    const accept = (socket: Socket) => this.accept(socket);
    this.server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept);
    this.server.on('tlsClientError', () => {});
    this.server.on('connection', () => {
      this.connections++;
    });
  }

  static async open(options: ControlPortOptions = {}): Promise<ControlPort> {
    const port = new ControlPort(options);
    port.server.listen(options.port ?? 0, '127.0.0.1');
    await once(port.server, 'listening');
    return port;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  /** Those whose first words are these. */
  all(...first: string[]): Received[] {
    return this.received.filter(({ words }) => first.every((word, i) => words[i] === word));
  }

  /** The first, or the one after `past` others, that comes within 10 s. */
  next(past: number, ...first: string[]): Promise<Received> {
    return waitFor(`message ${past} of ${first.join('|')}`, () => this.all(...first)[past]);
  }

  /** To the connection made last. Returns the transaction's id. */
  hand(method: string, more: Partial<HandedOver> = {}): string {
    const transaction = more.transaction ?? randomUUID();
    const peer = more.peer ?? this.peers.at(-1)!;
    const raw =
      more.raw ?? request(method, more.uri ?? 'sip:100@127.0.0.1', more.callId ?? randomUUID(), more.via ?? 'UDP');
    const time = more.time ?? new Date().toISOString().slice(11, 23);
    const head = ['network', raw.length, more.protocol ?? 'udp', '127.0.0.1', 5070, time, transaction, ''];
    peer.send(
      `${randomUUID()}|sip|${[...head, ...(more.receivedOn ?? ['127.0.0.1', '5060']), ''].join('|')}\r\n${raw}`,
    );
    return transaction;
  }

  /** A final answer to what was proxied, from a port of 127.0.0.1. */
  final({ peer, id }: Received, status: number, port: number): void {
    const meta = ['network', 300, 'udp', '127.0.0.1', port, '08:43:10.215619', '', '', 'continue'].join('|');
    peer.send(`${randomUUID()}|response|${id}|OK|${meta}\r\nSIP/2.0 ${status} Some\r\nContent-Length: 0\r\n\r\n`);
  }

  /** A request of the application's own has gone out. */
  sent({ peer, id, body }: Received, transaction: string): void {
    const meta = ['application', 300, 'udp', '127.0.0.1', 5080, '08:43:10.215619', transaction, ''].join('|');
    peer.send(`${randomUUID()}|response|${id}|OK|${meta}\r\n${body}`);
  }

  /** An answer to it. */
  reply(transaction: string, status: number): void {
    const meta = ['network', 300, 'udp', '127.0.0.1', 5080, '08:43:10.215619', transaction, ''].join('|');
    const raw = `SIP/2.0 ${status} Some\r\nCall-ID: own\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;
    this.peers.at(-1)!.send(`${randomUUID()}|sip|${meta}\r\n${raw}`);
  }

  private accept(socket: Socket): void {
    const frames = new FrameReader();
    const peer: Peer = {
      socket,
      routes: new Set(),
      send: (message) => void socket.write(`${Buffer.byteLength(message)}#${message}`),
      answer: (id, ...words) => peer.send([randomUUID(), 'response', id, ...words].join('|')),
    };
    this.peers.push(peer);
    this.peerTimesMs.push(performance.now());
    socket.on('error', () => {});
    if (this.isRefusing) return void socket.destroy();
    if (this.options.isDeaf) return void socket.pause();
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk, (message) => {
        this.take(peer, message);
        return true;
      });
    });
  }

  private take(peer: Peer, message: string): void {
    const bytes = Buffer.byteLength(message);
    this.frameBytes.push(bytes + 1 + String(bytes).length);
    const end = message.indexOf('\r\n');
    const [id = '', ...words] = (end < 0 ? message : message.slice(0, end)).split('|');
    this.received.push({ id, words, body: end < 0 ? '' : message.slice(end + 2), peer });
    if (words[0] === 'authenticate') {
      const isRight = words[1] === (this.options.secret ?? 'cymru');
      if (!isRight) {
        peer.answer(id, 'NO', 'incorrect secret');
        peer.socket.end();
      } else
        peer.answer(
          id,
          'OK',
          this.options.addresses ?? 'tcp/127.0.0.1:5060,udp/127.0.0.1:5060',
          'v0.9.10',
          this.options.local ?? '',
        );
    } else if (words[0] === 'route') {
      peer.routes.add(words[1]!);
      if (this.options.refusedRoutes?.includes(words[1]!)) peer.answer(id, 'NO', 'unsupported');
      else peer.answer(id, 'OK');
    } else if (words[0] === 'remove_route') {
      peer.routes.clear();
      if (!this.options.slowRemove) peer.answer(id, 'OK');
    } else if (words[0] === 'ping' && this.answersPings) peer.answer(id, 'OK', 'pong');
  }
}

interface HandedOver {
  readonly transaction: string;
  readonly peer: Peer;
  readonly raw: string;
  readonly uri: string;
  readonly callId: string;
  readonly via: string;
  readonly time: string;
  readonly protocol: string;
  readonly receivedOn: readonly [string, string];
}

export function request(method: string, uri: string, callId: string, via = 'UDP'): string {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${via} 127.0.0.1:5070;branch=z9hG4bK${callId.slice(0, 8)}`,
    'From: <sip:caller@127.0.0.1>;tag=a',
    'To: <sip:100@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
