// Numeric addresses as the transport needs them: text to bytes and back, and one hash for per-source tables.
// RFC 4291 §2.2 (text forms), RFC 5952 §4 (the form to print).
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** IPv4: `v4` in host order; IPv6: four 32-bit words in host order, and the zone as text where there is one. */
export type Address =
  | { readonly family: 4; readonly v4: number }
  | { readonly family: 6; readonly words: Uint32Array; readonly zone: string };

// Per process, so that nobody can choose addresses that fall on one another in a table.
const seed = randomBytes(4).readUInt32LE(0);

/** An IPv4-mapped IPv6 address becomes IPv4. Undefined for what is no numeric address; brackets are taken off. */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const v4 = numberOf(bare);
  if (v4 >= 0) return { family: 4, v4 };
  if (!isIPv6(bare)) return undefined;
  const percent = bare.indexOf('%');
  const words = parseIpv6(percent < 0 ? bare : bare.slice(0, percent));
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) return { family: 4, v4: words[3]! };
  return { family: 6, words, zone: percent < 0 ? '' : bare.slice(percent + 1) };
}

/** The IPv4 address that a text is, of four decimal numbers of 0 to 255 without leading zeros; -1 for any other text. */
function numberOf(text: string): number {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      if (part < 0 || ++dots > 3) return -1;
      value = value * 256 + part;
      part = -1;
    } else if (c < 48 || c > 57 || part === 0) return -1;
    else {
      part = (part < 0 ? 0 : part * 10) + c - 48;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1;
}

/** Four decimal numbers with dots, known to be well formed. Unsigned. */
export function parseIpv4(text: string): number {
  let value = 0;
  let part = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + c - 48;
  }
  return value * 256 + part;
}

function parseIpv6(text: string): Uint32Array {
  const groups = new Uint16Array(8);
  const gap = text.indexOf('::');
  const left = gap < 0 ? text : text.slice(0, gap);
  const right = gap < 0 ? '' : text.slice(gap + 2);
  writeGroups(groups, 0, left);
  const rightGroups = new Uint16Array(8);
  const count = writeGroups(rightGroups, 0, right);
  for (let i = 0; i < count; i++) groups[8 - count + i] = rightGroups[i]!;
  return Uint32Array.from([0, 2, 4, 6], (i) => groups[i]! * 65_536 + groups[i + 1]!);
}

function writeGroups(groups: Uint16Array, at: number, text: string): number {
  let count = at;
  if (text === '') return count;
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const v4 = parseIpv4(part);
      groups[count++] = Math.floor(v4 / 65_536);
      groups[count++] = v4 % 65_536;
    } else groups[count++] = Number.parseInt(part, 16);
  }
  return count;
}

/** Dotted or RFC 5952 text, without brackets and without the zone. */
export function addressText(address: Address): string {
  if (address.family === 4) return ipv4Text(address.v4);
  const groups: number[] = [];
  for (const word of address.words) groups.push(word >>> 16, word & 0xffff);
  // RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals.
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) [best, bestLength] = [i, length];
    if (length > 0) i += length - 1;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

export function ipv4Text(v4: number): string {
  return `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.${v4 & 255}`;
}

/** 32 bits, unsigned; different addresses of IPv4 never share one. */
export function ipv4Hash(v4: number): number {
  return mix(v4 ^ seed) >>> 0;
}

/** 32 bits, unsigned. */
export function ipv6Hash(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(mix(a ^ seed) ^ b) ^ c) ^ d) >>> 0;
}

export function addressHash(address: Address): number {
  if (address.family === 4) return ipv4Hash(address.v4);
  const words = address.words;
  return ipv6Hash(words[0]!, words[1]!, words[2]!, words[3]!);
}

/** The finalizer of MurmurHash3: one to one on 32 bits. */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** `0.0.0.0` or `::`. */
export function isWildcard(address: Address): boolean {
  return address.family === 4 ? address.v4 === 0 : address.words.every((word) => word === 0);
}

/** With brackets where it is IPv6: the form of Via, of URIs and of log lines. */
export function bracketed(text: string): string {
  return text.includes(':') ? `[${text}]` : text;
}
