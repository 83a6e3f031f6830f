// What one switch can do, learned from what it does.
import { type DelayFloor, isTelling, noFloor, stepFloor } from './delay-floor.ts';
import type { SwitchSample } from './load-sample.ts';

export interface CapacityState {
  /** Calls per second to send it at most; Infinity while nothing limits it. */
  readonly perSecond: number;
  /** INVITEs without progress, at most; Infinity while it is not limited by that. */
  readonly outstanding: number;
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
}

/** What is remembered between two samples. */
export interface Learned {
  readonly configuredPerSecond: number | undefined;
  /** Whether `estimatePerSecond` limits. */
  readonly isLimited: boolean;
  /** What it can do, calls per second; of use while limited. */
  readonly estimatePerSecond: number;
  /** The most that it has done in a second; fades. */
  readonly provenPerSecond: number;
  readonly progress: DelayFloor;
  readonly first: DelayFloor;
  /** The last second, newest last. */
  readonly past: readonly Past[];
  readonly isBusy: boolean;
  /** Samples in a row in which it could have had more work and showed no queue; limited only. */
  readonly idleSteps: number;
  /** When demand was last near the limit. */
  readonly neededMs: number;
  /** INVITEs sent since it last answered anything, and when the first of these was sent. */
  readonly unheard: number;
  readonly unheardSinceMs: number;
  /** Outstanding INVITEs that are not work in progress: it has lost them, or they were there before a silence. */
  readonly stuck: number;
  readonly silenceEndedMs: number;
  readonly coldSinceMs: number;
}

interface Past {
  readonly sent: number;
  readonly progressed: number;
  readonly refused: number;
  readonly intervalMs: number;
}

const targetMs = 30;
const targetCalls = 2;
const drainMs = 1000;
const mostAbove = 0.05;
const mostBelow = 0.5;
const entryMs = 150;
const entryRatio = 1.25;
const entryAloneMs = 400;
const refusedRatio = 0.05;
const growth = 0.01;
const mostGrowth = 0.08;
const slackMs = 450;
const slackCalls = 8;
const coldOutstanding = 100;
const fadeMs = 300_000;
const silentMs = 1000;
const silentCalls = 4;
const probesPerSecond = 2;
const releaseMs = 1000;
const pastMs = 1000;

export function initialCapacity(configuredPerSecond?: number): CapacityState {
  return {
    perSecond: configuredPerSecond ?? Infinity,
    outstanding: coldOutstanding,
    isAtCapacity: false,
    isSilent: false,
    learned: {
      configuredPerSecond,
      isLimited: false,
      estimatePerSecond: configuredPerSecond ?? 0,
      provenPerSecond: configuredPerSecond ?? 0,
      progress: noFloor,
      first: noFloor,
      past: [],
      isBusy: false,
      idleSteps: 0,
      neededMs: 0,
      unheard: 0,
      unheardSinceMs: 0,
      stuck: 0,
      silenceEndedMs: Number.NEGATIVE_INFINITY,
      coldSinceMs: Number.NaN,
    },
  };
}

