// Finds the parts of a URI in place, in one pass (RFC 3261 §19.1 and §25.1 for sip and sips, RFC 3966 for tel, RFC 3986
// for all others).
import { COLON, equalsIgnoreCase, isDigit } from './bytes.ts';
import { classOf, PASSWORD, skipEscaped, TOKEN, URI_HEADER, URI_PARAM, URIC, USER } from './grammar.ts';
import { portNumber, skipHost } from './host.ts';

const AT = 64;
const SEMICOLON = 59;
const QUESTION = 63;
const AMPERSAND = 38;
const EQUALS = 61;

export type UriScheme = 'sip' | 'sips' | 'tel' | 'urn' | 'other';

/** Where the parts of a URI lie; -1 where a part is absent. */
export interface UriSpan {
  readonly scheme: UriScheme;
  readonly start: number;
  readonly end: number;
  /** Without the colon. */
  readonly schemeEnd: number;
  /** sip, sips: the user; tel: the number; others: all that follows the colon. */
  readonly userStart: number;
  readonly userEnd: number;
  readonly passwordStart: number;
  readonly passwordEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly port: number;
  /** From the first `;` to the end of the last parameter. */
  readonly paramsStart: number;
  readonly paramsEnd: number;
  /** From the byte after `?`. */
  readonly headersStart: number;
}

/** A URI that lies in some bytes. */
export interface UriAt {
  readonly bytes: Uint8Array;
  readonly span: UriSpan;
}

/** Finds the parts of the URI that is the whole of bytes[start, end); undefined where it is none. */
export function scanUri(bytes: Uint8Array, start: number, end: number): UriSpan | undefined {
  let schemeEnd = start;
  while (schemeEnd < end && isSchemeByte(bytes[schemeEnd]!)) schemeEnd++;
  if (schemeEnd === start || schemeEnd + 1 >= end || bytes[schemeEnd] !== COLON) return undefined;
  const first = bytes[start]! | 0x20;
  if (first < 97 || first > 122) return undefined;
  const scheme = schemeOf(bytes, start, schemeEnd);
  if (scheme === 'sip' || scheme === 'sips') return scanSip(bytes, start, end, schemeEnd, scheme);
  if (scheme === 'tel') return scanTel(bytes, start, end, schemeEnd);
  if (skipEscaped(bytes, schemeEnd + 1, end, URIC) !== end) return undefined;
  return spanOf(scheme, start, end, schemeEnd, schemeEnd + 1, end, -1, -1, -1, -1, -1, -1, -1, -1);
}

function scanSip(
  bytes: Uint8Array,
  start: number,
  end: number,
  schemeEnd: number,
  scheme: UriScheme,
): UriSpan | undefined {
  let at = schemeEnd + 1;
  let userStart = -1;
  let userEnd = -1;
  let passwordStart = -1;
  let passwordEnd = -1;
  // RFC 3261 §25.1 userinfo: an unescaped "@" can stand nowhere else, so that a user may hold ";" and "?".
  const stop = skipEscaped(bytes, at, end, USER);
  if (stop < end && bytes[stop] === AT) {
    userStart = at;
    userEnd = stop;
    at = stop + 1;
  } else if (stop < end && bytes[stop] === COLON) {
    const passwordStop = skipEscaped(bytes, stop + 1, end, PASSWORD);
    if (passwordStop < end && bytes[passwordStop] === AT) {
      userStart = at;
      userEnd = stop;
      passwordStart = stop + 1;
      passwordEnd = passwordStop;
      at = passwordStop + 1;
    }
  }
  if (userStart >= 0 && userEnd === userStart) return undefined;
  const hostStart = at;
  const hostEnd = skipHost(bytes, at, end);
  if (hostEnd < 0) return undefined;
  at = hostEnd;
  let port = -1;
  if (at < end && bytes[at] === COLON) {
    const portStart = at + 1;
    at = portStart;
    while (at < end && isDigit(bytes[at]!)) at++;
    port = portNumber(bytes, portStart, at);
    if (port < 0) return undefined;
  }
  const paramsStart = at < end && bytes[at] === SEMICOLON ? at : -1;
  while (at < end && bytes[at] === SEMICOLON) {
    const name = at + 1;
    at = skipEscaped(bytes, name, end, URI_PARAM);
    if (at === name) return undefined;
    if (at < end && bytes[at] === EQUALS) {
      const value = at + 1;
      at = skipEscaped(bytes, value, end, URI_PARAM);
      if (at === value) return undefined;
    }
  }
  const paramsEnd = at;
  let headersStart = -1;
  if (at < end && bytes[at] === QUESTION) {
    headersStart = at + 1;
    do {
      const name = at + 1;
      at = skipEscaped(bytes, name, end, URI_HEADER);
      if (at === name || at >= end || bytes[at] !== EQUALS) return undefined;
      at = skipEscaped(bytes, at + 1, end, URI_HEADER);
    } while (at < end && bytes[at] === AMPERSAND);
  }
  if (at !== end) return undefined;
  return spanOf(
    scheme,
    start,
    end,
    schemeEnd,
    userStart,
    userEnd,
    passwordStart,
    passwordEnd,
    hostStart,
    hostEnd,
    port,
    paramsStart,
    paramsEnd,
    headersStart,
  );
}

