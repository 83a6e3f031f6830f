// The Request-Line and the Status-Line (RFC 3261 §7.1, §7.2, §25.1), strictly: one space between their parts.
import { CR, decimal, equalsIgnoreCase, LF, SP } from './bytes.ts';
import { skipClass, TOKEN, text } from './grammar.ts';
import { methodOf } from './method.ts';
import { scanUri, type UriSpan } from './uri-span.ts';

export interface StartLine {
  readonly request: boolean;
  readonly method: string;
  readonly uri: UriSpan | undefined;
  readonly uriStart: number;
  readonly uriEnd: number;
  readonly status: number;
  readonly reason: string;
  /** First byte after the line's CRLF; `end` where it has none. */
  readonly next: number;
  readonly fault: { readonly status: 400 | 416 | 505; readonly detail: string } | undefined;
}

const none: StartLine = {
  request: false,
  method: '',
  uri: undefined,
  uriStart: -1,
  uriEnd: -1,
  status: 0,
  reason: '',
  next: 0,
  fault: undefined,
};

export function parseStartLine(bytes: Uint8Array, start: number, end: number): StartLine {
  let lineEnd = start;
  while (lineEnd < end && bytes[lineEnd] !== LF && bytes[lineEnd] !== CR) lineEnd++;
  const next = lineEnd + 2;
  if (next > end || bytes[lineEnd] !== CR || bytes[lineEnd + 1] !== LF)
    return { ...none, next: end, fault: { status: 400, detail: 'the start line does not end in CRLF' } };
  if (start + 4 <= lineEnd && equalsIgnoreCase(bytes, start, start + 4, 'sip/'))
    return statusLine(bytes, start, lineEnd, next);
  const methodEnd = skipClass(bytes, start, lineEnd, TOKEN);
  const uriStart = methodEnd + 1;
  let uriEnd = uriStart;
  while (uriEnd < lineEnd && bytes[uriEnd] !== SP) uriEnd++;
  const line: StartLine = {
    request: true,
    method: methodText(bytes, start, methodEnd),
    uri: scanUri(bytes, uriStart, uriEnd),
    uriStart,
    uriEnd,
    status: 0,
    reason: '',
    next,
    fault: undefined,
  };
  if (methodEnd === start || methodEnd >= lineEnd || bytes[methodEnd] !== SP || uriEnd >= lineEnd)
    return { ...line, fault: { status: 400, detail: 'not a Request-Line' } };
  const version = uriEnd + 1;
  if (!equalsIgnoreCase(bytes, version, lineEnd, 'sip/2.0')) {
    // RFC 3261 §21.5.6: another version of SIP is refused as such, and what is no version is malformed.
    if (isVersion(bytes, version, lineEnd)) return { ...line, fault: { status: 505, detail: 'not SIP/2.0' } };
    return { ...line, fault: { status: 400, detail: 'not a Request-Line' } };
  }
  if (line.uri === undefined) return { ...line, fault: { status: 400, detail: 'the Request-URI is malformed' } };
  // RFC 3261 §8.2.2.1: a scheme that nothing here can route is refused by its own status.
  if (line.uri.scheme === 'other') return { ...line, fault: { status: 416, detail: 'the scheme of the Request-URI' } };
  // RFC 3261 §19.1.1: a Request-URI has no headers; passed on, they would be taken for headers of the request.
  if (line.uri.headersStart >= 0) return { ...line, fault: { status: 400, detail: 'headers in the Request-URI' } };
  return line;
}

/** The method as written; for those that are known without a new string. */
export function methodText(bytes: Uint8Array, start: number, end: number): string {
  const method = methodOf(bytes, start, end);
  return method === 'other' ? text(bytes, start, end) : method;
}

function statusLine(bytes: Uint8Array, start: number, lineEnd: number, next: number): StartLine {
  const codeStart = start + 8;
  if (codeStart > lineEnd || !equalsIgnoreCase(bytes, start, codeStart, 'sip/2.0 '))
    return { ...none, next, fault: { status: 505, detail: 'not a Status-Line of SIP/2.0' } };
  let codeEnd = codeStart;
  while (codeEnd < lineEnd && bytes[codeEnd] !== SP) codeEnd++;
  const status = codeEnd - codeStart === 3 ? decimal(bytes, codeStart, codeEnd, 699) : -1;
  if (status < 100) return { ...none, next, fault: { status: 400, detail: 'the status code is not 100 to 699' } };
  // RFC 4475 §3.1.1.13: the space after the code is demanded by the grammar, and its absence is accepted.
  return { ...none, status, reason: text(bytes, Math.min(codeEnd + 1, lineEnd), lineEnd), next };
}

function isVersion(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 4 > end || !equalsIgnoreCase(bytes, start, start + 4, 'sip/')) return false;
  let digits = 0;
  let dots = 0;
  for (let i = start + 4; i < end; i++) {
    const c = bytes[i]!;
    if (c >= 48 && c <= 57) digits++;
    else if (c === 46) dots++;
    else return false;
  }
  return digits >= 2 && dots === 1;
}
