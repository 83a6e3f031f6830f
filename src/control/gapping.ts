// Automatic call gapping (ITU-T E.412 §3.1, with the intervals of AIN Automatic Code Gapping): while more ordinary calls are asked
// for than the switches can do, few called numbers or prefixes that carry the surge and complete badly get one call in each gap
// interval, so that all others keep what they need. Sees ordinary new calls alone: emergency and priority calls are never gapped.
//
// - Which: gap-choice.ts, on the measures of destinations.ts.
// - How much a gapped destination keeps: at first an even part of the capacity that the others leave, at least a trickle and 1.2
//   times what it answers. After 3 s (a prefix: 10 s) by its answers: if few of the calls that pass are answered, 1.2 times its
//   answers; if enough are, the next shorter interval. Between two changes lies a dwell, and each step up that had to be taken back
//   makes the next one wait twice as long.
// - When it ends: half a second after its attempts have fallen to what passes anyhow, or all demand to 0.85 of capacity.

import {
  answerRatio,
  type Destination,
  type Destinations,
  keyOf,
  measureDestinations,
  noDestinations,
  passingAtMost,
  surelyAnswered,
} from './destinations.ts';
import { chooseDestinations, netPerSecond } from './gap-choice.ts';
import { gapIntervalFor, nextShorterInterval } from './gap-tables.ts';
import type { NumberSample } from './load-sample.ts';
import type { Gap, GapCause } from './throttle.ts';

/** Demand is brought down to this part of capacity; a gap ends where demand without it is below the other. */
const targetRatio = 0.95;
const releaseRatio = 0.85;
/** For so long demand must be above capacity before a gap is placed. */
const onsetMs = 150;
/** A gapped destination gets at least so many calls per second, and so much more than it answers. */
const tricklePerSecond = 1;
const answersRatio = 1.2;
/** The part of the capacity left over that new gaps begin with. */
const firstPart = 0.8;
/** Behind a prefix are many people, each of whom may be reached: it keeps this part of the capacity left over, however few answer. */
const prefixPart = 0.25;
/** Answers of a gap are judged from this age on; between two changes of its interval lies at least the dwell. */
const judgedMs = 3000;
const prefixJudgedMs = 10_000;
const judgedCalls = 3;
const dwellMs = 2000;
/** The first step up waits so long, so that answers to what passed before have come. */
const upWaitMs = 4000;
const prefixUpWaitMs = 10_000;
const mostUpWaitMs = 64_000;
/** Below: fewer calls, by its answers. A step up must leave the ratio above that even if not one answer is added. */
const lowAnswerRatio = 0.35;
const upMargin = 1.15;
const mostUpRatio = 0.95;
/** Demand above capacity for so long in spite of gaps: they give up what their answers do not justify. */
const tightenMs = 500;
const calmMs = 500;
/** Attempts up to this multiple of what passes would pass anyhow. */
const passingAnyhow = 1.2;
/** The Actuator lets go of a gap that is not renewed; it is, with each step. */
const leaseMs = 2000;
/** If the switches are overloaded though demand is below what they are thought to do, so much of it must go. */
const overloadedPart = 0.2;

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

interface PlacedGap {
  readonly key: string;
  readonly cause: GapCause;
  readonly intervalSeconds: number;
  readonly placedMs: number;
  readonly changedMs: number;
  /** How long the interval must have stood before it may become shorter. */
  readonly upWaitMs: number;
  /** Whether the last change was a step up. */
  readonly wentUp: boolean;
  /** How long it has not been needed. */
  readonly calmMs: number;
}

export interface GappingState {
  readonly destinations: Destinations;
  readonly placed: readonly PlacedGap[];
  /** How long demand has been above capacity with the gaps in force. */
  readonly overMs: number;
  /** Of the calls that no gap refuses, the share for which there is capacity. */
  readonly admittedRatio: number;
}

export const noGapping: GappingState = { destinations: noDestinations, placed: [], overMs: 0, admittedRatio: 1 };

/** A gap with its destination and the rates, calls per second, that it is about. */
interface Held {
  readonly gap: PlacedGap;
  readonly one: Destination;
  readonly netPerSecond: number;
  readonly passPerSecond: number;
}

