// The steps in which calls are gapped: gap intervals and durations of AIN Automatic Code Gapping (Telcordia GR-1298), which ITU-T
// E.412 §3.1 call gapping uses too.

/** Seconds between two calls: 0 removes the control; `stopAll` lets no call pass. */
export const gapIntervalsSeconds = [0, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600] as const;
export const stopAll = Number.POSITIVE_INFINITY;

/** Seconds for which a control holds unless it is renewed. */
export const gapDurationsSeconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048] as const;

/** ISO 3 R20: steps of 12 %. */
const preferred = [10, 11.2, 12.5, 14, 16, 18, 20, 22.4, 25, 28, 31.5, 35.5, 40, 45, 50, 56, 63, 71, 80, 90];

/**
 * The table continued below 0.1 s, for numbers with more lines than the table's authors gave one number. Differs from GR-1298:
 * without them nothing lies between ten calls a second and no control at all, and coarse ones leave a third of a switch idle.
 */
const finerIntervalsSeconds: readonly number[] = [10_000, 1000].flatMap((part) => preferred.map((step) => step / part));

/** The steps of automatic gapping, from the most calls to the fewest, s. */
export const gapStepsSeconds: readonly number[] = [...finerIntervalsSeconds, ...gapIntervalsSeconds.slice(1)];

/** A step may let through so much more than asked for, so that 0.5 s serves a target of 1.9 calls per second. */
const overshoot = 1.1;

/**
 * The shortest interval, in seconds, that lets at most about (10 % over) `targetPerSecond` calls through; 0.001 s is the shortest,
 * 600 s the longest. `stopAll` for a target of 0 or less.
 */
export function gapIntervalFor(targetPerSecond: number): number {
  if (!(targetPerSecond > 0)) return stopAll;
  return gapStepsSeconds.find((seconds) => 1 / seconds <= targetPerSecond * overshoot) ?? gapStepsSeconds.at(-1)!;
}

/** The next shorter interval of the steps; the shortest has none shorter than itself. */
export function nextShorterInterval(seconds: number): number {
  return gapStepsSeconds.findLast((step) => step < seconds) ?? gapStepsSeconds[0]!;
}

/** The shortest duration of the table that is not below `seconds`; the longest for more. */
export function gapDurationFor(seconds: number): number {
  return gapDurationsSeconds.find((duration) => duration >= seconds) ?? gapDurationsSeconds.at(-1)!;
}
