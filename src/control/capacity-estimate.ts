// The rate at which one switch works, and the rate to send at. While calls wait in the switch, what it delivers is what it
// can do (the delivery rate of BBR, Cardwell et al. 2016); so a small queue is held in it, and the rate follows the queue:
//
//   rate = estimate × (1 + (target − queue) / 1 s), at most 5 % above and 80 % below the estimate
//   queue = delay above its floor + what was sent since and not delivered (a Smith predictor)
//   estimate → delivery rate while there is a queue or a 503; + 1 %, 2 %, … 8 % a sample while there is neither, but demand
//
// Every 8 s the queue is let run empty: what delay remains belongs to the floor (BBR's ProbeRTT). A delay that stays
// although less is sent than the switch can do is no queue either.
import { deviation } from './demand.ts';
import { deliveredPerSecond, sumOf, type WorkHistory } from './work-history.ts';

export interface Estimate {
  /** Whether the switch has shown where its limit is; while not, `estimatePerSecond` is without meaning. */
  readonly isLimited: boolean;
  readonly estimatePerSecond: number;
  /** To be sent at most; Infinity while not limited. */
  readonly ratePerSecond: number;
  /** The queue as it is believed to be now, ms. */
  readonly queueMs: number;
  readonly isBusy: boolean;
  /** The delay above the floor three samples ago, two, one; ms. */
  readonly pastExcessMs: readonly [number, number, number];
  /** Samples in a row in which it could have done more, as far as is known. */
  readonly idleSteps: number;
  /** When the limit was last of use. */
  readonly neededMs: number;
  /** When the queue was last let run empty, and the least queue seen since that began; ms. */
  readonly emptiedMs: number;
  readonly leastQueueMs: number;
  readonly drain: Drain;
  /** What the floor is found to be too low by, ms. */
  readonly floorErrorMs: number;
}

/** A long queue that is being drained: how long it was, at what estimate, and what should be gone of it; ms. */
interface Drain {
  readonly fromMs: number;
  readonly atMs: number;
  /** 0: there is none. */
  readonly perSecond: number;
  readonly doneMs: number;
  /** How often in a row it had not become shorter. */
  readonly failures: number;
}

export interface EstimateInput {
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly demandPerSecond: number;
  /** Infinity: not configured. */
  readonly ceilingPerSecond: number;
  /** Delay above its floor, ms; 0 where delay says nothing. */
  readonly excessMs: number;
  readonly history: WorkHistory;
}

/** The queue that is held: so long, and so many calls. */
const targetMs = 30;
const targetCalls = 2;
/** In which time a queue above the target is drained, ms, and how far from the estimate that may go. */
const drainMs = 1000;
const mostAbove = 0.05;
const mostBelow = 0.8;
/** The same where the capacity is configured and the switch does not suffer. */
const mostSpared = 0.1;
/** A limit is taken to be found at a queue of so many ms if demand is so much above delivery, or at the longer one without. */
const entryMs = 150;
const entryRatio = 1.25;
const entryAloneMs = 300;
/** Refusals among answers that say that there is too much. */
const refusedRatio = 0.05;
/** The same of time-outs, and how many at least: some far ends never answer. */
const timedOutRatio = 0.3;
const fewestTimedOut = 6;
/** Growth of the estimate per sample without a queue, and its limit. */
const growth = 0.01;
const mostGrowth = 0.08;
/** Memory of the estimate: ms, and calls where that takes longer. */
const memoryMs = 700;
const memoryCalls = 40;
/** The same downwards while a long queue does not grow, and by how much in three samples it has to grow, ms. */
const doubtfulMs = 5000;
const risingMs = 10;
/** Calls in one sample that tell a rate. */
const enoughCalls = 10;
/** Standard deviations that are a sudden change of what it can do; looked for over 300 ms, at a slower switch over 1 s. */
const slowPerSecond = 60;
const surprise = 3.5;
/** The limit is lifted when it has not been of use for so long, ms. */
const releaseMs = 1000;
/** How often the queue is let run empty, ms, and at what share of the estimate. */
const emptyEveryMs = 8000;
const emptyRatio = 0.75;
/** How long after that the answers are waited for, ms. */
const settleMs = 500;
/** A queue of which so much should be gone, ms and calls, and that has stayed the same within so much of it, is none. */
const drainCheckMs = 200;
const drainCheckCalls = 6;
const sameRatio = 0.1;

const noDrain: Drain = { fromMs: 0, atMs: 0, perSecond: 0, doneMs: 0, failures: 0 };

export function initialEstimate(ceilingPerSecond: number): Estimate {
  return {
    isLimited: false,
    estimatePerSecond: ceilingPerSecond,
    ratePerSecond: ceilingPerSecond,
    queueMs: 0,
    isBusy: false,
    pastExcessMs: [0, 0, 0],
    idleSteps: 0,
    neededMs: 0,
    emptiedMs: 0,
    leastQueueMs: Infinity,
    drain: noDrain,
    floorErrorMs: 0,
  };
}

