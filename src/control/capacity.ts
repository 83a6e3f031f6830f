// What one switch can do, learned from what it does, and how many INVITEs it may have at once. Three states:
//
// - free: nothing shows a limit. What it has done in 300 ms is proven; 5 times that and 50/s may be sent, and so many may
//   be outstanding that the proven rate works them off in its floor delay and 450 ms (Little's law). Ordinary traffic
//   never comes near; a surge of any size is stopped there within a round trip, before its first answer is late. Calls
//   that wait for somebody else than the switch (dead far ends) are told from its queue, as they do not delay others.
// - limited: see capacity-estimate.ts. Entered by delay, 503s or time-outs; left when demand is below it for a second.
// - silent: 4 INVITEs and 1 s without any answer. 2 probes a second; the first answer ends it, and the switch is sent what
//   it could do before.
//
// A configured capacity is the ceiling, and is sent as long as the switch does not visibly suffer.
import { type Estimate, initialEstimate, stepEstimate, targetQueueMs } from './capacity-estimate.ts';
import { type DelayFloor, isSettled, isTelling, noFloor, raiseFloor, stepFloor } from './delay-floor.ts';
import { initialFloorCheck } from './floor-check.ts';
import type { SwitchSample } from './load-sample.ts';
import { noStandingQueue, type StandingQueue, stepStandingQueue } from './standing-queue.ts';
import { deliveredPerSecond, sumOf, type WorkHistory, withSample } from './work-history.ts';

export interface CapacityState {
  /** Calls per second to send it at most; Infinity while nothing is known of it. */
  readonly perSecond: number;
  /** INVITEs without progress, at most; Infinity while it is not limited by that. */
  readonly outstanding: number;
  /** Calls that are found to wait in it beyond those that are counted (admission/leaky-bucket.ts), 0 or more. */
  readonly unknownCalls: number;
  /** It gets all that it can do, and more is asked for. */
  readonly isAtCapacity: boolean;
  /** It answers nothing: only probes are sent. */
  readonly isSilent: boolean;
  readonly learned: Learned;
}

export interface CapacityInput {
  readonly nowMs: number;
  readonly intervalMs: number;
  /** Calls of all classes that wanted to go to it. */
  readonly demandPerSecond: number;
  /** By how much our own event loop was late at the worst: answers were seen so much later than they came, ms. Default 0. */
  readonly ownDelayMs?: number;
}

/** What is remembered between two samples. */
export interface Learned {
  readonly configuredPerSecond: number | undefined;
  readonly estimate: Estimate;
  /** The estimate when it last answered anything. */
  readonly heardEstimate: Estimate;
  /** The most that it has done; fades. */
  readonly provenPerSecond: number;
  /** Of the first response other than 100, and of the first of any kind. */
  readonly progress: DelayFloor;
  readonly first: DelayFloor;
  readonly history: WorkHistory;
  readonly standing: StandingQueue;
  /** Our own delays in the last samples, newest last, ms. */
  readonly ownDelaysMs: readonly number[];
  /** INVITEs sent since it last answered anything, and since when. */
  readonly unheard: number;
  readonly unheardSinceMs: number;
  /** Outstanding INVITEs that are no work of the switch: at dead far ends, or there when a silence ended. */
  readonly stuck: number;
  /** When the last silence ended; -Infinity: there was none. */
  readonly silenceEndedMs: number;
  /** When it was first sent something; NaN before. */
  readonly startedMs: number;
}

/** What may be sent to a free switch: so many times the proven rate, and so much. */
const freeRatio = 5;
const freePerSecond = 50;
/** What may be outstanding at a free switch above the floor: so many ms of the proven rate, and so many calls. */
const slackMs = { learned: 100, configured: 450 } as const;
const slackCalls = 8;
/** The same at a limited one, above floor and target: only a guard, the rate does the work. */
const guardMs = 150;
const guardCalls = 4;
/** What may be outstanding at a switch of which nothing is known, or half a second of what is configured; twice as many each
 * second once it answers at all. */
