// From what a run recorded to the figures that are compared.
import { binMs, type Recorder } from './recorder.ts';

/** When the scenario's disturbance begins and ends; the whole counted time where it has none. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface Figures {
  /** Calls per second in the counted time (within the span). */
  readonly offeredPerSecond: number;
  readonly goodputPerSecond: number;
  readonly capacityPerSecond: number;
  /** Of what the switches could have done of what was offered, second by second: 1 is best. */
  readonly goodputRatio: number;
  /** Standard deviation of goodput from second to second, in relation to capacity. */
  readonly deviationRatio: number;
  readonly priorityOffered: number;
  readonly priorityRatio: number;
  /** Median of the time to set-up of priority calls, ms. */
  readonly prioritySetUpMedianMs: number;
  /** 99th percentiles, ms: time in the edge of priority calls, their time to set-up, everybody's time to set-up. */
  readonly priorityEdgeMs: number;
  readonly prioritySetUpMs: number;
  readonly setUpMs: number;
  /** From the step until the edge sends no more than 115 % of capacity in any 2 s; undefined: never. */
  readonly onsetSeconds: number | undefined;
  /** Calls sent beyond capacity in the first 10 s, at most, in seconds of capacity. */
  readonly excessSeconds: number;
  /** From when less than 90 % of capacity is offered again to the last refusal; undefined: still refusing at the end. */
  readonly releaseSeconds: number | undefined;
  /** Ordinary calls refused or failed while less than 90 % of capacity was offered, and their share of those offered then. */
  readonly wronglyRefused: number;
  readonly wronglyRefusedRatio: number;
  readonly jain: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);

export function percentile(values: readonly number[], ratio: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * ratio) - 1)]!;
}

/** Jain, Chiu and Hawe (DEC TR-301, 1984): 1 where all have the same, 1/n where one has all. */
export function jainIndex(shares: readonly number[]): number {
  const squares = sum(shares.map((one) => one * one));
  return squares === 0 ? 1 : sum(shares) ** 2 / (shares.length * squares);
}

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** `isSurge`: onset and release are asked for; `equals`: indexes of sources that ought to get the same. */
export function figuresOf(
  recorder: Recorder,
  span: Span,
  isSurge: boolean,
  equals: readonly number[],
  settleSeconds: number,
): Figures {
  const from = span.fromSeconds + settleSeconds;
  const within = (values: readonly number[]): number[] => values.slice(from, span.toSeconds);
  const offered = recorder.perSecond('offered');
  const capacity = recorder.perSecond('capacity');
  const goodput = within(recorder.perSecond('goodput'));
  const possible = within(offered.map((calls, i) => Math.min(calls, capacity[i]!)));
  const capacityPerSecond = mean(within(capacity));
  const wrong = wronglyRefused(recorder, offered, capacity);
  return {
    offeredPerSecond: mean(within(offered)),
    goodputPerSecond: mean(goodput),
    capacityPerSecond,
    goodputRatio: sum(possible) === 0 ? 1 : sum(goodput) / sum(possible),
    deviationRatio: deviation(goodput) / capacityPerSecond,
    priorityOffered: sum(ended(recorder.perSecond('offeredPriority'))),
    priorityRatio: ratio(
      sum(ended(recorder.perSecond('goodputPriority'))),
      sum(ended(recorder.perSecond('offeredPriority'))),
    ),
    prioritySetUpMedianMs: percentile(recorder.prioritySetUpMs, 0.5),
    priorityEdgeMs: percentile(recorder.priorityEdgeMs, 0.99),
    prioritySetUpMs: percentile(recorder.prioritySetUpMs, 0.99),
    setUpMs: percentile(recorder.setUpMs, 0.99),
    onsetSeconds: isSurge ? onset(recorder, span) : 0,
    excessSeconds: excess(recorder, span) / capacityPerSecond,
    releaseSeconds: isSurge ? release(recorder, offered, capacity, span) : 0,
    wronglyRefused: wrong.calls,
    wronglyRefusedRatio: ratio(wrong.calls, wrong.offered),
    jain: jainIndex(equals.map((source) => recorder.goodputBySource[source]!)),
  };
}

/** Without the last seconds, whose calls were still on their way. */
function ended(perSecond: readonly number[]): readonly number[] {
  return perSecond.slice(0, -endSeconds);
}
const endSeconds = 5;

function ratio(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

const holdWindowBins = 20;

function onset(recorder: Recorder, span: Span): number | undefined {
  const { forwarded, capacity } = recorder.bins;
  const first = (span.fromSeconds * 1000) / binMs;
  const last = (span.toSeconds * 1000) / binMs;
  let heldFrom = first;
  for (let bin = first; bin + holdWindowBins <= last; bin++) {
    let sent = 0;
    let able = 0;
    for (let i = bin; i < bin + holdWindowBins; i++) {
      sent += forwarded[i]!;
      able += capacity[i]!;
    }
    if (sent > 1.15 * able) heldFrom = bin + 1;
  }
  return heldFrom + holdWindowBins > last - 10 ? undefined : ((heldFrom - first) * binMs) / 1000;
}

function excess(recorder: Recorder, span: Span): number {
  const { forwarded, capacity } = recorder.bins;
  const first = (span.fromSeconds * 1000) / binMs;
  let total = 0;
  let most = 0;
  for (let bin = first; bin < first + 100; bin++) {
    total += forwarded[bin]! - capacity[bin]!;
    most = Math.max(most, total);
  }
  return most;
}

/** Mean of 5 s around each second. */
function smooth(values: readonly number[]): number[] {
  return values.map((_, i) => mean(values.slice(Math.max(0, i - 2), i + 3)));
}

function release(
  recorder: Recorder,
  offered: readonly number[],
  capacity: readonly number[],
  span: Span,
): number | undefined {
  const demand = smooth(offered);
  const able = smooth(capacity);
  let endSecond = span.toSeconds;
  for (let i = span.toSeconds; i < demand.length - 3; i++) if (demand[i]! > 0.9 * able[i]!) endSecond = i + 1;
  const { refused, failed } = recorder.bins;
  let lastBin = 0;
  for (let bin = 0; bin < refused.length; bin++) if (refused[bin]! + failed[bin]! > 0) lastBin = bin;
  const seconds = ((lastBin + 1) * binMs) / 1000 - endSecond;
  return lastBin >= refused.length - 12 ? undefined : Math.max(0, seconds);
}

function wronglyRefused(
  recorder: Recorder,
  offered: readonly number[],
  capacity: readonly number[],
): { calls: number; offered: number } {
  const demand = smooth(offered);
  const able = smooth(capacity);
  const refused = recorder.perSecond('refused');
  const failed = recorder.perSecond('failed');
  let calls = 0;
  let all = 0;
  for (let i = 0; i < demand.length; i++) {
    if (demand[i]! >= 0.9 * able[i]! || demand[Math.max(0, i - 1)]! >= 0.9 * able[Math.max(0, i - 1)]!) continue;
    calls += refused[i]! + failed[i]!;
    all += offered[i]!;
  }
  return { calls, offered: all };
}
