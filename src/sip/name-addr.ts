// name-addr and addr-spec with their parameters (RFC 3261 §20.10, §25.1): From, To, Contact, Route, Record-Route.
import { COMMA, equalsIgnoreCase, GT, HT, LT, QUOTE, SEMICOLON, SP, skipSpace, trimSpaceEnd } from './bytes.ts';
import { classOf, TOKEN, text } from './grammar.ts';
import { closingQuote, newParam, nextParam } from './param.ts';
import { findUriParam, scanUri, type UriSpan } from './uri-span.ts';

/** Offsets point into the bytes it was read from; -1 where absent. */
export interface Address {
  /** The value is bytes[start, end), without white space around it and without a comma. */
  readonly start: number;
  readonly end: number;
  /** The display name as written, quotes included. */
  readonly displayStart: number;
  readonly displayEnd: number;
  /** Without the angle brackets. */
  readonly uri: UriSpan;
  readonly bracketed: boolean;
  /** Whether the URI has an `lr` parameter (RFC 3261 §19.1.1). */
  readonly lr: boolean;
  /** The first `;` of the header parameters, or `end` where there are none. */
  readonly paramsStart: number;
  readonly tag: string | undefined;
  readonly tagStart: number;
  readonly tagEnd: number;
}

/**
 * The address at the head of bytes[start, end), as far as a comma or `end`; undefined where it is malformed. The next
 * address begins after `nextValue(bytes, address.end, end)`.
 */
export function readAddress(bytes: Uint8Array, start: number, end: number): Address | undefined {
  const from = skipSpace(bytes, start, end);
  let displayEnd = from;
  let open = -1;
  if (from < end && bytes[from] === QUOTE) {
    const close = closingQuote(bytes, from, end);
    if (close < 0) return undefined;
    displayEnd = close + 1;
    open = skipSpace(bytes, displayEnd, end);
    if (open >= end || bytes[open] !== LT) return undefined;
  } else {
    // RFC 4475 §3.1.1.6: white space between a display name's last token and "<" is not demanded.
    let at = from;
    while (at < end && inDisplayName(bytes[at]!)) at++;
    if (at < end && bytes[at] === LT) {
      open = at;
      displayEnd = trimSpaceEnd(bytes, from, at);
    }
  }
  const bracketed = open >= 0;
  const uriStart = bracketed ? open + 1 : from;
  let uriEnd = uriStart;
  if (bracketed) {
    while (uriEnd < end && bytes[uriEnd] !== GT && bytes[uriEnd] !== LT && bytes[uriEnd] !== QUOTE) uriEnd++;
    if (uriEnd >= end || bytes[uriEnd] !== GT) return undefined;
  } else {
    // RFC 3261 §20: a URI that holds a comma, a question mark or a semicolon stands in angle brackets; without them
    // what follows a semicolon belongs to the header, and a "?" is a fault (RFC 4475 §3.1.2.13).
    while (uriEnd < end && endsBareUri[bytes[uriEnd]!] === 0) uriEnd++;
  }
  const uri = scanUri(bytes, uriStart, uriEnd);
  if (uri === undefined || (!bracketed && uri.headersStart >= 0)) return undefined;
  let valueEnd = bracketed ? uriEnd + 1 : uriEnd;
  let at = skipSpace(bytes, valueEnd, end);
  const paramsStart = at < end && bytes[at] === SEMICOLON ? at : -1;
  let tagStart = -1;
  let tagEnd = -1;
  const param = newParam();
  while (at < end && bytes[at] !== COMMA) {
    at = nextParam(bytes, at, end, param);
    if (at < 0) return undefined;
    valueEnd = param.quoted ? param.valueEnd + 1 : Math.max(param.nameEnd, param.valueEnd);
    if (equalsIgnoreCase(bytes, param.nameStart, param.nameEnd, 'tag')) {
      if (tagStart >= 0 || !param.token) return undefined;
      tagStart = param.valueStart;
      tagEnd = param.valueEnd;
    }
  }
  return {
    start: from,
    end: valueEnd,
    displayStart: displayEnd > from ? from : -1,
    displayEnd: displayEnd > from ? displayEnd : -1,
    uri,
    bracketed,
    lr: uri.paramsStart >= 0 && findUriParam(bytes, uri, 'lr') >= 0,
    paramsStart: paramsStart < 0 ? valueEnd : paramsStart,
    tag: tagStart < 0 ? undefined : text(bytes, tagStart, tagEnd),
    tagStart,
    tagEnd,
  };
}

/**
 * Where the value after the one that ends at `start` begins: after a comma. `end` where the list ends there, and -1
 * where something else follows.
 */
export function nextValue(bytes: Uint8Array, start: number, end: number): number {
  const at = skipSpace(bytes, start, end);
  if (at >= end) return end;
  return bytes[at] === COMMA && at + 1 < end ? at + 1 : -1;
}

// Differs from RFC 3261 §25.1 display-name: unquoted UTF-8 is passed on, for telephones send names so; other
// characters outside token are refused (RFC 4475 §3.1.2.15).
function inDisplayName(c: number): boolean {
  return (classOf[c]! & TOKEN) !== 0 || c === SP || c === HT || c === 13 || c === 10 || c >= 128;
}

/** 1 for a byte that ends a URI without angle brackets: control, space, and `"` `,` `;` `<` `>`. */
const endsBareUri = new Uint8Array(256);
for (let c = 0; c <= 32; c++) endsBareUri[c] = 1;
for (const c of [34, 44, 59, 60, 62]) endsBareUri[c] = 1;
