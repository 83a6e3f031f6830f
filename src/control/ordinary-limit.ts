// How much ordinary calls may have together: what the switches can do, less what privileged calls take of it.

/**
 * A little more than that is given out. What is too much waits, as the switches' own limits are exact; what is too little, because
 * more privileged calls were expected than came, would be lost. Their rate is a mean over 2 s at most, of calls that come
 * independently: one standard deviation of it is given out too (Poisson: the square root of a count).
 */
const overbooking = 1.05;
const meanSeconds = 2;

/** Calls per second, 0 to Infinity. `boundaryPerSecond`: what the host allows for calls of all classes. */
export function ordinaryLimit(
  capacityPerSecond: number,
  privilegedPerSecond: number,
  boundaryPerSecond: number,
): number {
  const given = capacityPerSecond * overbooking + Math.sqrt(privilegedPerSecond / meanSeconds);
  return Math.max(0, Math.min(given, boundaryPerSecond) - privilegedPerSecond);
}

/** What somebody is told who keeps to it, and should find room for all of it. */
export function withoutOverbooking(sharePerSecond: number): number {
  return sharePerSecond / overbooking;
}
