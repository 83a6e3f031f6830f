// Who may change something over HTTP. Reading is open to whoever reaches the listener; writing is open on the loopback, and
// everywhere else, or where a token is configured, only with that token (RFC 6750).
import { isIP } from 'node:net';
import { bearerToken, challenge, isSameHash, secretHash } from '../http/bearer.ts';

export interface AdminAccess {
  /** Whether only this machine reaches the listener. */
  readonly isLoopback: boolean;
  /** `admin.token`, or what is in `admin.tokenFile`. */
  readonly token: string | undefined;
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
}

/** Why a request that changes something is refused; undefined where it may. */
export function refuseWrite({ isLoopback, token }: AdminAccess, head: RequestHead): Refusal | undefined {
  if (token === undefined) {
    if (!isLoopback) {
      const detail =
        'Nothing can be changed here: admin.listen is not on the loopback and neither admin.token nor admin.tokenFile is configured.';
      return { status: 403, detail };
    }
    return isOwnName(head.host) ? undefined : { status: 403, detail: foreignName };
  }
  const given = bearerToken(head.authorization);
  if (given === undefined) {
    const detail = 'A token is needed to change something: Authorization: Bearer, then admin.token.';
    return { status: 401, detail, challenge: challenge(false) };
  }
  if (isSameHash(secretHash(given), secretHash(token))) return undefined;
  return { status: 401, detail: 'The token is not the one of admin.token.', challenge: challenge(true) };
}

const foreignName =
  'Nothing can be changed under this host name: use 127.0.0.1, [::1] or localhost, or configure admin.token.';

// A web page whose name its owner has pointed to the loopback (DNS rebinding) must not gap numbers: no address, not our name.
function isOwnName(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || name.toLowerCase() === 'localhost';
}
