// The To tag of an ACK, without reading the rest: under a flood every refusal brings an ACK, and its tag alone tells that it
// ends nothing but the refusal.
import { COLON, lineFeed } from './bytes.ts';
import { tagEnd, tagStart } from './peek-values.ts';

export class AckGlance {
  /** The To tag is bytes[tagStart, tagEnd). */
  tagStart = -1;
  tagEnd = -1;
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(this.bytes.buffer);

  /** Whether bytes[start, end) is an ACK with a To tag; then the offsets are set. False says nothing: then peek. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== 65 || bytes[start + 1] !== 67 || bytes[start + 2] !== 75 || bytes[start + 3] !== 32)
      return false;
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    let i = lineFeed(this.view, bytes, start, end) + 1;
    while (i + 3 < end) {
      const line = i;
      i = lineFeed(this.view, bytes, i, end) + 1;
      if (!isTo(bytes, line)) continue;
      this.tagStart = tagStart(bytes, line, i - 1);
      if (this.tagStart < 0) return false;
      this.tagEnd = tagEnd(bytes, this.tagStart, i - 1);
      return true;
    }
    return false;
  }
}

/** `To:` or `t:` at the beginning of a line (RFC 3261 §7.3.3). */
function isTo(bytes: Uint8Array, line: number): boolean {
  if ((bytes[line]! | 0x20) !== 116) return false;
  return bytes[line + 1] === COLON || ((bytes[line + 1]! | 0x20) === 111 && bytes[line + 2] === COLON);
}
