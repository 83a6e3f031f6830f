// Finds the header lines that a small UAS copies into its answers (RFC 3261 §8.2.6.2), without a parse: line ranges
// and a few values. Compact forms (§7.3.3) and folded lines (§7.3.1) are known.
import { parameter, type TopVia, topVia } from './parameter.ts';

/** A range of header lines or a value in the bytes of a message. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ScannedMessage {
  readonly bytes: Buffer;
  /** '' in a response. */
  readonly method: string;
  /** 0 in a request. */
  readonly status: number;
  readonly uri: string;
  readonly topVia: TopVia;
  /** Whole lines without their CRLF, in order. */
  readonly viaLines: readonly Range[];
  readonly recordRouteLines: readonly Range[];
  readonly pathLines: readonly Range[];
  /** Values without the header's name. */
  readonly from: Range;
  readonly to: Range;
  readonly callId: string;
  readonly cseq: string;
  readonly contact: Range | undefined;
  readonly route: Range | undefined;
  readonly require: string;
  /** Seconds of the Expires header, or -1. */
  readonly expiresSeconds: number;
  /** First byte of the first header line, and first byte after the empty line. */
  readonly headersStart: number;
  readonly bodyStart: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** Header names that matter, compact forms included; other lengths are not even looked at. */
const interesting = new Set([1, 2, 3, 4, 5, 7, 12]);

const text = (bytes: Buffer, range: Range | undefined): string =>
  range === undefined ? '' : bytes.toString('latin1', range.start, range.end);

/** Scans one message; undefined when it is not SIP or lacks a header that every answer needs. Never throws. */
export function scanLines(bytes: Buffer): ScannedMessage | undefined {
  let lineEnd = bytes.indexOf(LF);
  if (lineEnd < 12) return undefined;
  const startLine = bytes.toString('latin1', 0, lineEnd).trimEnd();
  const isResponse = startLine.startsWith('SIP/2.0 ');
  if (!isResponse && !startLine.endsWith(' SIP/2.0')) return undefined;
  const firstSpace = startLine.indexOf(' ');
  const headersStart = lineEnd + 1;

  const viaLines: Range[] = [];
  const recordRouteLines: Range[] = [];
  const pathLines: Range[] = [];
  const values: Partial<
    Record<'from' | 'to' | 'callId' | 'cseq' | 'contact' | 'route' | 'require' | 'expires', Range>
  > = {};
  let position = headersStart;
  let bodyStart = -1;
  while (position < bytes.length) {
    const start = position;
    for (;;) {
      lineEnd = bytes.indexOf(LF, position);
      if (lineEnd < 0) lineEnd = bytes.length;
      position = lineEnd + 1;
      const next = bytes[position];
      // RFC 3261 §7.3.1: a line that begins with white space continues the one before; the empty line does not.
      if (lineEnd - start <= 1 || (next !== SPACE && next !== TAB)) break;
    }
    const end = bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
    if (end <= start) {
      bodyStart = position;
      break;
    }
    let nameEnd = start;
    while (nameEnd < end && bytes[nameEnd] !== COLON && nameEnd - start < 20) nameEnd++;
    if (bytes[nameEnd] !== COLON) continue;
    let valueStart = nameEnd + 1;
    while (nameEnd > start && (bytes[nameEnd - 1] === SPACE || bytes[nameEnd - 1] === TAB)) nameEnd--;
    if (!interesting.has(nameEnd - start)) continue;
    while (valueStart < end && (bytes[valueStart] === SPACE || bytes[valueStart] === TAB)) valueStart++;
    const value = { start: valueStart, end };
    switch (bytes.toString('latin1', start, nameEnd).toLowerCase()) {
      case 'via':
      case 'v':
        viaLines.push({ start, end });
        break;
      case 'record-route':
        recordRouteLines.push({ start, end });
        break;
      case 'path':
        pathLines.push({ start, end });
        break;
      case 'from':
      case 'f':
        values.from ??= value;
        break;
      case 'to':
      case 't':
        values.to ??= value;
        break;
      case 'call-id':
      case 'i':
        values.callId ??= value;
        break;
      case 'cseq':
        values.cseq ??= value;
        break;
      case 'contact':
      case 'm':
        values.contact ??= value;
        break;
      case 'route':
        values.route ??= value;
        break;
      case 'require':
        values.require ??= value;
        break;
      case 'expires':
        values.expires ??= value;
        break;
    }
  }
  const { from, to, callId, cseq } = values;
  if (!from || !to || !callId || !cseq || viaLines.length === 0 || bodyStart < 0) return undefined;
  return {
    bytes,
    method: isResponse ? '' : startLine.slice(0, firstSpace),
    status: isResponse ? Number.parseInt(startLine.slice(8, 11), 10) || 0 : 0,
    uri: isResponse ? '' : startLine.slice(firstSpace + 1, -8).trim(),
    topVia: topVia(text(bytes, viaLines[0])),
    viaLines,
    recordRouteLines,
    pathLines,
    from,
    to,
    callId: text(bytes, callId),
    cseq: text(bytes, cseq),
    contact: values.contact,
    route: values.route,
    require: text(bytes, values.require),
    expiresSeconds: values.expires ? Number.parseInt(text(bytes, values.expires), 10) || 0 : -1,
    headersStart,
    bodyStart,
  };
}

/** The tag of From or To, or ''. */
export function headerTag(message: ScannedMessage, name: 'from' | 'to'): string {
  const range = message[name];
  return parameter(message.bytes.toString('latin1', range.start, range.end), 'tag');
}

/** The user part of a SIP URI, lower case, or '' (`sip:alice;x=y@host` gives `alice`). */
export function uriUser(uri: string): string {
  const colon = uri.indexOf(':');
  const at = uri.indexOf('@');
  if (at < 0) return '';
  const user = uri.slice(colon + 1, at);
  const end = user.search(/[:;]/);
  return (end < 0 ? user : user.slice(0, end)).toLowerCase();
}
