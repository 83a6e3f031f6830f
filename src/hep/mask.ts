// Secrets of a captured message, overwritten in place and in their length: credentials (RFC 3261 §20.7, §20.28) and the keys of
// media (RFC 4568 §9.1, RFC 8839 §5.4, RFC 4566 §5.12).
import { COLON, CR, EQUALS, equalsIgnoreCase, HT, isSpace, LF, SP, skipSpace } from '../sip/bytes.ts';

const star = 42;
const upperBit = 0x20;
const letterA = 97;
const letterP = 112;
const letterK = 107;
const credentials = ['authorization', 'proxy-authorization'];
const keyLines = ['a=crypto:', 'a=ice-pwd:', 'k='];
const inline = 'inline:';

/** Works on bytes[start, end): one whole SIP message. */
export function maskSecrets(bytes: Uint8Array, start: number, end: number): void {
  let isBody = false;
  for (let line = start; line < end; ) {
    const next = lineEnd(bytes, line, end);
    if (isBody) maskKey(bytes, line, next);
    else if (isEmpty(bytes, line)) isBody = true;
    else if (isCredentials(bytes, line, next)) {
      maskAfterScheme(bytes, line, foldedEnd(bytes, next, end));
    }
    line = next;
  }
}

/** After the line feed. */
function lineEnd(bytes: Uint8Array, from: number, end: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 || at >= end ? end : at + 1;
}

const isEmpty = (bytes: Uint8Array, line: number): boolean => bytes[line] === CR || bytes[line] === LF;

function isCredentials(bytes: Uint8Array, line: number, end: number): boolean {
  const first = bytes[line]! | upperBit;
  if (first !== letterA && first !== letterP) return false;
  let colon = line;
  while (colon < end && bytes[colon] !== COLON) colon++;
  let nameEnd = colon;
  while (nameEnd > line && (bytes[nameEnd - 1] === SP || bytes[nameEnd - 1] === HT)) nameEnd--;
  return credentials.some((name) => equalsIgnoreCase(bytes, line, nameEnd, name));
}

/** RFC 3261 §7.3.1: a line that begins with white space belongs to the one before it. */
function foldedEnd(bytes: Uint8Array, next: number, end: number): number {
  let at = next;
  while (at < end && (bytes[at] === SP || bytes[at] === HT)) at = lineEnd(bytes, at, end);
  return at;
}

/** `Digest` and the like stay: it tells what was tried. */
function maskAfterScheme(bytes: Uint8Array, line: number, end: number): void {
  let at = line;
  while (at < end && bytes[at] !== COLON) at++;
  at = skipSpace(bytes, at + 1, end);
  while (at < end && !isSpace(bytes[at]!)) at++;
  stars(bytes, at, end);
}

function maskKey(bytes: Uint8Array, line: number, end: number): void {
  const first = bytes[line]! | upperBit;
  if ((first !== letterA && first !== letterK) || bytes[line + 1] !== EQUALS) return;
  const found = keyLines.find((name) => equalsIgnoreCase(bytes, line, Math.min(end, line + name.length), name));
  if (found === undefined) return;
  let at = line + found.length;
  if (found === keyLines[0]) {
    while (at < end && !equalsIgnoreCase(bytes, at, at + inline.length, inline)) at++;
    at += inline.length;
  }
  stars(bytes, at, end);
}

/** Line ends and blanks stay, so that lines do. */
function stars(bytes: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) if (!isSpace(bytes[i]!)) bytes[i] = star;
}
