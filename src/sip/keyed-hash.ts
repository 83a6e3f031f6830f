// HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, SipHash reference): a keyed hash on 32-bit words, cheap
// enough for every request. It makes To tags, branches and flow tokens that nobody can make without our key.

/** A running hash; `start`, `add…`, `finish`, then read `high` and `low`. One instance is reused. */
export class KeyedHash {
  /** The result: two unsigned 32-bit halves. */
  high = 0;
  low = 0;
  private readonly key0: number;
  private readonly key1: number;
  private v0 = 0;
  private v1 = 0;
  private v2 = 0;
  private v3 = 0;
  private word = 0;
  private shift = 0;
  private length = 0;

  /** `key`: at least 8 bytes, of which the first 8 are used. */
  constructor(key: Uint8Array) {
    this.key0 = key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24) | 0;
    this.key1 = key[4]! | (key[5]! << 8) | (key[6]! << 16) | (key[7]! << 24) | 0;
  }

  start(): void {
    this.v0 = this.key0;
    this.v1 = this.key1 ^ 0xee;
    this.v2 = 0x6c796765 ^ this.key0;
    this.v3 = 0x74656462 ^ this.key1;
    this.word = 0;
    this.shift = 0;
    this.length = 0;
  }

  /** Adds bytes[start, end), and what marks its end, so that ("ab", "c") and ("a", "bc") differ. */
  addField(bytes: Uint8Array, start: number, end: number): void {
    this.add(bytes, start, end);
    this.addByte(0xff); // no byte of UTF-8
  }

  /** Adds bytes[start, end): a word at a time, with the state in registers, for this is where the time goes. */
  add(bytes: Uint8Array, start: number, end: number): void {
    let i = start;
    while (i < end && this.shift !== 0) this.addByte(bytes[i++]!);
    let { v0, v1, v2, v3 } = this;
    const firstWord = i;
    for (const last = end - 4; i <= last; i += 4) {
      const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      v3 ^= word;
      for (let round = 0; round < 2; round++) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= word;
    }
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
    this.length += i - firstWord;
    while (i < end) this.addByte(bytes[i++]!);
  }

  /** Adds an ASCII text. */
  addText(text: string): void {
    for (let i = 0; i < text.length; i++) this.addByte(text.charCodeAt(i) & 0xff);
    this.addByte(0xff);
  }

  /** Adds an integer of 32 bits. */
  addNumber(n: number): void {
    this.addByte(n & 0xff);
    this.addByte((n >>> 8) & 0xff);
    this.addByte((n >>> 16) & 0xff);
    this.addByte(n >>> 24);
  }

  addByte(byte: number): void {
    this.word |= byte << this.shift;
    this.shift += 8;
    this.length++;
    if (this.shift === 32) {
      this.compress(this.word);
      this.word = 0;
      this.shift = 0;
    }
  }

  finish(): void {
    this.compress(this.word | (this.length << 24));
    this.v2 ^= 0xee;
    this.rounds(4);
    this.low = (this.v1 ^ this.v3) >>> 0;
    this.v1 ^= 0xdd;
    this.rounds(4);
    this.high = (this.v1 ^ this.v3) >>> 0;
  }

  private compress(word: number): void {
    this.v3 ^= word;
    this.rounds(2);
    this.v0 ^= word;
  }

  private rounds(count: number): void {
    let { v0, v1, v2, v3 } = this;
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }
}

const hexDigits = Uint8Array.from('0123456789abcdef', (c) => c.charCodeAt(0));

/** Writes the lower `digits` digits of `word` in hexadecimal at `at`. */
export function writeHex(bytes: Uint8Array, at: number, word: number, digits = 8): void {
  for (let i = 0; i < digits; i++) bytes[at + i] = hexDigits[(word >>> (4 * (digits - 1 - i))) & 15]!;
}

/** The number that `digits` hexadecimal digits, 8 at the most, write at `at`, or -1. */
export function readHex(bytes: Uint8Array, at: number, digits = 8): number {
  let n = 0;
  for (let i = 0; i < digits; i++) {
    const c = bytes[at + i]!;
    const d = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : -1;
    if (d < 0) return -1;
    n = (n << 4) | d;
  }
  return n >>> 0;
}

/** `word` as 8 hexadecimal digits. */
export function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