/** One step for each sample. The gaps are in force until the next step, and end by themselves if none comes for 2 s. */
export function stepGapping(
  state: GappingState,
  input: GappingInput,
): { readonly state: GappingState; readonly gaps: readonly Gap[] } {
  const destinations = measureDestinations(state.destinations, {
    numbers: input.numbers,
    arrivalsPerSecond: input.ordinaryArrivalsPerSecond,
    intervalMs: input.intervalMs,
    admittedRatio: state.admittedRatio,
    isNormal: state.overMs === 0 && state.placed.length === 0 && !input.isOverloaded,
    keep: new Set(state.placed.map(({ key }) => key)),
  });
  const before = heldGaps(state.placed, destinations);
  const capacity = input.ordinaryCapacityPerSecond;
  const remaining = destinations.perSecond - reduction(before);
  const isOver = input.isOverloaded || remaining > capacity + Math.sqrt(Math.min(capacity, remaining));
  const overMs = isOver ? state.overMs + input.intervalMs : 0;
  const step: Step = { destinations, input, remaining, overMs };

  const kept = release(before, step);
  const placed = [...adapt(kept, step), ...placeNew(kept, step)];
  const measured = rescale(destinations, placed);
  const after = measured.perSecond - reduction(heldGaps(placed, measured));
  const admittedRatio = after > capacity ? capacity / after : 1;
  return {
    state: { destinations: measured, placed, overMs, admittedRatio },
    gaps: placed.map((gap) => gapOf(gap, input.nowMs)),
  };
}

interface Step {
  readonly destinations: Destinations;
  readonly input: GappingInput;
  /** Demand with the gaps in force, calls per second. */
  readonly remaining: number;
  readonly overMs: number;
}

function heldGaps(placed: readonly PlacedGap[], destinations: Destinations): Held[] {
  const found = placed.map((gap) => ({ gap, one: destinations.byKey.get(gap.key)! }));
  const ones = found.map(({ one }) => one);
  return found.map(({ gap, one }) => {
    const net = netPerSecond(one, ones);
    return { gap, one, netPerSecond: net, passPerSecond: Math.min(net, 1 / gap.intervalSeconds) };
  });
}

function reduction(held: readonly Held[]): number {
  return held.reduce((sum, { netPerSecond: net, passPerSecond }) => sum + net - passPerSecond, 0);
}

/** What passed before the interval became longer says nothing of how calls are answered from now on. */
function rescale(destinations: Destinations, placed: readonly PlacedGap[]): Destinations {
  if (placed.length === 0) return destinations;
  const byKey = new Map(destinations.byKey);
  for (const { key, intervalSeconds } of placed) {
    const one = byKey.get(key);
    if (one !== undefined) byKey.set(key, passingAtMost(one, 1 / intervalSeconds));
  }
  return { ...destinations, byKey };
}

/** What its answers justify, calls per second. */
function justified(one: Destination): number {
  return Math.max(tricklePerSecond, answersRatio * one.answersPerSecond);
}

/** Without the gaps that have not been needed for a while; the others with how long they have not been. */
function release(held: readonly Held[], { input, remaining }: Step): Held[] {
  // those that take away least go first, as long as demand without them stays low
  const ascending = [...held].sort((a, b) => a.netPerSecond - a.passPerSecond - (b.netPerSecond - b.passPerSecond));
  const kept = new Map<string, Held>();
  let demand = remaining;
  for (const one of ascending) {
    const without = demand + one.netPerSecond - one.passPerSecond;
    const isLow = !input.isOverloaded && without <= releaseRatio * input.ordinaryCapacityPerSecond;
    const isCalm = isLow || one.netPerSecond <= passingAnyhow / one.gap.intervalSeconds;
    if (isLow) demand = without;
    const calm = isCalm ? one.gap.calmMs + input.intervalMs : 0;
    if (calm < calmMs) kept.set(one.gap.key, { ...one, gap: { ...one.gap, calmMs: calm } });
  }
  return held.flatMap(({ gap }) => kept.get(gap.key) ?? []);
}

