// All lines of one header, for what is done to admitted requests only (RFC 3261 §7.3.1: lines of one name form a list).
import { COLON, equalsIgnoreCase, HT, lineFeed, SP, skipSpace, trimSpaceEnd } from './bytes.ts';
import type { Peek } from './peek.ts';

/** One header line: it is bytes[start, end), its value bytes[valueStart, valueEnd). */
export interface HeaderLine {
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** All lines of one header, in order; `name` in lower case, `compact` '' where it has no compact form. Off the hot path. */
export function headerLines(p: Peek, name: string, compact: string): HeaderLine[] {
  const { bytes } = p;
  const out: HeaderLine[] = [];
  const first = name.charCodeAt(0);
  const firstCompact = compact === '' ? first : compact.charCodeAt(0);
  let i = p.headersStart;
  while (i < p.bodyStart) {
    const start = i;
    do i = lineFeed(p.view, bytes, i, p.bodyStart) + 1;
    while (i < p.bodyStart && (bytes[i] === SP || bytes[i] === HT));
    const letter = bytes[start]! | 0x20;
    if (letter !== first && letter !== firstCompact) continue;
    const end = Math.min(i, p.bodyStart);
    let colon = start;
    while (colon < end && bytes[colon] !== COLON) colon++;
    if (colon === end) continue;
    const nameEnd = trimSpaceEnd(bytes, start, colon);
    const isNamed = equalsIgnoreCase(bytes, start, nameEnd, name);
    if (!isNamed && (compact === '' || !equalsIgnoreCase(bytes, start, nameEnd, compact))) continue;
    const valueStart = skipSpace(bytes, colon + 1, end);
    out.push({ start, end, valueStart, valueEnd: trimSpaceEnd(bytes, valueStart, end) });
  }
  return out;
}
