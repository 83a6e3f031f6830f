// The full parse of a message that is going to be forwarded (RFC 3261 §7, §16.3 step 1): strict about what a proxy
// and the switch behind it rely on, silent about headers that are not a proxy's business (RFC 4475).
import { CR, decimal, LF, skipSpace } from './bytes.ts';
import { skipClass, TOKEN, text } from './grammar.ts';
import type { HeaderLine, Message, ParseFault, ResourceValue } from './message.ts';
import { type Address, nextValue, readAddress } from './name-addr.ts';
import { splitHeaders } from './split-headers.ts';
import { methodText, parseStartLine, type StartLine } from './start-line.ts';
import { readResourceValues, readTokens } from './value-list.ts';
import { readVia, type Via } from './via.ts';

/** RFC 3261 §8.1.1.5: a sequence number is less than 2^31. */
const maxCseq = 2 ** 31 - 1;
/** Bytes; above it no message of ours can be. */
const maxContentLength = 2 ** 31 - 1;

/** What the header lines of a message gather. */
interface Gathered {
  readonly vias: Via[];
  readonly routes: Address[];
  readonly recordRoutes: Address[];
  readonly contacts: Address[];
  contactStar: boolean;
  readonly require: string[];
  readonly proxyRequire: string[];
  readonly supported: string[];
  readonly resourcePriorities: ResourceValue[];
  from: Address | undefined;
  to: Address | undefined;
  callId: HeaderLine | undefined;
  cseq: number;
  cseqMethod: string;
  maxForwards: number | undefined;
  contentLength: number | undefined;
}

/**
 * The message in bytes[start, end), or why it is not forwarded. Never throws, and takes time in proportion to its
 * length. Content-Length above what there is, is a fault (RFC 3261 §18.3: a datagram); below, the rest is cut off.
 */
export function parseMessage(bytes: Uint8Array, start: number, end: number): Message | ParseFault {
  let first = start;
  // RFC 3261 §7.5: empty lines before the start line are ignored; so is NUL, as keep-alives of some clients hold it.
  while (first < end && (bytes[first] === CR || bytes[first] === LF || bytes[first] === 0)) first++;
  const line = parseStartLine(bytes, first, end);
  const head = splitHeaders(bytes, line.next, end);
  if (line.fault !== undefined) return faultOf(line, head.headers, line.fault.status, line.fault.detail);
  if (head.fault !== undefined) return faultOf(line, head.headers, 400, head.fault);
  const got: Gathered = {
    vias: [],
    routes: [],
    recordRoutes: [],
    contacts: [],
    contactStar: false,
    require: [],
    proxyRequire: [],
    supported: [],
    resourcePriorities: [],
    from: undefined,
    to: undefined,
    callId: undefined,
    cseq: -1,
    cseqMethod: '',
    maxForwards: undefined,
    contentLength: undefined,
  };
  for (const header of head.headers) {
    const fault = take(bytes, header, got);
    if (fault !== undefined) return faultOf(line, head.headers, 400, fault);
  }
  const { from, to, callId, cseq, cseqMethod, contentLength } = got;
  // RFC 3261 §8.1.1: what every request has. Max-Forwards may be absent (RFC 3261 §16.3 step 3), and the tag of From
  // and the branch of Via too (RFC 2543; RFC 4475 §3.4.1).
  if (got.vias.length === 0) return faultOf(line, head.headers, 400, 'Via is missing');
  if (from === undefined) return faultOf(line, head.headers, 400, 'From is missing');
  if (to === undefined) return faultOf(line, head.headers, 400, 'To is missing');
  if (callId === undefined) return faultOf(line, head.headers, 400, 'Call-ID is missing');
  if (cseq < 0) return faultOf(line, head.headers, 400, 'CSeq is missing');
  if (line.request && cseqMethod !== line.method)
    return faultOf(line, head.headers, 400, 'the method of CSeq is not the method of the request');
  const rest = end - head.bodyStart;
  if (contentLength !== undefined && contentLength > rest)
    return faultOf(line, head.headers, 400, 'Content-Length is more than there is');
  return {
    kind: line.request ? 'request' : 'response',
    bytes,
    start: first,
    end: head.bodyStart + (contentLength ?? rest),
    method: line.request ? line.method : cseqMethod,
    uri: line.uri,
    uriStart: line.uriStart,
    uriEnd: line.uriEnd,
    status: line.status,
    reason: line.reason,
    headersStart: line.next,
    bodyStart: head.bodyStart,
    headers: head.headers,
    vias: got.vias,
    from,
    to,
    callId: text(bytes, callId.valueStart, callId.valueEnd),
    callIdStart: callId.valueStart,
    callIdEnd: callId.valueEnd,
    cseq,
    cseqMethod,
    maxForwards: got.maxForwards,
    contentLength,
    routes: got.routes,
    recordRoutes: got.recordRoutes,
    contacts: got.contacts,
    contactStar: got.contactStar,
    require: got.require,
    proxyRequire: got.proxyRequire,
    supported: got.supported,
    resourcePriorities: got.resourcePriorities,
  };
}

