// How much a switch of limited capacity can do, and how it wastes work when offered more (RFC 5390 §2, RFC 6357 §3).
//
// The model: one server, first in first out. An INVITE costs one unit of work and `capacityPerSecond` units are done in
// a second. Nothing is answered before its turn, 100 Trying included, so that a backlog longer than T1 makes upstream
// retransmit; a retransmission costs a part of a unit although it brings nothing, and an INVITE that finds the queue
// full is refused at a part of a unit. What was queued is worked off even when its caller has gone. Hence the shape that
// is known from real switches: delay first, then retransmissions, then goodput that falls while the offer rises.

export interface WorkCosts {
  /** Units of work that a retransmitted INVITE costs, 0 to 1. Default 0.25. */
  readonly retransmission: number;
  /** Units of work that refusing an INVITE costs when the queue is full, 0 to 1. Default 0.3. */
  readonly refusal: number;
  /** Backlog at which an INVITE is refused, and twice which it is not even read, in ms of work. Default 4,000. */
  readonly fullMs: number;
}

export const defaultWorkCosts: WorkCosts = { retransmission: 0.25, refusal: 0.3, fullMs: 4000 };

export type Work = 'invite' | 'retransmission';

/** `done`: its turn is over at `atMs`. `refused`: a refusal leaves at `atMs`. `lost`: never read. */
export type WorkResult = { readonly outcome: 'done' | 'refused'; readonly atMs: number } | { readonly outcome: 'lost' };

/** The queue; all times in ms of one clock that does not go back. */
export class WorkQueue {
  readonly #unitMs: number;
  readonly #costs: WorkCosts;
  #busyUntilMs = 0;

  /** `capacityPerSecond` > 0; Infinity makes every request done at once. */
  constructor(capacityPerSecond: number, costs: WorkCosts = defaultWorkCosts) {
    this.#unitMs = 1000 / capacityPerSecond;
    this.#costs = costs;
  }

  /** Work that is waiting, in ms. */
  backlogMs(nowMs: number): number {
    return Math.max(0, this.#busyUntilMs - nowMs);
  }

  /** Puts one request into the queue and says when, and with what outcome, it leaves. */
  arrive(nowMs: number, work: Work): WorkResult {
    const backlogMs = this.backlogMs(nowMs);
    if (backlogMs > 2 * this.#costs.fullMs) return { outcome: 'lost' };
    if (work === 'retransmission') return { outcome: 'done', atMs: this.#add(nowMs, this.#costs.retransmission) };
    if (backlogMs > this.#costs.fullMs) return { outcome: 'refused', atMs: this.#add(nowMs, this.#costs.refusal) };
    return { outcome: 'done', atMs: this.#add(nowMs, 1) };
  }

  #add(nowMs: number, units: number): number {
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + units * this.#unitMs;
    return this.#busyUntilMs;
  }
}
