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
  /** Attempts in the last second. */
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
  /** The samples of the last second: calls of each destination, and under '' those of all. */
  readonly recent: readonly ReadonlyMap<string, number>[];
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
  return shareOf(one.normalCalls, all);
}

function shareOf(normalCalls: number, all: Destinations): number {
  return all.learnedMs >= leastLearnedMs && all.normalCalls > 0 ? normalCalls / all.normalCalls : 0;
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
  const { intervalMs, isNormal } = input;
  const samples = new Map(input.numbers.map((sample) => [keyOf(sample.digits, sample.isPrefix), sample]));
  const arrivals = (input.arrivalsPerSecond * intervalMs) / 1000;
  const now = new Map([['', arrivals]]);
  for (const [key, sample] of samples) now.set(key, surelyIts(sample));
  const room = Math.max(1, Math.round(rateWindowMs / intervalMs));
  const recent = [...before.recent, now];
  const rates: Rates = { now, leaving: recent.splice(0, recent.length - room) };
  const normalDecay = isNormal ? Math.exp(-intervalMs / normalMs) : 1;
  const all = {
    recent,
    perSecond: rateOf('', before.perSecond, rates),
    normalCalls: before.normalCalls * normalDecay + (isNormal ? arrivals : 0),
    learnedMs: before.learnedMs + (isNormal ? intervalMs : 0),
  };
  const passing = {
    ringing: Math.exp(-intervalMs / ringingMs),
    average: Math.exp(-intervalMs / averageMs),
    normal: normalDecay,
  };
  const byKey = new Map<string, Destination>();
  const next = { ...all, byKey };
  const measure = (key: string, one: Destination): void => {
    const measured = measureOne(key, one, samples.get(key), rates, next, passing, input);
    if (isWorthKeeping(measured, all.normalCalls) || input.keep.has(key)) byKey.set(key, measured);
  };
  for (const [key, one] of before.byKey) measure(key, one);
  for (const [key, sample] of samples) if (!before.byKey.has(key)) measure(key, unknown(sample));
  return next;
}

/** The sample of now, and those that are a second old. */
interface Rates {
  readonly now: ReadonlyMap<string, number>;
  readonly leaving: readonly ReadonlyMap<string, number>[];
}

/** What is left of averages after an interval, 0 to 1. */
interface Decays {
  readonly ringing: number;
  readonly average: number;
  readonly normal: number;
}

function measureOne(
  key: string,
  one: Destination,
  sample: NumberSample | undefined,
  rates: Rates,
  all: Destinations,
  decay: Decays,
  { intervalMs, isNormal, admittedRatio }: DestinationsInput,
): Destination {
  const calls = sample === undefined ? 0 : surelyIts(sample);
  const perInterval = 1000 / intervalMs;
  const passed = Math.max(0, calls - (sample?.refusedByGap ?? 0)) * admittedRatio * perInterval;
  const perSecond = rateOf(key, one.perSecond, rates);
  const passesDelayed = towards(one.passesDelayed, passed, decay.ringing);
  const normalCalls = one.normalCalls * decay.normal + (isNormal ? calls : 0);
  const isSurging =
    perSecond >= surgeFloorPerSecond && perSecond >= surgeFactor * shareOf(normalCalls, all) * all.perSecond;
  return {
    digits: one.digits,
    isPrefix: one.isPrefix,
    perSecond,
    passesAtOnce: towards(one.passesAtOnce, passed, decay.average),
    passesDelayed,
    passesPerSecond: towards(one.passesPerSecond, passesDelayed, decay.average),
    answersPerSecond: towards(one.answersPerSecond, (sample?.answers ?? 0) * perInterval, decay.average),
    normalCalls,
    surgingMs: isSurging ? one.surgingMs + intervalMs : 0,
    surgeCalls: isSurging ? one.surgeCalls + calls : 0,
  };
}

/** What may be another's is left out: nobody is gapped for what others do. */
function surelyIts({ attempts, excess }: NumberSample): number {
  return Math.max(0, attempts - excess);
}

/** Calls in the last second. Whole numbers, except those under '': what a rounding may have left of these is nothing. */
function rateOf(key: string, before: number, { now, leaving }: Rates): number {
  let calls = before + (now.get(key) ?? 0);
  for (const old of leaving) calls -= old.get(key) ?? 0;
  return calls > 1e-6 ? calls : 0;
}

function unknown({ digits, isPrefix }: NumberSample): Destination {
  const nothing = { perSecond: 0, passesAtOnce: 0, passesDelayed: 0, passesPerSecond: 0, answersPerSecond: 0 };
  return { digits, isPrefix, ...nothing, normalCalls: 0, surgingMs: 0, surgeCalls: 0 };
}

/** At most what the samples of a second can name, and the few that are large: the state stays bounded. */
function isWorthKeeping(one: Destination, normalCalls: number): boolean {
  return one.perSecond > 0 || one.passesPerSecond >= 0.5 || one.normalCalls > leastNormalShare * normalCalls;
}

function towards(from: number, to: number, left: number): number {
  return to + (from - to) * left;
}
