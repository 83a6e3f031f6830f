// Which destinations to gap when more is asked for than the switches can do: those that carry the surge and complete badly, the
// fewest and most specific that suffice; none at all where gapping would not help, as when everybody calls everybody.
import { answerRatio, type Destination, type Destinations, normalShare } from './destinations.ts';

/** A destination is let alone below this many calls per second, below this part of the capacity and this part of the excess. */
const leastPerSecond = 10;
const leastOfCapacity = 0.05;
const leastOfExcess = 0.02;
/** What is chosen must take away at least this part of the excess. */
const leastCovered = 0.3;
/** Calls beyond normal before a number is taken for a mass call; before a prefix is. */
const leastSurgeCalls = 30;
const leastPrefixSurgeCalls = 100;
/** From these ratios on a destination completes well; below, badly; below the last, hopelessly, surge or not. */
const goodAnswerRatio = 0.5;
const badAnswerRatio = 0.3;
const hopelessAnswerRatio = 0.1;
/** For so long answers say nothing of a surge of a number yet, unless it is less than `modestSurge` times what it always carries. */
const unjudgedMs = 3000;
const modestSurge = 4;
/** A prefix is judged by its answers after this time; earlier where it carries most of the excess and hardly anything normally. */
const prefixJudgedMs = 10_000;
const prefixPlainMs = 2000;
const plainPartOfExcess = 0.5;
const plainSurge = 5;
/** How long normal traffic must have been seen before a whole prefix can be told to surge. */
const leastLearnedMs = 10_000;
/** A prefix that owes this part of its calls to one number is that number's matter. */
const onePart = 0.5;

/** What must be taken away, and from what. Rates in calls per second. */
export interface Excess {
  readonly perSecond: number;
  readonly capacityPerSecond: number;
  /** What the gaps in force take away already. */
  readonly coveredPerSecond: number;
}

/** Of a destination: what a gap on it would take away, gaps on more specific destinations excluded. */
export interface Reducible {
  readonly destination: Destination;
  readonly perSecond: number;
}

/**
 * The destinations to gap now, the most telling first; `gapped` are gapped already. `floorPerSecond` gives what a destination
 * keeps when it is gapped.
 */
export function chooseDestinations(
  all: Destinations,
  gapped: readonly Destination[],
  excess: Excess,
  floorPerSecond: (one: Destination) => number,
): Destination[] {
  const least = Math.max(
    leastPerSecond,
    leastOfCapacity * finite(excess.capacityPerSecond),
    leastOfExcess * excess.perSecond,
  );
  const candidates = [...all.byKey.values()].filter(
    (one) => one.perSecond >= least && !gapped.some((other) => covers(other, one)),
  );
  let chosen: Destination[] = [];
  let covered = 0;
  // numbers, then the longest prefixes: the most specific that suffice
  for (const length of [undefined, 10, 6, 3]) {
    const level = candidates
      .filter((one) => (one.isPrefix ? one.digits.length : undefined) === length)
      .map((one) => reducible(one, [...gapped, ...chosen], floorPerSecond))
      .filter(({ perSecond }) => perSecond >= least)
      .filter(({ destination, perSecond }) =>
        destination.isPrefix
          ? isPrefixToGap(all, destination, [...gapped, ...chosen], perSecond, excess.perSecond - covered)
          : isNumberToGap(all, destination),
      )
      .sort((a, b) => b.perSecond - a.perSecond);
    for (const { destination, perSecond } of level) {
      if (covered >= excess.perSecond) break;
      covered += perSecond;
      // a prefix that is needed makes gaps on numbers of it, chosen a moment ago, superfluous
      chosen = [...chosen.filter((other) => !covers(destination, other)), destination];
    }
  }
  const wanted = leastCovered * (excess.perSecond + excess.coveredPerSecond);
  return covered + excess.coveredPerSecond >= wanted ? chosen : [];
}

/** Calls per second of a destination that no gap on a more specific one of `gapped` is about. */
export function netPerSecond(one: Destination, gapped: readonly Destination[]): number {
  const within = gapped.filter((other) => other !== one && covers(one, other));
  const outermost = within.filter((other) => !within.some((wider) => wider !== other && covers(wider, other)));
  return Math.max(
    0,
    outermost.reduce((rate, other) => rate - other.perSecond, one.perSecond),
  );
}

/** Whether a gap on `wide` is met by calls to `narrow`. */
export function covers(wide: Destination, narrow: Destination): boolean {
  return narrow.digits.startsWith(wide.digits);
}

function reducible(
  destination: Destination,
  gapped: readonly Destination[],
  floorPerSecond: (one: Destination) => number,
): Reducible {
  return { destination, perSecond: netPerSecond(destination, gapped) - floorPerSecond(destination) };
}

function isNumberToGap(all: Destinations, one: Destination): boolean {
  const ratio = answerRatio(one);
  if (one.surgeCalls < leastSurgeCalls) return ratio !== undefined && ratio < hopelessAnswerRatio;
  if (ratio === undefined || ratio < goodAnswerRatio) return true;
  // it answered well before the surge; of one much larger than all it ever had that says nothing
  return one.surgingMs < unjudgedMs && one.perSecond >= modestSurge * normalShare(all, one) * all.perSecond;
}

function isPrefixToGap(
  all: Destinations,
  one: Destination,
  gapped: readonly Destination[],
  perSecond: number,
  excess: number,
): boolean {
  if (all.learnedMs < leastLearnedMs || one.surgeCalls < leastPrefixSurgeCalls) return false;
  for (const other of all.byKey.values()) {
    const isItsMatter = !other.isPrefix && covers(one, other) && !gapped.includes(other);
    if (isItsMatter && other.perSecond > onePart * perSecond) return false;
  }
  const ratio = answerRatio(one);
  if (one.surgingMs >= prefixJudgedMs) return ratio !== undefined && ratio < badAnswerRatio;
  return (
    one.surgingMs >= prefixPlainMs &&
    perSecond >= plainPartOfExcess * excess &&
    one.perSecond >= plainSurge * normalShare(all, one) * all.perSecond
  );
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
