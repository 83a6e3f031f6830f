// What the hot path must know of a message, found in one pass over its header bytes and without an allocation.
// Offsets point into `bytes`; -1 means absent. RFC 3261 §7, compact forms of §7.3.3, folded lines of §7.3.1.
import { CR, HT, LF, latin1, lineFeed, SP } from './bytes.ts';
import type { Method } from './method.ts';
import { peekHeader } from './peek-headers.ts';
import { peekStartLine } from './peek-values.ts';

/** Why a message cannot be used at all; `none` for a usable one. */
export type PeekFault =
  | 'none'
  | 'keep-alive' // only CR, LF or NUL bytes (RFC 5626 §4.4.1, and STUN-less NAT pings)
  | 'not-sip' // no start line of SIP
  | 'bad-start-line' // a request line of SIP with white space, or angle brackets, where none may be
  | 'bad-version' // a start line of SIP in another version than 2.0
  | 'no-via'
  | 'no-from'
  | 'no-to'
  | 'no-call-id'
  | 'no-cseq'
  | 'bad-cseq' // no number, above 2^31-1 (RFC 3261 §8.1.1.5), or its method is not the request's
  | 'duplicate-header' // a header that must stand once stands twice
  | 'bad-content-length'
  | 'truncated' // UDP: Content-Length is more than there is (RFC 3261 §18.3)
  | 'too-many-headers'
  | 'bad-via'
  | 'bad-header'; // no end of headers

/** Filled by `peek()`; one instance is reused for every message, so copy what must outlive the call. */
export class Peek {
  bytes: Uint8Array = new Uint8Array(0);
  /** The same bytes, for reading several at a time. */
  view: DataView = new DataView(this.bytes.buffer);
  /** The message is bytes[start, end). */
  start = 0;
  end = 0;
  fault: PeekFault = 'none';
  isRequest = false;
  method: Method = 'other';
  /** Responses: the status code, 100 to 699; requests: 0. */
  status = 0;
  methodStart = -1;
  methodEnd = -1;
  uriStart = -1;
  uriEnd = -1;
  /** First byte after the start line. */
  headersStart = -1;
  /** First byte after the empty line; equal to `end` where there is no body. */
  bodyStart = -1;
  headerCount = 0;

  /** First byte of the first Via line (its name). */
  viaLineStart = -1;
  /** The top Via value: one via-parm, without the comma that may follow. */
  viaStart = -1;
  viaEnd = -1;
  /** Whether another via-parm follows, in the same line or another. */
  hasSecondVia = false;
  /** Second via-parm. */
  via2Start = -1;
  via2End = -1;
  sentByStart = -1;
  sentByEnd = -1;
  branchStart = -1;
  branchEnd = -1;
  /** Where the `rport` parameter of the top Via begins (at its `r`) and ends, value included. */
  rportStart = -1;
  rportEnd = -1;
  /** The same for `received`. */
  receivedStart = -1;
  receivedEnd = -1;
  /** Start of the first and end of the last Via line where all Via lines are adjacent; else -1. */
  viaBlockStart = -1;
  viaBlockEnd = -1;

  /** Header values, trimmed. */
  fromStart = -1;
  fromEnd = -1;
  fromTagStart = -1;
  fromTagEnd = -1;
  toStart = -1;
  toEnd = -1;
  toTagStart = -1;
  toTagEnd = -1;
  callIdStart = -1;
  callIdEnd = -1;
  cseqStart = -1;
  cseqEnd = -1;
  cseqNumber = -1;
  cseqMethod: Method = 'other';
  /** 0 to 255, or -1 where absent, or -2 where it is not a number of that range. */
  maxForwards = -1;
  maxForwardsStart = -1;
  maxForwardsEnd = -1;
  /** The value of the first Route line, which may hold several routes. */
  routeStart = -1;
  routeEnd = -1;
  routeCount = 0;
  /** The value of the first Resource-Priority line; `resourcePriorityCount` lines in all. */
  resourcePriorityStart = -1;
  resourcePriorityEnd = -1;
  resourcePriorityCount = 0;
  requireStart = -1;
  requireEnd = -1;
  proxyRequireStart = -1;
  proxyRequireEnd = -1;
  /** The value of the first Timestamp line. */
  timestampStart = -1;
  timestampEnd = -1;
  contentLength = -1;

  /** Text of a range as Latin-1: one character a byte, so that offsets keep their meaning. Empty where absent. */
  text(start: number, end: number): string {
    return start < 0 ? '' : latin1(this.bytes, start, end);
  }

