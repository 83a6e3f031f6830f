// How many calls per second are asked for, from counts per interval: steady while the counts only scatter, and quick
// when the rate has changed.
//
// The mean over a window that ends with the newest count and reaches back as far as the counts can be of one rate, 2 s
// at most. With each count it is asked whether the newest 1, 2, … 10 counts differ from those before them by more than
// Poisson counts do; if so, those before are forgotten. Two Poisson counts are compared by their square roots, whose
// variance does not depend on the rate (Anscombe 1948); the idea of the window is ADWIN (Bifet, Gavaldà 2007).
// A tenfold step from 10/s or more shows in the first or second interval, half of it once a few calls have come.

export interface RateEstimate {
  readonly perSecond: number;
  /** Newest last. */
  readonly counts: readonly RateCount[];
}

export interface RateCount {
  readonly count: number;
  readonly intervalMs: number;
}

export const noRate: RateEstimate = { perSecond: 0, counts: [] };

/** ms that are looked back at most while the rate does not change. */
const windowMs = 2000;
/** Newest counts that are compared with those before, at most. */
const mostNew = 10;
/** Standard deviations between two rates that are taken for a change: by chance once in some hours at ten counts a second. */
const surprise = 4.5;

/** `count` calls came in the last `intervalMs` (> 0). */
export function stepRate(estimate: RateEstimate, count: number, intervalMs: number): RateEstimate {
  const counts = withinWindow([...estimate.counts, { count, intervalMs }]);
  const kept = sinceChange(counts);
  let calls = 0;
  let ms = 0;
  for (const one of kept) {
    calls += one.count;
    ms += one.intervalMs;
  }
  return { perSecond: (calls * 1000) / ms, counts: kept };
}

function withinWindow(counts: RateCount[]): RateCount[] {
  let ms = counts.reduce((sum, one) => sum + one.intervalMs, 0);
  let first = 0;
  while (ms > windowMs + 1 && first < counts.length - 1) {
    ms -= counts[first]!.intervalMs;
    first++;
  }
  return counts.slice(first);
}

/** The counts after the last change of rate. */
function sinceChange(counts: RateCount[]): RateCount[] {
  let newCalls = 0;
  let newMs = 0;
  let oldCalls = counts.reduce((sum, one) => sum + one.count, 0);
  let oldMs = counts.reduce((sum, one) => sum + one.intervalMs, 0);
  let from = 0;
  let largest = surprise;
  for (let i = counts.length - 1; i >= 1 && counts.length - i <= mostNew; i--) {
    const { count, intervalMs } = counts[i]!;
    newCalls += count;
    newMs += intervalMs;
    oldCalls -= count;
    oldMs -= intervalMs;
    const deviations = Math.abs(deviation(newCalls, newMs, oldCalls, oldMs));
    if (deviations > largest) {
      largest = deviations;
      from = i;
    }
  }
  return counts.slice(from);
}

/** By how many standard deviations the rate of `a` calls in `aMs` is above that of `b` calls in `bMs`. */
export function deviation(a: number, aMs: number, b: number, bMs: number): number {
  const ratio = aMs / bMs;
  return (2 * (Math.sqrt(a + 0.375) - Math.sqrt((b + 0.375) * ratio))) / Math.sqrt(1 + ratio);
}
