// What is known of each called number and prefix that is heard of: its rate in the last second, what of it passes and is answered
// (answer-bid ratio, ITU-T E.411), and the share of traffic that is normal for it. Measures for gapping.ts; decides nothing.
//
// Answers come when people have been rung for seconds. So passes are held against answers through a filter that is as slow as
// ringing (2 s), and both are averaged over 4 s. A destination whose traffic has just begun is not judged by its answers at all:
// `surgingMs` and `surgeCalls` say how long and how much more than normal it has carried.
import type { NumberSample } from './load-sample.ts';

const rateWindowMs = 1000;
const ringingMs = 2000;
const averageMs = 4000;
/** Memory of what is normal, and the smallest share kept of it. */
const normalMs = 600_000;
const leastNormalShare = 0.005;
/** Before so much normal traffic has been seen nothing is normal: an edge that is started into a surge must not take that for it. */
const leastLearnedMs = 5000;
/** More than so many times its normal share of the traffic is a surge, from so many calls per second. */
const surgeFactor = 2;
const surgeFloorPerSecond = 5;
/** Fewer passes than these in the average say nothing about answers, unless the caller is content with fewer. */
const leastJudgedCalls = 10;

export interface Destination {
  readonly digits: string;
  readonly isPrefix: boolean;
  /** Attempts of the last samples, for the rate. */
  readonly recent: readonly number[];
  readonly perSecond: number;
  /** Passed attempts per second: averaged at once; filtered as slow as ringing; and that averaged. */
  readonly passesAtOnce: number;
  readonly passesDelayed: number;
  readonly passesPerSecond: number;
  readonly answersPerSecond: number;
  /** Decayed calls in normal times. */
  readonly normalCalls: number;
  /** How long it has carried far more than its normal share, and how many calls in that time; 0 while it does not. */
  readonly surgingMs: number;
  readonly surgeCalls: number;
}

export interface Destinations {
  readonly byKey: ReadonlyMap<string, Destination>;
  readonly recent: readonly number[];
  /** All ordinary calls of the last second. */
  readonly perSecond: number;
  /** Decayed calls of all destinations in normal times, and how long normal times have been seen. */
  readonly normalCalls: number;
  readonly learnedMs: number;
}

export const noDestinations: Destinations = {
  byKey: new Map(),
  recent: [],
  perSecond: 0,
  normalCalls: 0,
  learnedMs: 0,
};

export interface DestinationsInput {
  readonly numbers: readonly NumberSample[];
  readonly arrivalsPerSecond: number;
  readonly intervalMs: number;
  /** Of the calls that no gap refuses, the share that is sent on. */
  readonly admittedRatio: number;
  /** Whether this is normal traffic, from which normal is learned. */
  readonly isNormal: boolean;
  /** Keys that are kept although nothing is heard of them. */
  readonly keep: ReadonlySet<string>;
}

/** A prefix and a number of the same digits are two destinations. */
export const keyOf = (digits: string, isPrefix: boolean): string => (isPrefix ? `${digits}…` : digits);

/** The share of normal traffic that was this destination's; 0 to 1. */
export function normalShare(all: Destinations, one: Destination): number {
  return all.learnedMs >= leastLearnedMs && all.normalCalls > 0 ? one.normalCalls / all.normalCalls : 0;
}

/** Answers in relation to passes, 0 to 1; undefined where too few calls have passed to tell. */
export function answerRatio(one: Destination, leastCalls = leastJudgedCalls): number | undefined {
  if (one.passesPerSecond * (averageMs / 1000) < leastCalls) return undefined;
  return Math.min(1, one.answersPerSecond / one.passesPerSecond);
}

/** The same, too low rather than too high where ringing is short and more passes than a moment ago; 0 where nothing passes. */
export function surelyAnswered(one: Destination): number {
  const passes = Math.max(one.passesPerSecond, one.passesAtOnce);
  return passes > 0 ? Math.min(1, one.answersPerSecond / passes) : 0;
}

