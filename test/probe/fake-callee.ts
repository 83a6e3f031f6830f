// A called party for unit tests: it answers texts with texts, by the user part of the Request-URI, and keeps what came. Over a
// datagram socket or a WebSocket.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { type Datagrams, openDatagrams } from '../peers/datagram.ts';

export interface FakeCallee {
  /** `udp:HOST:PORT` or `ws://HOST:PORT`. */
  readonly address: string;
  readonly received: readonly string[];
  /** Methods of the requests in the order in which they came. */
  methods(): string[];
  close(): void | Promise<void>;
}

/** What to answer to a request, each a whole message. `nth`: how many of this method came, this one included. */
export type Behaviour = (request: string, nth: number) => readonly string[];

const line = (text: string, name: string): string => new RegExp(`^${name}:.*$`, 'im').exec(text)?.[0] ?? '';

/** A response to `request`. A To tag is added to all but 100. */
export function respond(request: string, status: string, lines: readonly string[] = [], body = ''): string {
  const vias = request.match(/^Via:.*$/gim) ?? [];
  const to = line(request, 'To');
  const isTagged = status.startsWith('100') || /;tag=/.test(to);
  const copied = [...vias, line(request, 'From'), isTagged ? to : `${to};tag=callee`, line(request, 'Call-ID')];
  const head = [`SIP/2.0 ${status}`, ...copied, line(request, 'CSeq'), ...lines, `Content-Length: ${body.length}`];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

export function methodOf(message: string): string {
  return /^(\w+) /.exec(message)?.[1] ?? '';
}

const contact = 'Contact: <sip:callee@callee.test>';
const session = 'v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

export const answer = (invite: string, more: readonly string[] = []): string =>
  respond(invite, '200 OK', [contact, 'Content-Type: application/sdp', ...more], session);

export const ringing = (invite: string): string => respond(invite, '180 Ringing', [contact]);

/** Rings and answers, confirms BYE and CANCEL; a cancelled call ends with 487. */
export function usual(
  onInvite: Behaviour = (invite) => [respond(invite, '100 Trying'), ringing(invite), answer(invite)],
) {
  let invite = '';
  const behave: Behaviour = (request, nth) => {
    const method = methodOf(request);
    if (method === 'ACK') return [];
    if (method === 'CANCEL') return [respond(request, '200 OK'), respond(invite, '487 Request Terminated')];
    if (method !== 'INVITE') return [respond(request, '200 OK')];
    invite = request;
    return onInvite(request, nth);
  };
  return behave;
}

class Memory {
  readonly received: string[] = [];
  private readonly behave: Behaviour;

  constructor(behave: Behaviour) {
    this.behave = behave;
  }

  take(text: string): readonly string[] {
    this.received.push(text);
    const method = methodOf(text);
    return method === '' ? [] : this.behave(text, this.methods().filter((one) => one === method).length);
  }

  methods(): string[] {
    return this.received.map(methodOf).filter((method) => method !== '');
  }
}

export async function datagramCallee(behave: Behaviour): Promise<FakeCallee & { readonly socket: Datagrams }> {
  const memory = new Memory(behave);
  const socket = await openDatagrams('127.0.0.1', 0, (text, reply) => {
    for (const one of memory.take(text)) reply(one);
  });
  const { received } = memory;
  const address = `udp:127.0.0.1:${socket.port}`;
  return { address, received, methods: () => memory.methods(), close: () => socket.close(), socket };
}

export interface WebCallee extends FakeCallee {
  /** Sends to whoever is connected. */
  say(text: string): void;
  /** Ends the connections without a word. */
  cut(): void;
}

/** `protocol`: the subprotocol that it agrees to. */
export async function webCallee(behave: Behaviour, protocol = 'sip'): Promise<WebCallee> {
  const memory = new Memory(behave);
  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      for (const one of memory.take(String(data))) socket.send(one);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const bound = http.address();
  const port = typeof bound === 'object' ? bound?.port : 0;
  const { received } = memory;
  const each = (what: (socket: import('ws').WebSocket) => void): void => {
    for (const socket of server.clients) what(socket);
  };
  return {
    ...{ address: `ws://127.0.0.1:${port}`, received, methods: () => memory.methods() },
    say: (text) => each((socket) => socket.send(text)),
    cut: () => each((socket) => socket.terminate()),
    close: () => {
      each((socket) => socket.terminate());
      http.close();
    },
  };
}
