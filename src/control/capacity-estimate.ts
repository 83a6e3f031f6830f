// The rate at which one switch works, and the rate to send at. While calls wait in the switch, what it delivers is what it
// can do (the delivery rate of BBR, Cardwell et al. 2016); so a short queue is held in it, and the rate follows the queue:
//
//   rate = estimate × (1 + (target − queue) / 1 s), at most 5 % above and 80 % below the estimate
//   queue = delay above its floor + what was sent since and not delivered (a Smith predictor)
//   estimate → delivery rate while there is a queue or a 503; + 1 %, 2 %, … 8 % a sample while there is neither, but demand
//
// Now and then the queue is let run empty, to see whether the floor is right: floor-check.ts.
import { deviation } from './demand.ts';
import { type FloorCheck, initialFloorCheck, stepFloorCheck } from './floor-check.ts';
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
  readonly floorCheck: FloorCheck;
}

export interface EstimateInput {
  readonly nowMs: number;
  readonly intervalMs: number;
  readonly demandPerSecond: number;
  /** Infinity: not configured. */
  readonly ceilingPerSecond: number;
  /** Delay above its floor, ms; 0 where delay says nothing. And what of it is taken for chance. */
  readonly excessMs: number;
  readonly chanceMs: number;
  /** Enough is known of the floor to tell a short queue. */
  readonly isFloorKnown: boolean;
  /** INVITEs without progress that may wait in it, and whether they are as many as it may have. */
  readonly outstanding: number;
  readonly isFull: boolean;
  readonly history: WorkHistory;
}

/** The queue that is held: so long, so many calls, and what chance makes of a delay, as a shorter one is not seen. */
const targetMs = 10;
const targetCalls = 1;
/** In which time a queue above the target is drained, ms, and how far from the estimate that may go. */
const drainMs = 1000;
const mostAbove = 0.05;
const mostBelow = 0.8;
/**
 * A limit is taken to be found at a queue of so many ms if demand is so much above delivery, by more standard deviations than
 * chance; or at the longer one without. A capacity that is to be learned is limited sooner; where it is configured a short queue is
 * what privileged calls make by chance.
 */
const entryMs = { usual: 150, learned: 60 } as const;
const entryRatio = 1.25;
const entrySurprise = 3;
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
    floorCheck: initialFloorCheck(0),
  };
}

/** The queue to hold at a switch of this capacity, ms. */
export function targetQueueMs(estimatePerSecond: number, chanceMs: number): number {
  return targetMs + (targetCalls * 1000) / Math.max(1, estimatePerSecond) + chanceMs;
}

export function stepEstimate(old: Estimate, input: EstimateInput): Estimate {
  const refusals = refusalRatio(input.history);
  return old.isLimited ? follow(old, input, refusals) : watch(old, input, refusals);
}

/** Not limited: is there a sign that the switch has more than it can do? */
function watch(old: Estimate, input: EstimateInput, refusals: number): Estimate {
  const { nowMs, excessMs, isFull, isFloorKnown, history, ceilingPerSecond } = input;
  const entry = ceilingPerSecond === Infinity && isFloorKnown ? entryMs.learned : entryMs.usual;
  const isOver = (excessMs > entry && (isFull || asksMore(input))) || excessMs > entryAloneMs || refusals > 0;
  if (!isOver) return { ...old, queueMs: excessMs, ratePerSecond: ceilingPerSecond };
  const estimate = Math.max(1, Math.min(ceilingPerSecond, mostDelivered(history)));
  const limited: Estimate = {
    ...initialEstimate(ceilingPerSecond),
    isLimited: true,
    estimatePerSecond: estimate,
    queueMs: excessMs,
    neededMs: nowMs,
    floorCheck: initialFloorCheck(nowMs),
  };
  return { ...limited, ratePerSecond: rateFor(limited, input, refusals) };
}

function asksMore({ demandPerSecond, history }: EstimateInput): boolean {
  const { done, ms } = sumOf(history);
  if (demandPerSecond * ms <= entryRatio * done * 1000) return false;
  return deviation((demandPerSecond * ms) / 1000, ms, done, ms) > entrySurprise;
}

function follow(old: Estimate, input: EstimateInput, refusals: number): Estimate {
  const { nowMs, intervalMs, demandPerSecond, ceilingPerSecond, excessMs, history } = input;
  const target = targetQueueMs(old.estimatePerSecond, input.chanceMs);
  const queueMs = predictedQueueMs(old.estimatePerSecond, input);
  const isBusy = Math.min(excessMs, queueMs) > target / 2 || refusals > 0;
  const isRising = excessMs > 1.05 * old.pastExcessMs[0] + risingMs || refusals > 0 || excessMs < 2 * target;
  const lately = sumOf(history, 3);
  let { estimatePerSecond, idleSteps, neededMs } = old;
  if (isBusy) {
    idleSteps = 0;
    if (old.isBusy) estimatePerSecond = towardsDelivered(estimatePerSecond, history, isRising);
  } else if (old.floorCheck.phase !== 'waiting') {
    // The queue is gone because it was let run empty.
    idleSteps = 0;
  } else if (demandPerSecond > 0.9 * old.ratePerSecond && lately.sent * 1000 > 0.8 * old.ratePerSecond * lately.ms) {
    idleSteps++;
    estimatePerSecond *= 1 + Math.min(mostGrowth, growth * idleSteps);
  }
  estimatePerSecond = Math.max(1, Math.min(ceilingPerSecond, estimatePerSecond));
  if (demandPerSecond > 0.9 * estimatePerSecond || excessMs > entryMs.usual) neededMs = nowMs;
  const isWell = estimatePerSecond === ceilingPerSecond && idleSteps * intervalMs > releaseMs;
  if (isWell || nowMs - neededMs > releaseMs) return { ...initialEstimate(ceilingPerSecond), queueMs: excessMs };
  const pastExcessMs = [old.pastExcessMs[1], old.pastExcessMs[2], excessMs] as const;
  const { sent } = sumOf(history, 1);
  const floorCheck = stepFloorCheck(old.floorCheck, {
    ...{ nowMs, intervalMs, excessMs, targetMs: target, estimatePerSecond, sent },
  });
  const next = { ...old, pastExcessMs, estimatePerSecond, queueMs, isBusy, idleSteps, neededMs, floorCheck };
  return { ...next, ratePerSecond: rateFor(next, input, refusals) };
}

function rateFor(estimate: Estimate, input: EstimateInput, refusals: number): number {
  const { estimatePerSecond, queueMs } = estimate;
  const target = targetQueueMs(estimatePerSecond, input.chanceMs);
  const steer = 1 + Math.min(mostAbove, Math.max(-mostBelow, (target - queueMs) / drainMs));
  return Math.min(input.ceilingPerSecond, Math.max(1, estimatePerSecond * (steer - Math.min(0.3, refusals / 2))));
}

/**
 * The queue that the newest answers tell of is as old as it is long: what came and went since is added. And no more waits than has
 * no answer yet: without this a queue would last for as long as nothing is sent.
 */
function predictedQueueMs(estimate: number, { excessMs, outstanding, history, intervalMs }: EstimateInput): number {
  const mostMs = (outstanding * 1000) / estimate;
  const samples = Math.round(excessMs / intervalMs);
  if (samples === 0) return Math.min(excessMs, mostMs);
  const { sent, done, refused } = sumOf(history, samples);
  return Math.min(Math.max(0, excessMs + ((sent - done - refused) * 1000) / estimate), mostMs);
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
