// The leaky bucket of RFC 7415 §3.5.1, that of the ITU-T's I.371: it holds the calls that were sent and, at its rate, are not worked
// off yet. So it mirrors the queue in the switch that it stands for, and who may be sent depends on how much waits there.

/** A flood is forgotten in so long: what a bucket holds at most, in seconds of its rate, and a call. */
const mostSeconds = 1.2;

export class LeakyBucket {
  /** Calls that it holds, 0 or more. */
  content = 0;
  ratePerSecond: number;
  private lastMs = Number.NaN;

  /** `ratePerSecond` above 0; the bucket starts empty. */
  constructor(ratePerSecond: number) {
    this.ratePerSecond = ratePerSecond;
  }

  /** Brings the content up to date. A clock that goes back drains nothing. */
  drain(nowMs: number): void {
    if (nowMs > this.lastMs)
      this.content = Math.max(0, this.content - ((nowMs - this.lastMs) * this.ratePerSecond) / 1000);
    if (!(nowMs < this.lastMs)) this.lastMs = nowMs;
  }

  /** Whether it would hold no more than `room` calls with one more; at most a second's of them. Call `drain` first. */
  hasRoom(room: number): boolean {
    return this.content + 1 <= room;
  }

  /** `calls` are sent whether there is room or not, or are found to wait. */
  add(calls: number): void {
    this.content = Math.min(this.content + calls, 1 + this.ratePerSecond * mostSeconds);
  }

  /** What it holds stays, as far as a bucket of that rate may hold it. */
  change(ratePerSecond: number): void {
    this.ratePerSecond = ratePerSecond;
    this.add(0);
  }
}