const coldOutstanding = 100;
/** How long that holds after the first INVITE, at least, ms. */
const coldMs = 2000;
/** Demand in relation to a configured capacity up to which the floor may rise: above, there is a queue. */
const calmRatio = 0.9;
/** Samples after which a floor is known well enough to tell a short queue: the first answers are the quick ones. */
const knownSamples = 30;
/** Share of what may be outstanding at which a call more often finds no room than not. */
const fullRatio = 0.9;
/** What was proven is forgotten with this time constant, ms. */
const fadeMs = 3_600_000;
/** Silence: so long without any answer, three times its usual time where that is longer, and so many INVITEs. */
const silentMs = 1000;
const mostSilentMs = 5000;
const silentCalls = 4;
const probesPerSecond = 2;
/** Samples for which a delay of our own is in the times of the switch, and how much of it is nothing, ms. */
const ownSamples = 3;
const ownChanceMs = 20;
/** After a silence INVITEs that were lost in it time out for so long: RFC 3261 §17.1.1.2, Timer B, and a little, ms. */
const timeoutMs = 35_000;
/** Time constant of what is believed to be stuck, upwards, ms. */
const stuckTauMs = 2000;

/** `configuredPerSecond` > 0. */
export function initialCapacity(configuredPerSecond?: number): CapacityState {
  return {
    perSecond: configuredPerSecond ?? Infinity,
    outstanding: coldOutstandingOf(configuredPerSecond),
    unknownCalls: 0,
    isAtCapacity: false,
    isSilent: false,
    learned: {
      configuredPerSecond,
      estimate: initialEstimate(configuredPerSecond ?? Infinity),
      heardEstimate: initialEstimate(configuredPerSecond ?? Infinity),
      provenPerSecond: 0,
      progress: noFloor,
      first: noFloor,
      history: [],
      standing: noStandingQueue,
      ownDelaysMs: [],
      unheard: 0,
      unheardSinceMs: 0,
      stuck: 0,
      silenceEndedMs: Number.NEGATIVE_INFINITY,
      startedMs: Number.NaN,
    },
  };
}

