// Call gapping and code blocking of ordinary new calls by called number (ITU-T E.412 §3.1, AIN Automatic Code Gapping): the
// Actuator's side. Which gaps are in force, the Throttle says. The caller asks for ordinary new calls alone: emergency and
// priority calls to a gapped number pass without asking.
import type { Gap } from '../control/throttle.ts';
import { AT, COLON } from '../sip/bytes.ts';

/** E.164 §6: a number has at most 15 digits; of more, the first 15 count, so that dialling on does not lead past a gap. */
const mostDigits = 15;
const powersOfTen = Float64Array.from({ length: mostDigits + 1 }, (_, i) => 10 ** i);

const PLUS_SIGN = 43;
const OTHER = 255;
const SEPARATOR = 16;
const STOP = 17;
const ESCAPE = 18;
const PLUS = 19;
const kindOf = new Uint8Array(256).fill(OTHER);
for (let digit = 0; digit < 10; digit++) kindOf[48 + digit] = digit;
for (const c of '-.()') kindOf[c.charCodeAt(0)] = SEPARATOR;
for (const c of ';:@') kindOf[c.charCodeAt(0)] = STOP;
kindOf['%'.charCodeAt(0)] = ESCAPE;
kindOf['+'.charCodeAt(0)] = PLUS;

/**
 * The number that the Request-URI bytes[start, end) calls, as an integer: a 1 and then its digits, so that leading zeros
 * stay (0911 is 10911); below 2^53. 0 where it calls none: a name, a feature code with `*` or `#`, no user, another scheme
 * than sip, sips, tel. `+` and visual separators do not count (RFC 3966 §5.1), escapes are undone (RFC 3261 §19.1.4). One
 * number of the North American plan is one integer however it was dialled: 1NPANXXXXXX becomes NPANXXXXXX.
 */
export function calledNumber(bytes: Uint8Array, start: number, end: number): number {
  const isTel = (bytes[start]! | 0x20) === 116;
  let i = userStart(bytes, start);
  if (i < 0) return 0;
  const plain = plainNumber(bytes, i, end);
  if (plain > 0) return plain;
  // ten digits at most in an integer of 31 bits, the guard among them; the others in a second one: fast arithmetic
  let high = 1;
  let low = 0;
  let count = 0;
  for (; i < end; i++) {
    let kind = kindOf[bytes[i]!]!;
    if (kind === STOP) break;
    if (kind === ESCAPE) {
      if (i + 2 >= end) return 0;
      kind = kindOf[escaped(bytes[i + 1]!, bytes[i + 2]!)]!;
      if (kind === STOP || kind === ESCAPE) return 0;
      i += 2;
    }
    if (kind < 10) {
      if (count < 9) high = high * 10 + kind;
      else if (count < mostDigits) low = low * 10 + kind;
      count++;
    } else if (kind === PLUS ? count > 0 : kind !== SEPARATOR) return 0;
  }
  if (count === 0 || !(isTel || hasHost(bytes, i, end))) return 0;
  if (count <= 9) return high;
  return national(high * powersOfTen[Math.min(count, mostDigits) - 9]! + low, count);
}

/** The number of a user part of at most 15 digits and nothing else but a `+`, before an `@`: nearly every one. 0 for others. */
function plainNumber(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] === PLUS_SIGN ? start + 1 : start;
  let high = 1;
  let low = 0;
  let i = first;
  for (const stop = Math.min(first + 9, end); i < stop; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) break;
    high = high * 10 + digit;
  }
  for (const stop = Math.min(first + mostDigits, end); i >= first + 9 && i < stop; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) break;
    low = low * 10 + digit;
  }
  if (i === first || i >= end || bytes[i] !== AT) return 0;
  return i <= first + 9 ? high : national(high * powersOfTen[i - first - 9]! + low, i - first);
}

/** The same for digits as text, as they stand in a Gap; 0 where they are not 1 to 15 digits. Nothing is taken away. */
export function numberOfDigits(digits: string): number {
  return /^\d{1,15}$/.test(digits) ? Number(`1${digits}`) : 0;
}

// 1NPANXXXXXX: eleven digits, and no area code begins with 0 or 1
function national(called: number, count: number): number {
  return count === 11 && called >= 112_000_000_000 && called < 120_000_000_000 ? called - 100_000_000_000 : called;
}

/** First byte behind `sip:`, `sips:` or `tel:`; -1 where it is none of them. */
function userStart(bytes: Uint8Array, start: number): number {
  const a = bytes[start]! | 0x20;
  const b = bytes[start + 1]! | 0x20;
  const c = bytes[start + 2]! | 0x20;
  if (a === 116 && b === 101 && c === 108) return bytes[start + 3] === COLON ? start + 4 : -1;
  if (a !== 115 || b !== 105 || c !== 112) return -1;
  if (bytes[start + 3] === COLON) return start + 4;
  return (bytes[start + 3]! | 0x20) === 115 && bytes[start + 4] === COLON ? start + 5 : -1;
}

