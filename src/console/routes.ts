// The console over HTTP: the page with its files, /v1/history, /v1/events and /v1/stream.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Status } from '../admin/status.ts';
import { problem, sendProblem } from '../http/problem.ts';
import { type EventStreams, eventText, mostListeners } from './event-streams.ts';
import { type History, mostSeconds } from './history.ts';
import type { PageFile, PageFiles } from './page-files.ts';
import { mostEntries, type Timeline } from './timeline.ts';

export interface ConsoleParts {
  readonly history: History;
  readonly timeline: Timeline;
  readonly streams: EventStreams;
  /** Undefined before the first throttle. */
  readonly status: () => Status | undefined;
  /** Undefined where no page is to be served. */
  readonly page: PageFiles | undefined;
}

const leastSeconds = 10;
/** A year: under its version a file never changes. */
const forever = 'public, max-age=31536000, immutable';

/** RFC 9110 §12.5.3: named, and not with a weight of 0. */
const takesGzip = /(^|,)\s*gzip\s*(,|;(?!\s*q=0(\.0*)?\s*(,|$))|$)/i;

export function addConsoleRoutes(server: FastifyInstance, { history, timeline, streams, status, page }: ConsoleParts) {
  server.get('/v1/history', async (request, reply) => {
    const seconds = wholeOf(request, 'seconds', mostSeconds, leastSeconds, mostSeconds);
    return typeof seconds === 'number' ? history.read(seconds) : sendProblem(reply, problem(400, seconds.error));
  });
  server.get('/v1/events', async (request, reply) => {
    const limit = wholeOf(request, 'limit', 200, 1, mostEntries);
    return typeof limit === 'number'
      ? { entries: timeline.entries(limit) }
      : sendProblem(reply, problem(400, limit.error));
  });
  server.get('/v1/stream', { exposeHeadRoute: false }, (_request, reply) => {
    if (streams.isFull) {
      const detail = `No more may listen: ${mostListeners} do, or the edge is about to end.`;
      return sendProblem(reply.header('retry-after', 5), problem(503, detail));
    }
    const now = status();
    reply.hijack();
    const headers = reply.getHeaders() as Record<string, string>;
    return streams.add(reply.raw, headers, now === undefined ? [] : [eventText('status', now)]);
  });
  // those who watch must not hold up the end of the process
  server.addHook('preClose', async () => streams.close());
  if (page !== undefined) addPage(server, page);
}

function addPage(server: FastifyInstance, { index, files, version }: PageFiles): void {
  server.get('/', async (request, reply) => sendFile(request, reply, index, 'no-cache'));
  const file = (name: string, cached: string) => async (request: FastifyRequest, reply: FastifyReply) =>
    sendFile(request, reply, files.get(name)!, cached);
  for (const name of files.keys()) {
    server.get(`/console/${name}`, file(name, 'no-cache'));
    server.get(`/console/${version}/${name}`, file(name, forever));
  }
}

/** RFC 9110 §13.1.2: who has it gets no second copy. */
function sendFile({ headers }: FastifyRequest, reply: FastifyReply, file: PageFile, cached: string): FastifyReply {
  const isPacked = takesGzip.test(headers['accept-encoding']?.toString() ?? '');
  const etag = isPacked ? file.etag.replace(/"$/, '-gzip"') : file.etag;
  reply.headers({ 'cache-control': cached, etag, vary: 'accept-encoding' });
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, ''));
  if (known?.includes(etag)) return reply.code(304).send();
  reply.type(file.type);
  return isPacked ? reply.header('content-encoding', 'gzip').send(file.packed) : reply.send(file.body);
}

/** A whole number of the query, or one line that says what is wrong with it. */
function wholeOf(request: FastifyRequest, key: string, missing: number, least: number, most: number) {
  const given = (request.query as Readonly<Record<string, unknown>>)[key];
  if (given === undefined) return missing;
  const value = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  return { error: `${key}: ${String(given).slice(0, 60)} is not a whole number from ${least} to ${most}` };
}
