// What the full parser makes of a message (RFC 3261 §7): text for what is asked often, offsets for the rest.
import type { Address } from './name-addr.ts';
import type { UriSpan } from './uri-span.ts';
import type { Via } from './via.ts';

/** One header line, folded lines included: bytes[lineStart, lineEnd) with its last CRLF. The name begins the line. */
export interface HeaderLine {
  /** In lower case and in its long form: `via` for `v`. */
  readonly name: string;
  readonly lineStart: number;
  readonly nameEnd: number;
  /** The value without white space around it; equal to `valueEnd` where it is empty. */
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly lineEnd: number;
}

/** One value of Resource-Priority (RFC 4412 §3.1), in lower case: it is compared without case. */
export interface ResourceValue {
  readonly namespace: string;
  readonly priority: string;
}

/**
 * Offsets point into `bytes` and hold as long as those bytes do: a receive buffer is overwritten after the call that
 * delivered it. Strings stay good.
 */
export interface Message {
  readonly kind: 'request' | 'response';
  readonly bytes: Uint8Array;
  /** First byte of the start line. */
  readonly start: number;
  /** First byte after the message: where Content-Length says less than there is, before what remains. */
  readonly end: number;
  /** Requests: of the start line; responses: of CSeq. As written: methods have case. */
  readonly method: string;
  /** Requests only. */
  readonly uri: UriSpan | undefined;
  readonly uriStart: number;
  readonly uriEnd: number;
  /** Responses: 100 to 699; requests: 0. */
  readonly status: number;
  /** Responses: the reason phrase as Latin-1; requests: ''. */
  readonly reason: string;
  readonly headersStart: number;
  /** First byte after the empty line. */
  readonly bodyStart: number;
  readonly headers: readonly HeaderLine[];
  /** Top first; never empty. */
  readonly vias: readonly Via[];
  readonly from: Address;
  readonly to: Address;
  readonly callId: string;
  readonly callIdStart: number;
  readonly callIdEnd: number;
  /** 0 to 2^31-1. */
  readonly cseq: number;
  readonly cseqMethod: string;
  /** 0 to 255; undefined where the header is absent. */
  readonly maxForwards: number | undefined;
  /** Bytes; undefined where the header is absent. */
  readonly contentLength: number | undefined;
  readonly routes: readonly Address[];
  readonly recordRoutes: readonly Address[];
  /** Empty for `Contact: *`. */
  readonly contacts: readonly Address[];
  /** Whether the message has `Contact: *` (RFC 3261 §10.2.2). */
  readonly contactStar: boolean;
  /** Option tags as written. */
  readonly require: readonly string[];
  readonly proxyRequire: readonly string[];
  readonly supported: readonly string[];
  /** The well-formed values; others are not for us to judge (RFC 4412 §4.6.2). */
  readonly resourcePriorities: readonly ResourceValue[];
}

/** Why a message is not forwarded, and what to answer. */
export interface ParseFault {
  readonly kind: 'fault';
  readonly status: 400 | 416 | 505;
  readonly phrase: string;
  /** For logs: the part that is at fault and why, without text from the message. */
  readonly detail: string;
  /** Whether an answer can be made: a request other than ACK that has a Via to copy. */
  readonly answerable: boolean;
}
