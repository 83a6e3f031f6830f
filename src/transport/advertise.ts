// What a listener writes into Via, Record-Route and Path (RFC 3261 §18.1.1: an address where responses reach us).
import type { NetworkInterfaceInfo } from 'node:os';
import { addressText, bracketed, isWildcard, parseAddress } from './address.ts';

/**
 * The advertised host, IPv6 in brackets: as configured; else the bound address; else, bound to a wildcard, the first
 * address of the family that is neither internal nor link-local; else loopback.
 */
export function advertisedHost(
  configured: string | undefined,
  boundHost: string,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): string {
  if (configured !== undefined) return bracketed(configured.replace(/^\[|\]$/g, ''));
  const bound = parseAddress(boundHost);
  if (bound === undefined) return bracketed(boundHost);
  if (!isWildcard(bound)) return bracketed(addressText(bound));
  const family = bound.family === 4 ? 'IPv4' : 'IPv6';
  for (const addresses of Object.values(interfaces)) {
    for (const { address, family: itsFamily, internal } of addresses ?? []) {
      if (itsFamily === family && !internal && !/^fe[89ab]/i.test(address)) return bracketed(address);
    }
  }
  return bound.family === 4 ? '127.0.0.1' : '[::1]';
}
