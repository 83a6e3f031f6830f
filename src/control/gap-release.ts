// When an automatic gap ends: soon after its attempts have fallen to what passes anyhow, or after the whole demand has fallen so
// far that there is room for what the gap refuses. A gap that comes back at once was let go too early: the next time it must have
// been unneeded for twice as long. Always within 3 s: the rates look one second back, and the longest wait is 2 s.
import type { GapSituation, HeldGap, PlacedGap } from './placed-gaps.ts';

/** A gap ends where demand without it is below this part of capacity. */
const releaseRatio = 0.85;
/** Attempts up to this multiple of what its interval lets pass would pass anyhow. */
const passingAnyhow = 1.2;
/** So long a gap must not have been needed; twice as long, up to the most, if it came back within `returnMs`. */
const calmMs = 500;
const mostCalmMs = 2000;
const returnMs = 10_000;

/** Gaps that ended a moment ago, by their digits: when, and how long they had not been needed. */
export type EndedGaps = ReadonlyMap<string, { readonly ms: number; readonly calmNeededMs: number }>;

/** The gaps still needed, in their order, each with how long it has not been. */
export function keepNeeded(held: readonly HeldGap[], situation: GapSituation): HeldGap[] {
  const { capacityPerSecond, isOverloaded, intervalMs } = situation;
  const taken = (each: HeldGap): number => each.netPerSecond - each.passPerSecond;
  const calm = new Map<HeldGap, number>();
  let demand = situation.remainingPerSecond;
  // those that take away least go first, as long as demand without them stays low
  for (const each of [...held].sort((a, b) => taken(a) - taken(b))) {
    const without = demand + taken(each);
    const isLow = !isOverloaded && without <= releaseRatio * capacityPerSecond;
    if (isLow) demand = without;
    const isCalm = isLow || each.netPerSecond <= passingAnyhow / each.gap.intervalSeconds;
    calm.set(each, isCalm ? each.gap.calmMs + intervalMs : 0);
  }
  return held
    .map((each) => ({ ...each, gap: { ...each.gap, calmMs: calm.get(each)! } }))
    .filter(({ gap }) => gap.calmMs < gap.calmNeededMs);
}

/** Those that ended lately, with what of `before` is not in `kept`. */
export function noteEnded(
  ended: EndedGaps,
  before: readonly PlacedGap[],
  kept: readonly HeldGap[],
  nowMs: number,
): EndedGaps {
  const lately = new Map([...ended].filter(([, { ms }]) => nowMs - ms < returnMs));
  const still = new Set(kept.map(({ gap }) => gap.digits));
  for (const { digits, calmNeededMs } of before)
    if (!still.has(digits)) lately.set(digits, { ms: nowMs, calmNeededMs });
  return lately;
}

/** How long a gap that is placed now must not be needed before it goes, ms. */
export function calmNeeded(digits: string, ended: EndedGaps): number {
  const last = ended.get(digits);
  return last === undefined ? calmMs : Math.min(mostCalmMs, last.calmNeededMs * 2);
}
