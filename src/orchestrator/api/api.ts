// The congestion API over HTTP: every route of the contract over a desk, and health, metrics and the OpenAPI document beside them.
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { openApiDocument } from '../../congestion/openapi.ts';
import { routes } from '../../congestion/routes.ts';
import { type ListenAddress, listen } from '../../http/listen.ts';
import { type Problem, problem, problemOf, sendProblem } from '../../http/problem.ts';
import { type ApiOptions, defaultLimits } from './api-options.ts';
import { createCallbacks } from './callbacks.ts';
import { createGuard, type RouteConfig } from './guard.ts';
import { createHandlers } from './handlers.ts';
import { createIdentities, type Identity } from './identity.ts';
import { createOpenAnswers } from './open-answers.ts';
import { createRates } from './rates.ts';
import { openPaths, refuseOtherMethods, serveRoute } from './serve-route.ts';
import { clientOptions, serverOptions } from './server-options.ts';

export interface Api {
  /** `127.0.0.1:9470`, with the port that is bound. */
  readonly address: string;
  /** Ends what is open, answers what is under way, then closes the socket. */
  close(): Promise<void>;
}

/** Listens; rejects with an Error of one line that names the key and the reason. */
export async function startApi(options: ApiOptions, where: ListenAddress): Promise<Api> {
  const server = createApi(options);
  const address = await listen(server, where, 'listen');
  return { address, close: () => server.close() };
}

/** The routes, without a socket. Throws an Error of one line where credentials or PEM files cannot be used. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { desk, credentials, log } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const guard = createGuard(createIdentities(credentials), createRates(limits));
  const hostsOf = (application: string): readonly string[] =>
    credentials.flatMap((one) =>
      one.role === 'application' && one.name === application ? (one.callbackHosts ?? []) : [],
    );
  const { onCallback: onAttempt } = options;
  const callbacks = createCallbacks({ desk, hostsOf, tls: clientOptions(options.tls), log, onAttempt });
  const openAnswers = createOpenAnswers(desk, limits);
  const identities = new WeakMap<FastifyRequest, Identity>();

  const server = fastify({
    ...serverOptions(limits, options.tls),
    // a path that cannot be decoded has no route, and so no hook
    frameworkErrors: (error, request, reply) => {
      const answer = (body: Problem): void => void sendProblem(reply as FastifyReply, body);
      guard.admit(request as FastifyRequest, reply as FastifyReply).then(
        (identity) => identity === undefined || answer(problemOf(error, request.headers)),
        () => answer(problem(500)),
      );
    },
  });
  server.server.maxConnections = limits.connections;
  // text/plain is what a web page of another origin may send without asking
  server.removeContentTypeParser('text/plain');
  // many clients say application/json with no body at all, as with DELETE
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body.length === 0 ? done(null, undefined) : parseJson(request, body as string, done),
  );

  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const identity = await guard.admit(request, reply);
    if (identity === undefined) return reply;
    if (identity !== 'open') identities.set(request, identity);
    const { allow } = request.routeOptions.config as RouteConfig;
    // RFC 9112 §3.2
    const hasHost = request.headers.host !== undefined || request.raw.httpVersion === '1.0';
    if (!hasHost) return sendProblem(reply, problem(400, 'A request needs a Host header field.'));
    if (request.is404) return sendProblem(reply, problem(404, 'There is nothing here; see /openapi.json.'));
    if (allow !== undefined) return sendProblem(reply.header('allow', allow), problem(405, `Allowed: ${allow}.`));
    const coding = request.headers['content-encoding'] ?? 'identity';
    if (coding !== 'identity') return sendProblem(reply, problem(415, 'A body must not be compressed.'));
    return undefined;
  });
  server.addHook('onResponse', async (request, reply) => {
    const { route } = request.routeOptions.config as RouteConfig;
    options.onAnswer?.(route?.id ?? 'none', reply.statusCode);
  });
  server.addHook('preClose', async () => openAnswers.close());
  server.addHook('onClose', async () => callbacks.stop());
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const body = problemOf(error, request.headers);
    if (body.status >= 500)
      log.limited('api', 'error', 'a request failed', { err: error, path: request.routeOptions.url });
    return sendProblem(reply, body);
  });

  const [health, metrics, document] = openPaths;
  const open = { method: ['GET', 'HEAD'], config: { open: true } satisfies RouteConfig };
  server.route({ ...open, url: health, handler: async () => ({ status: 'alive' }) });
  server.route({
    ...{ ...open, url: metrics },
    async handler(_request, reply) {
      const text = await options.registry.metrics();
      return reply.header('content-type', options.registry.contentType).send(text);
    },
  });
  const text = JSON.stringify(openApiDocument(options.version));
  server.route({
    ...open,
    url: document,
    handler: async (_request, reply) => reply.type('application/json').send(text),
  });

  const handlers = createHandlers(desk, callbacks);
  const identityOf = (request: FastifyRequest): Identity => identities.get(request)!;
  for (const route of routes) serveRoute(server, route, { handlers, openAnswers, identityOf });
  refuseOtherMethods(server);
  return server;
}
