// Builds a UAS's responses by copying header lines of the request (RFC 3261 §8.2.6.2), with received and rport in the
// top Via (RFC 3261 §18.2.1, RFC 3581 §4).
import { firstValue } from './parameter.ts';
import type { Range, ScannedMessage } from './scan-lines.ts';

const reasonPhrases: Record<number, string> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  501: 'Not Implemented',
  503: 'Service Unavailable',
};

export interface AnswerParts {
  readonly status: number;
  /** '' adds none (100 Trying, or a To that has one). */
  readonly toTag: string;
  /** Header lines, each ended by CRLF. */
  readonly extra?: string;
  /** A body of `application/sdp`. */
  readonly sdp?: string;
  /** Whether Record-Route is copied (RFC 3261 §12.1.1: responses that set up a dialog). */
  readonly recordRoute?: boolean;
}

/** Where the request came from, numeric. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

const scratch = Buffer.allocUnsafe(131_072);

/** The response, in bytes of its own; undefined if it would not fit 64 KiB. */
export function buildAnswer(request: ScannedMessage, source: Source, parts: AnswerParts): Buffer | undefined {
  if (request.bodyStart > 60_000) return undefined;
  let at = scratch.write(`SIP/2.0 ${parts.status} ${reasonPhrases[parts.status] ?? 'Answer'}\r\n`, 0, 'latin1');
  at += scratch.write(`${topViaWithSource(request, source)}\r\n`, at, 'latin1');
  for (let i = 1; i < request.viaLines.length; i++) at = copyLine(request.bytes, request.viaLines[i], at);
  if (parts.recordRoute) for (const line of request.recordRouteLines) at = copyLine(request.bytes, line, at);
  at += scratch.write('From: ', at, 'latin1');
  at = copyLine(request.bytes, request.from, at);
  at += scratch.write('To: ', at, 'latin1');
  at = copyLine(request.bytes, request.to, at);
  if (parts.toTag !== '') at += scratch.write(`;tag=${parts.toTag}\r\n`, at - 2, 'latin1') - 2;
  at += scratch.write(
    `Call-ID: ${request.callId}\r\nCSeq: ${request.cseq}\r\n${parts.extra ?? ''}${
      parts.sdp === undefined
        ? 'Content-Length: 0\r\n\r\n'
        : `Content-Type: application/sdp\r\nContent-Length: ${parts.sdp.length}\r\n\r\n${parts.sdp}`
    }`,
    at,
    'latin1',
  );
  return Buffer.from(scratch.subarray(0, at));
}

function copyLine(bytes: Buffer, line: Range | undefined, at: number): number {
  if (line === undefined) return at;
  const end = at + bytes.copy(scratch, at, line.start, line.end);
  scratch[end] = 13;
  scratch[end + 1] = 10;
  return end + 2;
}

function topViaWithSource(request: ScannedMessage, source: Source): string {
  const { line, host } = request.topVia;
  let first = firstValue(line);
  const rest = line.slice(first.length);
  const wantsPort = /;\s*rport\s*(?=;|$)/i.exec(first);
  // RFC 3581 §4: with rport the port and received are always filled in.
  if (wantsPort) {
    const tail = first.slice(wantsPort.index + wantsPort[0].length);
    first = `${first.slice(0, wantsPort.index)};rport=${source.port}${tail};received=${source.address}`;
    return first + rest;
  }
  // RFC 3261 §18.2.1: received where sent-by is a name or another address.
  if (host.replace(/[[\]]/g, '') !== source.address) first += `;received=${source.address}`;
  return first + rest;
}

/** What names the transaction (RFC 3261 §17.2.3): branch and sent-by; the caller adds the method where it matters. */
export function transactionKey(request: ScannedMessage): string {
  const { branch, host, port } = request.topVia;
  if (branch.startsWith('z9hG4bK')) return `${branch}|${host}:${port}`;
  // An RFC 2543 client: what its requests have in common, the CSeq number included.
  return `${request.callId}|${Number.parseInt(request.cseq, 10)}|${host}:${port}`;
}