/** The state after one more sample of the Monitor; `sample` is of this switch. */
export function stepCapacity(state: CapacityState, sample: SwitchSample, input: CapacityInput): CapacityState {
  const { nowMs, intervalMs, demandPerSecond } = input;
  const heard = sample.progressed + sample.refused + sample.firstResponseMs.length > 0;
  // What was seen on the way into a silence tells nothing of the switch that is back.
  const old = state.isSilent && heard ? afterSilence(state.learned, nowMs) : state.learned;
  const ceilingPerSecond = old.configuredPerSecond ?? Infinity;
  const unheard = heard ? 0 : old.unheard + sample.sent;
  const unheardSinceMs = heard || old.unheard === 0 ? nowMs : old.unheardSinceMs;
  const patienceMs = Math.min(mostSilentMs, Math.max(silentMs, 3 * (old.first.meanMs || 0)));
  const isSilent = state.isSilent ? !heard : unheard >= silentCalls && nowMs - unheardSinceMs >= patienceMs;
  const silenceEndedMs = state.isSilent && !isSilent ? nowMs : old.silenceEndedMs;
  // What was sent before a silence ended tells of the silence only.
  const isFresh = (ms: number): boolean => ms < nowMs - silenceEndedMs;
  const isTrusted = !old.estimate.isLimited && !isSilent && !state.isSilent;
  // What we were late ourselves is no queue of the switch, and nothing that its floor may rise to.
  const ownDelaysMs = [...old.ownDelaysMs.slice(1 - ownSamples), input.ownDelayMs ?? 0];
  const ownMs = Math.max(...ownDelaysMs) - ownChanceMs;
  // Of a switch that is hardly known, this is what an edge that starts finds.
  const isFull = isSettled(old.progress) && sample.outstanding >= fullRatio * state.outstanding;
  const isBusy = isFull || demandPerSecond >= calmRatio * ceilingPerSecond;
  const isCalm = isTrusted && ownMs <= 0 && isKeepingUp(old.history) && !isBusy;
  let progress = stepFloor(old.progress, sample.progressMs.filter(isFresh), isCalm, intervalMs);
  let first = stepFloor(old.first, sample.firstResponseMs.filter(isFresh), isCalm, intervalMs);
  const isHuman = !Number.isNaN(progress.meanMs) && !isTelling(progress);
  const done = isHuman ? Math.max(0, sample.firstResponseMs.length - sample.refused) : sample.progressed;
  const isAfterSilence = nowMs - silenceEndedMs < timeoutMs;
  const history = withSample(old.history, sample, done, isAfterSilence ? 0 : sample.timedOut, intervalMs);
  const lateMs = Math.max(isTelling(progress) ? progress.excessMs : 0, isTelling(first) ? first.excessMs : 0);
  const excessMs = Math.max(0, lateMs - Math.max(0, ownMs));
  const lately = deliveredPerSecond(sumOf(history, 3));
  const provenPerSecond = Math.max(old.provenPerSecond * Math.exp(-intervalMs / fadeMs), lately);
  const seen = { nowMs, intervalMs, demandPerSecond, ceilingPerSecond, excessMs, isFull, history };
  const unanswered = Math.max(0, sample.outstanding - old.stuck);
  const byProgress = isTelling(progress) && progress.excessMs >= first.excessMs;
  const estimate = isSilent
    ? old.estimate
    : stepEstimate(old.estimate, {
        ...seen,
        outstanding: unanswered,
        chanceMs: (byProgress ? progress : first).chanceMs,
        isFloorKnown: (isTelling(progress) ? progress : first).seen >= knownSamples,
      });
  const { floorErrorMs } = estimate.floorCheck;
  if (estimate.isLimited && floorErrorMs > 0) {
    progress = raiseFloor(progress, floorErrorMs);
    first = raiseFloor(first, Math.min(first.excessMs, floorErrorMs));
  }
  const startedMs = Number.isNaN(old.startedMs) && (heard || sample.sent > 0) ? nowMs : old.startedMs;
  const stuck = state.isSilent ? sample.outstanding : stuckOf(old, sample.outstanding, history, progress, intervalMs);
  const learned: Learned = {
    ...{ configuredPerSecond: old.configuredPerSecond, estimate, provenPerSecond, progress, first, history },
    ...{
      heardEstimate: heard ? estimate : old.heardEstimate,
      ownDelaysMs,
      unheard,
      unheardSinceMs,
      stuck,
      silenceEndedMs,
      startedMs,
      standing: old.standing,
    },
  };
  const perSecond = Math.min(ceilingPerSecond, isSilent ? probesPerSecond : rateOf(learned));
  const outstanding = isSilent ? Infinity : outstandingOf(learned, nowMs);
  const isLimited = !isSilent && (estimate.isLimited || old.configuredPerSecond !== undefined);
  const holdCalls = estimate.isLimited && !isSilent ? (estimate.floorCheck.holdMs * perSecond) / 1000 : 0;
  const { state: standing, addCalls } = stepStandingQueue(old.standing, {
    ...{ queueMs: estimate.queueMs, backlogCalls: sample.backlogCalls, intervalMs },
    isHeard: sample.progressMs.length + sample.firstResponseMs.length > 0,
    perSecond: isLimited ? perSecond : Infinity,
    isLimited: estimate.isLimited,
  });
  return {
    ...{ perSecond, outstanding, unknownCalls: addCalls + holdCalls, isSilent, learned: { ...learned, standing } },
    isAtCapacity: isLimited && demandPerSecond > perSecond,
  };
}

