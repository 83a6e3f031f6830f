// The parts of single header values that the hot path needs: top Via (RFC 3261 §20.42), tags (§20.20, §20.39), CSeq (§20.16).
import {
  COLON,
  COMMA,
  EQUALS,
  equalsIgnoreCase,
  GT,
  HT,
  isDigit,
  LT,
  QUOTE,
  SEMICOLON,
  SLASH,
  SP,
  STOP_COMMA,
  STOP_EQUALS,
  STOP_QUOTE,
  STOP_SEMICOLON,
  STOP_SPACE,
  skipQuoted,
  skipSpace,
  skipTo,
  trimSpaceEnd,
} from './bytes.ts';
import { methodOf } from './method.ts';
import type { Peek } from './peek.ts';

// What nearly every message has, as the little-endian words that it is in memory.
const spaceSip = 0x50495320; // " SIP"
const two = 0x302e322f; // "/2.0"
const sipSlash = 0x2f504953; // "SIP/"
const twoSlash = 0x2f302e32; // "2.0/"

const maxCseq = 2 ** 31 - 1; // RFC 3261 §8.1.1.5

/** Index of the comma that ends the via-parm at `start`, or `end`. */
function viaParmEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let i = skipTo(bytes, start, end, STOP_COMMA | STOP_QUOTE); i < end; ) {
    if (bytes[i] === COMMA) return i;
    i = skipTo(bytes, skipQuoted(bytes, i, end) + 1, end, STOP_COMMA | STOP_QUOTE);
  }
  return end;
}

/** Takes the top via-parm, and notes the second, from the value of a Via line. */
export function peekVia(p: Peek, start: number, end: number): void {
  const bytes = p.bytes;
  if (p.viaStart >= 0) {
    if (!p.hasSecondVia) secondVia(p, start, end);
    return;
  }
  const comma = topVia(p, start, end);
  p.viaStart = start;
  p.viaEnd = trimSpaceEnd(bytes, start, comma);
  if (comma < end) secondVia(p, skipSpace(bytes, comma + 1, end), end);
}

function secondVia(p: Peek, start: number, end: number): void {
  p.hasSecondVia = true;
  p.via2Start = start;
  p.via2End = trimSpaceEnd(p.bytes, start, viaParmEnd(p.bytes, start, end));
}

// via-parm = "SIP" SLASH "2.0" SLASH transport LWS sent-by *( SEMI via-params ); returns where it ends: its comma or `end`
function topVia(p: Peek, start: number, end: number): number {
  const bytes = p.bytes;
  let i = start;
  let slashes = 0;
  if (end - start > 12 && p.view.getInt32(start, true) === sipSlash && p.view.getInt32(start + 4, true) === twoSlash) {
    i = start + 8;
    slashes = 2;
  }
  while (i < end && slashes < 2) if (bytes[i++] === SLASH) slashes++;
  i = skipTo(bytes, skipSpace(bytes, i, end), end, STOP_SPACE); // transport
  i = skipSpace(bytes, i, end);
  p.sentByStart = i;
  i = skipTo(bytes, i, end, STOP_SEMICOLON | STOP_COMMA);
  p.sentByEnd = trimSpaceEnd(bytes, p.sentByStart, i);
  if (slashes < 2 || p.sentByEnd === p.sentByStart) p.fail('bad-via');
  while (i < end && bytes[i] === SEMICOLON) {
    const nameStart = skipSpace(bytes, i + 1, end);
    i = skipTo(bytes, nameStart, end, STOP_SEMICOLON | STOP_EQUALS | STOP_COMMA);
    const nameEnd = trimSpaceEnd(bytes, nameStart, i);
    let valueStart = nameEnd;
    let valueEnd = nameEnd;
    if (i < end && bytes[i] === EQUALS) {
      valueStart = skipSpace(bytes, i + 1, end);
      i = skipTo(bytes, valueStart, end, STOP_SEMICOLON | STOP_COMMA | STOP_QUOTE);
      while (i < end && bytes[i] === QUOTE)
        i = skipTo(bytes, skipQuoted(bytes, i, end) + 1, end, STOP_SEMICOLON | STOP_COMMA | STOP_QUOTE);
      if (i > end) i = end;
      valueEnd = trimSpaceEnd(bytes, valueStart, i);
    }
    viaParam(p, nameStart, nameEnd, valueStart, valueEnd);
  }
  return i;
}

function viaParam(p: Peek, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
  const bytes = p.bytes;
  switch (nameEnd - nameStart) {
    case 5:
      if (p.rportStart < 0 && equalsIgnoreCase(bytes, nameStart, nameEnd, 'rport')) {
        p.rportStart = nameStart;
        p.rportEnd = valueEnd;
      }
      return;
    case 6:
      if (p.branchStart < 0 && equalsIgnoreCase(bytes, nameStart, nameEnd, 'branch')) {
        p.branchStart = valueStart;
        p.branchEnd = valueEnd;
      }
      return;
    case 8:
      if (p.receivedStart < 0 && equalsIgnoreCase(bytes, nameStart, nameEnd, 'received')) {
        p.receivedStart = nameStart;
        p.receivedEnd = valueEnd;
      }
  }
}

