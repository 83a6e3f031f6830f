// Whether a neighbour that claims overload control keeps to what it was told (RFC 7339 §11: who only claims it would otherwise
// get more than those who do as they are told). Counted in periods of one validity, so that a single burst is no breach.

/** More than this share of what was allowed, and three standard deviations of a Poisson count, is too much. */
const tolerance = 1.2;
const deviations = 3;
/** A period is not shorter, or a handful of calls would decide. */
const shortestPeriodMs = 500;
/** Periods too many, each balanced by one that was not: the loop itself needs two or three after a step. */
const strikesToFlag = 4;
const mostStrikes = 8;

export interface OcPolice {
  /** Of the period that runs now. */
  readonly seen: number;
  readonly allowed: number;
  readonly elapsedMs: number;
  readonly strikes: number;
  /** Stays until as many periods in a row were kept to. */
  readonly doesNotComply: boolean;
}

export const unpoliced: OcPolice = { seen: 0, allowed: 0, elapsedMs: 0, strikes: 0, doesNotComply: false };

/** `seen` requests came in `intervalMs`; it was told `allowedPerSecond`, `Infinity` where it was told nothing. */
export function stepPolice(
  police: OcPolice,
  seen: number,
  allowedPerSecond: number,
  intervalMs: number,
  validityMs: number,
): OcPolice {
  const period = {
    seen: police.seen + seen,
    allowed: police.allowed + (allowedPerSecond * intervalMs) / 1000,
    elapsedMs: police.elapsedMs + intervalMs,
  };
  if (period.elapsedMs < Math.max(validityMs, shortestPeriodMs)) return { ...police, ...period };
  const limit = period.allowed * tolerance + deviations * Math.sqrt(period.allowed) + deviations;
  const strikes = period.seen > limit ? Math.min(police.strikes + 1, mostStrikes) : Math.max(police.strikes - 1, 0);
  const doesNotComply = police.doesNotComply ? strikes > 0 : strikes >= strikesToFlag;
  return { seen: 0, allowed: 0, elapsedMs: 0, strikes, doesNotComply };
}
