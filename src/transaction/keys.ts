// Which transaction a message belongs to: RFC 3261 §17.2.3 for requests, §17.1.3 for responses, from a peek.
import { COLON, equalsExactly, equalsIgnoreCase, skipSpace, trimSpaceEnd } from '../sip/bytes.ts';
import type { Peek } from '../sip/peek.ts';

/** RFC 3261 §8.1.1.7: the branches of its clients begin with this. */
const magicCookie = 'z9hG4bK';
const closingBracket = 0x5d;

/**
 * Whether the top Via's branch identifies the transaction. False for RFC 2543 clients, and for a bare cookie with nothing
 * behind it (RFC 4475 §3.2.1 gives the choice; we fall back to the older rule).
 */
export function hasMagicBranch(peek: Peek): boolean {
  const start = peek.branchStart;
  const cookieEnd = start + magicCookie.length;
  return start >= 0 && peek.branchEnd > cookieEnd && equalsExactly(peek.bytes, start, cookieEnd, magicCookie);
}

/**
 * The key of the server transaction that a request belongs to. An ACK and a CANCEL get the key of their INVITE (RFC 3261
 * §17.2.3 rule 3, §9.2); so a CANCEL's own transaction has no key: it is answered anew each time.
 *
 * RFC 3261 §17.2.3: branch, sent-by and method. Branches are compared byte for byte: a client repeats its own bytes.
 */
export function serverKey(peek: Peek): string {
  if (!hasMagicBranch(peek)) return legacyServerKey(peek);
  return `${transactionMethod(peek)} ${sentBy(peek)} ${peek.text(peek.branchStart, peek.branchEnd)}`;
}

/**
 * RFC 3261 §17.2.3 for RFC 2543 clients: Request-URI, From tag, Call-ID, CSeq number, top Via; the To tag for all but INVITE
 * and its ACK, because that ACK carries the tag of the response and the INVITE none: see `ackFitsResponse`.
 */
function legacyServerKey(peek: Peek): string {
  const method = transactionMethod(peek);
  const toTag = method === 'INVITE' ? '' : peek.text(peek.toTagStart, peek.toTagEnd);
  const dialog = `${peek.text(peek.callIdStart, peek.callIdEnd)} ${peek.text(peek.fromTagStart, peek.fromTagEnd)} ${toTag}`;
  const hop = `${peek.text(peek.uriStart, peek.uriEnd)} ${peek.text(peek.viaStart, peek.viaEnd)}`;
  return `2543 ${method} ${peek.cseqNumber} ${dialog} ${hop}`;
}

/**
 * Whether an ACK that found a transaction by its key acknowledges the response that this transaction sent. RFC 3261
 * §17.2.3: without the magic cookie the To tag must be that of the response, or else the ACK is one of a 2xx. RFC 6026 §6:
 * ask only in `completed` and `confirmed`; in `accepted` every ACK goes to the TU.
 */
export function ackFitsResponse(peek: Peek, responseToTag: string): boolean {
  return hasMagicBranch(peek) || peek.text(peek.toTagStart, peek.toTagEnd) === responseToTag;
}

/** The key of the client transaction that a response belongs to: branch and CSeq method (RFC 3261 §17.1.3). */
export function clientKey(peek: Peek): string {
  return clientKeyOf(
    peek.text(peek.branchStart, peek.branchEnd),
    peek.cseqMethod === 'other' ? cseqMethodText(peek) : peek.cseqMethod,
  );
}

/** The same key, for the request that is about to be sent. */
export function clientKeyOf(branch: string, method: string): string {
  return `${method} ${branch}`;
}

function transactionMethod(peek: Peek): string {
  if (peek.method === 'ACK' || peek.method === 'CANCEL') return 'INVITE';
  return peek.method === 'other' ? peek.text(peek.methodStart, peek.methodEnd) : peek.method;
}

/** The method behind the number and the white space of a CSeq. */
function cseqMethodText(peek: Peek): string {
  let start = peek.cseqEnd;
  while (start > peek.cseqStart && trimSpaceEnd(peek.bytes, start - 1, start) === start) start--;
  return peek.text(start, peek.cseqEnd);
}

/** `host:port`: the host in lower case (RFC 3261 §19.1.4), the port written out (§18.1.1: 5060, with TLS 5061). */
function sentBy(peek: Peek): string {
  const { bytes, sentByStart, sentByEnd } = peek;
  let at = sentByEnd - 1;
  while (at >= sentByStart && bytes[at] !== COLON && bytes[at] !== closingBracket) at--;
  // No colon, or only those inside the brackets of an IPv6 address.
  if (at < sentByStart || bytes[at] !== COLON) {
    return `${peek.text(sentByStart, sentByEnd).toLowerCase()}:${isTls(peek) ? 5061 : 5060}`;
  }
  // RFC 3261 §25.1: COLON may have white space on both sides.
  const host = peek.text(sentByStart, trimSpaceEnd(bytes, sentByStart, at)).toLowerCase();
  return `${host}:${peek.text(skipSpace(bytes, at + 1, sentByEnd), sentByEnd)}`;
}

/** Whether the sent-protocol before the sent-by ends in TLS. */
function isTls(peek: Peek): boolean {
  const end = trimSpaceEnd(peek.bytes, peek.viaStart, peek.sentByStart);
  return end - 3 >= peek.viaStart && equalsIgnoreCase(peek.bytes, end - 3, end, 'tls');
}
