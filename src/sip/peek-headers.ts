// Which header lines the hot path looks at, and what it keeps of each (RFC 3261 §20; names without case, compact forms §7.3.3).
import { COLON, decimal, equalsIgnoreCase, HT, SP, skipSpace, trimSpaceEnd } from './bytes.ts';
import type { Peek } from './peek.ts';
import { peekCseq, peekVia, tagEnd, tagStart } from './peek-values.ts';

// Four letters as the little-endian word that they are in memory, in lower case.
const wordOf = (text: string) =>
  text.charCodeAt(0) | (text.charCodeAt(1) << 8) | (text.charCodeAt(2) << 16) | (text.charCodeAt(3) << 24);
const lower = 0x20202020;
const VIA = wordOf('via:');
const FROM = wordOf('from');
const TO = wordOf('to: ');
const CALL = wordOf('call');
const CSEQ = wordOf('cseq');
const CONT = wordOf('cont');
const MAX = wordOf('max-');
const ROUT = wordOf('rout');
const RESO = wordOf('reso');
const REQU = wordOf('requ');
const PROX = wordOf('prox');
const TIME = wordOf('time');

/**
 * Takes the header line bytes[line, lineEnd), its line end included, if its name is one that counts. The first four letters
 * tell; most lines are passed over by that alone, so a line without a colon is noticed only by the full parse.
 */
export function peekHeader(p: Peek, line: number, lineEnd: number): void {
  const { bytes, view } = p;
  // a line that could be one of ours has a name, a colon, and a line end
  if (lineEnd - line < 4) return short(p, line, lineEnd);
  switch (view.getInt32(line, true) | lower) {
    case VIA:
      if (bytes[line + 3] === COLON) via(p, line, line + 3, lineEnd);
      return;
    case FROM:
      if (ends(p, line + 4, lineEnd)) from(p, line + 4, lineEnd);
      return;
    case TO:
      if (bytes[line + 2] === COLON) to(p, line + 2, lineEnd);
      return;
    case CSEQ:
      if (ends(p, line + 4, lineEnd)) cseq(p, line + 4, lineEnd);
      return;
    case CALL:
      if (isName(p, line, line + 7, lineEnd, 'call-id')) callId(p, line + 7, lineEnd);
      return;
    case CONT:
      if (isName(p, line, line + 14, lineEnd, 'content-length')) contentLength(p, line + 14, lineEnd);
      return;
    case MAX:
      if (isName(p, line, line + 12, lineEnd, 'max-forwards')) maxForwards(p, line + 12, lineEnd);
      return;
    case ROUT:
      if (isName(p, line, line + 5, lineEnd, 'route')) route(p, line + 5, lineEnd);
      return;
    case RESO:
      if (isName(p, line, line + 17, lineEnd, 'resource-priority')) resourcePriority(p, line + 17, lineEnd);
      return;
    case REQU:
      if (isName(p, line, line + 7, lineEnd, 'require')) require(p, line + 7, lineEnd);
      return;
    case PROX:
      if (isName(p, line, line + 13, lineEnd, 'proxy-require')) proxyRequire(p, line + 13, lineEnd);
      return;
    case TIME:
      if (isName(p, line, line + 9, lineEnd, 'timestamp')) timestamp(p, line + 9, lineEnd);
      return;
    default:
      short(p, line, lineEnd);
  }
}

/** Compact forms (RFC 3261 §7.3.3), `To`, and `Via` with white space before its colon. */
function short(p: Peek, line: number, lineEnd: number): void {
  const { bytes } = p;
  const second = bytes[line + 1]!;
  if (second === COLON || second === SP || second === HT) {
    if (ends(p, line + 1, lineEnd)) compact(p, bytes[line]! | 0x20, line, lineEnd);
  } else if (isName(p, line, line + 2, lineEnd, 'to')) to(p, line + 2, lineEnd);
  else if (isName(p, line, line + 3, lineEnd, 'via')) via(p, line, line + 3, lineEnd);
}

function compact(p: Peek, letter: number, line: number, lineEnd: number): void {
  switch (letter) {
    case 118: // v
      return via(p, line, line + 1, lineEnd);
    case 102: // f
      return from(p, line + 1, lineEnd);
    case 116: // t
      return to(p, line + 1, lineEnd);
    case 105: // i
      return callId(p, line + 1, lineEnd);
    case 108: // l
      return contentLength(p, line + 1, lineEnd);
  }
}

/** Whether a name ends at `nameEnd`: a colon follows, white space before it allowed (RFC 3261 §7.3.1, HCOLON). */
function ends(p: Peek, nameEnd: number, lineEnd: number): boolean {
  const { bytes } = p;
  if (bytes[nameEnd] === COLON) return true;
  let i = nameEnd;
  while (i < lineEnd && (bytes[i] === SP || bytes[i] === HT)) i++;
  return i > nameEnd && i < lineEnd && bytes[i] === COLON;
}