  /** Forgets the last message. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.fault = 'none';
    this.isRequest = false;
    this.method = 'other';
    this.status = 0;
    this.headerCount = 0;
    this.hasSecondVia = false;
    this.routeCount = 0;
    this.resourcePriorityCount = 0;
    this.cseqMethod = 'other';
    this.methodStart = this.methodEnd = this.uriStart = this.uriEnd = -1;
    this.headersStart = this.bodyStart = -1;
    this.viaLineStart = this.viaStart = this.viaEnd = this.via2Start = this.via2End = -1;
    this.sentByStart = this.sentByEnd = this.branchStart = this.branchEnd = -1;
    this.rportStart = this.rportEnd = this.receivedStart = this.receivedEnd = -1;
    this.viaBlockStart = this.viaBlockEnd = -1;
    this.fromStart = this.fromEnd = this.fromTagStart = this.fromTagEnd = -1;
    this.toStart = this.toEnd = this.toTagStart = this.toTagEnd = -1;
    this.callIdStart = this.callIdEnd = this.cseqStart = this.cseqEnd = this.cseqNumber = -1;
    this.maxForwards = this.maxForwardsStart = this.maxForwardsEnd = -1;
    this.routeStart = this.routeEnd = -1;
    this.resourcePriorityStart = this.resourcePriorityEnd = -1;
    this.requireStart = this.requireEnd = this.proxyRequireStart = this.proxyRequireEnd = -1;
    this.timestampStart = this.timestampEnd = this.contentLength = -1;
  }

  /** Keeps the first fault: it is the one that is reported. */
  fail(fault: PeekFault): void {
    if (this.fault === 'none') this.fault = fault;
  }
}

/** More header lines than this make a message `too-many-headers`. */
const maxHeaders = 256;

/**
 * Fills `into` from the message in bytes[start, end). A fault is noted in `into.fault`; what could be found is filled
 * in nevertheless, so that a broken request can be answered. With `stream` false, a body longer than Content-Length
 * is cut off and a shorter one is `truncated` (RFC 3261 §18.3); a stream's framer has done that already.
 */
export function peek(into: Peek, bytes: Uint8Array, start: number, end: number, stream: boolean): void {
  let i = start;
  // RFC 3261 §7.5: CRLF before the start line is ignored
  while (i < end && (bytes[i] === CR || bytes[i] === LF || bytes[i] === 0)) i++;
  into.reset(bytes, i, end);
  if (i === end) return into.fail('keep-alive');
  const lineEnd = lineFeed(into.view, bytes, i, end);
  if (lineEnd === end) return into.fail('not-sip');
  peekStartLine(into, i, bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd);
  into.headersStart = lineEnd + 1;
  i = peekHeaders(into, lineEnd + 1);
  if (i < 0) {
    into.bodyStart = end;
    into.fail('bad-header');
  } else {
    into.bodyStart = i;
    checkLength(into, stream);
  }
  checkPresence(into);
}

/** One pass over the header lines from `i`; returns where the body starts, or -1 where the headers do not end. */
function peekHeaders(p: Peek, from: number): number {
  const bytes = p.bytes;
  const end = p.end;
  let i = from;
  while (i < end) {
    const line = i;
    const c = bytes[i]!;
    if (c === LF) return i + 1;
    if (c === CR && bytes[i + 1] === LF && i + 1 < end) return i + 2;
    // a line that begins with white space continues the one before (§7.3.1)
    for (;;) {
      i = lineFeed(p.view, bytes, i, end);
      if (i >= end) return -1;
      i++;
      if (i >= end || (bytes[i] !== SP && bytes[i] !== HT)) break;
    }
    if (++p.headerCount > maxHeaders) {
      p.fail('too-many-headers');
      return -1;
    }
    peekHeader(p, line, i);
  }
  return -1;
}

/** Presence of the headers that every message must have (RFC 3261 §8.1.1). */
function checkPresence(p: Peek): void {
  if (p.fault === 'not-sip') return;
  if (p.viaStart < 0) p.fail('no-via');
  if (p.fromStart < 0) p.fail('no-from');
  if (p.toStart < 0) p.fail('no-to');
  if (p.callIdStart < 0) p.fail('no-call-id');
  if (p.cseqStart < 0) p.fail('no-cseq');
}

function checkLength(p: Peek, stream: boolean): void {
  if (p.contentLength < 0) return;
  const bodyEnd = p.bodyStart + p.contentLength;
  if (bodyEnd > p.end) p.fail('truncated');
  else if (!stream) p.end = bodyEnd;
}