// RFC 3966 §3: a number of digits and visual separators (a local one also of hexadecimal digits, "*" and "#").
function scanTel(bytes: Uint8Array, start: number, end: number, schemeEnd: number): UriSpan | undefined {
  const userStart = schemeEnd + 1;
  let at = userStart;
  let digits = 0;
  const global = bytes[at] === 43;
  if (global) at++;
  for (; at < end && bytes[at] !== SEMICOLON; at++) {
    const c = bytes[at]!;
    if (isDigit(c)) digits++;
    else if (c === 45 || c === 46 || c === 40 || c === 41) continue;
    else if (!global && (c === 42 || c === 35 || ((c | 0x20) >= 97 && (c | 0x20) <= 102))) digits++;
    else return undefined;
  }
  if (digits === 0) return undefined;
  const userEnd = at;
  while (at < end) {
    const name = at + 1;
    at = name;
    while (at < end && bytes[at] !== EQUALS && bytes[at] !== SEMICOLON && (classOf[bytes[at]!]! & TOKEN) !== 0) at++;
    if (at === name) return undefined;
    if (at < end && bytes[at] === EQUALS) {
      const value = at + 1;
      at = skipEscaped(bytes, value, end, URI_PARAM);
      if (at === value) return undefined;
    }
    if (at < end && bytes[at] !== SEMICOLON) return undefined;
  }
  const paramsStart = userEnd < end ? userEnd : -1;
  return spanOf('tel', start, end, schemeEnd, userStart, userEnd, -1, -1, -1, -1, -1, paramsStart, end, -1);
}

/** Whether the URI of `span` has the parameter `lower` (RFC 3261 §19.1.4: names without case); -1 or its name's start. */
export function findUriParam(bytes: Uint8Array, span: UriSpan, lower: string): number {
  let at = span.paramsStart;
  while (at >= 0 && at < span.paramsEnd) {
    const name = at + 1;
    let stop = name;
    while (stop < span.paramsEnd && bytes[stop] !== EQUALS && bytes[stop] !== SEMICOLON) stop++;
    if (equalsIgnoreCase(bytes, name, stop, lower)) return name;
    at = stop;
    while (at < span.paramsEnd && bytes[at] !== SEMICOLON) at++;
  }
  return -1;
}

function isSchemeByte(c: number): boolean {
  return isDigit(c) || ((c | 0x20) >= 97 && (c | 0x20) <= 122) || c === 43 || c === 45 || c === 46;
}

function schemeOf(bytes: Uint8Array, start: number, end: number): UriScheme {
  if (equalsIgnoreCase(bytes, start, end, 'sip')) return 'sip';
  if (equalsIgnoreCase(bytes, start, end, 'sips')) return 'sips';
  if (equalsIgnoreCase(bytes, start, end, 'tel')) return 'tel';
  return equalsIgnoreCase(bytes, start, end, 'urn') ? 'urn' : 'other';
}

function spanOf(
  scheme: UriScheme,
  start: number,
  end: number,
  schemeEnd: number,
  userStart: number,
  userEnd: number,
  passwordStart: number,
  passwordEnd: number,
  hostStart: number,
  hostEnd: number,
  port: number,
  paramsStart: number,
  paramsEnd: number,
  headersStart: number,
): UriSpan {
  return {
    scheme,
    start,
    end,
    schemeEnd,
    userStart,
    userEnd,
    passwordStart,
    passwordEnd,
    hostStart,
    hostEnd,
    port,
    paramsStart,
    paramsEnd,
    headersStart,
  };
}
