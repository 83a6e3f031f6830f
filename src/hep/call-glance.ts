// Which call a message belongs to, and whether it may begin one: its Call-ID and To tag, without reading the rest.
import {
  COLON,
  CR,
  equalsIgnoreCase,
  HT,
  isSpace,
  LF,
  lineFeed,
  SLASH,
  SP,
  skipSpace,
  trimSpaceEnd,
} from '../sip/bytes.ts';
import { tagStart } from '../sip/peek-values.ts';

const letterS = 83;

export class CallGlance {
  /** The Call-ID is bytes[idStart, idEnd). */
  idStart = -1;
  idEnd = -1;
  /** Of a response; 0 for a request. */
  status = 0;
  /** A request without a To tag that is no ACK and no CANCEL: what makes a call, a dialog or a transaction of its own. */
  mayBegin = false;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);

  /** False where bytes[start, end) is no SIP message with a Call-ID. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.idStart = -1;
    this.status = statusOf(bytes, start);
    this.mayBegin = this.status === 0 && !endsOnly(bytes, start);
    let needs = this.mayBegin ? 2 : 1;
    let line = lineFeed(this.view, bytes, start, end) + 1;
    while (line < end && needs > 0) {
      const first = bytes[line]!;
      if (first === CR || first === LF) break;
      const next = this.headerEnd(line, end);
      const letter = first | 0x20;
      // c…-id and i; t and to
      if ((letter === 99 || letter === 105) && this.idStart < 0 && this.takeCallId(line, next)) needs--;
      else if (letter === 116 && this.mayBegin && isTo(bytes, line)) {
        this.mayBegin = tagStart(bytes, line, next - 1) < 0;
        needs--;
      }
      line = next;
    }
    return this.idStart >= 0;
  }

  /** After the line feed that ends the header field, folded lines included (RFC 3261 §7.3.1). */
  private headerEnd(line: number, end: number): number {
    let next = lineFeed(this.view, this.bytes, line, end) + 1;
    while (next < end && (this.bytes[next] === SP || this.bytes[next] === HT))
      next = lineFeed(this.view, this.bytes, next, end) + 1;
    return Math.min(next, end);
  }

  private takeCallId(line: number, next: number): boolean {
    const { bytes } = this;
    const name = (bytes[line]! | 0x20) === 105 ? 'i' : 'call-id';
    const nameEnd = line + name.length;
    if (!equalsIgnoreCase(bytes, line, nameEnd, name)) return false;
    const at = skipSpace(bytes, nameEnd, next);
    if (bytes[at] !== COLON) return false;
    const idStart = skipSpace(bytes, at + 1, next);
    const idEnd = trimSpaceEnd(bytes, idStart, next);
    if (idEnd === idStart) return false;
    this.idStart = idStart;
    this.idEnd = idEnd;
    return true;
  }
}

/** `SIP/2.0 200`: the number; 0 for a request and for what is no SIP. */
export function statusOf(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== letterS || bytes[start + 3] !== SLASH) return 0;
  const at = start + 8;
  const status = (bytes[at]! - 48) * 100 + (bytes[at + 1]! - 48) * 10 + (bytes[at + 2]! - 48);
  return status >= 100 && status < 700 ? status : 0;
}

/** ACK, CANCEL: three letters are enough to tell. */
function endsOnly(bytes: Uint8Array, start: number): boolean {
  const [a, b, c] = [bytes[start], bytes[start + 1], bytes[start + 2]];
  return (a === 65 && b === 67 && c === 75) || (a === 67 && b === 65 && c === 78);
}

/** `To:` or `t:` at the beginning of a line (RFC 3261 §7.3.3), with white space before the colon or not (§7.3.1). */
function isTo(bytes: Uint8Array, line: number): boolean {
  let at = line + 1;
  if (((bytes[at] ?? 0) | 0x20) === 111) at++;
  while (isSpace(bytes[at] ?? 0)) at++;
  return bytes[at] === COLON;
}
