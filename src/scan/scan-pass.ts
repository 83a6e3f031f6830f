// When the next scan of one lane is due, and how many calls it may serve. Slow scans serve what the interface's share has
// brought since the last one, in a token bucket: the fraction of a call that is left over counts for the next scan.
//
// Level after a scan: less than 1, or what the batch cut off or nobody waited for. Its limit, 1 + 2 × share × interval, holds
// a fraction, what one interval brings, and what one more has brought when the timer was late: never more.
import type { ScanPlan } from '../control/throttle.ts';

export class ScanPass {
  private level = 0;
  private lastMs = Number.NaN;
  private nextMs = 0;
  /** Calls of the last scan that found no room. */
  private held = 0;

  /**
   * Calls that may be served now, 0 or more, whole; `served` must then be told how many were. Without an interval this is the
   * batch, and who serves looks for tokens itself. With one it is 0 until the next scan is due.
   */
  due(plan: ScanPlan, sharePerSecond: number, nowMs: number): number {
    if (!(plan.intervalMs > 0)) {
      this.lastMs = Number.NaN;
      return wholeBatch(plan);
    }
    // The first scan of a slow plan comes one interval after the change.
    if (Number.isNaN(this.lastMs)) {
      this.level = 0;
      this.held = 0;
      this.lastMs = nowMs;
      this.nextMs = nowMs + plan.intervalMs;
      return 0;
    }
    // A shorter interval counts at once; a clock that went back does not stop the scans.
    this.nextMs = Math.min(this.nextMs, nowMs + plan.intervalMs);
    const { held } = this;
    this.held = 0;
    if (nowMs < this.nextMs) return Math.min(wholeBatch(plan), held);
    // The rhythm is kept, so that a timer of 10 ms does not make each interval longer; a scan left out is not made up for.
    const next = this.nextMs + plan.intervalMs;
    this.nextMs = next > nowMs ? next : nowMs + plan.intervalMs;
    const elapsedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (!(sharePerSecond > 0)) {
      this.level = 0;
      return 0;
    }
    const most = 1 + (2 * sharePerSecond * plan.intervalMs) / 1000;
    if (elapsedMs > 0) this.level += (sharePerSecond * elapsedMs) / 1000;
    this.level = Math.min(this.level, most);
    return Math.min(wholeBatch(plan), Math.floor(this.level));
  }

  /** So many of those that were due found no room at the switches: they are due at the next tick, before the next scan. */
  hold(count: number): void {
    this.held = count;
  }

  /** So many were served of those that were due; what was not is kept up to the limit above. */
  served(count: number): void {
    if (Number.isFinite(this.level)) this.level = Math.max(0, this.level - count);
  }
}

function wholeBatch(plan: ScanPlan): number {
  return plan.batch > 0 ? Math.floor(plan.batch) : 0;
}
