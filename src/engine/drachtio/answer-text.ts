// A response as the pipeline has written it, in the words of a server that writes Via, From, To, Call-ID, CSeq and
// Content-Length itself (RFC 3261 §8.2.6.2): status, phrase, and the other fields.
import { latin1 } from '../../sip/bytes.ts';
import type { HeaderFields } from './link.ts';

export interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly fields: HeaderFields;
}

const serversOwn = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);

/** The response in bytes[start, end): ours, so it is well-formed and has no body. */
export function readAnswer(bytes: Uint8Array, start: number, end: number): Answer {
  const [statusLine = '', ...lines] = latin1(bytes, start, end).split('\r\n');
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon);
    if (serversOwn.has(name.toLowerCase())) continue;
    const value = line.slice(colon + 1).trim();
    fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`;
  }
  return { status: Number(statusLine.slice(8, 11)), phrase: statusLine.slice(12), fields };
}
