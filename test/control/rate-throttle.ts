// A client that a test tells to send less: it keeps to the algorithm of the RFC, which the edge does with its own buckets.
// The client's leaky bucket of RFC 7415 §3.5.1 (after ITU-T I.371 A.2), with the two thresholds of §3.5.2 and the randomisation
// of §3.5.3. All times in ms; T = 1000 / rate is the interval between two requests.

/** RFC 7415 §3.5.1: burst allowed to a client that knows no priority, in T. */
export const tau = 4;
/** RFC 7415 §3.5.2: where the bucket starts, and how far ordinary and priority requests may fill it, in T. */
export const tau0 = 0;
export const tau1 = 5;
export const tau2 = 10;

export type RequestRank = 'only' | 'ordinary' | 'priority';
const limits: Readonly<Record<RequestRank, number>> = { only: tau, ordinary: tau1, priority: tau2 };

export class RateThrottle {
  /** Content, ms. */
  private x: number;
  /** When the last request was let through. */
  private lastMs: number;
  /** `Infinity`: nothing passes. */
  private intervalMs: number;

  /** Control begins at `nowMs`. `perSecond` 0 or more; `random` 0 to below 1. */
  constructor(perSecond: number, nowMs: number, random: number) {
    this.intervalMs = 1000 / perSecond;
    this.lastMs = nowMs;
    // RFC 7415 §3.5.3: the request whose response brought the value has been sent, so the bucket starts at TAU0 + uT
    this.x = Number.isFinite(this.intervalMs) ? (tau0 + random - 0.5) * this.intervalMs : 0;
  }

  /** A new rate. The content stays the same number of requests, so that a bucket filled at a low rate does not block a high one. */
  change(perSecond: number, nowMs: number): void {
    const intervalMs = 1000 / perSecond;
    if (intervalMs === this.intervalMs) return;
    const left = this.x - (nowMs - this.lastMs);
    const canScale = Number.isFinite(intervalMs) && Number.isFinite(this.intervalMs);
    if (canScale) this.x = left * (intervalMs / this.intervalMs);
    else this.x = Math.max(0, left);
    this.lastMs = nowMs;
    this.intervalMs = intervalMs;
  }

  /** Whether a request may be sent at `nowMs`; then it counts. `only`: the caller tells no priority from the rest. */
  admits(nowMs: number, rank: RequestRank, random: number): boolean {
    // RFC 7415 §3.5.1: oc=0 with a validity rejects all
    if (this.intervalMs === Number.POSITIVE_INFINITY) return false;
    const xp = this.x - (nowMs - this.lastMs);
    if (xp > limits[rank] * this.intervalMs) return false;
    // RFC 7415 §3.5.3: between T/2 and 3T/2 where the bucket had emptied, so that clients do not fall into step
    const u = xp > 0 ? 0 : random - 0.5;
    this.x = Math.max(0, xp) + (1 + u) * this.intervalMs;
    this.lastMs = nowMs;
    return true;
  }
}
