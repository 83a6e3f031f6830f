// Switches of limited capacity for the closed-loop tests, without sockets. Each says, when an INVITE comes, when its 100
// and its next response will leave; Infinity: never.
import { WorkQueue } from '../../src/lab/work-queue.ts';
import { exponential } from './random.ts';

export interface Answer {
  /** 100 Trying (or whatever comes first). */
  readonly firstMs: number;
  /** The first response other than 100. */
  readonly finalMs: number;
  readonly isRefusal: boolean;
}

export interface ModelSwitch {
  invite(nowMs: number): Answer;
  /** Costs work and brings no answer of its own. */
  retransmission(nowMs: number): void;
}

const never: Answer = { firstMs: Infinity, finalMs: Infinity, isRefusal: false };

/** The embedded test switch's model: nothing is answered before its turn. */
export function workQueueSwitch(capacityPerSecond: number): ModelSwitch {
  const queue = new WorkQueue(capacityPerSecond);
  return {
    invite(nowMs) {
      const result = queue.arrive(nowMs, 'invite');
      if (result.outcome === 'lost') return never;
      return { firstMs: result.atMs, finalMs: result.atMs, isRefusal: result.outcome === 'refused' };
    },
    retransmission(nowMs) {
      queue.arrive(nowMs, 'retransmission');
    },
  };
}

export interface QueueOptions {
  /** Capacity from a time on, ascending, the first at 0; a capacity of 0 is a switch that does nothing. */
  readonly capacity: readonly { readonly fromMs: number; readonly perSecond: number }[];
  /** Sends 100 before any work. */
  readonly tryingAtOnce?: boolean;
  /** Work per INVITE: 1, or exponential with mean 1. */
  readonly serviceRandom?: () => number;
  /** Refuses with 503 at once, at this cost, what would wait longer than `fullMs`. */
  readonly refusalCost?: number;
  readonly fullMs?: number;
  /** Added to the first response other than 100 after the work is done: the way to the far end, or a human. */
  readonly latencyMs?: () => number;
  /** While the capacity is 0 what comes is lost, and what waited too. */
  readonly losesWhenSilent?: boolean;
}

const retransmissionCost = 0.25;

/** One server, first in first out, whose capacity changes with time. */
export function queueSwitch(options: QueueOptions): ModelSwitch {
  const { capacity, tryingAtOnce, serviceRandom, refusalCost = 0.3, fullMs = 4000, latencyMs } = options;
  let freeAtMs = 0;
  const rateAt = (ms: number): number => {
    let rate = 0;
    for (const one of capacity) if (one.fromMs <= ms) rate = one.perSecond;
    return rate;
  };
  /** When `units` of work that begin at `ms` are done. */
  const doneAt = (ms: number, units: number): number => {
    let left = units;
    let at = ms;
    for (;;) {
      const rate = rateAt(at);
      const change = capacity.find(({ fromMs }) => fromMs > at)?.fromMs ?? Infinity;
      if (rate > 0 && at + (left * 1000) / rate <= change) return at + (left * 1000) / rate;
      if (change === Infinity) return Infinity;
      left -= ((change - at) * rate) / 1000;
      at = change;
    }
  };
  const work = (nowMs: number, units: number): number => {
    freeAtMs = doneAt(Math.max(nowMs, freeAtMs), units);
    return freeAtMs;
  };
  /** The queue is lost when the switch falls silent: what waits then is never answered. */
  const isLost = (nowMs: number, doneMs: number): boolean => {
    if (options.losesWhenSilent !== true) return false;
    const silence = capacity.find(({ fromMs, perSecond }) => perSecond === 0 && fromMs > nowMs && fromMs < doneMs);
    return silence !== undefined || rateAt(nowMs) === 0;
  };
  return {
    invite(nowMs) {
      if (options.losesWhenSilent === true && rateAt(nowMs) === 0) return never;
      if (options.losesWhenSilent === true && freeAtMs > nowMs && isLost(nowMs, freeAtMs)) return never;
      const waitMs = freeAtMs - nowMs;
      if (waitMs > 2 * fullMs && refusalCost > 0.1) return never;
      if (waitMs > fullMs) {
        const atMs = refusalCost > 0.1 ? work(nowMs, refusalCost) : nowMs + 2;
        if (refusalCost <= 0.1) work(nowMs, refusalCost);
        return { firstMs: atMs, finalMs: atMs, isRefusal: true };
      }
      const units = serviceRandom === undefined ? 1 : exponential(serviceRandom, 1);
      const doneMs = work(nowMs, units);
      if (isLost(nowMs, doneMs)) {
        freeAtMs = nowMs;
        return never;
      }
      const firstMs = tryingAtOnce === true ? nowMs + 1 : doneMs;
      return { firstMs, finalMs: doneMs + (latencyMs?.() ?? 0), isRefusal: false };
    },
    retransmission(nowMs) {
      if (rateAt(nowMs) > 0 || options.losesWhenSilent !== true) work(nowMs, retransmissionCost);
    },
  };
}

/** `workers` calls at a time, each for 30 to 200 ms: capacity = workers / 0.115 s. */
export function parallelSwitch(workers: number, random: () => number, tryingAtOnce = false): ModelSwitch {
  const freeAt = new Float64Array(workers);
  return {
    invite(nowMs) {
      let first = 0;
      for (let i = 1; i < workers; i++) if (freeAt[i]! < freeAt[first]!) first = i;
      const startMs = Math.max(nowMs, freeAt[first]!);
      if (startMs - nowMs > 8000) return never;
      const doneMs = startMs + 30 + 170 * random();
      freeAt[first] = doneMs;
      return { firstMs: tryingAtOnce ? nowMs + 1 : startMs, finalMs: doneMs, isRefusal: false };
    },
    retransmission() {},
  };
}
