// How far few called numbers carry the traffic: the share of ordinary new calls of the last two seconds that is surely for the four
// hottest numbers. One step for each sample; decayed sums, so that it forgets as fast as it learns.
import type { NumberSample } from './load-sample.ts';

/** How many numbers are few. */
const hottest = 4;
/** Time constant of the sums, ms: long enough for a share to mean something, short enough to hold within a second. */
const timeConstantMs = 2000;
/**
 * Sums below this many calls are forgotten: a call alone after 1.4 s. Of traffic to ever other numbers, which is most of it, fewer are
 * thus carried from step to step.
 */
const leastCalls = 0.5;

export interface ConcentrationState {
  /** Decayed calls by number, and of all numbers. */
  readonly calls: ReadonlyMap<string, number>;
  readonly total: number;
}

export interface ConcentrationInput {
  /** Prefixes among them are left out. */
  readonly numbers: readonly NumberSample[];
  /** All ordinary new calls, those refused by gaps included. */
  readonly arrivalsPerSecond: number;
  /** Traffic below which nothing is concentrated: shares are of at least this much, so that one caller who redials is no surge. */
  readonly floorPerSecond: number;
  readonly intervalMs: number;
}

export interface Concentration {
  /** 0 to 1. */
  readonly ratio: number;
  /** The numbers that it is about, the hottest first, at most four. */
  readonly digits: readonly string[];
}

export const noConcentration: ConcentrationState = { calls: new Map(), total: 0 };

export function stepConcentration(
  state: ConcentrationState,
  input: ConcentrationInput,
): { readonly state: ConcentrationState; readonly concentration: Concentration } {
  const keep = Math.exp(-input.intervalMs / timeConstantMs);
  const calls = new Map<string, number>();
  for (const [digits, sum] of state.calls) if (sum * keep >= leastCalls) calls.set(digits, sum * keep);
  for (const { digits, isPrefix, attempts, excess } of input.numbers) {
    // what may be another number's does not count (Space-Saving: a count is never too low, but may be too high)
    const sure = isPrefix ? 0 : attempts - excess;
    if (sure > 0) calls.set(digits, (calls.get(digits) ?? 0) + sure);
  }
  const total = state.total * keep + (input.arrivalsPerSecond * input.intervalMs) / 1000;
  const first = heaviest(calls);
  const carried = first.reduce((sum, { count }) => sum + count, 0);
  const floor = (input.floorPerSecond * timeConstantMs) / 1000;
  const ratio = carried === 0 ? 0 : Math.min(1, carried / Math.max(total, floor, carried));
  return { state: { calls, total }, concentration: { ratio, digits: first.map(({ digits }) => digits) } };
}

/** The `hottest` greatest sums, the greatest first. */
function heaviest(calls: ReadonlyMap<string, number>): { readonly digits: string; readonly count: number }[] {
  const first: { readonly digits: string; readonly count: number }[] = [];
  for (const [digits, count] of calls) {
    let place = first.length;
    while (place > 0 && first[place - 1]!.count < count) place--;
    if (place === hottest) continue;
    first.splice(place, 0, { digits, count });
    if (first.length > hottest) first.pop();
  }
  return first;
}