/** With passes that are averaged cut to `perSecond`: what a gap lets pass. */
export function passingAtMost(one: Destination, perSecond: number): Destination {
  if (Math.max(one.passesPerSecond, one.passesDelayed, one.passesAtOnce) <= perSecond) return one;
  return {
    ...one,
    passesAtOnce: Math.min(one.passesAtOnce, perSecond),
    passesDelayed: Math.min(one.passesDelayed, perSecond),
    passesPerSecond: Math.min(one.passesPerSecond, perSecond),
  };
}

export function measureDestinations(before: Destinations, input: DestinationsInput): Destinations {
  const seconds = input.intervalMs / 1000;
  const recent = addRecent(before.recent, input.arrivalsPerSecond * seconds, input.intervalMs);
  const decay = input.isNormal ? Math.exp(-input.intervalMs / normalMs) : 1;
  const all = {
    recent,
    perSecond: (sum(recent) * 1000) / rateWindowMs,
    normalCalls: before.normalCalls * decay + (input.isNormal ? input.arrivalsPerSecond * seconds : 0),
    learnedMs: before.learnedMs + (input.isNormal ? input.intervalMs : 0),
  };
  const samples = new Map(input.numbers.map((sample) => [keyOf(sample.digits, sample.isPrefix), sample]));
  const byKey = new Map<string, Destination>();
  for (const key of new Set([...before.byKey.keys(), ...samples.keys()])) {
    const sample = samples.get(key);
    const known = before.byKey.get(key);
    const next = measureOne(known ?? unknown(sample!), sample, { ...all, byKey }, decay, input);
    if (isWorthKeeping(next, all.normalCalls) || input.keep.has(key)) byKey.set(key, next);
  }
  return { ...all, byKey };
}

function measureOne(
  one: Destination,
  sample: NumberSample | undefined,
  all: Destinations,
  decay: number,
  { intervalMs, isNormal, admittedRatio }: DestinationsInput,
): Destination {
  // what may be another's is left out: nobody is gapped for what others do
  const calls = sample === undefined ? 0 : Math.max(0, sample.attempts - sample.excess);
  const passed = Math.max(0, calls - (sample?.refusedByGap ?? 0)) * admittedRatio;
  const perInterval = 1000 / intervalMs;
  const recent = addRecent(one.recent, calls, intervalMs);
  const perSecond = (sum(recent) * 1000) / rateWindowMs;
  const passesDelayed = towards(one.passesDelayed, passed * perInterval, intervalMs, ringingMs);
  const next: Destination = {
    ...one,
    recent,
    perSecond,
    passesAtOnce: towards(one.passesAtOnce, passed * perInterval, intervalMs, averageMs),
    passesDelayed,
    passesPerSecond: towards(one.passesPerSecond, passesDelayed, intervalMs, averageMs),
    answersPerSecond: towards(one.answersPerSecond, (sample?.answers ?? 0) * perInterval, intervalMs, averageMs),
    normalCalls: one.normalCalls * decay + (isNormal ? calls : 0),
  };
  const isSurging =
    perSecond >= surgeFloorPerSecond && perSecond / all.perSecond >= surgeFactor * normalShare(all, next);
  return isSurging
    ? { ...next, surgingMs: one.surgingMs + intervalMs, surgeCalls: one.surgeCalls + calls }
    : { ...next, surgingMs: 0, surgeCalls: 0 };
}

function unknown({ digits, isPrefix }: NumberSample): Destination {
  const nothing = { perSecond: 0, passesAtOnce: 0, passesDelayed: 0, passesPerSecond: 0, answersPerSecond: 0 };
  return { digits, isPrefix, recent: [], ...nothing, normalCalls: 0, surgingMs: 0, surgeCalls: 0 };
}

/** At most what the samples of a second can name, and the few that are large: the state stays bounded. */
function isWorthKeeping(one: Destination, normalCalls: number): boolean {
  return one.perSecond > 0 || one.passesPerSecond >= 0.5 || one.normalCalls > leastNormalShare * normalCalls;
}

function towards(from: number, to: number, intervalMs: number, constantMs: number): number {
  return to + (from - to) * Math.exp(-intervalMs / constantMs);
}

function addRecent(recent: readonly number[], value: number, intervalMs: number): readonly number[] {
  const room = Math.max(1, Math.round(rateWindowMs / intervalMs));
  return [...recent.slice(-(room - 1) || recent.length), value].slice(-room);
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
