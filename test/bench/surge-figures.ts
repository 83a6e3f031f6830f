// From what switch and load wrote down ten times a second to the figures of the scenario "surge". Plain functions of numbers.

import { countAt, type SwitchTick } from '../../src/lab/ticks.ts';

type Count = Exclude<keyof SwitchTick, 'atMs'>;

/** Mean and standard deviation of a rate over the whole seconds from `fromMs` to `toMs`. */
export function perSecond(
  ticks: readonly SwitchTick[],
  of: Count,
  fromMs: number,
  toMs: number,
): { mean: number; deviation: number } {
  const rates: number[] = [];
  for (let atMs = fromMs; atMs + 1000 <= toMs + 1; atMs += 1000)
    rates.push(countAt(ticks, of, atMs + 1000) - countAt(ticks, of, atMs));
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const squares = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / rates.length) };
}

/** Half a second in which more than this times the capacity is sent to the switch is not under control. */
const heldRatio = 1.1;
const windowMs = 500;
const looksMs = 5000;

/** ms from the step until the switch gets no more than its capacity, in any half second of the next five. */
export function holdsAfterMs(ticks: readonly SwitchTick[], stepMs: number, capacityPerSecond: number): number {
  const most = (heldRatio * capacityPerSecond * windowMs) / 1000;
  let heldMs = 0;
  for (let after = 0; after < looksMs; after += 50) {
    const from = stepMs + after;
    const sent = countAt(ticks, 'invites', from + windowMs) - countAt(ticks, 'invites', from);
    if (sent > most) heldMs = after + 50;
  }
  return heldMs;
}

/** Jain, Chiu and Hawe 1984: 1 where all get the same, 1/n where one gets all. */
export function jain(values: readonly number[]): number {
  const sum = values.reduce((all, value) => all + value, 0);
  const squares = values.reduce((all, value) => all + value ** 2, 0);
  return sum ** 2 / (values.length * squares);
}
