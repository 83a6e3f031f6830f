// Who is calling: by bearer token (RFC 6750), or by the certificate of a connection under mutual TLS (RFC 5280 §4.2.1.6).
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Role } from '../../congestion/routes.ts';
import { bearerToken, isSameHash, secretHash } from '../../http/bearer.ts';

/** One way of one identity to prove itself; two of them with one role and name let a token be changed while both hold. */
export interface Credential {
  readonly role: Role;
  readonly name: string;
  readonly token?: string | undefined;
  /** The common name, or a DNS name, of a certificate that the client authority has signed. */
  readonly certificateName?: string | undefined;
  /** Hosts besides the loopback that an application may have its orders sent to: names, or numeric addresses. */
  readonly callbackHosts?: readonly string[] | undefined;
}

export interface Identity {
  readonly role: Role;
  readonly name: string;
}

export interface Identities {
  /** By the certificate of the connection; undefined where there is none that is known, or where a token is sent. */
  byCertificate(request: IncomingMessage): Identity | undefined;
  /** By the token; `wasGiven`: something was offered as one. */
  byToken(request: IncomingMessage): { readonly identity?: Identity; readonly wasGiven: boolean };
}

/** Throws an Error of one line where a token or certificate name stands for two identities. */
export function createIdentities(credentials: readonly Credential[]): Identities {
  checkUnique(credentials, 'token');
  checkUnique(credentials, 'certificateName');
  const tokens = credentials.flatMap(({ token, role, name }) =>
    token === undefined ? [] : [{ hash: secretHash(token), identity: { role, name } }],
  );
  const certificates = credentials.flatMap(({ certificateName, role, name }) =>
    certificateName === undefined ? [] : [{ certificateName, identity: { role, name } }],
  );
  const ofSocket = new WeakMap<object, Identity | 'nobody'>();

  function ofCertificate(socket: TLSSocket): Identity | undefined {
    if (certificates.length === 0 || socket.authorized !== true) return undefined;
    const certificate = socket.getPeerX509Certificate();
    const options = { subject: 'always', wildcards: false, partialWildcards: false } as const;
    return certificates.find(({ certificateName }) => certificate?.checkHost(certificateName, options))?.identity;
  }

  return {
    byCertificate({ socket, headers }) {
      if (headers.authorization !== undefined) return undefined;
      const known = ofSocket.get(socket) ?? ofCertificate(socket as TLSSocket) ?? 'nobody';
      ofSocket.set(socket, known);
      return known === 'nobody' ? undefined : known;
    },
    byToken({ headers, rawHeaders }) {
      const wasGiven = headers.authorization !== undefined;
      // of two, node and a proxy in front of us may each believe another one
      const given = countOf(rawHeaders, 'authorization') === 1 ? bearerToken(headers.authorization) : undefined;
      if (given === undefined) return { wasGiven };
      const hash = secretHash(given);
      let identity: Identity | undefined;
      for (const one of tokens) if (isSameHash(one.hash, hash)) identity = one.identity;
      return identity === undefined ? { wasGiven } : { identity, wasGiven };
    },
  };
}

function countOf(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length;
}

function checkUnique(credentials: readonly Credential[], key: 'token' | 'certificateName'): void {
  const owners = new Map<string, Credential>();
  for (const one of credentials) {
    const value = key === 'certificateName' ? one[key]?.toLowerCase() : one[key];
    if (value === undefined) continue;
    const other = owners.get(value);
    if (other !== undefined && (other.role !== one.role || other.name !== one.name)) {
      throw new Error(`credentials: ${other.role} ${other.name} and ${one.role} ${one.name} have the same ${key}`);
    }
    owners.set(value, one);
  }
}