/** The queue to hold at a switch of this capacity, ms. */
export function targetQueueMs(estimatePerSecond: number): number {
  return targetMs + (targetCalls * 1000) / Math.max(1, estimatePerSecond);
}

export function stepEstimate(old: Estimate, input: EstimateInput): Estimate {
  const refusals = refusalRatio(input.history);
  return old.isLimited ? follow(old, input, refusals) : watch(old, input, refusals);
}

/** Not limited: is there a sign that the switch has more than it can do? */
function watch(old: Estimate, input: EstimateInput, refusals: number): Estimate {
  const { nowMs, excessMs, demandPerSecond, history, ceilingPerSecond } = input;
  const asksMore = demandPerSecond > entryRatio * deliveredPerSecond(sumOf(history));
  const isOver = (excessMs > entryMs && asksMore) || excessMs > entryAloneMs || refusals > 0;
  if (!isOver)
    return { ...old, queueMs: excessMs, floorErrorMs: 0, ratePerSecond: ceilingPerSecond * (1 - spare(input)) };
  const estimate = Math.max(1, Math.min(ceilingPerSecond, mostDelivered(history)));
  const limited: Estimate = {
    ...initialEstimate(ceilingPerSecond),
    isLimited: true,
    estimatePerSecond: estimate,
    queueMs: excessMs,
    neededMs: nowMs,
    emptiedMs: nowMs,
  };
  return { ...limited, ratePerSecond: rateFor(limited, input, refusals) };
}

/**
 * A queue at a switch of configured capacity is drained by sending a little less, down to the target: what stands there is chance
 * (calls come in batches, priority calls as they like), and to send less for it would leave the switch idle.
 */
function spare({ ceilingPerSecond, excessMs }: EstimateInput): number {
  if (ceilingPerSecond === Infinity) return 0;
  return Math.min(mostSpared, Math.max(0, (excessMs - targetQueueMs(ceilingPerSecond)) / drainMs));
}

function follow(old: Estimate, input: EstimateInput, refusals: number): Estimate {
  const { nowMs, intervalMs, demandPerSecond, ceilingPerSecond, excessMs, history } = input;
  const target = targetQueueMs(old.estimatePerSecond);
  const queueMs = predictedQueueMs(old.estimatePerSecond, excessMs, history, intervalMs);
  const isBusy = Math.min(excessMs, queueMs) > target / 2 || refusals > 0;
  const isRising = excessMs > 1.05 * old.pastExcessMs[0] + risingMs || refusals > 0 || excessMs < 2 * target;
  const lately = sumOf(history, 3);
  let { estimatePerSecond, idleSteps, neededMs } = old;
  if (isBusy) {
    idleSteps = 0;
    if (old.isBusy) estimatePerSecond = towardsDelivered(estimatePerSecond, history, isRising);
  } else if (demandPerSecond > 0.9 * old.ratePerSecond && lately.sent * 1000 > 0.8 * old.ratePerSecond * lately.ms) {
    idleSteps++;
    estimatePerSecond *= 1 + Math.min(mostGrowth, growth * idleSteps);
  }
  estimatePerSecond = Math.max(1, Math.min(ceilingPerSecond, estimatePerSecond));
  if (demandPerSecond > 0.9 * estimatePerSecond || excessMs > entryMs) neededMs = nowMs;
  const isWell = estimatePerSecond === ceilingPerSecond && idleSteps * intervalMs > releaseMs;
  if (isWell || nowMs - neededMs > releaseMs) return { ...initialEstimate(ceilingPerSecond), queueMs: excessMs };
  const pastExcessMs = [old.pastExcessMs[1], old.pastExcessMs[2], excessMs] as const;
  const next = checkFloor(
    { ...old, pastExcessMs, estimatePerSecond, queueMs, isBusy, idleSteps, neededMs },
    input,
    target,
  );
  return { ...next, ratePerSecond: rateFor(next, input, refusals) };
}

function rateFor(estimate: Estimate, input: EstimateInput, refusals: number): number {
  const { estimatePerSecond, queueMs, emptiedMs } = estimate;
  const target = targetQueueMs(estimatePerSecond);
  const steer = Math.min(mostAbove, Math.max(-mostBelow, (target - queueMs) / drainMs));
  const empty = isEmptying(emptiedMs, target, input.nowMs) ? Math.min(emptyRatio, 1 + steer) : 1 + steer;
  return Math.min(input.ceilingPerSecond, Math.max(1, estimatePerSecond * (empty - Math.min(0.3, refusals / 2))));
}

