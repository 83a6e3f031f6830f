// Overload control parameters of a Via, written and taken out (RFC 7339 §5.2, §5.4, §5.6; RFC 7415 §3.3).
import { COMMA, EQUALS, QUOTE, SEMICOLON, skipQuoted, skipSpace, trimSpaceEnd } from './bytes.ts';
import type { Edits } from './edits.ts';
import { skipClass, TOKEN } from './grammar.ts';
import { headerLines } from './header-lines.ts';
import { hasOc, type OcOffer, ocName } from './oc.ts';
import type { Peek } from './peek.ts';
import type { Writer } from './writer.ts';

/** What a server says of its load. */
export interface OcAnswer {
  readonly algorithm: 'loss' | 'rate';
  /** Whole: percent 0 to 100 (loss), requests per second (rate). */
  readonly value: number;
  readonly validityMs: number;
  readonly sequence: string;
}

/** What we add to our own Via towards a server that may know overload control (RFC 7339 §4.1, §4.2). */
export const ocOfferTexts: Readonly<Record<OcOffer, string>> = {
  none: '',
  loss: ';oc;oc-algo="loss"',
  'loss,rate': ';oc;oc-algo="loss,rate"',
};

/** What a server puts into the top Via of a response, in place of what the client wrote (RFC 7339 §5.2). */
export function ocAnswerText({ algorithm, value, validityMs, sequence }: OcAnswer): string {
  return `;oc=${value};oc-algo="${algorithm}";oc-validity=${validityMs};oc-seq=${sequence}`;
}

/**
 * Takes every parameter of ours out of the via-parm that was written last, w.bytes[from, w.at), and puts `answer` at its end
 * ('' for none: RFC 7339 §5.6, before a request is forwarded).
 */
export function replaceOc(w: Writer, from: number, answer: string): void {
  if (w.full) return;
  const { bytes } = w;
  let at = from;
  let to = from;
  for (let i = nextSemicolon(bytes, from, w.at); i < w.at; ) {
    const end = cutEnd(bytes, i, w.at, true);
    if (end >= 0) {
      to = move(bytes, to, at, trimSpaceEnd(bytes, at, i));
      at = end;
    }
    i = nextSemicolon(bytes, end >= 0 ? end : i + 1, w.at);
  }
  w.at = move(bytes, to, at, w.at);
  if (answer !== '') w.text(answer);
}

/** Moves bytes[start, end) down to `to`; returns where they end then. */
function move(bytes: Uint8Array, to: number, start: number, end: number): number {
  if (to === start) return end;
  let at = to;
  for (let i = start; i < end; i++) bytes[at++] = bytes[i]!;
  return at;
}

/**
 * Edits of a response that goes upstream without its top Via: `answer` in the Via below it, which is the client's, in place of
 * what stands there, and no value of a server in the others (RFC 7339 §5.4).
 */
export function upstreamOcEdits(edits: Edits, p: Peek, answer: string): void {
  if (p.via2Start < 0) return;
  const { bytes } = p;
  if (p.viaBlockStart < 0 || hasOc(bytes, p.via2Start, p.viaBlockEnd)) {
    for (const line of headerLines(p, 'via', 'v')) {
      if (line.valueEnd <= p.viaEnd) continue;
      const start = Math.max(line.valueStart, p.viaEnd);
      for (let i = nextSemicolon(bytes, start, line.valueEnd); i < line.valueEnd; ) {
        const end = cutEnd(bytes, i, line.valueEnd, i >= p.via2Start && i < p.via2End);
        if (end >= 0) edits.replace(trimSpaceEnd(bytes, start, i), end, '');
        i = nextSemicolon(bytes, end >= 0 ? end : i + 1, line.valueEnd);
      }
    }
  }
  if (answer !== '') edits.replace(p.via2End, p.via2End, answer);
}

/** The next semicolon that is not quoted, or `end`. */
function nextSemicolon(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    if (bytes[i] === SEMICOLON) return i;
    if (bytes[i] === QUOTE) i = skipQuoted(bytes, i, end);
  }
  return end;
}

/** Where the parameter after the semicolon at `start` ends, if it is one of ours, else -1. RFC 7339 §5.4 leaves `oc-algo`. */
function cutEnd(bytes: Uint8Array, start: number, end: number, withAlgorithms: boolean): number {
  const nameStart = skipSpace(bytes, start + 1, end);
  if (nameStart >= end || (bytes[nameStart]! | 0x20) !== 111) return -1; // no "o"
  const nameEnd = skipClass(bytes, nameStart, end, TOKEN);
  const name = ocName(bytes, nameStart, nameEnd);
  if (name === '' || (name === 'oc-algo' && !withAlgorithms)) return -1;
  let at = skipSpace(bytes, nameEnd, end);
  if (at >= end || bytes[at] !== EQUALS) return nameEnd;
  at = skipSpace(bytes, at + 1, end);
  const valueStart = at;
  while (at < end && bytes[at] !== SEMICOLON && bytes[at] !== COMMA)
    at = bytes[at] === QUOTE ? Math.min(skipQuoted(bytes, at, end) + 1, end) : at + 1;
  return trimSpaceEnd(bytes, valueStart, at);
}
