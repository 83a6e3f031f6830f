// How many calls a gapped destination keeps. At first an even part of the capacity that the others leave, at least a trickle and
// 1.2 times what it answers. After 3 s (a prefix: 10 s) by its answers: if few of the calls that pass are answered, 1.2 times its
// answers; if enough are, and there is room, the next shorter interval. Between two changes lies a dwell, and each step up that had
// to be taken back makes the next one wait twice as long, so that it does not swing.
import { answerRatio, type Destination, surelyAnswered } from './destinations.ts';
import { gapIntervalFor, nextShorterInterval } from './gap-tables.ts';
import {
  type GapSituation,
  type HeldGap,
  justifiedPerSecond,
  leftOver,
  type PlacedGap,
  targetRatio,
} from './placed-gaps.ts';

/** The part of the capacity left over that new gaps begin with. */
const firstPart = 0.8;
/** Behind a prefix are many people, each of whom may be reached: it keeps this part of its capacity, however few answer. */
const prefixPart = 0.25;
/** Answers of a gap are judged from this age on, if so many calls have passed lately. */
const judgedMs = 3000;
const prefixJudgedMs = 10_000;
const judgedCalls = 3;
/** Between two changes of an interval lies at least the dwell. */
const dwellMs = 2000;
/** The first step up waits so long, so that answers to what passed before have come; later ones at most so long. */
const upWaitMs = 4000;
const prefixUpWaitMs = 10_000;
const mostUpWaitMs = 64_000;
/** Below: fewer calls, by its answers. A step up must leave the ratio above that even if not one answer is added. */
const lowAnswerRatio = 0.35;
const upMargin = 1.15;
const mostUpRatio = 0.95;
/** Demand above capacity for so long in spite of gaps: they give up what their answers do not justify. */
const tightenMs = 500;

/** The interval, s, and the first wait, ms, of each new gap beside those held. */
export function firstIntervals(
  chosen: readonly Destination[],
  held: readonly HeldGap[],
  situation: GapSituation,
): { readonly one: Destination; readonly intervalSeconds: number; readonly upWaitMs: number }[] {
  const left = leftOver(situation, [...held.map(({ one }) => one), ...chosen]);
  const taken = held.reduce((sum, { passPerSecond }) => sum + passPerSecond, 0);
  const part = (firstPart * Math.max(0, left - taken)) / chosen.length;
  return chosen.map((one) => ({
    one,
    intervalSeconds: gapIntervalFor(Math.max(justifiedPerSecond(one), part)),
    upWaitMs: one.isPrefix ? prefixUpWaitMs : upWaitMs,
  }));
}

/** The gaps held, with the intervals that their answers and the capacity now ask for. */
export function adaptIntervals(held: readonly HeldGap[], situation: GapSituation): PlacedGap[] {
  const { nowMs } = situation;
  const left = leftOver(
    situation,
    held.map(({ one }) => one),
  );
  let room = targetRatio * situation.capacityPerSecond - situation.remainingPerSecond;
  return held.map(({ gap, one }) => {
    if (nowMs - gap.changedMs < dwellMs) return gap;
    const age = nowMs - gap.placedMs;
    const ratio = age >= (one.isPrefix ? prefixJudgedMs : judgedMs) ? answerRatio(one, judgedCalls) : undefined;
    const longer = longerInterval(gap, one, ratio, left / held.length, situation);
    if (longer > gap.intervalSeconds) return stepDown(gap, longer, nowMs);
    const shorter = nextShorterInterval(gap.intervalSeconds);
    const more = 1 / shorter - 1 / gap.intervalSeconds;
    if (ratio === undefined || more > room || nowMs - gap.changedMs < gap.upWaitMs) return gap;
    const needed = (lowAnswerRatio * upMargin * gap.intervalSeconds) / shorter;
    if (surelyAnswered(one) < Math.min(mostUpRatio, needed)) return gap;
    room -= more;
    return { ...gap, intervalSeconds: shorter, changedMs: nowMs, wentUp: true };
  });
}

function longerInterval(
  gap: PlacedGap,
  one: Destination,
  ratio: number | undefined,
  part: number,
  { overMs }: GapSituation,
): number {
  const justified = justifiedPerSecond(one);
  let seconds = gap.intervalSeconds;
  if (overMs >= tightenMs) seconds = Math.max(seconds, gapIntervalFor(Math.max(justified, part)));
  if (ratio !== undefined && ratio < lowAnswerRatio) {
    seconds = Math.max(seconds, gapIntervalFor(Math.max(justified, one.isPrefix ? prefixPart * part : 0)));
  }
  return seconds;
}

function stepDown(gap: PlacedGap, intervalSeconds: number, nowMs: number): PlacedGap {
  const waitMs = gap.wentUp ? Math.min(mostUpWaitMs, gap.upWaitMs * 2) : gap.upWaitMs;
  return { ...gap, intervalSeconds, changedMs: nowMs, upWaitMs: waitMs, wentUp: false };
}
