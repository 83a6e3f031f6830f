// What a closed-loop run is judged by.
import type { Run, Second } from './closed-loop.ts';

export interface Goodput {
  /** Completed in relation to what could have been: the capacity, or what was offered where that is less. */
  readonly ratio: number;
  /** Standard deviation from second to second, in relation to the capacity. */
  readonly deviation: number;
  /** Mean time to progress, ms. */
  readonly delayMs: number;
}

/** Over the seconds from `from` (included) to `to` (excluded). */
export function goodput({ seconds }: Run, capacity: number, from: number, to = seconds.length): Goodput {
  const part = seconds.slice(from, to);
  const total = (pick: (second: Second) => number): number => part.reduce((sum, second) => sum + pick(second), 0);
  const completed = total((second) => second.completed);
  const mean = completed / part.length;
  const variance = total((second) => (second.completed - mean) ** 2) / part.length;
  return {
    ratio:
      completed /
      Math.min(
        capacity * part.length,
        total((second) => second.offered),
      ),
    deviation: Math.sqrt(variance) / capacity,
    delayMs: total((second) => second.delayMs) / completed,
  };
}

/** Calls sent in `[from, to)` beyond what the switch can do in that time, in seconds of its capacity. */
export function beyondCapacity({ seconds }: Run, capacity: number, from: number, to: number): number {
  const sent = seconds.slice(from, to).reduce((sum, second) => sum + second.sent, 0);
  return sent / capacity - (to - from);
}

export function refusedIn({ seconds }: Run, from = 0, to = seconds.length): number {
  return seconds.slice(from, to).reduce((sum, second) => sum + second.refused, 0);
}
