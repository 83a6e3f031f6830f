// A token bucket (RFC 7415 §3.5.1 in its other form): at most `ratePerSecond` over time and `burst` at once. Level and time
// are its whole state, so an idle hour leaves it full and nothing more.

export class TokenBucket {
  ratePerSecond: number;
  burst: number;
  /** Tokens in hand; below 0 when `spend` has taken what was not there. */
  level: number;
  private lastMs = Number.NaN;

  /** `ratePerSecond` and `burst` above 0; the bucket starts full. */
  constructor(ratePerSecond: number, burst: number) {
    this.ratePerSecond = ratePerSecond;
    this.burst = burst;
    this.level = burst;
  }

  /** Brings the level up to date. A clock that goes back adds nothing. */
  refill(nowMs: number): void {
    if (nowMs > this.lastMs)
      this.level = Math.min(this.burst, this.level + ((nowMs - this.lastMs) * this.ratePerSecond) / 1000);
    if (!(nowMs < this.lastMs)) this.lastMs = nowMs;
  }

  /** Whether one token could be taken and `floor` tokens left. Call `refill` first. */
  has(floor: number): boolean {
    return this.level >= floor + 1;
  }

  /** Takes one token whether it is there or not, down to a debt of one second's rate, so that a flood is forgotten in a second. */
  spend(): void {
    this.level = Math.max(this.level - 1, -this.ratePerSecond);
  }

  /** Puts one token back that was taken for nothing. */
  giveBack(): void {
    this.level = Math.min(this.burst, this.level + 1);
  }

  /** New limits; what is in hand stays, cut to the new burst. */
  change(ratePerSecond: number, burst: number): void {
    this.ratePerSecond = ratePerSecond;
    this.burst = burst;
    this.level = Math.min(this.level, burst);
  }
}
