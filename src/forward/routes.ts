// The Route headers of a request (RFC 3261 §16.4, §16.12): which of them are ours and go, and what the first other one is.
// Two of ours stand together where we record-routed twice (RFC 5658).
import { COMMA, GT, LT, latin1, QUOTE, skipQuoted, skipSpace, trimSpaceEnd } from '../sip/bytes.ts';
import { Edits } from '../sip/edits.ts';
import { type HeaderLine, headerLines } from '../sip/header-lines.ts';
import type { Peek } from '../sip/peek.ts';
import { scanUri, type UriSpan } from '../sip/uri-span.ts';

/** One route: the value is bytes[start, end) in its line, the URI in it bytes[uriStart, uriEnd). */
export interface RouteValue {
  readonly line: HeaderLine;
  readonly start: number;
  readonly end: number;
  readonly uriStart: number;
  readonly uriEnd: number;
}

export interface RouteSet {
  /** Those of ours at the top, to be taken out, with their URIs in order. */
  readonly own: readonly UriSpan[];
  /** The first that is not ours. */
  readonly next: { readonly uri: UriSpan; readonly value: RouteValue } | undefined;
  /** A route that is no URI: the request is malformed. */
  readonly isBroken: boolean;
}

/** All route values in order. */
export function routeValues(p: Peek): RouteValue[] {
  const out: RouteValue[] = [];
  const { bytes } = p;
  for (const line of headerLines(p, 'route', '')) {
    let start = line.valueStart;
    let uriStart = -1;
    let uriEnd = -1;
    for (let i = start; i <= line.valueEnd; i++) {
      const c = i < line.valueEnd ? bytes[i]! : COMMA;
      // what never closes is a value too, and no URI
      if (c === QUOTE) i = Math.min(skipQuoted(bytes, i, line.valueEnd), line.valueEnd - 1);
      else if (c === LT && uriStart < 0) {
        const open = i;
        while (i < line.valueEnd && bytes[i] !== GT) i++;
        uriEnd = i;
        uriStart = i < line.valueEnd ? open + 1 : open;
        if (i === line.valueEnd) i--;
      } else if (c === COMMA) {
        const end = trimSpaceEnd(bytes, start, Math.min(i, line.valueEnd));
        out.push({ line, start, end, uriStart: uriStart < 0 ? start : uriStart, uriEnd: uriStart < 0 ? end : uriEnd });
        start = skipSpace(bytes, i + 1, line.valueEnd);
        uriStart = -1;
      }
    }
  }
  return out;
}

/** Reads the routes, and notes in `edits` that our own at the top are taken out. */
export function takeOwnRoutes(p: Peek, isOurs: (bytes: Uint8Array, uri: UriSpan) => boolean, edits: Edits): RouteSet {
  const own: UriSpan[] = [];
  const values = routeValues(p);
  let next: RouteSet['next'];
  for (const value of values) {
    const uri = scanUri(p.bytes, value.uriStart, value.uriEnd);
    if (uri === undefined) return { own, next, isBroken: true };
    if (!isOurs(p.bytes, uri)) {
      next = { uri, value };
      break;
    }
    own.push(uri);
  }
  removeFirst(values, own.length, edits);
  return { own, next, isBroken: false };
}

/** Notes that the first `count` values are taken out: whole lines, or the head of a line. */
function removeFirst(values: readonly RouteValue[], count: number, edits: Edits): void {
  for (let i = 0; i < count; ) {
    const { line } = values[i]!;
    let last = i;
    while (last + 1 < count && values[last + 1]!.line === line) last++;
    const after = values[last + 1];
    if (after !== undefined && after.line === line) edits.replace(line.valueStart, after.start, '');
    else edits.replace(line.start, line.end, '');
    i = last + 1;
  }
}

/**
 * The edits after which these values alone are the routes, in one line at the place of the first, and then `last`, a URI. For
 * strict routers (RFC 3261 §16.4, §16.6 step 6), where more changes than the head of the list.
 */
export function keepRoutes(p: Peek, values: readonly RouteValue[], last?: string): Edits {
  const edits = new Edits();
  const texts = values.map((value) => latin1(p.bytes, value.start, value.end));
  if (last !== undefined) texts.push(`<${last}>`);
  let text = texts.length === 0 ? '' : `Route: ${texts.join(', ')}\r\n`;
  for (const line of headerLines(p, 'route', '')) {
    edits.replace(line.start, line.end, text);
    text = '';
  }
  return edits;
}

/** The text of a route's URI. */
export function routeUriText(p: Peek, value: RouteValue): string {
  return latin1(p.bytes, value.uriStart, value.uriEnd);
}
