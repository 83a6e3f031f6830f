// Byte tests and scans that the wire format needs (RFC 3261 §25.1 core rules). All work in place.

export const CR = 13;
export const LF = 10;
export const SP = 32;
export const HT = 9;
export const COMMA = 44;
export const SEMICOLON = 59;
export const COLON = 58;
export const EQUALS = 61;
export const QUOTE = 34;
export const BACKSLASH = 92;
export const LT = 60;
export const GT = 62;
export const AT = 64;
export const SLASH = 47;

/** White space of a header, folding included. */
export function isSpace(c: number): boolean {
  return c === SP || c === HT || c === CR || c === LF;
}

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** What ends the parts of header values: bits of `stops[byte]`, so that a scan asks once for each byte. */
export const STOP_SEMICOLON = 1;
export const STOP_COMMA = 2;
export const STOP_EQUALS = 4;
export const STOP_QUOTE = 8;
export const STOP_SPACE = 16;
export const stops = new Uint8Array(256);
stops[SEMICOLON] = STOP_SEMICOLON;
stops[COMMA] = STOP_COMMA;
stops[EQUALS] = STOP_EQUALS;
stops[QUOTE] = STOP_QUOTE;
for (const c of [SP, HT, CR, LF]) stops[c] = STOP_SPACE;

/** The first of bytes[start, end) that is one of `which`, or `end`. */
export function skipTo(bytes: Uint8Array, start: number, end: number, which: number): number {
  let i = start;
  while (i < end && (stops[bytes[i]!]! & which) === 0) i++;
  return i;
}

/** Whether bytes[start, end) is `lower`, compared without case; `lower` is ASCII in lower case. */
export function equalsIgnoreCase(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  const n = lower.length;
  if (end - start !== n) return false;
  for (let i = 0; i < n; i++) {
    let c = bytes[start + i]!;
    if (c >= 65 && c <= 90) c |= 0x20;
    if (c !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Whether bytes[start, end) is `text`, compared with case. */
export function equalsExactly(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  const n = text.length;
  if (end - start !== n) return false;
  for (let i = 0; i < n; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

export function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && isSpace(bytes[i]!)) i++;
  return i;
}

export function trimSpaceEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && isSpace(bytes[i - 1]!)) i--;
  return i;
}

/** The closing quote of the quoted-string that opens at `start`, or `end` where it never closes. */
export function skipQuoted(bytes: Uint8Array, start: number, end: number): number {
  let i = start + 1;
  while (i < end) {
    const c = bytes[i]!;
    if (c === QUOTE) return i;
    i += c === BACKSLASH ? 2 : 1;
  }
  return end;
}

/**
 * The decimal number that is the whole of bytes[start, end), or -1 where it is none or above `max`
 * (0 to 2^32). Leading zeros count as digits.
 */
export function decimal(bytes: Uint8Array, start: number, end: number, max: number): number {
  if (start >= end) return -1;
  let n = 0;
  for (let i = start; i < end; i++) {
    const c = bytes[i]!;
    if (!isDigit(c)) return -1;
    n = n * 10 + (c - 48);
    if (n > max) return -1;
  }
  return n;
}

/** bytes[start, end) as Latin-1: one character a byte. Meant for short ranges off the refusal path. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let out = '';
  for (let i = start; i < end; i++) out += String.fromCharCode(bytes[i]!);
  return out;
}

/** Index of the first LF in bytes[start, end), or `end`: four bytes at a time (Hacker's Delight §6-1, the byte that is zero). */
export function lineFeed(view: DataView, bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (const last = end - 4; i <= last; i += 4) {
    const x = view.getInt32(i, true) ^ 0x0a0a0a0a;
    const zeros = (x - 0x01010101) & ~x & 0x80808080;
    // the lowest bit that is set stands for the first of the bytes
    if (zeros !== 0) return i + ((31 - Math.clz32(zeros & -zeros)) >> 3);
  }
  while (i < end && bytes[i] !== LF) i++;
  return i;
}
