// How long a switch takes when nothing waits in it (the floor), and by how much it takes longer now (the queue in it).
// The floor is a mean, not a minimum, so that times that scatter do not look like a queue; it follows slow changes
// upwards while the switch is calm, and quick ones downwards. Idea: TCP Vegas (Brakmo, Peterson 1995).

export interface DelayFloor {
  /** Mean time when nothing waits, ms; NaN while nothing is known. */
  readonly meanMs: number;
  /** How much single times of one moment differ from each other, ms (standard deviation). */
  readonly spreadMs: number;
  /** Samples with times, up to `settledSamples`: the fewer, the more the next one says. */
  readonly seen: number;
  /** The newest times, at least `recentTimes` of them where there are so many. */
  readonly recent: readonly number[];
  /** The mean of `recent` above `meanMs`, less what chance makes of it; 0 or more. And what that is, ms. */
  readonly excessMs: number;
  readonly chanceMs: number;
}

export const noFloor: DelayFloor = { meanMs: Number.NaN, spreadMs: 0, seen: 0, recent: [], excessMs: 0, chanceMs: 0 };

/** Times that are looked at together when a sample brings fewer. */
const recentTimes = 8;
/** Samples after which the floor counts as known. */
const settledSamples = 100;
/** Time constants of the mean upwards and downwards, and of the spread, ms. */
const upMs = 20_000;
const downMs = 500;
const spreadTauMs = 3000;
/** Standard errors of a mean that are taken for chance. */
const chance = 2;
/** Single times that scatter by more say nothing about a queue: they measure the patience of humans, ms. */
const widestMs = 800;
/** Longer than the work of a switch, ms: something else is in these times. */
const longMs = 1000;
/** Standard deviation in relation to the mean difference of two neighbours: √π / 2. */
const deviationOfDifference = 0.886;

/** `times` in the order in which they came, ms. `isCalm`: the switch is not overloaded; the floor may rise to what is seen. */
export function stepFloor(
  floor: DelayFloor,
  times: readonly number[],
  isCalm: boolean,
  intervalMs: number,
): DelayFloor {
  if (times.length === 0) return floor;
  const missing = Math.max(0, recentTimes - times.length);
  const recent = missing > 0 ? [...floor.recent.slice(-missing), ...times] : times;
  const mean = average(recent);
  const deviation = scatter(recent);
  const seen = Math.min(settledSamples, floor.seen + 1);
  if (Number.isNaN(floor.meanMs)) return { meanMs: mean, spreadMs: deviation, seen, recent, excessMs: 0, chanceMs: 0 };
  const slow = Math.min(1, (intervalMs / spreadTauMs) * Math.min(1, times.length / 2));
  const spreadMs = floor.spreadMs + (deviation - floor.spreadMs) * (deviation > floor.spreadMs ? 2 * slow : slow);
  const error = chance * (Math.max(spreadMs, deviation) / Math.sqrt(recent.length));
  const isLower = mean < floor.meanMs - error;
  // While little is known every sample has the same weight.
  const early = isCalm && seen < settledSamples ? 1 / seen : 0;
  const weight = Math.max(early, intervalMs / (mean < floor.meanMs ? downMs : upMs));
  const meanMs = isCalm || isLower ? floor.meanMs + (mean - floor.meanMs) * Math.min(1, weight) : floor.meanMs;
  return { meanMs, spreadMs, seen, recent, excessMs: Math.max(0, mean - meanMs - error), chanceMs: error };
}

/** The floor `ms` higher: what was taken for a queue was none. */
export function raiseFloor(floor: DelayFloor, ms: number): DelayFloor {
  return { ...floor, meanMs: floor.meanMs + ms, excessMs: Math.max(0, floor.excessMs - ms) };
}

/** Whether enough is known of it. */
export function isSettled(floor: DelayFloor): boolean {
  return floor.seen >= settledSamples;
}

/** Whether its times tell a queue from none. Long ones do so only when enough of them are known: the first answers of humans are the quick ones. */
export function isTelling(floor: DelayFloor): boolean {
  return floor.spreadMs < widestMs && (floor.meanMs < longMs || isSettled(floor));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of single times, from differences of neighbours (von Neumann 1941), so that a queue that grows is no scatter. */
function scatter(times: readonly number[]): number {
  let sum = 0;
  for (let i = 1; i < times.length; i++) sum += Math.abs(times[i]! - times[i - 1]!);
  return times.length < 2 ? 0 : (sum / (times.length - 1)) * deviationOfDifference;
}
