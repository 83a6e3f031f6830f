// Number patterns → one digit table: a deterministic walk that leads every number to its most specific rule.
import { digitSymbols, rowLength, ruleSlot, symbolCount } from '../classify/digit-table.ts';
import { compareSpecificity, maxPlaces, type Pattern } from './pattern.ts';

/** Rows that a table may have: 4 MB. Plans of some thousand prefixes stay far below. */
export const maxRows = 65_536;

/** A pattern and the index of the rule that it leads to. */
export interface Entry {
  readonly pattern: Pattern;
  readonly rule: number;
}

/** The table for `entries`, as `classify/digit-table.ts` describes it; undefined above `maxRows`. */
export function compileTable(entries: readonly Entry[]): Int32Array | undefined {
  // the best first: where several end at one number, the first of them is its rule
  const sorted = [...entries].sort((a, b) => compareSpecificity(a.pattern, b.pattern) || a.rule - b.rule);
  const rows = new Map<string, number>();
  const sets: number[][] = [];
  const rowOf = (set: number[]): number => {
    if (set.length === 0) return 0;
    const key = set.join();
    const known = rows.get(key);
    if (known !== undefined) return known;
    const row = (sets.length + 1) * rowLength;
    rows.set(key, row);
    sets.push(set);
    return row;
  };
  // a state is a pattern and a place in it
  rowOf(sorted.map((_, i) => i * stride));
  const cells: number[] = [];
  for (let at = 0; at < sets.length; at++) {
    if (sets.length > maxRows) return undefined;
    const set = sets[at]!;
    for (let symbol = 0; symbol < symbolCount; symbol++) cells.push(rowOf(step(sorted, set, symbol)));
    const end = set.find((state) => isEnd(sorted[Math.floor(state / stride)]!.pattern, state % stride));
    cells.push(end === undefined ? 0 : sorted[Math.floor(end / stride)]!.rule + 1);
    while (cells.length % rowLength !== 0) cells.push(0);
  }
  // an empty plan still has the row where the walk begins
  const table = new Int32Array(Math.max(2, sets.length + 1) * rowLength);
  table.set(cells, rowLength);
  return table;
}

const stride = maxPlaces + 1;

function step(sorted: readonly Entry[], set: readonly number[], symbol: number): number[] {
  const next: number[] = [];
  for (const state of set) {
    const { places, open } = sorted[Math.floor(state / stride)]!.pattern;
    const place = state % stride;
    const mask = places[place];
    if (mask === undefined) {
      if (open) next.push(state);
    } else if ((mask & (1 << symbol)) !== 0) next.push(state + 1);
  }
  return next;
}

function isEnd(pattern: Pattern, place: number): boolean {
  return place === pattern.places.length;
}

if (ruleSlot !== symbolCount || digitSymbols.length !== symbolCount) throw new Error('digit table layout');
