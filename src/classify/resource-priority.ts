// Reads Resource-Priority header values in place (RFC 4412 §3.1): which values are known, and which ranks highest.
// Unknown values are counted and otherwise left alone (§4.6.2).
import { COLON, COMMA, equalsIgnoreCase, HT, LF, SP, skipSpace, trimSpaceEnd } from '../sip/bytes.ts';
import type { Peek } from '../sip/peek.ts';
import type { PriorityOrder, PriorityValue } from './priority-order.ts';

/** Longer values are unknown without a look: the longest registered one has 28 bytes. */
const maxValueBytes = 64;

/** What the header fields of one request say; reused from request to request. */
export class PriorityReading {
  /** The known value of the highest rank (RFC 4412 §8.1), or undefined. */
  highest: PriorityValue | undefined = undefined;
  known = 0;
  unknown = 0;
  /** A namespace with two different values, which RFC 4412 §3.1 forbids: the lesser one counts. */
  namespaceTwice = false;
  /** By namespace: the value that counts. */
  readonly values: (PriorityValue | undefined)[] = [];

  reset(): void {
    this.highest = undefined;
    this.known = 0;
    this.unknown = 0;
    this.namespaceTwice = false;
    this.values.length = 0;
  }
}

/** Reads every Resource-Priority line of the request in `p` into `out`. */
export function readResourcePriority(p: Peek, order: PriorityOrder, out: PriorityReading): void {
  out.reset();
  if (p.resourcePriorityCount === 0) return;
  const { bytes } = p;
  readValues(bytes, p.resourcePriorityStart, p.resourcePriorityEnd, order, out);
  let from = p.resourcePriorityEnd;
  for (let lines = 1; lines < p.resourcePriorityCount; lines++) {
    const start = nextLine(bytes, from, p.bodyStart, 'resource-priority');
    if (start < 0) break;
    from = valueEnd(bytes, start, p.bodyStart);
    readValues(bytes, start, from, order, out);
  }
  rank(out);
}

/** Adds the comma list in bytes[start, end) to `out`, without ranking. */
export function readValues(
  bytes: Uint8Array,
  start: number,
  end: number,
  order: PriorityOrder,
  out: PriorityReading,
): void {
  let i = start;
  while (i < end) {
    let comma = i;
    while (comma < end && bytes[comma] !== COMMA) comma++;
    const from = skipSpace(bytes, i, comma);
    const to = trimSpaceEnd(bytes, from, comma);
    if (to > from) readValue(bytes, from, to, order, out);
    i = comma + 1;
  }
}

function readValue(bytes: Uint8Array, start: number, end: number, order: PriorityOrder, out: PriorityReading): void {
  const value = end - start > maxValueBytes ? undefined : order.byText.get(lowerCase(bytes, start, end));
  if (value === undefined) {
    out.unknown++;
    return;
  }
  out.known++;
  const other = out.values[value.namespace];
  if (other !== undefined && other !== value) out.namespaceTwice = true;
  // RFC 4412 §3.1: a namespace MUST NOT appear more than once; who breaks the rule gains nothing by it
  if (other === undefined || value.rank < other.rank) out.values[value.namespace] = value;
}

function rank(out: PriorityReading): void {
  for (const value of out.values) {
    if (value !== undefined && value.rank > (out.highest?.rank ?? 0)) out.highest = value;
  }
}

/** Whether `Require: resource-priority` stands in the request, in any of its Require lines (RFC 4412 §3.4). */
export function requiresResourcePriority(p: Peek): boolean {
  if (p.requireStart < 0) return false;
  if (hasToken(p.bytes, p.requireStart, p.requireEnd, 'resource-priority')) return true;
  let start = nextLine(p.bytes, p.requireEnd, p.bodyStart, 'require');
  while (start >= 0) {
    const end = valueEnd(p.bytes, start, p.bodyStart);
    if (hasToken(p.bytes, start, end, 'resource-priority')) return true;
    start = nextLine(p.bytes, end, p.bodyStart, 'require');
  }
  return false;
}

/** Whether the r-value's namespace has a value in the request already: a second one would be against RFC 4412 §3.1. */
export function hasNamespaceOf(out: PriorityReading, order: PriorityOrder, text: string): boolean {
  const value = order.byText.get(text);
  return value !== undefined && out.values[value.namespace] !== undefined;
}

function hasToken(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  let i = start;
  while (i < end) {
    let comma = i;
    while (comma < end && bytes[comma] !== COMMA) comma++;
    const from = skipSpace(bytes, i, comma);
    if (equalsIgnoreCase(bytes, from, trimSpaceEnd(bytes, from, comma), lower)) return true;
    i = comma + 1;
  }
  return false;
}

/** The byte after the colon of the next header line of that name, looking from inside the line at `from`; -1 for none. */
function nextLine(bytes: Uint8Array, from: number, end: number, lower: string): number {
  // an empty value ends after its line: its own line feed is one byte back
  let i = from - 1;
  for (;;) {
    while (i < end && bytes[i] !== LF) i++;
    i++;
    if (i + lower.length >= end) return -1;
    if (!equalsIgnoreCase(bytes, i, i + lower.length, lower)) continue;
    const colon = skipSpace(bytes, i + lower.length, end);
    if (bytes[colon] === COLON) return colon + 1;
  }
}

/** The end of the header value at `start`, folded lines included, trailing white space not. */
function valueEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && !(bytes[i] === LF && bytes[i + 1] !== SP && bytes[i + 1] !== HT)) i++;
  return trimSpaceEnd(bytes, start, i);
}

function lowerCase(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    text += String.fromCharCode(c >= 65 && c <= 90 ? c | 0x20 : c);
  }
  return text;
}
