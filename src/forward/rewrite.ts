// What a proxy changes in a message that it sends on: RFC 3261 §16.6 (requests), §16.7 step 3 (responses), and the ACK and
// CANCEL that it makes itself (§17.1.1.3, §9.1). Everything else leaves as it came.
import { LF } from '../sip/bytes.ts';
import { Edits } from '../sip/edits.ts';
import { headerLines } from '../sip/header-lines.ts';
import { hasOc } from '../sip/oc.ts';
import { replaceOc, upstreamOcEdits } from '../sip/oc-edits.ts';
import type { Peek } from '../sip/peek.ts';
import { namesSource, type Source, writeTopVia } from '../sip/top-via.ts';
import { Chunk, Writer } from '../sip/writer.ts';

const scratch = new Writer(new Uint8Array(70_000));

/**
 * Writes the request line of `p`; `uri`: the new Request-URI, undefined leaves it. What goes above all other lines is written
 * next (our Via, Record-Route, Path, Resource-Priority), and then the rest by `writeRest`.
 */
export function writeRequestLine(w: Writer, p: Peek, uri: string | undefined): void {
  w.start();
  if (uri === undefined) return w.range(p.bytes, p.start, p.headersStart);
  w.range(p.bytes, p.start, p.uriStart);
  w.text(uri);
  w.range(p.bytes, p.uriEnd, p.headersStart);
}

/**
 * Writes the headers and the body of the request in `p`, as `source` sent it, with `edits` (of its routes).
 * `stripsPriority`: takes out every Resource-Priority line: its sender is not trusted. `stripsOc`: takes the offer of overload
 * control out of its Via, which was for us (RFC 7339 §5.6); one that was not taken up goes too: the switch may choke on it.
 */
export function writeRest(
  w: Writer,
  p: Peek,
  source: Source,
  edits: Edits,
  stripsPriority: boolean,
  stripsOc = false,
): void {
  // RFC 3261 §16.6 step 3: one less, or 70 where there is none
  if (p.maxForwards >= 0) edits.replace(p.maxForwardsStart, p.maxForwardsEnd, String(p.maxForwards - 1));
  else w.chunk(mostHops);
  writeLength(w, p);
  topViaEdits(p, source, edits, stripsOc || hasOc(p.bytes, p.viaStart, p.viaEnd));
  if (stripsPriority)
    for (const line of headerLines(p, 'resource-priority', '')) edits.replace(line.start, line.end, '');
  edits.write(w, p.bytes, p.headersStart, p.end);
}

const mostHops = new Chunk('Max-Forwards: 70\r\n');
const lengthName = new Chunk('Content-Length: ');
const lineEnd = new Chunk('\r\n');

/**
 * RFC 3261 §16.6 step 9, §20.14: a stream needs Content-Length; a datagram and a WebSocket message (RFC 7118 §5) may come
 * without it.
 */
function writeLength(w: Writer, p: Peek): void {
  if (p.contentLength >= 0) return;
  w.chunk(lengthName);
  w.number(p.end - p.bodyStart);
  w.chunk(lineEnd);
}

/** What `writeTopVia` writes, in place of the top Via. */
function topViaEdits(p: Peek, source: Source, edits: Edits, stripsOc: boolean): void {
  if (!stripsOc && p.receivedStart < 0 && p.rportStart < 0 && namesSource(p, source)) return;
  scratch.start();
  writeTopVia(scratch, p, source);
  if (stripsOc) replaceOc(scratch, 0, '');
  edits.replaceByWritten(p.viaStart, p.viaEnd, scratch);
}

/**
 * Writes the response in `p` without its top Via (RFC 3261 §16.7 step 3). `oc`: what its receiver is told of our load (RFC 7339
 * §5.2), '' where that takes no part.
 */
export function writeUpstream(w: Writer, p: Peek, oc = ''): void {
  w.start();
  const isSameLine = p.via2Start >= 0 && p.via2Start < firstViaLineEnd(p);
  w.range(p.bytes, p.start, p.headersStart);
  writeLength(w, p);
  w.range(p.bytes, p.headersStart, isSameLine ? p.viaStart : p.viaLineStart);
  const rest = isSameLine ? p.via2Start : firstViaLineEnd(p);
  if (oc === '') return w.range(p.bytes, rest, p.end);
  const edits = new Edits();
  upstreamOcEdits(edits, p, oc);
  edits.write(w, p.bytes, rest, p.end);
}

function firstViaLineEnd(p: Peek): number {
  const { bytes } = p;
  let i = p.viaEnd;
  for (;;) {
    while (i < p.bodyStart && bytes[i] !== LF) i++;
    i++;
    if (i >= p.bodyStart || (bytes[i] !== 32 && bytes[i] !== 9)) return Math.min(i, p.bodyStart);
  }
}

const ackEnd = new Chunk(' ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n');
const cancelEnd = new Chunk(' CANCEL\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n');

/** The ACK of a final response other than 2xx, for the INVITE that we sent (RFC 3261 §17.1.1.3): its To is the response's. */
export function writeAck(w: Writer, sent: Peek, response: Peek): void {
  writeOwn(w, sent, 'ACK ', response, ackEnd);
}

/** The CANCEL of the INVITE that we sent (RFC 3261 §9.1). */
export function writeCancel(w: Writer, sent: Peek): void {
  writeOwn(w, sent, 'CANCEL ', sent, cancelEnd);
}

function writeOwn(w: Writer, sent: Peek, method: string, toOf: Peek, end: Chunk): void {
  w.start();
  w.text(method);
  w.range(sent.bytes, sent.uriStart, sent.uriEnd);
  w.text(' SIP/2.0\r\nVia: ');
  w.range(sent.bytes, sent.viaStart, sent.viaEnd);
  // both: the Route headers of the request
  for (const line of headerLines(sent, 'route', '')) {
    w.text('\r\nRoute: ');
    w.range(sent.bytes, line.valueStart, line.valueEnd);
  }
  w.text('\r\nFrom: ');
  w.range(sent.bytes, sent.fromStart, sent.fromEnd);
  w.text('\r\nTo: ');
  w.range(toOf.bytes, toOf.toStart, toOf.toEnd);
  w.text('\r\nCall-ID: ');
  w.range(sent.bytes, sent.callIdStart, sent.callIdEnd);
  w.text('\r\nCSeq: ');
  w.number(sent.cseqNumber);
  w.chunk(end);
}
