// Who gets an answer at all: nobody without a token or certificate, not even that a path does not exist; nobody more often than
// he may; and nobody for another's name, whether it exists or not.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NamedRoute, Route } from '../../congestion/routes.ts';
import { challenge } from '../../http/bearer.ts';
import { type Problem, problem, sendProblem } from '../../http/problem.ts';
import type { Identities, Identity } from './identity.ts';
import { tooMany } from './problems.ts';
import type { Rates } from './rates.ts';

/** What a route says about itself. `open`: needs no token. */
export interface RouteConfig {
  readonly route?: NamedRoute;
  readonly open?: true;
  /** Methods that its path has; this one is not among them. */
  readonly allow?: string;
}

export interface Guard {
  /** Sends the refusal; the identity of who may go on, `open` for what needs none. */
  admit(request: FastifyRequest, reply: FastifyReply): Promise<Identity | 'open' | undefined>;
}

/** A body that is not read costs the connection, unless it is short. */
const mostUnreadBytes = 65_536;

export function createGuard(identities: Identities, rates: Rates): Guard {
  /** Connections on which a right token was seen. What others of their address get wrong does not hold them up. */
  const proven = new WeakSet<object>();

  async function identify(request: FastifyRequest, reply: FastifyReply): Promise<Identity | undefined> {
    const { raw } = request;
    const { socket } = raw;
    const known = identities.byCertificate(raw);
    if (known !== undefined) return known;
    if (!proven.has(socket)) {
      const seconds = await rates.afterFailures(socket.remoteAddress);
      if (seconds !== undefined) {
        return refuse(reply, tooMany('Too many wrong tokens have come from this address.'), {
          'retry-after': `${seconds}`,
        });
      }
    }
    const { identity, wasGiven } = identities.byToken(raw);
    if (identity !== undefined) {
      proven.add(socket);
      return identity;
    }
    proven.delete(socket);
    if (wasGiven) await rates.noteFailure(socket.remoteAddress);
    const detail = wasGiven ? 'The token is not known.' : 'A token is needed: Authorization: Bearer, then the token.';
    return refuse(reply, problem(401, detail), { 'www-authenticate': challenge(wasGiven) });
  }

  return {
    async admit(request, reply) {
      const { open, route } = request.routeOptions.config as RouteConfig;
      if (isLongBody(request)) reply.header('connection', 'close');
      if (open === true) {
        const seconds = await rates.ofOpen(request.raw.socket.remoteAddress);
        return seconds === undefined ? 'open' : refuse(reply, ...tooOften(seconds));
      }
      const identity = await identify(request, reply);
      if (identity === undefined) return undefined;
      const seconds = await rates.ofIdentity(identity);
      if (seconds !== undefined) return refuse(reply, ...tooOften(seconds));
      if (route === undefined || mayCall(route, identity, request.params)) return identity;
      return refuse(reply, problem(403, `This is not for ${identity.role} ${identity.name}.`));
    },
  };
}

function mayCall(route: Route, { role, name }: Identity, params: unknown): boolean {
  if (!route.roles.includes(role)) return false;
  return role === 'operator' || !route.path.includes('{name}') || (params as { name?: string }).name === name;
}

const tooOften = (seconds: number): [Problem, Record<string, string>] => [
  tooMany('Requests come faster than they may.'),
  { 'retry-after': `${seconds}` },
];

function refuse(reply: FastifyReply, body: Problem, headers: Readonly<Record<string, string>> = {}): undefined {
  sendProblem(reply.headers(headers), body);
  return undefined;
}

function isLongBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > mostUnreadBytes;
}
