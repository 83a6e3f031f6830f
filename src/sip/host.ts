// Hosts and ports as Via and URIs carry them (RFC 3261 §25.1 host, IPv6reference; RFC 4291 §2.2 text of IPv6).
import { COLON, isDigit } from './bytes.ts';
import { classOf, HOST, isHex } from './grammar.ts';

const DOT = 46;
const HYPHEN = 45;
const BRACKET = 91;
const CLOSING_BRACKET = 93;

/** Longest IPv6 text: six groups of four and a dotted quad, and the colon too much of RFC 5118 §4.10. */
const ipv6MaxBytes = 46;

/** The first byte after the host that begins at `start`, or -1 where there is none. IPv6 stands in brackets. */
export function skipHost(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  if (bytes[start] === BRACKET) {
    const limit = Math.min(end, start + ipv6MaxBytes + 2);
    let close = start + 1;
    while (close < limit && bytes[close] !== CLOSING_BRACKET) close++;
    return close < limit && isIpv6(bytes, start + 1, close) ? close + 1 : -1;
  }
  let i = start;
  let previous = DOT;
  let numeric = true;
  while (i < end) {
    const c = bytes[i]!;
    if ((classOf[c]! & HOST) === 0) break;
    if (c === DOT ? previous === DOT || previous === HYPHEN : c === HYPHEN && previous === DOT) return -1;
    if (numeric && c !== DOT && !isDigit(c)) numeric = false;
    previous = c;
    i++;
  }
  if (i === start || previous === HYPHEN) return -1;
  // Differs from RFC 3261 §25.1 toplabel: a last label may begin with a digit (container names), but what is made of
  // digits and dots alone must be an IPv4 address.
  return numeric && !isIpv4(bytes, start, i) ? -1 : i;
}

/** Whether bytes[start, end) is four decimal numbers of 0 to 255, separated by dots. */
export function isIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 0;
  let digits = 0;
  let value = 0;
  for (let i = start; i <= end; i++) {
    const c = i < end ? bytes[i]! : DOT;
    if (c === DOT) {
      if (digits === 0 || digits > 3 || value > 255) return false;
      parts++;
      digits = 0;
      value = 0;
    } else if (isDigit(c)) {
      value = value * 10 + (c - 48);
      if (++digits > 3) return false;
    } else return false;
  }
  return parts === 4;
}

/** Whether bytes[start, end) is an IPv6 address without brackets or zone. */
export function isIpv6(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || end - start > ipv6MaxBytes) return false;
  let groups = 0;
  let compressed = false;
  let i = start;
  if (bytes[i] === COLON) {
    if (bytes[i + 1] !== COLON) return false;
    compressed = true;
    i += 2;
  }
  while (i < end) {
    const group = i;
    while (i < end && isHex(bytes[i]!)) i++;
    if (i < end && bytes[i] === DOT) {
      if (!isIpv4(bytes, group, end)) return false;
      groups += 2;
      break;
    }
    if (i === group || i - group > 4) return false;
    groups++;
    if (i === end) break;
    if (bytes[i] !== COLON) return false;
    i++;
    if (i === end) return false;
    if (bytes[i] === COLON) {
      if (compressed) return false;
      compressed = true;
      i++;
      // RFC 5118 §4.10: the grammar of RFC 3261 puts a third colon before a dotted quad; it must be tolerated.
      if (i < end && bytes[i] === COLON && isIpv4(bytes, i + 1, end)) i++;
    }
  }
  return compressed ? groups < 8 : groups === 8;
}

/** The number of bytes[start, end), 0 to 65535, or -1. */
export function portNumber(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end) return -1;
  let n = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (!isDigit(c)) return -1;
    n = n * 10 + (c - 48);
    if (n > 65535) return -1;
  }
  return n;
}