/** The gaps with the intervals that their answers, and the capacity, now ask for. */
function adapt(held: readonly Held[], step: Step): PlacedGap[] {
  const { input, overMs } = step;
  const { nowMs } = input;
  let { remaining } = step;
  const part = leftOver(step, held) / Math.max(1, held.length);
  return held.map((each) => {
    const { gap, one } = each;
    if (nowMs - gap.changedMs < dwellMs) return gap;
    let intervalSeconds = gap.intervalSeconds;
    const age = nowMs - gap.placedMs;
    const ratio = age >= (one.isPrefix ? prefixJudgedMs : judgedMs) ? answerRatio(one, judgedCalls) : undefined;
    if (overMs >= tightenMs) intervalSeconds = longer(intervalSeconds, gapIntervalFor(Math.max(justified(one), part)));
    if (ratio !== undefined && ratio < lowAnswerRatio)
      intervalSeconds = longer(
        intervalSeconds,
        gapIntervalFor(Math.max(justified(one), one.isPrefix ? prefixPart * part : 0)),
      );
    if (intervalSeconds > gap.intervalSeconds)
      return {
        ...gap,
        intervalSeconds,
        changedMs: nowMs,
        upWaitMs: gap.wentUp ? Math.min(mostUpWaitMs, gap.upWaitMs * 2) : gap.upWaitMs,
        wentUp: false,
      };
    if (ratio === undefined || nowMs - gap.changedMs < gap.upWaitMs) return gap;
    const shorter = nextShorterInterval(gap.intervalSeconds);
    const more = 1 / shorter - 1 / gap.intervalSeconds;
    const isAnswered =
      surelyAnswered(one) >= Math.min(mostUpRatio, (lowAnswerRatio * upMargin * gap.intervalSeconds) / shorter);
    if (!isAnswered || remaining + more > targetRatio * input.ordinaryCapacityPerSecond) return gap;
    remaining += more;
    return { ...gap, intervalSeconds: shorter, changedMs: nowMs, wentUp: true };
  });
}

const longer = (a: number, b: number): number => Math.max(a, b);

function placeNew(held: readonly Held[], step: Step): PlacedGap[] {
  const { destinations, input, remaining, overMs } = step;
  if (overMs < onsetMs) return [];
  const target = targetRatio * Math.min(input.ordinaryCapacityPerSecond, Number.MAX_VALUE);
  const overloaded = input.isOverloaded ? overloadedPart * remaining : 0;
  const chosen = chooseDestinations(
    destinations,
    held.map(({ one }) => one),
    {
      perSecond: Math.max(remaining - target, overloaded),
      capacityPerSecond: input.ordinaryCapacityPerSecond,
      coveredPerSecond: reduction(held),
    },
    justified,
  );
  if (chosen.length === 0) return [];
  const all = [...held.map(({ one }) => one), ...chosen];
  const others = all.reduce((rate, one) => rate - netPerSecond(one, all), destinations.perSecond);
  const taken = held.reduce((sum, { passPerSecond }) => sum + passPerSecond, 0);
  const left = Number.isFinite(input.ordinaryCapacityPerSecond) ? target - others - taken : 0;
  const part = (firstPart * Math.max(0, left)) / chosen.length;
  return chosen.map((one) => ({
    key: keyOf(one.digits, one.isPrefix),
    cause: one.isPrefix ? 'hard-to-reach' : 'mass-calling',
    intervalSeconds: gapIntervalFor(Math.max(justified(one), part)),
    placedMs: input.nowMs,
    changedMs: input.nowMs,
    upWaitMs: one.isPrefix ? prefixUpWaitMs : upWaitMs,
    wentUp: false,
    calmMs: 0,
  }));
}

/** Capacity that the destinations without a gap leave, calls per second. */
function leftOver({ destinations, input }: Step, held: readonly Held[]): number {
  const others = held.reduce((rate, each) => rate - each.netPerSecond, destinations.perSecond);
  return Math.max(0, targetRatio * input.ordinaryCapacityPerSecond - others);
}

function gapOf({ key, intervalSeconds, cause }: PlacedGap, nowMs: number): Gap {
  const digits = key.endsWith('…') ? key.slice(0, -1) : key;
  return { digits, limit: { kind: 'interval', intervalMs: intervalSeconds * 1000 }, cause, untilMs: nowMs + leaseMs };
}