function isName(p: Peek, line: number, nameEnd: number, lineEnd: number, name: string): boolean {
  return nameEnd < lineEnd && equalsIgnoreCase(p.bytes, line, nameEnd, name) && ends(p, nameEnd, lineEnd);
}

/** First byte of the value of a line whose name ends at `nameEnd`. */
function valueStart(p: Peek, nameEnd: number, lineEnd: number): number {
  const { bytes } = p;
  // nearly always a colon, one space, and the value
  if (bytes[nameEnd] === 58 && bytes[nameEnd + 1] === 32 && bytes[nameEnd + 2]! > 32) return nameEnd + 2;
  return skipSpace(bytes, skipSpace(bytes, nameEnd, lineEnd) + 1, lineEnd);
}

function via(p: Peek, line: number, nameEnd: number, lineEnd: number): void {
  if (p.viaLineStart < 0) {
    p.viaLineStart = line;
    p.viaBlockStart = line;
    p.viaBlockEnd = lineEnd;
  } else if (p.viaBlockEnd === line) p.viaBlockEnd = lineEnd;
  else p.viaBlockStart = -1;
  const start = valueStart(p, nameEnd, lineEnd);
  peekVia(p, start, trimSpaceEnd(p.bytes, start, lineEnd));
}

function from(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.fromStart >= 0) return p.fail('duplicate-header');
  p.fromStart = valueStart(p, nameEnd, lineEnd);
  p.fromEnd = trimSpaceEnd(p.bytes, p.fromStart, lineEnd);
  p.fromTagStart = tagStart(p.bytes, p.fromStart, p.fromEnd);
  if (p.fromTagStart >= 0) p.fromTagEnd = tagEnd(p.bytes, p.fromTagStart, p.fromEnd);
}

function to(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.toStart >= 0) return p.fail('duplicate-header');
  p.toStart = valueStart(p, nameEnd, lineEnd);
  p.toEnd = trimSpaceEnd(p.bytes, p.toStart, lineEnd);
  p.toTagStart = tagStart(p.bytes, p.toStart, p.toEnd);
  if (p.toTagStart >= 0) p.toTagEnd = tagEnd(p.bytes, p.toTagStart, p.toEnd);
}

function callId(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.callIdStart >= 0) return p.fail('duplicate-header');
  p.callIdStart = valueStart(p, nameEnd, lineEnd);
  p.callIdEnd = trimSpaceEnd(p.bytes, p.callIdStart, lineEnd);
}

function cseq(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.cseqStart >= 0) return p.fail('duplicate-header');
  const start = valueStart(p, nameEnd, lineEnd);
  peekCseq(p, start, trimSpaceEnd(p.bytes, start, lineEnd));
}

function route(p: Peek, nameEnd: number, lineEnd: number): void {
  if (++p.routeCount > 1) return;
  p.routeStart = valueStart(p, nameEnd, lineEnd);
  p.routeEnd = trimSpaceEnd(p.bytes, p.routeStart, lineEnd);
}

function resourcePriority(p: Peek, nameEnd: number, lineEnd: number): void {
  if (++p.resourcePriorityCount > 1) return;
  p.resourcePriorityStart = valueStart(p, nameEnd, lineEnd);
  p.resourcePriorityEnd = trimSpaceEnd(p.bytes, p.resourcePriorityStart, lineEnd);
}

function require(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.requireStart >= 0) return;
  p.requireStart = valueStart(p, nameEnd, lineEnd);
  p.requireEnd = trimSpaceEnd(p.bytes, p.requireStart, lineEnd);
}

function proxyRequire(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.proxyRequireStart >= 0) return;
  p.proxyRequireStart = valueStart(p, nameEnd, lineEnd);
  p.proxyRequireEnd = trimSpaceEnd(p.bytes, p.proxyRequireStart, lineEnd);
}

function timestamp(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.timestampStart >= 0) return;
  p.timestampStart = valueStart(p, nameEnd, lineEnd);
  p.timestampEnd = trimSpaceEnd(p.bytes, p.timestampStart, lineEnd);
}

function maxForwards(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.maxForwardsStart >= 0) return p.fail('duplicate-header');
  p.maxForwardsStart = valueStart(p, nameEnd, lineEnd);
  p.maxForwardsEnd = trimSpaceEnd(p.bytes, p.maxForwardsStart, lineEnd);
  const value = decimal(p.bytes, p.maxForwardsStart, p.maxForwardsEnd, 255);
  p.maxForwards = value < 0 ? -2 : value;
}

function contentLength(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.contentLength >= 0) return p.fail('duplicate-header');
  const start = valueStart(p, nameEnd, lineEnd);
  p.contentLength = decimal(p.bytes, start, trimSpaceEnd(p.bytes, start, lineEnd), 2 ** 31);
  if (p.contentLength < 0) p.fail('bad-content-length');
}
