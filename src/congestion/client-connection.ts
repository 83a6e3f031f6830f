// The client's HTTP: one call of a route, or one stream, within bounds of time and size. Never rejects: what goes wrong is a value.
// Redirects are answers like others and are not followed (undici 7 does so only by an interceptor).
import type { Readable } from 'node:stream';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import type { ClientTls, FailureKind } from './client-options.ts';
import { problemSchema } from './problem.ts';
import { type RouteId, routeOf } from './routes.ts';

/** Answers that are longer are dropped. */
export const mostAnswerBytes = 262_144;

export interface HttpFailure {
  readonly kind: FailureKind;
  readonly detail: string;
  readonly status?: number | undefined;
  /** Of the problem document, if there was one. */
  readonly problem?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** `value`: the JSON; undefined where there was no body. */
export type HttpAnswer = { readonly value: unknown } | { readonly failure: HttpFailure };
export type HttpStream = { readonly body: Readable; readonly abort: () => void } | { readonly failure: HttpFailure };

export interface ConnectionOptions {
  readonly urls: readonly URL[];
  readonly application: string;
  readonly token: string | undefined;
  readonly tls: ClientTls | undefined;
  readonly timeoutMs: number;
  readonly isUnref: boolean;
}

export class Connection {
  private readonly options: ConnectionOptions;
  private readonly pools: readonly Pool[];
  private readonly underWay = new Set<AbortController>();
  /** Which of the addresses is used. */
  private at = 0;

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.pools = options.urls.map((url) => new Pool(url.origin, { ...unbounded, connect: connector(options) }));
  }

  /** `extraMs`: on top of the usual time, for an answer that is to wait. */
  async call(id: RouteId, { query = '', body, extraMs = 0 }: CallOptions = {}): Promise<HttpAnswer> {
    const abort = this.begin();
    const timer = this.timer(abort, this.options.timeoutMs + extraMs);
    const { at } = this;
    try {
      const answer = await this.dispatch(id, query, body, abort.signal);
      const text = await textOf(answer.body);
      if (text === undefined)
        return { failure: { kind: 'invalid', detail: `an answer above ${mostAnswerBytes} bytes` } };
      if (answer.statusCode < 200 || answer.statusCode > 299) return { failure: refusal(answer, text) };
      return text === '' ? { value: undefined } : { value: JSON.parse(text) };
    } catch (error) {
      if (error instanceof SyntaxError) return { failure: { kind: 'invalid', detail: 'the answer is not JSON' } };
      return { failure: this.broken(error, at) };
    } finally {
      clearTimeout(timer);
      this.underWay.delete(abort);
    }
  }

  /** A stream of server-sent events; the caller reads it, bounds it and aborts it. */
  async open(id: RouteId): Promise<HttpStream> {
    const abort = this.begin();
    const timer = this.timer(abort, this.options.timeoutMs);
    const { at } = this;
    try {
      const answer = await this.dispatch(id, '', undefined, abort.signal);
      const isStream = /^text\/event-stream\b/i.test(String(answer.headers['content-type'] ?? ''));
      if (answer.statusCode === 200 && isStream) {
        answer.body.once('close', () => this.underWay.delete(abort));
        return { body: answer.body, abort: () => abort.abort(stopped) };
      }
      const text = (await textOf(answer.body)) ?? '';
      if (answer.statusCode === 200) return { failure: { kind: 'status', status: 200, detail: 'no event stream' } };
      return { failure: refusal(answer, text) };
    } catch (error) {
      return { failure: this.broken(error, at) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Aborts what is under way. Calls may follow. */
  abort(): void {
    for (const one of this.underWay) one.abort(stopped);
    this.underWay.clear();
  }

  async close(): Promise<void> {
    this.abort();
    await Promise.all(this.pools.map((pool) => pool.destroy().catch(() => undefined)));
  }

  private begin(): AbortController {
    const abort = new AbortController();
    this.underWay.add(abort);
    return abort;
  }

  private timer(abort: AbortController, ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => abort.abort(tooLate), ms);
    return this.options.isUnref ? timer.unref() : timer;
  }

  private dispatch(
    id: RouteId,
    query: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData<null>> {
    const { urls, application, token } = this.options;
    const route = routeOf(id);
    const base = urls[this.at]!.pathname.replace(/\/+$/, '');
    return this.pools[this.at]!.request({
      method: route.method,
      path: base + route.path.replace('{name}', encodeURIComponent(application)) + query,
      headers: {
        accept: route.result?.stream === undefined ? 'application/json, application/problem+json' : 'text/event-stream',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
  }

  /** The next call goes to the next address, unless another call has gone on to it already. */
  private broken(error: unknown, at: number): HttpFailure {
    if (error === stopped) return { kind: 'unreachable', detail: 'stopped' };
    if (at === this.at) this.at = (at + 1) % this.pools.length;
    if (error === tooLate) return { kind: 'timeout', detail: `no answer in ${this.options.timeoutMs} ms` };
    return { kind: 'unreachable', detail: reasonOf(error) };
  }
}

export interface CallOptions {
  /** With its question mark. */
  readonly query?: string;
  readonly body?: unknown;
  readonly extraMs?: number;
}

const stopped = new Error('stopped');
const tooLate = new Error('too late');

/** Times are bounded per call, which undici's own coarse timers are not for. */
const unbounded = { connections: 4, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 } as const;

function connector({ tls, timeoutMs, isUnref }: ConnectionOptions): buildConnector.connector {
  const { key, certificate: cert, authority: ca } = tls ?? {};
  const given = Object.entries({ key, cert, ca }).filter(([, value]) => value !== undefined);
  const connect = buildConnector({ timeout: timeoutMs, ...Object.fromEntries(given) });
  if (!isUnref) return connect;
  return (to, done) =>
    connect(to, (...[error, socket]) => {
      // undici leaves the socket out where there is an error, whatever its types say
      if (error !== null) return done(error, null);
      // undici refs a socket again with each request
      socket.unref().ref = () => socket;
      done(null, socket);
    });
}

/** undefined where there is more than is allowed; the connection is then closed. */
async function textOf(body: Readable): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  body.on('error', () => undefined);
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostAnswerBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refusal({ statusCode: status, headers }: Dispatcher.ResponseData<null>, text: string): HttpFailure {
  const { type, detail } = problemOf(text);
  const seconds = Number(headers['retry-after']);
  return {
    kind: kindOf(status),
    status,
    detail: `${status}${detail === undefined ? '' : `: ${detail}`}`,
    problem: type,
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  };
}

function kindOf(status: number): FailureKind {
  if (status === 401 || status === 403) return 'refused';
  return status === 429 || status === 503 ? 'busy' : 'status';
}

function problemOf(text: string): { type?: string; detail?: string | undefined } {
  try {
    const problem = problemSchema.safeParse(JSON.parse(text)).data;
    return problem === undefined ? {} : { type: problem.type, detail: problem.detail ?? problem.title };
  } catch {
    return {};
  }
}

function reasonOf(error: unknown): string {
  // of several addresses that were tried, each is in an AggregateError without a message of its own
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
