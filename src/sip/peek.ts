// What the hot path must know of a message, found in one pass over its header bytes and without an allocation.
// Offsets point into `bytes`; -1 means absent. RFC 3261 §7, compact forms of §7.3.3, folded lines of §7.3.1.
import type { Method } from './method.ts';

/** Why a message cannot be used at all; `none` for a usable one. */
export type PeekFault =
  | 'none'
  | 'keep-alive' // only CR, LF or NUL bytes (RFC 5626 §4.4.1, and STUN-less NAT pings)
  | 'not-sip' // no start line of SIP
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
  | 'bad-header'; // a header line without a colon, no end of headers

/** Filled by `peek()`; one instance is reused for every message, so copy what must outlive the call. */
export class Peek {
  bytes: Uint8Array = new Uint8Array(0);
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
  contentLength = -1;
  /** The first Contact line's value. */
  contactStart = -1;
  contactEnd = -1;

  /** Text of a range, as Latin-1: one character a byte, so that offsets keep their meaning. */
  text(start: number, end: number): string {
    if (start < 0) return '';
    let out = '';
    for (let i = start; i < end; i++) out += String.fromCharCode(this.bytes[i]!);
    return out;
  }
}
