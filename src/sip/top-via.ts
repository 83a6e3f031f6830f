// What a server writes into the top Via of a request it received: `received` (RFC 3261 §18.2.1) and `rport` (RFC 3581 §4).
import { COLON, isDigit } from './bytes.ts';
import type { Peek } from './peek.ts';
import { Chunk, type Writer } from './writer.ts';

/** Where the packet came from: a numeric address without brackets and a port. */
export interface Source {
  readonly remoteAddress: string;
  /** The same as a number of 32 bits where it is IPv4; -1 or absent: see `remoteAddress`. */
  readonly v4?: number;
  readonly remotePort: number;
}

const rportName = new Chunk('rport=');

/** Writes the top via-parm of `p` with what its sender's address makes of it. */
export function writeTopVia(w: Writer, p: Peek, source: Source): void {
  const { bytes, viaStart, viaEnd } = p;
  const asksRport = p.rportStart >= 0;
  if (p.receivedStart < 0 && asksBareRport(p)) {
    w.range(bytes, viaStart, p.rportStart);
    w.chunk(rportName);
    w.number(source.remotePort);
    w.range(bytes, p.rportEnd, viaEnd);
    return received(w, source);
  }
  if (p.receivedStart < 0 && !asksRport) {
    w.range(bytes, viaStart, viaEnd);
    // RFC 3261 §18.2.1: `received` where the host of sent-by is not the address that the packet came from
    if (!namesSource(p, source)) received(w, source);
    return;
  }
  // a `received`, or an `rport` with a value, that the sender wrote itself says nothing: ours takes its place
  const first = p.receivedStart < 0 || (asksRport && p.rportStart < p.receivedStart) ? 'rport' : 'received';
  let at = viaStart;
  for (const name of first === 'rport' ? (['rport', 'received'] as const) : (['received', 'rport'] as const)) {
    const start = name === 'rport' ? p.rportStart : p.receivedStart;
    if (start < 0) continue;
    let cut = start - 1;
    while (cut > at && bytes[cut] !== 59) cut--; // the semicolon before it goes too
    w.range(bytes, at, cut);
    at = name === 'rport' ? p.rportEnd : p.receivedEnd;
  }
  w.range(bytes, at, viaEnd);
  if (asksRport) {
    w.text(';rport=');
    w.number(source.remotePort);
  }
  received(w, source);
}

const receivedName = new Chunk(';received=');
const octets = Array.from({ length: 256 }, (_, n) => new Chunk(String(n)));
const dot = new Chunk('.');

function received(w: Writer, source: Source): void {
  w.chunk(receivedName);
  const v4 = source.v4 ?? -1;
  if (v4 < 0) return w.text(source.remoteAddress);
  w.chunk(octets[v4 >>> 24]!);
  w.chunk(dot);
  w.chunk(octets[(v4 >>> 16) & 255]!);
  w.chunk(dot);
  w.chunk(octets[(v4 >>> 8) & 255]!);
  w.chunk(dot);
  w.chunk(octets[v4 & 255]!);
}

/** Whether the host of sent-by is the address of the source. */
export function namesSource(p: Peek, source: Source): boolean {
  const v4 = source.v4 ?? -1;
  return v4 < 0 ? namesAddress(p, source.remoteAddress) : sentByV4(p) === v4;
}

/** The host of sent-by as a number where it is an IPv4 address, else -1. */
function sentByV4(p: Peek): number {
  const { bytes, sentByEnd } = p;
  let address = 0;
  let part = -1;
  let dots = 0;
  for (let i = p.sentByStart; i <= sentByEnd; i++) {
    const c = i < sentByEnd ? bytes[i]! : COLON;
    if (isDigit(c)) {
      part = (part < 0 ? 0 : part * 10) + c - 48;
      if (part > 255) return -1;
    } else if (part < 0 || (c !== 46 && c !== COLON && c !== 32)) return -1;
    else {
      address = address * 256 + part;
      part = -1;
      if (c !== 46) return dots === 3 ? address : -1;
      if (++dots > 3) return -1;
    }
  }
  return -1;
}

/** Whether there is an `rport` without a value. */
export function asksBareRport(p: Peek): boolean {
  return p.rportStart >= 0 && p.rportEnd - p.rportStart === 5;
}

/** Whether the host of sent-by is this address, character by character. */
export function namesAddress(p: Peek, address: string): boolean {
  const { bytes } = p;
  const isBracketed = bytes[p.sentByStart] === 91;
  const start = isBracketed ? p.sentByStart + 1 : p.sentByStart;
  const n = address.length;
  if (start + n > p.sentByEnd) return false;
  for (let i = 0; i < n; i++) {
    const c = bytes[start + i]!;
    if ((c >= 65 && c <= 90 ? c | 0x20 : c) !== address.charCodeAt(i)) return false;
  }
  const next = start + n;
  if (isBracketed) return bytes[next] === 93;
  return next === p.sentByEnd || bytes[next] === COLON || bytes[next] === 32;
}
