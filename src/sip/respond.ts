// A response made from the peeked bytes of its request, without state: RFC 3261 §8.2.6 and §8.2.7.
import { headerLines } from './header-lines.ts';
import { writeHex } from './keyed-hash.ts';
import { replaceOc } from './oc-edits.ts';
import type { Peek } from './peek.ts';
import { type Source, writeTopVia } from './top-via.ts';
import { Chunk, type Writer } from './writer.ts';

const viaName = new Chunk('Via: ');
const fromName = new Chunk('\r\nFrom: ');
const toName = new Chunk('\r\nTo: ');
const tagParam = new Chunk(';tag=');
const callIdName = new Chunk('\r\nCall-ID: ');
const cseqName = new Chunk('\r\nCSeq: ');
const crlf = new Chunk('\r\n');

/** The `SIP/2.0 503 Service Unavailable` line, with its line end. */
export function statusLine(status: number, phrase: string): Chunk {
  return new Chunk(`SIP/2.0 ${status} ${phrase}\r\n`);
}

/**
 * Writes a response to the request in `p`. `tagHigh` and `tagLow` make the To tag where the request has none; both 0:
 * no tag (100 Trying). `tail` holds the further headers, Content-Length and the empty line; `oc` what a client that takes part
 * in overload control is told (RFC 7339 §5.2), '' for the others.
 */
export function writeResponse(
  w: Writer,
  p: Peek,
  status: Chunk,
  source: Source,
  tagHigh: number,
  tagLow: number,
  tail: Chunk,
  oc = '',
): void {
  w.start();
  w.chunk(status);
  w.chunk(viaName);
  const viaAt = w.at;
  writeTopVia(w, p, source);
  if (oc !== '') replaceOc(w, viaAt, oc);
  if (p.viaBlockStart >= 0) {
    w.range(p.bytes, p.viaEnd, p.viaBlockEnd - lineEndLength(p));
  } else writeLowerVias(w, p);
  if (p.fromStart >= 0) {
    w.chunk(fromName);
    w.range(p.bytes, p.fromStart, p.fromEnd);
  }
  if (p.toStart >= 0) {
    w.chunk(toName);
    w.range(p.bytes, p.toStart, p.toEnd);
    if (p.toTagStart < 0 && (tagHigh !== 0 || tagLow !== 0)) writeTag(w, tagHigh, tagLow);
  }
  if (p.callIdStart >= 0) {
    w.chunk(callIdName);
    w.range(p.bytes, p.callIdStart, p.callIdEnd);
  }
  if (p.cseqStart >= 0) {
    w.chunk(cseqName);
    w.range(p.bytes, p.cseqStart, p.cseqEnd);
  }
  w.chunk(crlf);
  w.chunk(tail);
}

function writeTag(w: Writer, high: number, low: number): void {
  w.chunk(tagParam);
  if (w.at + 16 > w.bytes.length) {
    w.full = true;
    return;
  }
  writeHex(w.bytes, w.at, high);
  writeHex(w.bytes, w.at + 8, low);
  w.at += 16;
}

function lineEndLength(p: Peek): number {
  return p.bytes[p.viaBlockEnd - 2] === 13 ? 2 : 1;
}

/** Vias that do not stand together: the rest of the top line, then each further line (RFC 3261 §8.2.6.2: all, in order). */
function writeLowerVias(w: Writer, p: Peek): void {
  let isFirst = true;
  for (const line of headerLines(p, 'via', 'v')) {
    if (isFirst) w.range(p.bytes, p.viaEnd, line.valueEnd);
    else {
      w.text('\r\nVia: ');
      w.range(p.bytes, line.valueStart, line.valueEnd);
    }
    isFirst = false;
  }
}