/**
 * Where the `tag` parameter of a From or To value begins (its value), or -1. Parameters inside <> belong to the URI;
 * without <> every parameter is the header's (RFC 3261 §20.10).
 */
export function tagStart(bytes: Uint8Array, start: number, end: number): number {
  // the header's parameters follow the last `>`; a quote after it, or no `>`, asks for the whole way from the front
  let i = end;
  while (i > start) {
    const c = bytes[i - 1]!;
    if (c === GT) return tagIn(bytes, i, end);
    if (c === QUOTE) break;
    i--;
  }
  return tagIn(bytes, start, end);
}

function tagIn(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (c === QUOTE) i = skipQuoted(bytes, i, end);
    else if (c === LT) {
      while (i < end && bytes[i] !== GT) i++;
    } else if (c === SEMICOLON) {
      let j = skipSpace(bytes, i + 1, end);
      if (j + 3 < end && equalsIgnoreCase(bytes, j, j + 3, 'tag')) {
        j = skipSpace(bytes, j + 3, end);
        if (bytes[j] === EQUALS && j < end) return skipSpace(bytes, j + 1, end);
      }
    }
  }
  return -1;
}

/** First byte after the tag that begins at `start`. */
export function tagEnd(bytes: Uint8Array, start: number, end: number): number {
  return skipTo(bytes, start, end, STOP_SEMICOLON | STOP_COMMA | STOP_SPACE);
}

/** CSeq = 1*DIGIT LWS Method; in a request the method is the request's own (RFC 3261 §8.1.1.5). */
export function peekCseq(p: Peek, start: number, end: number): void {
  const bytes = p.bytes;
  p.cseqStart = start;
  p.cseqEnd = end;
  let i = start;
  let n = 0;
  while (i < end && isDigit(bytes[i]!)) {
    n = n * 10 + (bytes[i]! - 48);
    if (n > maxCseq) return p.fail('bad-cseq');
    i++;
  }
  const methodStart = skipSpace(bytes, i, end);
  if (i === start || methodStart === i || methodStart >= end) return p.fail('bad-cseq');
  p.cseqNumber = n;
  p.cseqMethod = methodOf(bytes, methodStart, end);
  if (!p.isRequest) return;
  if (p.cseqMethod !== p.method) p.fail('bad-cseq');
  else if (p.method === 'other' && !sameBytes(bytes, methodStart, end, p.methodStart, p.methodEnd)) p.fail('bad-cseq');
}

function sameBytes(bytes: Uint8Array, start: number, end: number, start2: number, end2: number): boolean {
  if (end - start !== end2 - start2) return false;
  for (let i = 0; i < end - start; i++) if (bytes[start + i] !== bytes[start2 + i]) return false;
  return true;
}

/** Takes the start line in bytes[start, end): RFC 3261 §7.1 and §7.2. */
export function peekStartLine(p: Peek, start: number, end: number): void {
  const bytes = p.bytes;
  if ((bytes[start]! | 0x20) === 115 && equalsIgnoreCase(bytes, start, start + 4, 'sip/'))
    return statusLine(p, start, end);
  p.isRequest = true;
  // Request-Line = Method SP Request-URI SP SIP-Version, one space each (RFC 3261 §7.1); the version tells that it is SIP
  let trimmed = end;
  let version = end - 7;
  const isPlain =
    end - start > 12 && p.view.getInt32(end - 8, true) === spaceSip && p.view.getInt32(end - 4, true) === two;
  if (!isPlain) {
    trimmed = trimSpaceEnd(bytes, start, end);
    version = trimmed;
    while (version > start && bytes[version - 1] !== SP && bytes[version - 1] !== HT) version--;
    if (!equalsIgnoreCase(bytes, version, version + 4, 'sip/')) return p.fail('not-sip');
  }
  let i = start;
  while (i < version && bytes[i] !== SP && bytes[i] !== HT && bytes[i] !== COLON) i++;
  if (i === start || bytes[i] === COLON || version <= i + 1) return p.fail('not-sip');
  p.methodStart = start;
  p.methodEnd = i;
  p.method = methodOf(bytes, start, i);
  p.uriStart = i + 1;
  p.uriEnd = version - 1;
  if (!isPlain && !equalsIgnoreCase(bytes, version, trimmed, 'sip/2.0')) return p.fail('bad-version');
  if (trimmed < end || hasSpace(bytes, p.uriStart, p.uriEnd) || bytes[p.uriStart] === LT) p.fail('bad-start-line');
}

function hasSpace(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return true;
  for (let i = start; i < end; i++) if (bytes[i] === SP || bytes[i] === HT) return true;
  return false;
}

function statusLine(p: Peek, start: number, end: number): void {
  const bytes = p.bytes;
  if (!equalsIgnoreCase(bytes, start, start + 8, 'sip/2.0 '))
    return p.fail(end - start > 4 ? 'bad-version' : 'not-sip');
  const a = bytes[start + 8]! - 48;
  const b = bytes[start + 9]! - 48;
  const c = bytes[start + 10]! - 48;
  const codeEnds = start + 11 >= end || bytes[start + 11] === SP;
  if (!(a >= 1 && a <= 6 && b >= 0 && b <= 9 && c >= 0 && c <= 9 && codeEnds)) return p.fail('not-sip');
  p.status = a * 100 + b * 10 + c;
}
