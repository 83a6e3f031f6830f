// Which header lines the hot path looks at, and what it keeps of each (RFC 3261 §20; names without case, compact forms §7.3.3).
import { decimal, equalsIgnoreCase, skipSpace, trimSpaceEnd } from './bytes.ts';
import type { Peek } from './peek.ts';
import { peekCseq, peekVia, tagEnd, tagStart } from './peek-values.ts';

/** Takes the header line bytes[line, lineEnd) if its name is one that counts; the first letter and the length tell most. */
export function peekHeader(p: Peek, line: number, nameEnd: number, lineEnd: number): void {
  const bytes = p.bytes;
  const length = nameEnd - line;
  const first = bytes[line]! | 0x20;
  switch (length) {
    case 1:
      switch (first) {
        case 118: // v
          return via(p, line, nameEnd, lineEnd);
        case 102: // f
          return from(p, nameEnd, lineEnd);
        case 116: // t
          return to(p, nameEnd, lineEnd);
        case 105: // i
          return callId(p, nameEnd, lineEnd);
        case 108: // l
          return contentLength(p, nameEnd, lineEnd);
        case 109: // m
          return contact(p, nameEnd, lineEnd);
      }
      return;
    case 2:
      if (first === 116 && (bytes[line + 1]! | 0x20) === 111) to(p, nameEnd, lineEnd);
      return;
    case 3:
      if (first === 118 && equalsIgnoreCase(bytes, line, nameEnd, 'via')) via(p, line, nameEnd, lineEnd);
      return;
    case 4:
      if (first === 102 && equalsIgnoreCase(bytes, line, nameEnd, 'from')) from(p, nameEnd, lineEnd);
      else if (first === 99 && equalsIgnoreCase(bytes, line, nameEnd, 'cseq')) cseq(p, nameEnd, lineEnd);
      return;
    case 5:
      if (first === 114 && equalsIgnoreCase(bytes, line, nameEnd, 'route')) route(p, nameEnd, lineEnd);
      return;
    case 7:
      if (first === 99) {
        if (equalsIgnoreCase(bytes, line, nameEnd, 'call-id')) callId(p, nameEnd, lineEnd);
        else if (equalsIgnoreCase(bytes, line, nameEnd, 'contact')) contact(p, nameEnd, lineEnd);
      } else if (first === 114 && equalsIgnoreCase(bytes, line, nameEnd, 'require')) require(p, nameEnd, lineEnd);
      return;
    case 12:
      if (first === 109 && equalsIgnoreCase(bytes, line, nameEnd, 'max-forwards')) maxForwards(p, nameEnd, lineEnd);
      return;
    case 13:
      if (first === 112 && equalsIgnoreCase(bytes, line, nameEnd, 'proxy-require')) proxyRequire(p, nameEnd, lineEnd);
      return;
    case 14:
      if (first === 99 && equalsIgnoreCase(bytes, line, nameEnd, 'content-length')) contentLength(p, nameEnd, lineEnd);
      return;
    case 17:
      if (first === 114 && equalsIgnoreCase(bytes, line, nameEnd, 'resource-priority'))
        resourcePriority(p, nameEnd, lineEnd);
  }
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

function contact(p: Peek, nameEnd: number, lineEnd: number): void {
  if (p.contactStart >= 0) return;
  p.contactStart = valueStart(p, nameEnd, lineEnd);
  p.contactEnd = trimSpaceEnd(p.bytes, p.contactStart, lineEnd);
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