/** Calls per second that it can do as far as is known, whatever it is given at the moment; perhaps Infinity. */
export function provenCapacity({ perSecond, isSilent, learned: { estimate } }: CapacityState): number {
  return estimate.isLimited && !isSilent ? estimate.estimatePerSecond : perSecond;
}

/** As when it last answered, and with no queue. */
function afterSilence(learned: Learned, nowMs: number): Learned {
  const { heardEstimate, configuredPerSecond } = learned;
  const { isLimited, estimatePerSecond } = heardEstimate;
  const estimate = {
    ...initialEstimate(configuredPerSecond ?? Infinity),
    ...{ isLimited, estimatePerSecond, ratePerSecond: estimatePerSecond, neededMs: nowMs },
    floorCheck: initialFloorCheck(nowMs),
  };
  const progress = { ...learned.progress, recent: [], excessMs: 0 };
  const first = { ...learned.first, recent: [], excessMs: 0 };
  return { ...learned, estimate, progress, first, history: [] };
}

/**
 * Outstanding INVITEs that are in nobody's way: more than what is done in the time that a call takes (Little's law), while
 * that time shows no queue.
 */
function stuckOf(
  { stuck }: Learned,
  outstanding: number,
  history: WorkHistory,
  progress: DelayFloor,
  intervalMs: number,
): number {
  const perSecond = deliveredPerSecond(sumOf(history));
  const hasQueue = progress.excessMs > targetQueueMs(perSecond, progress.chanceMs);
  if (hasQueue || perSecond === 0 || !isTelling(progress)) return Math.min(stuck, outstanding);
  const rest = Math.max(0, outstanding - (perSecond * progress.meanMs) / 1000);
  return rest < stuck ? rest : stuck + (rest - stuck) * Math.min(1, intervalMs / stuckTauMs);
}

/** Whether it has done in the last second about what it was sent. */
function isKeepingUp(history: WorkHistory): boolean {
  const { sent, done } = sumOf(history);
  return sent <= 1.1 * done + 2 * Math.sqrt(sent) + 2;
}

function rateOf({ configuredPerSecond, estimate, progress, history, provenPerSecond }: Learned): number {
  if (estimate.isLimited || configuredPerSecond !== undefined) return estimate.ratePerSecond;
  const isKnown = !Number.isNaN(progress.meanMs) && history.length >= 10;
  return isKnown ? freeRatio * provenPerSecond + freePerSecond : Infinity;
}

function outstandingOf(learned: Learned, nowMs: number): number {
  const { estimate, progress, first, stuck, startedMs, provenPerSecond, configuredPerSecond } = learned;
  if (!isTelling(progress)) {
    if (isSettled(progress)) return Infinity;
    const knownMs = Number.isNaN(first.meanMs) ? 0 : nowMs - startedMs;
    return coldOutstandingOf(configuredPerSecond) * 2 ** (knownMs / 1000);
  }
  if (estimate.isLimited) {
    const target = targetQueueMs(estimate.estimatePerSecond, progress.chanceMs);
    return stuck + guardCalls + (estimate.estimatePerSecond * (progress.meanMs + target + guardMs)) / 1000;
  }
  const rate = configuredPerSecond ?? provenPerSecond;
  // As in slow start (RFC 5681 §3.1), twice as much in the time that an answer takes: more is not asked of what may be its limit.
  const slack = configuredPerSecond === undefined ? Math.max(slackMs.learned, progress.meanMs) : slackMs.configured;
  const least = nowMs - startedMs < coldMs ? coldOutstandingOf(configuredPerSecond) : 0;
  return Math.max(least, stuck + slackCalls + (rate * (progress.meanMs + slack)) / 1000);
}

function coldOutstandingOf(configuredPerSecond: number | undefined): number {
  return Math.max(coldOutstanding, (configuredPerSecond ?? 0) / 2);
}
