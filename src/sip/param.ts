// One header parameter, `;name` or `;name=value`, found in place (RFC 3261 §25.1 generic-param).
import { BACKSLASH, EQUALS, QUOTE, SEMICOLON, skipSpace } from './bytes.ts';
import { classOf, skipClass, TOKEN } from './grammar.ts';

/** Offsets of the parameter that `nextParam` found last. */
export interface Param {
  nameStart: number;
  nameEnd: number;
  /** -1 where the parameter has no value; a quoted value without its quotes. */
  valueStart: number;
  valueEnd: number;
  quoted: boolean;
  /** Whether the value is a token. */
  token: boolean;
}

export function newParam(): Param {
  return { nameStart: -1, nameEnd: -1, valueStart: -1, valueEnd: -1, quoted: false, token: false };
}

/** 1 for a byte that ends an unquoted value: control, space, DEL, and `;` `,` `"` `<` `>`. */
const endsValue = new Uint8Array(256);
for (let c = 0; c <= 32; c++) endsValue[c] = 1;
for (const c of [127, 34, 44, 59, 60, 62]) endsValue[c] = 1;

/**
 * Reads the parameter whose `;` stands at `start` into `into`. Returns the first byte after it and after white space
 * that follows it, or -1 where there is no well-formed parameter.
 */
export function nextParam(bytes: Uint8Array, start: number, end: number, into: Param): number {
  if (start >= end || bytes[start] !== SEMICOLON) return -1;
  let i = skipSpace(bytes, start + 1, end);
  into.nameStart = i;
  i = skipClass(bytes, i, end, TOKEN);
  if (i === into.nameStart) return -1;
  into.nameEnd = i;
  into.valueStart = -1;
  into.valueEnd = -1;
  into.quoted = false;
  into.token = false;
  i = skipSpace(bytes, i, end);
  if (i >= end || bytes[i] !== EQUALS) return i;
  i = skipSpace(bytes, i + 1, end);
  if (i < end && bytes[i] === QUOTE) {
    const close = closingQuote(bytes, i, end);
    if (close < 0) return -1;
    into.quoted = true;
    into.valueStart = i + 1;
    into.valueEnd = close;
    return skipSpace(bytes, close + 1, end);
  }
  // Differs from RFC 3261 §25.1 gen-value: characters beyond token and host stand in extension parameters of live
  // networks; they are passed on, and each parameter that we use demands the form it needs.
  into.valueStart = i;
  let token = true;
  while (i < end && endsValue[bytes[i]!] === 0) {
    if ((classOf[bytes[i]!]! & TOKEN) === 0) token = false;
    i++;
  }
  if (i === into.valueStart) return -1;
  into.valueEnd = i;
  into.token = token;
  return skipSpace(bytes, i, end);
}

/**
 * The closing quote of the quoted-string that opens at `start`, or -1 where it does not close or holds what
 * RFC 3261 §25.1 quoted-pair forbids (an escaped CR or LF).
 */
export function closingQuote(bytes: Uint8Array, start: number, end: number): number {
  let i = start + 1;
  while (i < end) {
    const c = bytes[i]!;
    if (c === QUOTE) return i;
    if (c === BACKSLASH) {
      const escaped = bytes[i + 1];
      if (escaped === 13 || escaped === 10) return -1;
      i += 2;
    } else i++;
  }
  return -1;
}
