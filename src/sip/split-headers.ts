// Splits the head of a message into header lines (RFC 3261 §7.3.1: folded lines are one line).
import { BACKSLASH, COLON, CR, HT, LF, SP, skipSpace, trimSpaceEnd } from './bytes.ts';
import { skipClass, TOKEN } from './grammar.ts';
import { headerName } from './header-name.ts';
import type { HeaderLine } from './message.ts';

/** More header lines than this are refused; each costs memory here and at the switch. */
const maxHeaders = 256;

export interface Head {
  readonly headers: HeaderLine[];
  /** First byte after the empty line; meaningless with a fault. */
  readonly bodyStart: number;
  readonly fault: string | undefined;
}

/** 1 for a byte that cannot stand in a header: control other than HT, and DEL. */
const control = new Uint8Array(256);
for (let c = 0; c < 32; c++) control[c] = c === HT ? 0 : 1;
control[127] = 1;

/** The header lines from `start` to the empty line. Lines before a fault are kept, so that an answer can be made. */
export function splitHeaders(bytes: Uint8Array, start: number, end: number): Head {
  const headers: HeaderLine[] = [];
  let at = start;
  while (at < end) {
    const lineStart = at;
    if (bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF)
      return { headers, bodyStart: at + 2, fault: undefined };
    const nameEnd = skipClass(bytes, at, end, TOKEN);
    at = nameEnd;
    // RFC 3261 §25.1 HCOLON: spaces and tabs, but no line break, before the colon.
    while (at < end && (bytes[at] === SP || bytes[at] === HT)) at++;
    if (nameEnd === lineStart || at >= end || bytes[at] !== COLON)
      return { headers, bodyStart: end, fault: 'a header line has no name and colon' };
    const valueFrom = at + 1;
    at = valueFrom;
    for (;;) {
      while (at < end && control[bytes[at]!] === 0) at++;
      if (at >= end) return { headers, bodyStart: end, fault: 'the headers do not end' };
      if (bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF) {
        at += 2;
        if (at >= end || (bytes[at] !== SP && bytes[at] !== HT)) break;
        // RFC 3261 §25.1 LWS: one line break. A folded line of white space alone ends the headers for some parsers.
        while (at < end && (bytes[at] === SP || bytes[at] === HT)) at++;
        if (at < end && bytes[at] === CR) return { headers, bodyStart: end, fault: 'a folded line is empty' };
        continue;
      }
      // RFC 3261 §25.1 quoted-pair: any byte but CR and LF may stand after a backslash in a quoted string
      // (RFC 4475 §3.1.1.2 has NUL, BEL and DEL there).
      if (bytes[at] === CR || bytes[at] === LF || !isEscaped(bytes, valueFrom, at))
        return { headers, bodyStart: end, fault: 'a control character in a header' };
      at++;
    }
    if (headers.length === maxHeaders) return { headers, bodyStart: end, fault: 'too many header lines' };
    const valueStart = skipSpace(bytes, valueFrom, at);
    headers.push({
      name: headerName(bytes, lineStart, nameEnd),
      lineStart,
      nameEnd,
      valueStart,
      valueEnd: trimSpaceEnd(bytes, valueStart, at),
      lineEnd: at,
    });
  }
  return { headers, bodyStart: end, fault: 'the headers do not end' };
}

function isEscaped(bytes: Uint8Array, from: number, at: number): boolean {
  let first = at;
  while (first > from && bytes[first - 1] === BACKSLASH) first--;
  return ((at - first) & 1) === 1;
}
