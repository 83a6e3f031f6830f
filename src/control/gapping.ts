// Automatic call gapping (ITU-T E.412 §3.1, with the intervals of AIN Automatic Code Gapping): while more ordinary calls are asked
// for than the switches can do, few called numbers or prefixes that carry the surge and complete badly get one call in each gap
// interval, so that all others keep what they need. Sees ordinary new calls alone: emergency and priority calls are never gapped.
// Which: gap-choice.ts, on the measures of destinations.ts. How much they keep: gap-intervals.ts. When it ends: gap-release.ts.
import { type Destinations, keyOf, measureDestinations, noDestinations, passingAtMost } from './destinations.ts';
import { chooseDestinations } from './gap-choice.ts';
import { adaptIntervals, firstIntervals } from './gap-intervals.ts';
import { calmNeeded, type EndedGaps, keepNeeded, noteEnded } from './gap-release.ts';
import type { NumberSample } from './load-sample.ts';
import {
  type GapSituation,
  type HeldGap,
  heldGaps,
  justifiedPerSecond,
  type PlacedGap,
  reduction,
  targetRatio,
} from './placed-gaps.ts';
import type { Gap } from './throttle.ts';

/** For so long demand must be above capacity before a gap is placed. */
const onsetMs = 150;
/** If the switches are overloaded though demand is below what they are thought to do, so much of it must go. */
const overloadedPart = 0.2;
/** The Actuator lets go of a gap that is not renewed; it is, with each step. */
const leaseMs = 2000;
/** While gaps keep the demand down nothing shows how much more the switches can do: what is believed rises no faster, a second. */
const beliefRiseRatio = 0.003;

export interface GappingInput {
  readonly numbers: readonly NumberSample[];
  /** Ordinary new calls that arrive, those that gaps refuse included. Emergency and priority calls are not in here. */
  readonly ordinaryArrivalsPerSecond: number;
  /** What is there for ordinary new calls; Infinity while nothing is known to limit it. */
  readonly ordinaryCapacityPerSecond: number;
  /** The switches are overloaded whatever the figures say. */
  readonly isOverloaded: boolean;
  /** Monotonic. */
  readonly nowMs: number;
  /** Since the sample before; at most 1000. */
  readonly intervalMs: number;
}

export interface GappingState {
  readonly destinations: Destinations;
  readonly placed: readonly PlacedGap[];
  readonly ended: EndedGaps;
  /** How long demand has been above capacity with the gaps in force. */
  readonly overMs: number;
  /** Believed, calls per second. */
  readonly capacityPerSecond: number;
  /** Of the calls that no gap refuses, the share for which there is capacity. */
  readonly admittedRatio: number;
}

export const noGapping: GappingState = {
  destinations: noDestinations,
  placed: [],
  ended: new Map(),
  overMs: 0,
  capacityPerSecond: Number.POSITIVE_INFINITY,
  admittedRatio: 1,
};

/** One step for each sample. The gaps are in force until the next step, and end by themselves if none comes for 2 s. */
export function stepGapping(
  state: GappingState,
  input: GappingInput,
): { readonly state: GappingState; readonly gaps: readonly Gap[] } {
  const { nowMs, intervalMs, isOverloaded } = input;
  const destinations = measureDestinations(state.destinations, {
    numbers: input.numbers,
    arrivalsPerSecond: input.ordinaryArrivalsPerSecond,
    intervalMs,
    admittedRatio: state.admittedRatio,
    isNormal: state.overMs === 0 && state.placed.length === 0 && !isOverloaded,
    keep: new Set(state.placed.map(({ digits, isPrefix }) => keyOf(digits, isPrefix))),
  });
  const before = heldGaps(state.placed, destinations);
  const remainingPerSecond = destinations.perSecond - reduction(before);
  const isOver = isOverloaded || isAbove(remainingPerSecond, input.ordinaryCapacityPerSecond);
  const situation: GapSituation = {
    destinations,
    remainingPerSecond,
    capacityPerSecond: believedCapacity(state, input, isOver, remainingPerSecond),
    isOverloaded,
    overMs: isOver ? state.overMs + intervalMs : 0,
    nowMs,
    intervalMs,
  };
  const kept = keepNeeded(before, situation);
  const ended = noteEnded(state.ended, state.placed, kept, nowMs);
  const placed = [...adaptIntervals(kept, situation), ...placeNew(kept, situation, ended)];
  return { state: stateAfter(situation, placed, ended), gaps: placed.map((gap) => gapOf(gap, nowMs)) };
}

// one standard deviation of the calls that arrive in a second (Poisson) is no overload
function isAbove(demand: number, capacity: number): boolean {
  return demand > capacity + Math.sqrt(Math.min(capacity, demand));
}

function believedCapacity(state: GappingState, input: GappingInput, isOver: boolean, remaining: number): number {
  const told = input.ordinaryCapacityPerSecond;
  if (isOver) return input.isOverloaded ? Math.min(told, remaining) : told;
  if (state.placed.length === 0) return told;
  return Math.min(told, state.capacityPerSecond * (1 + (beliefRiseRatio * input.intervalMs) / 1000));
}

function placeNew(held: readonly HeldGap[], situation: GapSituation, ended: EndedGaps): PlacedGap[] {
  const { destinations, remainingPerSecond, capacityPerSecond, isOverloaded, overMs, nowMs } = situation;
  if (overMs < onsetMs) return [];
  const overloaded = isOverloaded ? overloadedPart * remainingPerSecond : 0;
  const chosen = chooseDestinations(
    destinations,
    held.map(({ one }) => one),
    {
      perSecond: Math.max(remainingPerSecond - targetRatio * capacityPerSecond, overloaded),
      capacityPerSecond,
      coveredPerSecond: reduction(held),
    },
    justifiedPerSecond,
  );
  return firstIntervals(chosen, held, situation).map(({ one, intervalSeconds, upWaitMs }) => ({
    digits: one.digits,
    isPrefix: one.isPrefix,
    cause: one.isPrefix ? 'hard-to-reach' : 'mass-calling',
    intervalSeconds,
    placedMs: nowMs,
    changedMs: nowMs,
    upWaitMs,
    wentUp: false,
    calmMs: 0,
    calmNeededMs: calmNeeded(one.digits, ended),
  }));
}

function stateAfter(situation: GapSituation, placed: readonly PlacedGap[], ended: EndedGaps): GappingState {
  const { overMs, capacityPerSecond } = situation;
  const destinations = passingAsGapped(situation.destinations, placed);
  const remaining = destinations.perSecond - reduction(heldGaps(placed, destinations));
  const admittedRatio = remaining > capacityPerSecond ? capacityPerSecond / remaining : 1;
  return { destinations, placed, ended, overMs, capacityPerSecond, admittedRatio };
}

/** What passed before the interval became longer says nothing of how calls are answered from now on. */
function passingAsGapped(destinations: Destinations, placed: readonly PlacedGap[]): Destinations {
  if (placed.length === 0) return destinations;
  const byKey = new Map(destinations.byKey);
  for (const { digits, isPrefix, intervalSeconds } of placed) {
    const one = byKey.get(keyOf(digits, isPrefix));
    if (one !== undefined) byKey.set(keyOf(digits, isPrefix), passingAtMost(one, 1 / intervalSeconds));
  }
  return { ...destinations, byKey };
}

function gapOf({ digits, intervalSeconds, cause }: PlacedGap, nowMs: number): Gap {
  return { digits, limit: { kind: 'interval', intervalMs: intervalSeconds * 1000 }, cause, untilMs: nowMs + leaseMs };
}
