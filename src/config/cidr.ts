// Address blocks as configuration writes them (RFC 4632 §3.1, RFC 4291 §2.3): stricter than what `inBlock` needs, so
// that a typing error is a fault and not another block.
import { isIP } from 'node:net';
import { type Block, parseBlock } from '../admission/cidr.ts';

/** A block that remembers how it was written; `inBlock` tells whether an address is in it. */
export interface Cidr extends Block {
  readonly text: string;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Undefined for bad syntax, or bits set after the prefix. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/%]+)(?:\/(?:0|[1-9]\d{0,2}))?$/.exec(text);
  if (match === null || isIP(match[1]!) === 0) return undefined;
  const block = parseBlock(text);
  if (block === undefined || hasHostBits(block)) return undefined;
  return { text, ...block };
}

/** One text for all spellings of one block, to find duplicates. */
export function cidrKey(block: Block): string {
  return `${block.groups.join(':')}/${block.bits}`;
}

function hasHostBits({ groups, bits }: Block): boolean {
  return groups.some((group, i) => {
    const kept = Math.min(16, Math.max(0, bits - i * 16));
    return (group & (0xffff >> kept)) !== 0;
  });
}
