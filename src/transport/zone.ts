// Zones of link-local IPv6 addresses (RFC 4007 §11): `eth0` in text, the interface's number in a socket address.
import { networkInterfaces } from 'node:os';

/** What was found; asking the kernel takes tens of microseconds. A new interface is found, a renumbered one is not. */
const numbers = new Map<string, number>();
const names = new Map<number, string>();

/** 0 for no zone and for one that does not exist. */
export function scopeNumber(zone: string): number {
  if (zone === '') return 0;
  const known = numbers.get(zone);
  if (known !== undefined) return known;
  if (/^\d+$/.test(zone)) return Number(zone);
  for (const address of networkInterfaces()[zone] ?? []) {
    if (address.family === 'IPv6' && address.scopeid !== undefined && address.scopeid > 0) {
      numbers.set(zone, address.scopeid);
      return address.scopeid;
    }
  }
  return 0;
}

/** The interface's name; empty for 0 and for a number that no interface has. */
export function zoneName(scope: number): string {
  if (scope === 0) return '';
  const known = names.get(scope);
  if (known !== undefined) return known;
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const address of addresses ?? []) {
      if (address.family === 'IPv6' && address.scopeid === scope) {
        names.set(scope, name);
        return name;
      }
    }
  }
  return '';
}
