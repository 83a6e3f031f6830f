// The gaps that automatic gapping has placed, and what each takes away from the demand: what its parts share.
import { type Destination, type Destinations, keyOf } from './destinations.ts';
import { netPerSecond } from './gap-choice.ts';
import type { GapCause } from './throttle.ts';

/** Demand is brought down to this part of capacity. */
export const targetRatio = 0.95;
/** A gapped destination gets at least so many calls per second, and so much more than it answers. */
const tricklePerSecond = 1;
const answersRatio = 1.2;

export interface PlacedGap {
  readonly digits: string;
  readonly isPrefix: boolean;
  readonly cause: GapCause;
  readonly intervalSeconds: number;
  readonly placedMs: number;
  readonly changedMs: number;
  /** How long the interval must have stood before it may become shorter. */
  readonly upWaitMs: number;
  /** Whether the last change was a step up. */
  readonly wentUp: boolean;
  /** How long it has not been needed, and how long that must be before it goes. */
  readonly calmMs: number;
  readonly calmNeededMs: number;
}

/** A gap with its destination and the rates, calls per second, that it is about. */
export interface HeldGap {
  readonly gap: PlacedGap;
  readonly one: Destination;
  /** Attempts that no gap on a more specific destination is about, and what of them passes. */
  readonly netPerSecond: number;
  readonly passPerSecond: number;
}

/** What is so at a step. Rates in calls per second. */
export interface GapSituation {
  readonly destinations: Destinations;
  /** Demand with the gaps in force. */
  readonly remainingPerSecond: number;
  /** What there is for it, as far as known; Infinity where it is not. */
  readonly capacityPerSecond: number;
  readonly isOverloaded: boolean;
  /** How long demand has been above capacity with the gaps in force. */
  readonly overMs: number;
  readonly nowMs: number;
  readonly intervalMs: number;
}

export function heldGaps(placed: readonly PlacedGap[], destinations: Destinations): HeldGap[] {
  const found = placed.flatMap((gap) => {
    const one = destinations.byKey.get(keyOf(gap.digits, gap.isPrefix));
    return one === undefined ? [] : [{ gap, one }];
  });
  const ones = found.map(({ one }) => one);
  return found.map(({ gap, one }) => {
    const net = netPerSecond(one, ones);
    return { gap, one, netPerSecond: net, passPerSecond: Math.min(net, 1 / gap.intervalSeconds) };
  });
}

/** What the gaps take away. */
export function reduction(held: readonly HeldGap[]): number {
  return held.reduce((sum, { netPerSecond: net, passPerSecond }) => sum + net - passPerSecond, 0);
}

/** What a destination's answers justify: it keeps that in any case. */
export function justifiedPerSecond(one: Destination): number {
  return Math.max(tricklePerSecond, answersRatio * one.answersPerSecond);
}

/** Capacity that the destinations without a gap leave for those with one; 0 where it is not known. */
export function leftOver({ destinations, capacityPerSecond }: GapSituation, gapped: readonly Destination[]): number {
  if (!Number.isFinite(capacityPerSecond)) return 0;
  const others = gapped.reduce((rate, one) => rate - netPerSecond(one, gapped), destinations.perSecond);
  return Math.max(0, targetRatio * capacityPerSecond - others);
}
