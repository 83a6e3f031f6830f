// One route of the contract on the server: input is read by its schemas, the desk is asked, and what it says becomes an answer.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type NamedRoute, type Route, type RouteId, routes } from '../../congestion/routes.ts';
import { problem, sendProblem } from '../../http/problem.ts';
import { mostBodyBytes } from './api-options.ts';
import type { RouteConfig } from './guard.ts';
import { type Answer, type Call, type Handlers, isBadCallback, isRefusal } from './handlers.ts';
import type { Identity } from './identity.ts';
import { createReader, type Input } from './input.ts';
import { type OpenAnswers, type PollQuery, retryAfterFullSeconds } from './open-answers.ts';
import { faultsProblem, refusalProblem } from './problems.ts';

export interface Served {
  readonly handlers: Handlers;
  readonly openAnswers: OpenAnswers;
  readonly identityOf: (request: FastifyRequest) => Identity;
}

/** Paths that need no token. */
export const openPaths = ['/healthz', '/metrics', '/openapi.json'] as const;

/** Bodies of a few numbers and a reason. */
const smallBodyBytes = 8192;
const longBodies: ReadonlySet<RouteId> = new Set(['register', 'report', 'peerReport', 'gap']);

export function serveRoute(server: FastifyInstance, route: NamedRoute, served: Served): void {
  const read = createReader(route);
  const config: RouteConfig = { route };
  const bodyLimit = longBodies.has(route.id) ? mostBodyBytes : smallBodyBytes;
  const { method } = route;
  server.route({
    ...{ method, url: fastifyPath(route.path), bodyLimit, config },
    async handler(request, reply) {
      const reading = read(request);
      if ('faults' in reading) return sendProblem(reply, faultsProblem(reading.faults));
      const answer = await answerOf(route, reading.input, served, request, reply);
      return reply.sent ? reply : send(route, answer, reply);
    },
  });
}

/** On the paths of the API and on those that are open: 405, for who is known. */
export function refuseOtherMethods(server: FastifyInstance): void {
  const methods = new Map<string, string[]>(openPaths.map((path) => [path, ['GET', 'HEAD']]));
  for (const { path, method } of routes) methods.set(path, [...(methods.get(path) ?? []), method]);
  for (const [path, allowed] of methods) {
    const others = server.supportedMethods.filter((one) => !allowed.includes(one));
    const config: RouteConfig = { allow: allowed.join(', ') };
    server.route({ method: others, url: fastifyPath(path), config, handler: async () => {} });
  }
}

async function answerOf(
  { id }: { readonly id: RouteId },
  { params, query, body }: Input,
  { handlers, openAnswers, identityOf }: Served,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer | 'full'> {
  const identity = identityOf(request);
  const who = `${identity.role} ${identity.name}`;
  const { name = '', digits = '' } = params;
  if (id === 'orders') return openAnswers.poll(who, name, query as unknown as PollQuery, reply);
  if (id === 'events') return openAnswers.orders(who, name, reply);
  if (id === 'feed') return openAnswers.transitions(who, reply);
  const handler: (call: Call<never>) => Answer = handlers[id];
  // the schema of this very route has read it
  return handler({ identity, name, digits, body: body as never });
}

function send(route: Route, answer: Answer | 'full', reply: FastifyReply): FastifyReply {
  if (answer === 'full') {
    const detail = 'As many wait here already as may.';
    return sendProblem(reply.header('retry-after', retryAfterFullSeconds), problem(503, detail));
  }
  if (answer === undefined) return reply.code(204).send();
  if (isRefusal(answer)) {
    if (answer.refused === 429) reply.header('retry-after', 1);
    return sendProblem(reply, refusalProblem(answer));
  }
  if (isBadCallback(answer)) return sendProblem(reply, faultsProblem(answer.faults));
  const { list } = route.result ?? {};
  return reply.send(list === undefined ? answer : { [list]: answer });
}

const fastifyPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');
