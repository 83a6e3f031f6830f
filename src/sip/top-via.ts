// What a server writes into the top Via of a request it received: `received` (RFC 3261 §18.2.1) and `rport` (RFC 3581 §4).
import { COLON } from './bytes.ts';
import type { Peek } from './peek.ts';
import type { Writer } from './writer.ts';

/** Where the packet came from: a numeric address without brackets and a port. */
export interface Source {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Writes the top via-parm of `p` with what its sender's address makes of it. */
export function writeTopVia(w: Writer, p: Peek, source: Source): void {
  const { bytes, viaStart, viaEnd } = p;
  const asksRport = p.rportStart >= 0;
  if (p.receivedStart < 0 && asksRport && isBare(p)) {
    w.range(bytes, viaStart, p.rportStart);
    w.text('rport=');
    w.number(source.remotePort);
    w.range(bytes, p.rportEnd, viaEnd);
    return received(w, source);
  }
  if (p.receivedStart < 0 && !asksRport) {
    w.range(bytes, viaStart, viaEnd);
    // RFC 3261 §18.2.1: `received` where the host of sent-by is not the address that the packet came from
    if (!namesAddress(p, source.remoteAddress)) received(w, source);
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

function received(w: Writer, source: Source): void {
  w.text(';received=');
  w.text(source.remoteAddress);
}

/** `rport` without a value. */
function isBare(p: Peek): boolean {
  return p.rportEnd - p.rportStart === 5;
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