function isEmptying(emptiedMs: number, target: number, nowMs: number): boolean {
  const sinceMs = nowMs - emptiedMs - emptyEveryMs;
  return sinceMs >= 0 && sinceMs < target / (1 - emptyRatio);
}

/** Finds a floor that is too low: delay that is there although the queue was let run empty or should have been drained. */
function checkFloor(estimate: Estimate, input: EstimateInput, target: number): Estimate {
  const { nowMs, excessMs } = input;
  const least = Math.min(estimate.leastQueueMs, excessMs);
  const sinceMs = nowMs - estimate.emptiedMs - emptyEveryMs - target / (1 - emptyRatio);
  // The answers to what was sent while it ran empty are in a little later.
  if (sinceMs < settleMs)
    return checkDrain({ ...estimate, leastQueueMs: sinceMs < 0 ? Infinity : least }, input, target);
  const chanceMs = 1000 / estimate.estimatePerSecond;
  const floorErrorMs = least < 2 * target ? Math.max(0, least - chanceMs) : 0;
  return { ...estimate, emptiedMs: nowMs, leastQueueMs: Infinity, floorErrorMs };
}

/** Sends less than the switch can do: a long queue becomes shorter, or it is none. */
function checkDrain(estimate: Estimate, input: EstimateInput, target: number): Estimate {
  const { nowMs, intervalMs, excessMs, history } = input;
  const { estimatePerSecond, drain } = estimate;
  if (excessMs < 2 * target) return { ...estimate, drain: noDrain, floorErrorMs: 0 };
  const begin: Drain = {
    fromMs: excessMs,
    perSecond: estimatePerSecond,
    doneMs: 0,
    atMs: nowMs,
    failures: drain.failures,
  };
  if (drain.perSecond === 0) return { ...estimate, drain: begin, floorErrorMs: 0 };
  const doneMs = drain.doneMs + intervalMs - (sumOf(history, 1).sent * 1000) / drain.perSecond;
  // What answers tell now was so one delay ago.
  const isEarly = nowMs - drain.atMs < 2 * drain.fromMs + settleMs;
  if (isEarly || doneMs < drainCheckMs + (drainCheckCalls * 1000) / drain.perSecond)
    return { ...estimate, drain: { ...drain, doneMs }, floorErrorMs: 0 };
  const isConstant = Math.abs(excessMs - drain.fromMs) < sameRatio * drain.fromMs;
  if (!isConstant) return { ...estimate, drain: { ...begin, failures: 0 }, floorErrorMs: 0 };
  // Once may be a switch that has just become slower.
  const failures = drain.failures + 1;
  if (failures < 2) return { ...estimate, drain: { ...begin, failures }, floorErrorMs: 0 };
  return { ...estimate, drain: noDrain, floorErrorMs: excessMs };
}

/** The queue that the newest answers tell of is as old as it is long: what came and went since is added. */
function predictedQueueMs(estimate: number, excessMs: number, history: WorkHistory, intervalMs: number): number {
  const samples = Math.round(excessMs / intervalMs);
  if (samples === 0) return excessMs;
  const { sent, done, refused } = sumOf(history, samples);
  return Math.max(0, excessMs + ((sent - done - refused) * 1000) / estimate);
}

/** The most that was delivered lately; of one sample only if it says enough. */
function mostDelivered(history: WorkHistory): number {
  const newest = sumOf(history, 1);
  const lately = Math.max(deliveredPerSecond(sumOf(history, 3)), deliveredPerSecond(sumOf(history)));
  return newest.done >= enoughCalls ? Math.max(lately, deliveredPerSecond(newest)) : lately;
}

/** Towards what is delivered; downwards only slowly while the queue does not grow, as delivery may then just be what was sent. */
function towardsDelivered(estimate: number, history: WorkHistory, isRising: boolean): number {
  const few = estimate < slowPerSecond ? sumOf(history) : sumOf(history, 3);
  const isSudden = Math.abs(deviation(few.done, few.ms, 10 * estimate, 10_000)) > surprise;
  if (isSudden && isRising) return deliveredPerSecond(few);
  const newest = sumOf(history, 1);
  const delivered = deliveredPerSecond(newest);
  const tau = isRising || delivered > estimate ? Math.max(memoryMs, (memoryCalls * 1000) / estimate) : doubtfulMs;
  return estimate + (delivered - estimate) * Math.min(1, newest.ms / tau);
}

/** 503s among the answers lately, or time-outs among the ends; 0 while they are few. */
function refusalRatio(history: WorkHistory): number {
  const { refused, done } = sumOf(history, 3);
  const ratio = refused / Math.max(1, refused + done);
  if (refused >= 2 && ratio > refusedRatio) return ratio;
  const second = sumOf(history);
  const lost = second.timedOut / Math.max(1, second.timedOut + second.done);
  return second.timedOut >= fewestTimedOut && lost > timedOutRatio ? lost : 0;
}
