// IP addresses and address blocks as configuration writes them (RFC 4632 §3.1, RFC 4291 §2.3).
import { isIPv4, isIPv6 } from 'node:net';

/** A block of addresses: the first `prefixBits` bits of `bytes` count. */
export interface Cidr {
  /** As written. */
  readonly text: string;
  readonly family: 4 | 6;
  /** 4 or 16 bytes, network order. */
  readonly bytes: readonly number[];
  /** 0 to 32 (IPv4) or 128 (IPv6). */
  readonly prefixBits: number;
}

/** The bytes of a numeric address, 4 or 16; an IPv4-mapped IPv6 address gives its 4 bytes. Undefined for anything else. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const bytes = ipv6Bytes(text);
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Undefined for bad syntax, or bits set after the prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const bytes = addressBytes(address);
  if (bytes === undefined || more.length > 0) return undefined;
  if (prefix !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
  // A prefix on an IPv4-mapped address would be ambiguous: it must be written as IPv4.
  if (prefix !== undefined && bytes.length === 4 && address.includes(':')) return undefined;
  const bits = bytes.length * 8;
  const prefixBits = prefix === undefined ? bits : Number(prefix);
  if (prefixBits > bits) return undefined;
  const hostBits = bytes.some((byte, i) => (byte & ~maskByte(i, prefixBits) & 0xff) !== 0);
  if (hostBits) return undefined;
  return { text, family: bytes.length === 4 ? 4 : 6, bytes, prefixBits };
}

/** Whether a numeric address (as `Flow.remoteAddress` shows it) is in the block; false for a name. */
export function cidrContains(cidr: Cidr, address: string): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined || bytes.length !== cidr.bytes.length) return false;
  return bytes.every((byte, i) => (byte & maskByte(i, cidr.prefixBits)) === cidr.bytes[i]);
}

/** One text for all spellings of one block, to find duplicates. */
export function cidrKey(cidr: Cidr): string {
  return `${cidr.bytes.join('.')}/${cidr.prefixBits}`;
}

function maskByte(index: number, prefixBits: number): number {
  const bits = Math.min(8, Math.max(0, prefixBits - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function ipv6Bytes(text: string): number[] {
  const dotted = text.lastIndexOf('.') >= 0 ? text.slice(text.lastIndexOf(':') + 1) : undefined;
  const tail = dotted?.split('.').map(Number) ?? [];
  const words = dotted === undefined ? text : text.slice(0, text.length - dotted.length);
  const [head = '', rest] = words.split('::');
  const left = wordBytes(head);
  const right = wordBytes(rest ?? '').concat(tail);
  return [...left, ...new Array<number>(16 - left.length - right.length).fill(0), ...right];
}

function wordBytes(text: string): number[] {
  return text
    .split(':')
    .filter((word) => word !== '')
    .flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]);
}
