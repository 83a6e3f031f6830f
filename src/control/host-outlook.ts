// What is coming, for the orchestrator (DESIGN.md §5): from the slope of the load, in how many seconds the edge will have used up what
// the host allows it (application pre-congestion); and from its peak, how much it could do without (low utilisation).
import type { RunningMode } from './throttle.ts';

/** Over how long the slope is taken, ms, and the share of the boundary that counts as used up. */
const slopeMs = 5000;
const threshold = 0.9;
/** Told when it is nearer than this, s, and not again before so long, ms. */
const nearSeconds = 10;
const preCongestionEveryMs = 2000;
/** A slope within this many of its standard errors is noise: calls come in no even stream. */
const surely = 3;

/** Low utilisation: load must stay under this share of what is left, however high it was in the last minute. */
export const staysUnder = 0.5;
const lowUtilisationEveryMs = 60_000;
/** Less than this share of the boundary is not worth a message. */
const leastGivenUp = 0.2;
/** The peak is the highest mean of so long, ms. */
const slotMs = 1000;

export interface OutlookState {
  readonly points: readonly Point[];
  /** The mean load of each of the last seconds, the newest last, of so many samples. */
  readonly slots: readonly (Point & { readonly samples: number })[];
  /** Since when the edge is in L0 without a break; undefined while it is not. */
  readonly calmSinceMs: number | undefined;
  readonly preCongestionAtMs: number | undefined;
  readonly lowUtilisationAtMs: number | undefined;
}

interface Point {
  readonly ms: number;
  readonly value: number;
}

export const initialOutlook: OutlookState = {
  points: [],
  slots: [],
  calmSinceMs: undefined,
  preCongestionAtMs: undefined,
  lowUtilisationAtMs: undefined,
};

export interface OutlookInput {
  /** Calls of all classes that come, per second, and those of them that the switches could take (Infinity: not known). */
  readonly offeredPerSecond: number;
  readonly usablePerSecond: number;
  /** What the host allows; Infinity: no boundary, then nothing is foreseen. */
  readonly boundaryPerSecond: number;
  /** Never given up. */
  readonly minimumPerSecond: number;
  readonly mode: RunningMode;
  readonly nowMs: number;
}

export interface Outlook {
  readonly state: OutlookState;
  readonly preCongestion: { readonly utilisationRatio: number; readonly secondsToThreshold: number } | undefined;
  /** Calls per second for which resources are kept; all above may be taken back. */
  readonly keepPerSecond: number | undefined;
}

/** One sample later. */
export function stepOutlook(state: OutlookState, input: OutlookInput): Outlook {
  const { nowMs, boundaryPerSecond, mode } = input;
  const load = Math.min(input.offeredPerSecond, input.usablePerSecond);
  const isBound = Number.isFinite(boundaryPerSecond);
  const utilisation = boundaryPerSecond > 0 ? load / boundaryPerSecond : 1;
  const points = isBound
    ? [...state.points.filter(({ ms }) => nowMs - ms < slopeMs), { ms: nowMs, value: utilisation }]
    : [];
  const calmSinceMs = mode === 'L0' ? (state.calmSinceMs ?? nowMs) : undefined;
  const next = { ...state, points, slots: withLoad(state.slots, load, nowMs), calmSinceMs };

  const preCongestion = isOver(state.preCongestionAtMs, preCongestionEveryMs, nowMs) ? foreseen(points) : undefined;
  const keepPerSecond =
    isBound && preCongestion === undefined && isOver(state.lowUtilisationAtMs, lowUtilisationEveryMs, nowMs)
      ? enough(next, input)
      : undefined;
  return {
    state: {
      ...next,
      preCongestionAtMs: preCongestion === undefined ? state.preCongestionAtMs : nowMs,
      lowUtilisationAtMs: keepPerSecond === undefined ? state.lowUtilisationAtMs : nowMs,
    },
    preCongestion,
    keepPerSecond,
  };
}

const isOver = (atMs: number | undefined, spanMs: number, nowMs: number): boolean =>
  atMs === undefined || nowMs - atMs >= spanMs;

/** Least squares through the points of the last seconds. */
function foreseen(points: readonly Point[]): Outlook['preCongestion'] {
  const last = points.at(-1);
  const first = points[0];
  // less than half of the span tells no slope
  if (last === undefined || first === undefined || last.ms - first.ms < slopeMs / 2) return undefined;
  const n = points.length;
  const meanSeconds = points.reduce((sum, { ms }) => sum + (ms - last.ms) / 1000, 0) / n;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / n;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const { ms, value } of points) {
    const x = (ms - last.ms) / 1000 - meanSeconds;
    xx += x * x;
    xy += x * (value - mean);
    yy += (value - mean) ** 2;
  }
  const perSecond = xy / xx;
  const now = mean - perSecond * meanSeconds;
  const utilisationRatio = Math.min(1, Math.max(0, now));
  if (mean >= threshold) return { utilisationRatio: Math.min(1, mean), secondsToThreshold: 0 };
  const error = Math.sqrt(Math.max(0, yy - perSecond * xy) / Math.max(1, n - 2) / xx);
  if (perSecond <= surely * error) return undefined;
  const secondsToThreshold = Math.max(0, (threshold - now) / perSecond);
  return secondsToThreshold < nearSeconds ? { utilisationRatio, secondsToThreshold } : undefined;
}

function withLoad(slots: OutlookState['slots'], load: number, nowMs: number): OutlookState['slots'] {
  const kept = slots.filter(({ ms }) => nowMs - ms < lowUtilisationEveryMs + slotMs);
  const last = kept.at(-1);
  if (last === undefined || nowMs - last.ms >= slotMs) return [...kept, { ms: nowMs, value: load, samples: 1 }];
  const samples = last.samples + 1;
  return [...kept.slice(0, -1), { ms: last.ms, value: last.value + (load - last.value) / samples, samples }];
}

/**
 * What is kept is twice what the switches can take, where that is known, as half of it may go into refusals in a surge (boundary.ts);
 * where it is not, what leaves the load of the last minute under a half. Undefined where that is nearly all there is, and unless the
 * last minute was normal.
 */
function enough({ slots, calmSinceMs }: OutlookState, input: OutlookInput): number | undefined {
  const { nowMs, usablePerSecond, minimumPerSecond, boundaryPerSecond } = input;
  if (calmSinceMs === undefined || nowMs - calmSinceMs < lowUtilisationEveryMs) return undefined;
  const peak = Math.max(...slots.map(({ value }) => value));
  const usable = Number.isFinite(usablePerSecond) ? usablePerSecond / staysUnder : 0;
  const keep = Math.max(peak / staysUnder, usable, minimumPerSecond);
  return keep <= boundaryPerSecond * (1 - leastGivenUp) ? keep : undefined;
}
