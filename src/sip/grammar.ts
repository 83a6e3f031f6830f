// Character classes of RFC 3261 §25.1 as one table, and text of a range. A byte's classes are bits of `classOf[byte]`.

/** token: alphanum and - . ! % * _ + ` ' ~ */
export const TOKEN = 1;
/** A letter, digit, "-", "." or "_" of a host. */
export const HOST = 2;
/** unreserved and user-unreserved: an unescaped character of a URI's user part. */
export const USER = 4;
/** unreserved and & = + $ , of a URI's password. */
export const PASSWORD = 8;
/** paramchar of a URI parameter, unescaped. */
export const URI_PARAM = 16;
/** An unescaped character of a header name or value in a URI. */
export const URI_HEADER = 32;
/** A character of an opaque URI (RFC 3261 §25.1 uric): reserved and unreserved. */
export const URIC = 64;

const alphanum = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const unreserved = `${alphanum}-_.!~*'()`;

function fill(table: Uint8Array, bit: number, characters: string): void {
  for (let i = 0; i < characters.length; i++) {
    const c = characters.charCodeAt(i);
    table[c] = table[c]! | bit;
  }
}

/** Indexed by a byte's value. */
export const classOf = new Uint8Array(256);
fill(classOf, TOKEN, `${alphanum}-.!%*_+\`'~`);
// Differs from RFC 3261 §25.1: "_" stands in the host names of many private networks.
fill(classOf, HOST, `${alphanum}-._`);
// Differs from RFC 3261 §25.1: telephones send the "#" of a dialled service code without its escape.
fill(classOf, USER, `${unreserved}&=+$,;?/#`);
fill(classOf, PASSWORD, `${unreserved}&=+$,`);
fill(classOf, URI_PARAM, `${unreserved}[]/:&+$`);
fill(classOf, URI_HEADER, `${unreserved}[]/?:+$`);
fill(classOf, URIC, `${unreserved};/?:@&=+$,[]#`);

/** The first byte at or after `start` that is not of class `bit`. */
export function skipClass(bytes: Uint8Array, start: number, end: number, bit: number): number {
  let i = start;
  while (i < end && (classOf[bytes[i]!]! & bit) !== 0) i++;
  return i;
}

export function isHex(c: number): boolean {
  return (c >= 48 && c <= 57) || ((c | 0x20) >= 97 && (c | 0x20) <= 102);
}

/** Like `skipClass`, and passes over "%" HEX HEX; stops at a "%" that begins no escape. */
export function skipEscaped(bytes: Uint8Array, start: number, end: number, bit: number): number {
  let i = start;
  while (i < end) {
    const c = bytes[i]!;
    if ((classOf[c]! & bit) !== 0) i++;
    else if (c === 37 && i + 2 < end && isHex(bytes[i + 1]!) && isHex(bytes[i + 2]!)) i += 3;
    else break;
  }
  return i;
}

type Sliceable = Uint8Array & { latin1Slice?: (start: number, end: number) => string };

/** bytes[start, end) as Latin-1, one character a byte; '' where `start` is negative. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  if (start < 0 || start >= end) return '';
  const buffer = bytes as Sliceable;
  if (buffer.latin1Slice !== undefined) return buffer.latin1Slice(start, end);
  let out = '';
  for (let i = start; i < end; i++) out += String.fromCharCode(bytes[i]!);
  return out;
}

/** Latin-1 text as bytes; a character above 255 loses its upper bits. */
export function bytesOf(latin1: string): Uint8Array {
  const out = new Uint8Array(latin1.length);
  for (let i = 0; i < latin1.length; i++) out[i] = latin1.charCodeAt(i);
  return out;
}
