// Bearer tokens (RFC 6750): what a request carries, and whether it is the one that is known.
import { createHash, timingSafeEqual } from 'node:crypto';

/** The token of an Authorization header; undefined where there is none in that form. */
export function bearerToken(authorization: string | undefined): string | undefined {
  // RFC 6750 §2.1; the name of the scheme in any case (RFC 9110 §11.1)
  return /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization ?? '')?.[1];
}

/** Of the same length whatever the secret is, so that two can be compared. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Takes as long however much of it is right. */
export function isSameHash(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}

/** RFC 6750 §3: for WWW-Authenticate; an error is named only where a token was given. */
export function challenge(wasGiven: boolean): string {
  return `Bearer realm="surgegate"${wasGiven ? ', error="invalid_token"' : ''}`;
}
