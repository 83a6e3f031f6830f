// Number patterns of a dial plan: what one text matches, and which of two patterns is the more specific.
//
//   0-9 * # +   themselves          N  2 to 9      [2-5] [13*]  one of these
//   {3} {2,6}   so many of the      X  0 to 9      .            any rest, also none; only at the end
//               element before      Z  1 to 9      - and space  nothing: for the eye
import { digitSymbols } from '../classify/digit-table.ts';

/** One fixed sequence: a bit mask of symbols for each place; with `open`, anything may follow. */
export interface Pattern {
  readonly places: readonly number[];
  readonly open: boolean;
}

/** Longest number a pattern can spell out: E.164 has 15 digits, a prefix and an access code come before it. */
export const maxPlaces = 40;
const maxExpansions = 64;

const letters: Readonly<Record<string, number>> = { N: span('2', '9'), X: span('0', '9'), Z: span('1', '9') };

export const patternHelp =
  'digits, *, #, +, N (2-9), X (0-9), Z (1-9), [2-5], {3} or {1,3} after an element, "." for any rest at the end';

/** The sequences that `text` stands for, several where it has {m,n}; undefined where it is no pattern. */
export function parsePattern(text: string): Pattern[] | undefined {
  const elements: { mask: number; min: number; max: number }[] = [];
  let rest = text.toUpperCase().replace(/(?<!\[[^\]]*)[- ]/g, '');
  const open = rest.endsWith('.');
  if (open) rest = rest.slice(0, -1);
  while (rest !== '') {
    const found = /^(?:([0-9*#+NXZ])|\[([^\]]+)\])(?:\{(\d{1,2})(?:,(\d{1,2}))?\})?/.exec(rest);
    if (found === null) return undefined;
    const [whole, one, set, least, most] = found;
    const mask = one !== undefined ? (letters[one] ?? bit(one)) : maskOfSet(set!);
    const min = least === undefined ? 1 : Number(least);
    const max = most === undefined ? min : Number(most);
    if (mask === 0 || max < min || max === 0) return undefined;
    elements.push({ mask, min, max });
    rest = rest.slice(whole.length);
  }
  return expand(elements, open);
}

function expand(elements: readonly { mask: number; min: number; max: number }[], open: boolean): Pattern[] | undefined {
  let sequences: number[][] = [[]];
  for (const { mask, min, max } of elements) {
    const longer: number[][] = [];
    for (const sequence of sequences) {
      for (let n = min; n <= max; n++) longer.push([...sequence, ...Array<number>(n).fill(mask)]);
    }
    if (longer.length > maxExpansions) return undefined;
    sequences = longer;
  }
  const fits = sequences.every((places) => places.length <= maxPlaces && (open || places.length > 0));
  return fits ? sequences.map((places) => ({ places, open })) : undefined;
}

/**
 * Which of two patterns that match one number wins: negative for `a`. They are compared from the left; at the first
 * place where they differ in width, the one with fewer symbols wins: a digit before a range, a range before X, a
 * number that ends here or a place of its own before "any rest". 0: equally specific, the rule written first wins.
 */
export function compareSpecificity(a: Pattern, b: Pattern): number {
  for (let i = 0; ; i++) {
    const [widthA, widthB] = [widthAt(a, i), widthAt(b, i)];
    if (widthA !== widthB) return widthA - widthB;
    if (i >= a.places.length) return 0;
  }
}

function widthAt(pattern: Pattern, place: number): number {
  const mask = pattern.places[place];
  if (mask === undefined) return pattern.open ? digitSymbols.length + 1 : 0;
  let width = 0;
  for (let bits = mask; bits !== 0; bits &= bits - 1) width++;
  return width;
}

/** A text that is equal for patterns that match the same numbers in the same way. */
export function patternKey(pattern: Pattern): string {
  return `${pattern.places.join(',')}${pattern.open ? '.' : ''}`;
}

function maskOfSet(set: string): number {
  let mask = 0;
  for (let rest = set; rest !== ''; ) {
    const range = /^([0-9])-([0-9])/.exec(rest);
    const part = range === null ? bit(rest[0]!) : span(range[1]!, range[2]!);
    if (part === 0) return 0;
    mask |= part;
    rest = rest.slice(range === null ? 1 : 3);
  }
  return mask;
}

function bit(symbol: string): number {
  const index = digitSymbols.indexOf(symbol);
  return index < 0 ? 0 : 1 << index;
}

function span(from: string, to: string): number {
  let mask = 0;
  for (let digit = Number(from); digit <= Number(to); digit++) mask |= 1 << digit;
  return mask;
}
