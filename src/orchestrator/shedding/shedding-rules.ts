// How long applications are waited for, and how much above its boundary is still within it. Plain data.

export interface SheddingRules {
  /** From being asked to come down to the boundary until it is enforced, ms. */
  readonly shedDeadlineMs: number;
  /** From being asked to end until suspended, for what is not essential, ms. */
  readonly dumpDeadlineMs: number;
  /** By when `load-shed-on-your-own` and `stop-cross-utilisation` are meant to be done, ms; not enforced. */
  readonly ownDeadlineMs: number;
  readonly crossDeadlineMs: number;
  /** For who cannot be told anything there is not much to wait for, ms. */
  readonly unreachableDeadlineMs: number;
  /** For how long who had come down may be above its boundary again, ms. */
  readonly graceMs: number;
  /** Use up to so much above the boundary is within it: meters are not exact. 0.05 is 5 %. */
  readonly toleranceRatio: number;
  /** Boundaries are enforced in this mode and above; in a lower one they are a wish. */
  readonly enforcesFrom: 'L1' | 'L2' | 'L3';
}

export const sheddingRules: SheddingRules = {
  shedDeadlineMs: 10_000,
  dumpDeadlineMs: 5000,
  ownDeadlineMs: 30_000,
  crossDeadlineMs: 10_000,
  unreachableDeadlineMs: 2000,
  graceMs: 3000,
  toleranceRatio: 0.05,
  enforcesFrom: 'L2',
};
