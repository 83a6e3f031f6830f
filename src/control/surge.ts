// Whether arrivals are a multiple of normal, judged on counts of a short window, so with their scatter in mind: calls that come
// independently scatter by the square root of their number (Poisson). What twice the normal rate, a busy hour, can scatter to is
// never a surge; and a surge of exactly ten times normal must be seen although half of its windows count a little less.

/** What an ordinary busy hour brings in relation to normal. */
const busyHourRatio = 2;
/** Standard deviations that a busy hour is allowed: by chance exceeded once in some 10^9 windows, 30 years of them. */
const busyHourSigma = 6;
/** Calls in a window that are a burst or one caller who redials, and no more. */
const burstCalls = 25;
/** Standard deviations by which the set level is read in favour of setting. */
const onsetSigma = 3;
/** Standard deviations between what sets and what clears, so that scatter alone does not clear. */
const releaseSigma = 3;
/** Clearing is judged on a window of this length, ms, for quick release. */
export const clearWindowMs = 1000;

/** From this rate on, per second over a window of `windowMs`, arrivals are `ratio` times `normalPerSecond`. */
export function setPerSecond(normalPerSecond: number, ratio: number, windowMs: number): number {
  const nominal = normalPerSecond * ratio;
  return Math.max(nominal - onsetSigma * scatter(nominal, windowMs), ordinaryPerSecond(normalPerSecond, windowMs));
}

/** The most that ordinary traffic brings in a window, per second. */
export function ordinaryPerSecond(normalPerSecond: number, windowMs: number): number {
  const busy = normalPerSecond * busyHourRatio;
  return busy + busyHourSigma * scatter(busy, windowMs) + (burstCalls * 1000) / windowMs;
}

/** Below this rate, per second over `clearWindowMs`, what was set at `setAt` (per second) is over. */
export function clearPerSecond(normalPerSecond: number, clearRatio: number, setAt: number): number {
  const nominal = Math.min(normalPerSecond * clearRatio, setAt - releaseSigma * scatter(setAt, clearWindowMs));
  // At rates of a few calls scatter is larger than the whole: halfway back to normal is over in any case.
  return Math.max(nominal, (normalPerSecond + setAt) / 2);
}

const scatter = (perSecond: number, windowMs: number): number => Math.sqrt((perSecond * 1000) / windowMs);

/** Arrivals of an interval that ended at `atMs`. */
interface Slice {
  readonly atMs: number;
  readonly arrivals: number;
}

/** The slices of the last seconds, the newest last. */
export type ArrivalWindow = readonly Slice[];

/** `window` one interval later; what is older than `keepMs` is forgotten. */
export function stepWindow(window: ArrivalWindow, slice: Slice, keepMs: number): ArrivalWindow {
  const kept = window.findIndex(({ atMs }) => atMs > slice.atMs - keepMs);
  return [...(kept < 0 ? [] : window.slice(kept)), slice];
}

/** Arrivals per second over the last `windowMs`, at least the last slice; nothing at or before `sinceMs` counts. */
export function windowPerSecond(window: ArrivalWindow, windowMs: number, intervalMs: number, sinceMs: number): number {
  let at = window.length - 1;
  const last = window[at];
  if (last === undefined) return 0;
  // Half an interval of tolerance: samples do not come to the millisecond.
  const fromMs = Math.max(last.atMs - windowMs, sinceMs) + intervalMs / 2;
  let arrivals = last.arrivals;
  for (let slice = window[--at]; slice !== undefined && slice.atMs > fromMs; slice = window[--at])
    arrivals += slice.arrivals;
  return (arrivals * 1000) / Math.max(windowMs, intervalMs);
}
