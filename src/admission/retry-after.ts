// Retry-After by how much is being refused (RFC 3261 §20.33): a constant brings everybody back at the same moment, and a long
// one keeps a customer away, emergency calls included, after the event is over (§21.5.4).

/** Whole seconds, 1 to 255, `minSeconds` not above `maxSeconds`. */
export interface RetryAfterRange {
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** Share of the ordinary requests of an interface that were refused lately, from 0 to 1: smoothed over a few seconds. */
export class RefusedShare {
  ratio = 0;
  private offered = 0;
  private refused = 0;
  private lastMs = Number.NaN;

  count(isRefused: boolean): void {
    this.offered++;
    if (isRefused) this.refused++;
  }

  /** Call about ten times a second; the smoothing has a time constant of 2 s. */
  tick(nowMs: number): void {
    const passedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (!(passedMs > 0)) return;
    const sample = this.offered === 0 ? 0 : this.refused / this.offered;
    this.offered = 0;
    this.refused = 0;
    this.ratio += (sample - this.ratio) * (1 - Math.exp(-passedMs / 2000));
  }
}

/**
 * Whole seconds within `range`: about `minSeconds` when little is refused, towards `maxSeconds` when nearly everything is,
 * spread by half of that up and down. What would lie outside of the range is not cut off but spread inside it, so that no
 * second gets more callers than the others. `jitter`: 0 to 1, the same for a retransmission.
 */
export function retryAfterSeconds(range: RetryAfterRange, refusedRatio: number, jitter: number): number {
  const { minSeconds, maxSeconds } = range;
  const middle = minSeconds + (maxSeconds - minSeconds) * refusedRatio;
  const lowest = Math.max(minSeconds, middle * 0.5);
  const highest = Math.min(maxSeconds, middle * 1.5);
  return Math.round(lowest + (highest - lowest) * jitter);
}
