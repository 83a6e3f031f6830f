// What Kamailio's `ratelimit` module counts for both of its algorithms: requests in windows of 10 s (`timer_interval`, its
// default), begun by a timer and not by traffic. Source: Kamailio 5.x documentation of `ratelimit`, "timer_interval", "pipe".

export const windowSeconds = 10;

export class KamailioWindow {
  /** Requests in the window that is open, and in the one before. */
  count = 0;
  lastCount = 0;
  // the timer knows nothing of what happens in the network: not a multiple of ten
  private endMs = 3700;

  tick(nowMs: number): void {
    if (nowMs < this.endMs) return;
    this.endMs += windowSeconds * 1000;
    this.lastCount = this.count;
    this.count = 0;
  }
}
