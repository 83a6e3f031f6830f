// HTTP for operators and for Prometheus: /metrics, /healthz, /readyz, /v1/status, the controls of operators, and the console. Bound to
// loopback unless told otherwise.
import { type FastifyInstance, fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { type ListenAddress, listen } from '../http/listen.ts';
import { problem, problemOf, sendProblem } from '../http/problem.ts';
import { type AdminAccess, pageRefusal, sendRefusal } from './access.ts';
import type { OrderedControl } from './control-json.ts';
import { addControlRoutes, type ControlDesk } from './control-routes.ts';
import { addGapRoutes, type GapDesk } from './gap-routes.ts';
import { addRefusalRoutes, type RefusalDesk } from './refusal-routes.ts';
import type { Status } from './status.ts';

export interface AdminOptions {
  readonly registry: Registry;
  /** Why traffic should not be sent here now: not listening, no switch up, draining. Empty: ready. */
  readonly ready: () => string[];
  /** Undefined before the first throttle. */
  readonly status: () => Status | undefined;
  readonly gaps: GapDesk;
  readonly controls: ControlDesk;
  readonly refusals: RefusalDesk;
  /** What came with the orders of orchestrators. */
  readonly ordered: () => readonly OrderedControl[];
  readonly access: AdminAccess;
  /** Adds the console. */
  readonly console?: ((server: FastifyInstance) => void) | undefined;
}

export interface Admin {
  /** `127.0.0.1:9464`, with the port that is bound. */
  readonly address: string;
  /** Answers what is under way, then closes the socket. */
  close(): Promise<void>;
}

const routes =
  'GET /metrics, /healthz, /readyz, /v1/status, /v1/controls, /v1/audit, /v1/operator, /v1/gaps, /v1/refusals, /v1/history, /v1/events, /v1/stream, /; POST /v1/gaps; DELETE /v1/gaps/DIGITS; ' +
  'PUT and DELETE /v1/mode, /v1/drain, /v1/shadow, /v1/switches/NAME/drain';

/** With every answer: a browser runs nothing but our own page, shows it in no frame, and keeps nothing that is not said otherwise. */
export const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** What anybody may ask, whatever name he has for us. */
const anyName: readonly (string | undefined)[] = ['/metrics', '/healthz', '/readyz'];

/** The routes, without a socket. */
export function createAdmin(options: AdminOptions): FastifyInstance {
  const server = fastify({ forceCloseConnections: true, bodyLimit: 65_536, requestTimeout: 10_000 });
  // text/plain is what a web page of another origin may send without asking
  server.removeContentTypeParser('text/plain');

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const refusal = anyName.includes(request.routeOptions.url)
      ? undefined
      : pageRefusal(options.access, request.headers);
    return refusal && sendRefusal(reply, refusal);
  });
  server.get('/metrics', async (_request, reply) => {
    const text = await options.registry.metrics();
    return reply.header('content-type', options.registry.contentType).send(text);
  });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const reasons = options.ready();
    const status = reasons.length === 0 ? 'ready' : 'not ready';
    return reply.code(reasons.length === 0 ? 200 : 503).send({ status, reasons });
  });
  server.get('/v1/status', async (_request, reply) => {
    const status = options.status();
    if (status !== undefined) return status;
    const detail = 'Nothing has been measured yet.';
    return sendProblem(reply.header('retry-after', 1), problem(503, detail));
  });
  addGapRoutes(server, options.gaps, options.access);
  addControlRoutes(server, options.controls, options.ordered, options.access);
  addRefusalRoutes(server, options.refusals, options.access);
  options.console?.(server);

  server.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}; there are: ${routes}.`;
    return sendProblem(reply, problem(404, detail));
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
    sendProblem(reply, problemOf(error, request.headers)),
  );
  return server;
}

/** Listens; rejects with an Error whose one line names the key and the reason. */
export async function startAdmin(options: AdminOptions, where: ListenAddress): Promise<Admin> {
  const server = createAdmin(options);
  const address = await listen(server, where, 'admin.listen');
  return { address, close: () => server.close() };
}
