// IPv4 and IPv6 address blocks as numbers, for telling neighbours apart by source address (RFC 4632, RFC 4291 §2.2).

/** An address as eight 16-bit groups; IPv4 is written as the IPv4-mapped IPv6 address. */
export type Groups = readonly number[];

/** A block: an address matches when its first `bits` bits are those of `groups`. */
export interface Block {
  readonly groups: Groups;
  readonly bits: number;
}

/** The groups of a numeric address, or undefined where it is none. */
export function parseAddress(text: string): Groups | undefined {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return [0, 0, 0, 0, 0, 0xffff, v4 >>> 16, v4 & 0xffff];
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  const halves = bare.split('::');
  if (halves.length > 2 || !bare.includes(':')) return undefined;
  const head = groupsOf(halves[0]!);
  const tail = halves.length === 2 ? groupsOf(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let n = 0;
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    n = n * 256 + Number(part);
  }
  return n;
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  for (const part of text.split(':')) {
    const v4 = part.includes('.') ? parseIpv4(part) : undefined;
    if (v4 !== undefined) out.push(v4 >>> 16, v4 & 0xffff);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return out;
}

/** The block that `address` or `address/bits` names, or undefined. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf('/');
  const groups = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (groups === undefined) return undefined;
  const offset = text.includes(':') ? 0 : 96;
  const bits = slash < 0 ? 128 : Number(text.slice(slash + 1)) + offset;
  return Number.isInteger(bits) && bits >= offset && bits <= 128 ? { groups, bits } : undefined;
}

export function inBlock(address: Groups, block: Block): boolean {
  let left = block.bits;
  for (let i = 0; left > 0; i++, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if (address[i]! >>> shift !== block.groups[i]! >>> shift) return false;
  }
  return true;
}

/** Whether a numeric address is one of this machine's own loopback (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
