// An orchestrator for the client's tests: speaks the routes of the contract over a real socket, and can be told to do so badly.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { request as send } from 'undici';
import { examples } from '../../src/congestion/examples.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { type Route, routes } from '../../src/congestion/routes.ts';

export const token = 'token-of-sixteen-and-more';
export const application = 'web';

export interface Received {
  readonly id: string;
  readonly body: Record<string, unknown> & { sequence?: number; session?: string; instance?: string };
  readonly query: URLSearchParams;
  readonly atMs: number;
}

/** What to do instead of answering properly; undefined: answer. Has answered where it returns true. */
export type Misbehaviour = (got: Received, response: ServerResponse) => boolean | Promise<boolean>;

export class FakeOrchestrator {
  readonly received: Received[] = [];
  misbehave: Misbehaviour | undefined;
  orders: Orders = initialOrders;
  /** How a text is written to streams. */
  writeEvent = (stream: ServerResponse, text: string): void => void stream.write(text);
  basePath = '';
  hasStreams = true;
  hasPolls = true;
  /** Of the application, while it is registered. */
  session: string | undefined;
  callback: { readonly url: string; readonly token?: string } | undefined;
  readonly streams = new Set<ServerResponse>();
  /** As many requests as were under way at once, at most. */
  mostAtOnce = 0;
  private readonly polls = new Set<() => void>();
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private sessions = 0;
  private underWay = 0;
  private port = 0;
  /** Told apart by their sessions. */
  private readonly name: string;

  constructor(name = 'first') {
    this.name = name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** On the same port as before. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.take(request, response));
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Like kill -9: connections are reset, nothing is remembered. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.forget();
    for (const socket of this.sockets) socket.resetAndDestroy();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    this.streams.clear();
    this.polls.clear();
  }

  /** The application is not known any more. */
  forget(): void {
    this.session = undefined;
  }

  of(id: string): Received[] {
    return this.received.filter((one) => one.id === id);
  }

  /** New orders, told to whoever listens. */
  change(fields: Partial<Orders> = {}): Orders {
    this.orders = { ...this.orders, sequence: this.orders.sequence + 1, ...fields };
    this.tell(this.current());
    return this.current();
  }

  tell(orders: unknown): void {
    for (const stream of this.streams) this.writeEvent(stream, eventOf(orders));
    for (const wake of [...this.polls]) wake();
  }

  /** The status that the callback answers. */
  async call(orders: unknown, bearer = this.callback?.token): Promise<number> {
    const body = typeof orders === 'string' ? orders : JSON.stringify(orders);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
    const answer = await send(this.callback!.url, { method: 'POST', headers, body });
    await answer.body.dump();
    return answer.statusCode;
  }

  current(): Orders {
    return { ...this.orders, session: this.session ?? 'no session' };
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.underWay);
    response.on('close', () => this.underWay--);
    const url = new URL(request.url ?? '/', this.url);
    const route = routes.find(
      (one: Route) =>
        one.method === request.method && this.basePath + one.path.replace('{name}', application) === url.pathname,
    );
    const text = await bodyOf(request);
    if (route === undefined) return problem(response, 404, 'about:blank');
    if (request.headers.authorization !== `Bearer ${token}`) return problem(response, 401, 'about:blank');
    const body = text === '' ? {} : JSON.parse(text);
    const received: Received = { id: route.id, body, query: url.searchParams, atMs: performance.now() };
    this.received.push(received);
    // a client that says what the contract does not know is told so, and the test fails
    const schema = (route as Route).body;
    if (schema !== undefined && !schema.safeParse(body).success)
      return problem(response, 400, 'urn:surgegate:problem:invalid-message');
    if ((await this.misbehave?.(received, response)) === true) return;
    this.answer(received, response);
  }

  private answer({ id, body, query }: Received, response: ServerResponse): void {
    switch (id) {
      case 'register':
        this.session = `${this.name}-session-${++this.sessions}`;
        this.callback = body.callback as typeof this.callback;
        return json(response, this.current());
      case 'leave':
        this.session = undefined;
        response.writeHead(204).end();
        return;
      case 'events':
        return this.hasStreams ? this.stream(response) : problem(response, 404, 'about:blank');
      case 'orders':
        return this.hasPolls ? this.poll(Number(query.get('after')), response) : problem(response, 404, 'about:blank');
      default:
        if (body.session !== this.session) return problem(response, 409, 'urn:surgegate:problem:unknown-session');
        if (id === 'request')
          return json(response, {
            outcome: 'granted',
            granted: body.wanted,
            reason: 'room',
            orders: this.current(),
          });
        return json(response, this.current());
    }
  }

  private stream(response: ServerResponse): void {
    if (this.session === undefined) return problem(response, 404, 'urn:surgegate:problem:not-registered');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    this.writeEvent(response, `retry: 3000\n\n${eventOf(this.current())}`);
  }

  private poll(after: number, response: ServerResponse): void {
    if (this.session === undefined) return problem(response, 404, 'urn:surgegate:problem:not-registered');
    if (this.orders.sequence !== after) return json(response, this.current());
    const wake = (): void => {
      this.polls.delete(wake);
      json(response, this.current());
    };
    this.polls.add(wake);
    response.on('close', () => this.polls.delete(wake));
  }
}

export const initialOrders: Orders = {
  ...examples.orders.result,
  application,
  sequence: 1,
  validitySeconds: 5,
  notices: [],
  controls: [],
};

export const eventOf = (orders: unknown): string =>
  `event: orders\ndata: ${typeof orders === 'string' ? orders : JSON.stringify(orders)}\n\n`;

export function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function problem(
  response: ServerResponse,
  status: number,
  type: string,
  headers: Record<string, string> = {},
): void {
  const body = { type, title: 'Problem', status, detail: `detail of ${status}` };
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return '';
  }
  return Buffer.concat(chunks).toString('utf8');
}