/** Takes what counts from one header line; the result is the fault of it, if it has one. */
function take(bytes: Uint8Array, header: HeaderLine, got: Gathered): string | undefined {
  const { valueStart, valueEnd } = header;
  switch (header.name) {
    case 'via':
      return takeVias(bytes, valueStart, valueEnd, got.vias);
    case 'from':
      // RFC 3261 §7.3.1: a header that is no list stands once.
      if (got.from !== undefined) return 'From stands twice';
      got.from = readSingle(bytes, valueStart, valueEnd);
      return got.from === undefined ? 'From is malformed' : undefined;
    case 'to':
      if (got.to !== undefined) return 'To stands twice';
      got.to = readSingle(bytes, valueStart, valueEnd);
      return got.to === undefined ? 'To is malformed' : undefined;
    case 'call-id':
      if (got.callId !== undefined) return 'Call-ID stands twice';
      got.callId = header;
      return isCallId(bytes, valueStart, valueEnd) ? undefined : 'Call-ID is malformed';
    case 'cseq':
      return takeCseq(bytes, valueStart, valueEnd, got);
    case 'max-forwards':
      if (got.maxForwards !== undefined) return 'Max-Forwards stands twice';
      got.maxForwards = decimal(bytes, valueStart, valueEnd, 255);
      return got.maxForwards < 0 ? 'Max-Forwards is not 0 to 255' : undefined;
    case 'content-length':
      // RFC 4475 §3.3.9: two lengths are no length.
      if (got.contentLength !== undefined) return 'Content-Length stands twice';
      got.contentLength = decimal(bytes, valueStart, valueEnd, maxContentLength);
      return got.contentLength < 0 ? 'Content-Length is not a number' : undefined;
    case 'route':
      return takeRoutes(bytes, valueStart, valueEnd, got.routes) ? undefined : 'Route is malformed';
    case 'record-route':
      return takeRoutes(bytes, valueStart, valueEnd, got.recordRoutes) ? undefined : 'Record-Route is malformed';
    case 'contact':
      if (valueEnd - valueStart === 1 && bytes[valueStart] === 42) {
        got.contactStar = true;
        return undefined;
      }
      return takeAddresses(bytes, valueStart, valueEnd, got.contacts) ? undefined : 'Contact is malformed';
    case 'require':
      return readTokens(bytes, valueStart, valueEnd, got.require) ? undefined : 'Require is malformed';
    case 'proxy-require':
      return readTokens(bytes, valueStart, valueEnd, got.proxyRequire) ? undefined : 'Proxy-Require is malformed';
    case 'supported':
      readTokens(bytes, valueStart, valueEnd, got.supported);
      return undefined;
    case 'resource-priority':
      readResourceValues(bytes, valueStart, valueEnd, got.resourcePriorities);
      return undefined;
    default:
      return undefined;
  }
}

function takeVias(bytes: Uint8Array, start: number, end: number, into: Via[]): string | undefined {
  let at = start;
  do {
    const via = readVia(bytes, at, end);
    if (via === undefined) return 'Via is malformed';
    into.push(via);
    at = nextValue(bytes, via.end, end);
    if (at < 0) return 'Via is malformed';
  } while (at < end);
  return undefined;
}

function takeAddresses(bytes: Uint8Array, start: number, end: number, into: Address[]): boolean {
  let at = start;
  do {
    const address = readAddress(bytes, at, end);
    if (address === undefined) return false;
    into.push(address);
    at = nextValue(bytes, address.end, end);
    if (at < 0) return false;
  } while (at < end);
  return true;
}

// RFC 3261 §20.30, §20.34: a route stands in angle brackets, so that its `lr` is the URI's.
function takeRoutes(bytes: Uint8Array, start: number, end: number, into: Address[]): boolean {
  const before = into.length;
  if (!takeAddresses(bytes, start, end, into)) return false;
  for (let i = before; i < into.length; i++) if (!into[i]!.bracketed) return false;
  return true;
}

function readSingle(bytes: Uint8Array, start: number, end: number): Address | undefined {
  const address = readAddress(bytes, start, end);
  return address !== undefined && address.end === end ? address : undefined;
}

// Differs from RFC 3261 §25.1 callid: any visible characters, for it is compared byte by byte and never taken apart.
function isCallId(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i]! <= 32 || bytes[i]! >= 127) return false;
  return end > start;
}

function takeCseq(bytes: Uint8Array, start: number, end: number, got: Gathered): string | undefined {
  if (got.cseq >= 0) return 'CSeq stands twice';
  let digitsEnd = start;
  while (digitsEnd < end && bytes[digitsEnd]! >= 48 && bytes[digitsEnd]! <= 57) digitsEnd++;
  const methodStart = skipSpace(bytes, digitsEnd, end);
  const cseq = decimal(bytes, start, digitsEnd, maxCseq);
  if (cseq < 0 || methodStart === digitsEnd || methodStart === end || skipClass(bytes, methodStart, end, TOKEN) !== end)
    return 'CSeq is malformed';
  got.cseq = cseq;
  got.cseqMethod = methodText(bytes, methodStart, end);
  return undefined;
}

const phrases = {
  400: 'Bad Request',
  416: 'Unsupported URI Scheme',
  505: 'Version Not Supported',
} as const;

function faultOf(
  line: StartLine,
  headers: readonly HeaderLine[],
  status: ParseFault['status'],
  detail: string,
): ParseFault {
  const hasVia = headers.some((header) => header.name === 'via' && header.valueEnd > header.valueStart);
  const answerable = line.request && line.method !== '' && line.method !== 'ACK' && hasVia;
  return { kind: 'fault', status, phrase: phrases[status], detail, answerable };
}
