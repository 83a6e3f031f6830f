// All lines of one header, for what is done to admitted requests only (RFC 3261 §7.3.1: lines of one name form a list).
import { equalsIgnoreCase, skipSpace, trimSpaceEnd } from './bytes.ts';
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
  let i = p.headersStart;
  while (i < p.bodyStart) {
    const start = i;
    let colon = -1;
    for (;;) {
      while (i < p.bodyStart && bytes[i] !== 10) {
        if (colon < 0 && bytes[i] === 58) colon = i;
        i++;
      }
      i++;
      if (i >= p.bodyStart || (bytes[i] !== 32 && bytes[i] !== 9)) break;
    }
    const end = Math.min(i, p.bodyStart);
    if (colon < 0) continue;
    const nameEnd = trimSpaceEnd(bytes, start, colon);
    const isNamed = equalsIgnoreCase(bytes, start, nameEnd, name);
    if (!isNamed && (compact === '' || !equalsIgnoreCase(bytes, start, nameEnd, compact))) continue;
    const valueStart = skipSpace(bytes, colon + 1, end);
    out.push({ start, end, valueStart, valueEnd: trimSpaceEnd(bytes, valueStart, end) });
  }
  return out;
}
