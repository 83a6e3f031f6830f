// How long a switch takes when nothing waits in it, and by how much it takes longer now. Follows slow changes upwards and
// quick ones downwards; an overload is kept out of it by who calls it.

export interface DelayFloor {
  /** Mean time when nothing waits, ms; NaN while nothing is known. */
  readonly meanMs: number;
  /** How much single times differ from each other at one moment, ms (a mean deviation). */
  readonly spreadMs: number;
  /** The newest times, at most `recentTimes` of them or those of one sample. */
  readonly recent: readonly number[];
  /** The mean of `recent` above `meanMs`, less what chance makes of it; 0 or more. */
  readonly excessMs: number;
}

export const noFloor: DelayFloor = { meanMs: Number.NaN, spreadMs: 0, recent: [], excessMs: 0 };

/** Times that are looked at together when a sample brings fewer. */
const recentTimes = 8;
/** Time constants: the mean upwards and downwards, the spread, ms. */
const upMs = 20_000;
const downMs = 2000;
const spreadTauMs = 3000;
/** Standard errors of the mean that are chance. */
const chance = 2;
/** Single times that differ by more say nothing about a queue: what they measure is the patience of a human, ms. */
const widestMs = 800;

/** `isCalm`: the switch is not overloaded, so that the floor may rise to what is seen. */
export function stepFloor(
  floor: DelayFloor,
  times: readonly number[],
  isCalm: boolean,
  intervalMs: number,
): DelayFloor {
  if (times.length === 0) return floor;
  const missing = Math.max(0, recentTimes - times.length);
  const recent = [...(missing > 0 ? floor.recent.slice(-missing) : []), ...times];
  const mean = average(recent);
  const deviation = average(recent.map((ms) => Math.abs(ms - mean)));
  if (Number.isNaN(floor.meanMs)) return { meanMs: mean, spreadMs: deviation, recent, excessMs: 0 };
  const weight = Math.min(1, (intervalMs / spreadTauMs) * Math.min(1, times.length / 2));
  const spreadMs = floor.spreadMs + (deviation - floor.spreadMs) * (deviation > floor.spreadMs ? 2 * weight : weight);
  const tau = mean < floor.meanMs ? downMs : upMs;
  const moves = mean < floor.meanMs || isCalm;
  const meanMs = moves ? floor.meanMs + (mean - floor.meanMs) * Math.min(1, intervalMs / tau) : floor.meanMs;
  const error = (1.25 * Math.max(spreadMs, deviation)) / Math.sqrt(recent.length);
  return { meanMs, spreadMs, recent, excessMs: Math.max(0, mean - meanMs - chance * error) };
}

/** Whether its times tell a queue from none. */
export function isTelling(floor: DelayFloor): boolean {
  return !Number.isNaN(floor.meanMs) && floor.spreadMs < widestMs;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
