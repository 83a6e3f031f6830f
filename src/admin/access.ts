// Who may change something over HTTP, and who that is. Reading is open to whoever reaches the listener; writing is open on the
// loopback, and everywhere else, or where any token is configured, only with one of the tokens (RFC 6750). A web page needs a token
// in any case, and is to be our own.
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken, challenge, isSameHash, secretHash } from '../http/bearer.ts';
import { problem, sendProblem } from '../http/problem.ts';

export interface AdminAccess {
  /** Whether only this machine reaches the listener. */
  readonly isLoopback: boolean;
  /** `admin.token` under the name of `token`, and those of the operators. */
  readonly tokens: readonly { readonly name: string; readonly token: string }[];
  /** What web pages use on the loopback where none of these is configured; undefined: there they may change nothing. */
  readonly pageToken?: string | undefined;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly detail: string;
  /** For WWW-Authenticate. */
  readonly challenge?: string;
}

export interface RequestHead {
  readonly authorization?: string | undefined;
  readonly host?: string | undefined;
  /** Only browsers send these: RFC 6454 §7, Fetch Metadata. */
  readonly origin?: string | undefined;
  readonly 'sec-fetch-site'?: string | undefined;
  readonly 'sec-fetch-mode'?: string | undefined;
}

/** The name of whoever asks for a change, `local` where no token is needed; or why it is refused. */
export function writerOf(access: AdminAccess, head: RequestHead): { readonly by: string } | Refusal {
  const { isLoopback, tokens } = access;
  if (isForeignPage(head)) return { status: 403, detail: foreignPage };
  if (tokens.length === 0) {
    if (!isLoopback) {
      const detail =
        'Nothing can be changed here: admin.listen is not on the loopback and none of admin.token, admin.tokenFile and admin.operators is configured.';
      return { status: 403, detail };
    }
    return isOwnName(head.host) ? localWriter(access, head) : { status: 403, detail: foreignName };
  }
  const given = bearerToken(head.authorization);
  if (given === undefined) {
    const detail =
      'A token is needed to change something: Authorization: Bearer, then admin.token or that of an operator.';
    return { status: 401, detail, challenge: challenge(false) };
  }
  const hash = secretHash(given);
  // all of them are compared, so that the time tells nothing
  const [found] = tokens.filter(({ token }) => isSameHash(hash, secretHash(token)));
  if (found !== undefined) return { by: found.name };
  return {
    status: 401,
    detail: 'The token is neither admin.token nor that of an operator.',
    challenge: challenge(true),
  };
}

/** On the loopback without a configured token: whoever uses this machine, but its browsers only with the token of this start. */
function localWriter({ pageToken }: AdminAccess, head: RequestHead): { readonly by: string } | Refusal {
  if (!isPage(head)) return { by: 'local' };
  if (pageToken === undefined) return { status: 403, detail: noPage };
  const given = bearerToken(head.authorization);
  if (given !== undefined && isSameHash(secretHash(given), secretHash(pageToken))) return { by: 'console' };
  const detail = `A web page needs the token that the edge has printed at this start, in the line \`console\`${
    given === undefined ? '' : '; this is another one'
  }.`;
  return { status: 401, detail, challenge: challenge(given !== undefined) };
}

/**
 * Why nothing at all may be read: under a name that is not ours, or by a page of another origin, which could take all room there is
 * for listeners. Undefined: it may; so may whoever follows a link.
 */
export function pageRefusal({ isLoopback, tokens }: AdminAccess, head: RequestHead): Refusal | undefined {
  if (isForeignPage(head) && head['sec-fetch-mode'] !== 'navigate') return { status: 403, detail: foreignReader };
  // behind a proxy there are other names, and then there are tokens
  if (!isLoopback || tokens.length > 0 || isOwnName(head.host)) return undefined;
  return { status: 403, detail: unreadable };
}

/**
 * Why somebody may not read what tells of persons; undefined: they may. On the loopback whoever uses this machine may, under a name
 * of its own; elsewhere it takes a token, as a change does.
 */
export function readerRefusal(access: AdminAccess, head: RequestHead): Refusal | undefined {
  if (access.isLoopback && isOwnName(head.host)) return undefined;
  const { tokens } = access;
  if (tokens.length === 0) {
    const detail = access.isLoopback
      ? unreadable
      : 'This cannot be read here: admin.listen is not on the loopback and none of admin.token, admin.tokenFile and admin.operators is configured.';
    return { status: 403, detail };
  }
  const writer = writerOf(access, head);
  if ('by' in writer) return undefined;
  return writer.challenge === challenge(false)
    ? { ...writer, detail: 'A token is needed to read this: it tells who called whom.' }
    : writer;
}

export function sendRefusal(reply: FastifyReply, { status, detail, challenge }: Refusal): FastifyReply {
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  return sendProblem(reply, problem(status, detail));
}

export interface Guard {
  /** Before the body is read. */
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
  /** Who makes a request that has passed. */
  readonly by: (request: FastifyRequest) => string;
}

export function guardOf(access: AdminAccess): Guard {
  const writers = new WeakMap<FastifyRequest, string>();
  return {
    async onRequest(request, reply) {
      const writer = writerOf(access, request.headers);
      if ('by' in writer) {
        writers.set(request, writer.by);
        return undefined;
      }
      return sendRefusal(reply, writer);
    },
    by: (request) => writers.get(request) ?? '',
  };
}

const unreadable =
  'This cannot be read under this host name: use 127.0.0.1, [::1] or localhost, or configure admin.token.';
const noPage =
  'No web page may change anything here: admin.console is off and none of admin.token, admin.tokenFile and admin.operators is configured.';
const foreignReader =
  'A web page of another origin may read nothing here. Behind a proxy that is to pass the Host on as it comes.';
const foreignPage =
  'A web page of another origin may change nothing here. Behind a proxy that is to pass the Host on as it comes.';
const foreignName =
  'Nothing can be changed under this host name: use 127.0.0.1, [::1] or localhost, or configure admin.token.';

const isPage = (head: RequestHead): boolean => head.origin !== undefined || head['sec-fetch-site'] !== undefined;

/** What a browser says of itself is not our own page, or the operator who types an address. */
function isForeignPage({ origin, host, 'sec-fetch-site': site }: RequestHead): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined) return false;
  const own = hostOf(origin);
  // a proxy may have ended TLS: which of both schemes it was cannot be told here
  return own === undefined || own !== hostOf(`${origin.slice(0, origin.indexOf(':'))}://${host}`);
}

/** Of `http:` and `https:`, without the port where it is the usual one; undefined for what is no origin: `null`. */
function hostOf(origin: string): string | undefined {
  if (!/^https?:\/\/[^/?#@]+$/i.test(origin)) return undefined;
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

// A web page whose name its owner has pointed to the loopback (DNS rebinding) must not gap numbers: no address, not our name.
function isOwnName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || name.toLowerCase() === 'localhost';
}
