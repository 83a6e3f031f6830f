// Writes a message into one reused buffer. Ranges are copied four bytes at a time, which for the short pieces of a SIP
// message is several times cheaper than a call into native code.
import { writeHex } from './keyed-hash.ts';

/** Text that is written often, prepared once. */
export class Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  /** `text`: Latin-1. */
  constructor(text: string) {
    this.bytes = Uint8Array.from(text, (c) => c.charCodeAt(0) & 0xff);
    this.view = new DataView(this.bytes.buffer);
  }
}

export class Writer {
  readonly bytes: Uint8Array;
  /** Bytes written so far. */
  at = 0;
  private readonly view: DataView;
  private source: Uint8Array = new Uint8Array(0);
  private sourceView: DataView = new DataView(this.source.buffer);

  /** What does not fit into `bytes` is not written: `full` tells. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether something did not fit. */
  full = false;

  start(): void {
    this.at = 0;
    this.full = false;
  }

  /** Copies bytes[start, end). */
  range(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.source) {
      this.source = bytes;
      this.sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.copy(bytes, this.sourceView, start, end);
  }

  chunk(chunk: Chunk): void {
    this.copy(chunk.bytes, chunk.view, 0, chunk.bytes.length);
  }

  /** Copies what another has written. */
  written(other: Writer): void {
    this.copy(other.bytes, other.view, 0, other.at);
  }

  /** Writes Latin-1 text. */
  text(text: string): void {
    const n = text.length;
    if (!this.fits(n)) return;
    const { bytes } = this;
    let at = this.at;
    for (let i = 0; i < n; i++) bytes[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /** Writes a whole number of 0 to 2^32-1 in decimal. */
  number(n: number): void {
    if (!this.fits(10)) return;
    let divisor = 1;
    while (n / divisor >= 10) divisor *= 10;
    for (let rest = n; divisor >= 1; divisor /= 10) {
      const digit = Math.floor(rest / divisor);
      this.bytes[this.at++] = 48 + digit;
      rest -= digit * divisor;
    }
  }

  /** Writes the lower `digits` digits of a number of 32 bits in hexadecimal. */
  hex(word: number, digits = 8): void {
    if (!this.fits(digits)) return;
    writeHex(this.bytes, this.at, word, digits);
    this.at += digits;
  }

  private fits(length: number): boolean {
    if (this.at + length <= this.bytes.length) return true;
    this.full = true;
    return false;
  }

  private copy(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (!this.fits(end - start)) return;
    const into = this.view;
    let at = this.at;
    let i = start;
    for (const last = end - 4; i <= last; i += 4, at += 4) into.setInt32(at, view.getInt32(i, true), true);
    for (; i < end; i++, at++) this.bytes[at] = bytes[i]!;
    this.at = at;
  }
}
