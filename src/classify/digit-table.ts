// Reads the called number from the bytes of a Request-URI and walks a digit table with it, without a string: RFC 3261
// §19.1.1 (sip, sips: the user part, escapes undone), RFC 3966 §5.1 (tel; visual separators do not count).
import { AT, COLON } from '../sip/bytes.ts';

/**
 * A digit table is an Int32Array of rows of 16: slots 0 to 9 are the digits, 10 `*`, 11 `#`, 12 `+`, each with the
 * offset of the next row or 0; slot 13 is the rule of a number that ends here, plus 1, or 0. Row 0 stays empty, the
 * walk begins at row 1.
 */
export const rowLength = 16;
export const symbolCount = 13;
export const ruleSlot = 13;
export const digitSymbols = '0123456789*#+';

const SEPARATOR = 13;
const STOP = 14;
const ESCAPE = 15;
const OTHER = 16;

const symbolOf = new Uint8Array(256).fill(OTHER);
for (let i = 0; i < digitSymbols.length; i++) symbolOf[digitSymbols.charCodeAt(i)] = i;
for (const c of '-.()') symbolOf[c.charCodeAt(0)] = SEPARATOR;
// a parameter (`;npdi`, `;phone-context=`), a password, the host
for (const c of ';:@') symbolOf[c.charCodeAt(0)] = STOP;
symbolOf['%'.charCodeAt(0)] = ESCAPE;

// what is no hexadecimal digit leads outside of `symbolOf`, from either place of an escape
const valueOfHex = new Uint16Array(256).fill(0x1000);
for (let i = 0; i < 16; i++) {
  valueOfHex[i.toString(16).charCodeAt(0)] = i;
  valueOfHex[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/**
 * The index of the rule for the number that the URI bytes[start, end) calls, or -1: no rule matches, the user is a
 * name and no number, there is no user, or the scheme is none of sip, sips, tel.
 */
export function ruleOfUri(table: Int32Array, bytes: Uint8Array, start: number, end: number): number {
  const isTel = (bytes[start]! | 0x20) === 116;
  let i = isTel ? afterTel(bytes, start) : afterSip(bytes, start);
  if (i < 0) return -1;
  let row = rowLength;
  for (; i < end; i++) {
    let symbol = symbolOf[bytes[i]!]!;
    if (symbol < symbolCount) {
      row = table[row + symbol]!;
      if (row === 0) return -1;
      continue;
    }
    if (symbol === SEPARATOR) continue;
    if (symbol === STOP) break;
    if (symbol === OTHER || i + 2 >= end) return -1;
    symbol = symbolOf[(valueOfHex[bytes[i + 1]!]! << 4) | valueOfHex[bytes[i + 2]!]!] ?? OTHER;
    i += 2;
    if (symbol === SEPARATOR) continue;
    if (symbol >= symbolCount) return -1;
    row = table[row + symbol]!;
    if (row === 0) return -1;
  }
  const rule = table[row + ruleSlot]! - 1;
  return rule < 0 || isTel || hasHost(bytes, i, end) ? rule : -1;
}

// RFC 3261 §25.1: an unescaped `@` can only end the user part; without one, sip:10.0.0.1:5060 would be a number.
function hasHost(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === AT) return true;
  return false;
}

function afterSip(bytes: Uint8Array, start: number): number {
  if ((bytes[start]! | 0x20) !== 115 || (bytes[start + 1]! | 0x20) !== 105 || (bytes[start + 2]! | 0x20) !== 112) {
    return -1;
  }
  if (bytes[start + 3] === COLON) return start + 4;
  return (bytes[start + 3]! | 0x20) === 115 && bytes[start + 4] === COLON ? start + 5 : -1;
}

function afterTel(bytes: Uint8Array, start: number): number {
  const isTel = (bytes[start + 1]! | 0x20) === 101 && (bytes[start + 2]! | 0x20) === 108 && bytes[start + 3] === COLON;
  return isTel ? start + 4 : -1;
}