function escaped(high: number, low: number): number {
  const value = hexadecimal(high) * 16 + hexadecimal(low);
  return value < 256 ? value : 0;
}

function hexadecimal(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : 256;
}

// RFC 3261 §25.1: only an `@` ends a user part; without one, sip:10.0.0.1:5060 would be a number.
function hasHost(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === AT) return true;
  return false;
}

/** Shares are counted in millionths, so that 0.1 lets exactly one call of ten pass. */
const whole = 1_000_000;

interface Entry {
  gap: Gap;
  /** Infinity: stop all; NaN: a share. */
  intervalMs: number;
  shareMillionths: number;
  lastPassMs: number;
  credit: number;
  passed: number;
  refused: number;
  /** Another gap on the same digits. */
  next: Entry | undefined;
}

/** The gaps in force. Asking costs a comparison while there are none, and one look-up for each length of digits in force. */
export class GapTable {
  private readonly byDigits = new Map<number, Entry>();
  /** Lengths of the digits in force, the longest first. */
  private lengths: readonly number[] = [];
  private readonly matched: Entry[] = [];
  private entries: Entry[] = [];

  get size(): number {
    return this.entries.length;
  }

  /**
   * Puts these gaps in force and no others. A gap that was in force (same digits, cause and kind of limit) keeps its timer and
   * its counts, also where its interval is another now. Gaps that are over, and those whose digits are not digits, are left out.
   */
  replace(gaps: readonly Gap[], nowMs: number): void {
    const before = new Map(this.entries.map((entry) => [keyOf(entry.gap), entry]));
    this.entries = [];
    this.byDigits.clear();
    for (const gap of gaps) {
      const digits = numberOfDigits(gap.digits);
      if (digits === 0 || gap.untilMs <= nowMs) continue;
      const entry = entryFor(gap, before.get(keyOf(gap)));
      before.delete(keyOf(gap));
      entry.next = this.byDigits.get(digits);
      this.byDigits.set(digits, entry);
      this.entries.push(entry);
    }
    this.lengths = [...new Set(this.entries.map((entry) => entry.gap.digits.length))].sort((a, b) => b - a);
  }

  /**
   * Whether an ordinary call to `called` (of `calledNumber`; 0 passes) may pass now. Every gap on it and on its first digits
   * must let it pass; only then do their intervals begin anew. The first that does not, the longest first, counts it as refused.
   */
  check(called: number, nowMs: number): boolean {
    if (this.entries.length === 0 || called === 0) return true;
    const { matched } = this;
    const count = digitCount(called);
    let found = 0;
    for (const length of this.lengths) {
      if (length > count) continue;
      const prefix = length === count ? called : Math.floor(called / powersOfTen[count - length]!);
      for (let entry = this.byDigits.get(prefix); entry !== undefined; entry = entry.next) {
        if (nowMs >= entry.gap.untilMs) continue;
        if (!isOpen(entry, nowMs)) {
          entry.refused++;
          return false;
        }
        matched[found++] = entry;
      }
    }
    for (let i = 0; i < found; i++) take(matched[i]!, nowMs);
    return true;
  }

  /** Each gap in force with what it has let pass and refused since it was placed. */
  each(visit: (gap: Gap, passed: number, refused: number) => void): void {
    for (const { gap, passed, refused } of this.entries) visit(gap, passed, refused);
  }
}

// E.412: at most one call in each interval: the first passes, then the gap is closed until the interval is over.
function isOpen(entry: Entry, nowMs: number): boolean {
  if (entry.gap.limit.kind === 'interval')
    return entry.intervalMs !== Number.POSITIVE_INFINITY && nowMs - entry.lastPassMs >= entry.intervalMs;
  entry.credit = Math.min(entry.credit + entry.shareMillionths, whole + entry.shareMillionths);
  return entry.credit >= whole;
}

function take(entry: Entry, nowMs: number): void {
  entry.passed++;
  if (entry.gap.limit.kind === 'interval') entry.lastPassMs = nowMs;
  else entry.credit -= whole;
}

function entryFor(gap: Gap, before: Entry | undefined): Entry {
  const { limit } = gap;
  const share = limit.kind === 'share' ? Math.round(Math.min(1, Math.max(0, limit.passRatio)) * whole) : 0;
  const entry = before ?? {
    gap,
    intervalMs: 0,
    shareMillionths: 0,
    lastPassMs: Number.NEGATIVE_INFINITY,
    // the first call passes, as with an interval
    credit: share === 0 ? 0 : whole - share,
    passed: 0,
    refused: 0,
    next: undefined,
  };
  entry.gap = gap;
  entry.intervalMs = limit.kind === 'interval' ? limit.intervalMs : 0;
  entry.shareMillionths = share;
  return entry;
}

const keyOf = (gap: Gap): string => `${gap.digits} ${gap.cause} ${gap.limit.kind}`;

function digitCount(called: number): number {
  let count = called < 1e8 ? 1 : 8;
  while (count < mostDigits && called >= powersOfTen[count + 1]!) count++;
  return count;
}