export function stepCapacity(state: CapacityState, sample: SwitchSample, input: CapacityInput): CapacityState {
  const { nowMs, intervalMs, demandPerSecond } = input;
  const old = state.learned;
  const configured = old.configuredPerSecond ?? Infinity;
  const past = [
    ...old.past,
    { sent: sample.sent, progressed: sample.progressed, refused: sample.refused, intervalMs },
  ].slice(-Math.ceil(pastMs / intervalMs));
  const heard = sample.progressed + sample.refused + sample.firstResponseMs.length + sample.progressMs.length > 0;
  const unheard = heard ? 0 : old.unheard + sample.sent;
  const unheardSinceMs = heard || old.unheard === 0 ? nowMs : old.unheardSinceMs;
  const wasSilent = state.isSilent;
  const isSilent = wasSilent ? !heard : unheard >= silentCalls && nowMs - unheardSinceMs >= silentMs;
  const isCalm = !old.isLimited && !isSilent && !wasSilent;
  const progress = stepFloor(old.progress, sample.progressMs, isCalm, intervalMs);
  const first = stepFloor(old.first, sample.firstResponseMs, isCalm, intervalMs);
  const queueMs = Math.max(isTelling(progress) ? progress.excessMs : 0, isTelling(first) ? first.excessMs : 0);

  const lastSecond = sumOf(past);
  const provenPerSecond = Math.max(
    old.provenPerSecond * Math.exp(-intervalMs / fadeMs),
    sumOf(past.slice(-10)).progressed / Math.max(1, sumOf(past.slice(-10)).ms / 1000),
  );
  const lately = sumOf(past.slice(-3));
  const refusals = lately.refused / Math.max(1, lately.sent);
  const isRefusing = lately.refused >= 2 && refusals > refusedRatio;
  const deliveredPerSecond = (lately.progressed * 1000) / lately.ms;

  let { isLimited, estimatePerSecond, idleSteps, neededMs } = old;
  const target = targetMs + (targetCalls * 1000) / Math.max(1, estimatePerSecond);
  const conf = configured !== Infinity;
  const isBusy = queueMs > (conf ? entryMs : target) / 2 || isRefusing;
  if (!isLimited) {
    const wanted = demandPerSecond > entryRatio * ((lastSecond.progressed * 1000) / lastSecond.ms);
    if ((queueMs > entryMs && wanted) || queueMs > entryAloneMs || isRefusing) {
      isLimited = true;
      estimatePerSecond = Math.max(deliveredPerSecond, 1);
      idleSteps = 0;
      neededMs = nowMs;
    }
  } else if (isBusy) {
    idleSteps = 0;
    if (old.isBusy) {
      const tau = Math.max(700, 40_000 / Math.max(1, estimatePerSecond));
      const rate = (sample.progressed * 1000) / intervalMs;
      estimatePerSecond += (rate - estimatePerSecond) * Math.min(1, intervalMs / tau);
    }
  } else if (demandPerSecond > 0.9 * state.perSecond && lately.sent * 1000 > 0.8 * state.perSecond * lately.ms) {
    idleSteps++;
    estimatePerSecond *= 1 + Math.min(mostGrowth, growth * idleSteps);
  }
  estimatePerSecond = Math.min(configured, Math.max(1, estimatePerSecond));
  if (demandPerSecond > 0.9 * estimatePerSecond || queueMs > entryMs) neededMs = nowMs;
  if (isLimited && nowMs - neededMs > releaseMs) isLimited = false;

  const aim = conf ? entryMs : target;
  const steer = Math.min(mostAbove, Math.max(-mostBelow, (aim - queueMs) / drainMs));
  const back = 1 + steer - (isRefusing ? Math.min(0.3, 0.5 * refusals) : 0);
  let perSecond = Math.min(configured, isLimited ? Math.max(1, estimatePerSecond * back) : Infinity);

  const stuck = wasSilent && !isSilent ? sample.outstanding : Math.min(old.stuck, sample.outstanding);
  const coldSinceMs = Number.isNaN(old.coldSinceMs) && sample.sent > 0 ? nowMs : old.coldSinceMs;
  let outstanding = Infinity;
  if (isSilent) perSecond = Math.min(configured, probesPerSecond);
  else if (Number.isNaN(progress.meanMs)) {
    const coldMs = Number.isNaN(coldSinceMs) ? 0 : nowMs - coldSinceMs;
    outstanding = coldOutstanding * 2 ** (heard ? coldMs / 1000 : 0);
  } else if (isTelling(progress)) {
    const rate = Math.max(isLimited ? estimatePerSecond : provenPerSecond, conf && !isLimited ? configured : 0);
    const slack = isLimited ? aim + 250 : slackMs;
    outstanding = stuck + (rate * (progress.meanMs + slack)) / 1000 + slackCalls;
  }
  const isAtCapacity = !isSilent && demandPerSecond > perSecond;
  return {
    perSecond,
    outstanding,
    isAtCapacity,
    isSilent,
    learned: {
      configuredPerSecond: old.configuredPerSecond,
      isLimited,
      estimatePerSecond,
      provenPerSecond,
      progress,
      first,
      past,
      isBusy,
      idleSteps,
      neededMs,
      unheard,
      unheardSinceMs,
      stuck,
      silenceEndedMs: wasSilent && !isSilent ? nowMs : old.silenceEndedMs,
      coldSinceMs,
    },
  };
}

function sumOf(past: readonly Past[]): { sent: number; progressed: number; refused: number; ms: number } {
  const sum = { sent: 0, progressed: 0, refused: 0, ms: 0 };
  for (const one of past) {
    sum.sent += one.sent;
    sum.progressed += one.progressed;
    sum.refused += one.refused;
    sum.ms += one.intervalMs;
  }
  return sum;
}
