// How long one connection is not read from, so that TCP slows its sender down: of two pauses that overlap, the one that ends
// later counts.

/** What is paused. */
export interface Paused {
  pause(): void;
  resume(): void;
}

export class ReadPause {
  private readonly of: Paused;
  private untilMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(of: Paused) {
    this.of = of;
  }

  /** `nowMs`: of `performance.now()`. */
  begin(ms: number, nowMs: number, isPaused: boolean): void {
    if (isPaused && nowMs + ms <= this.untilMs) return;
    clearTimeout(this.timer);
    this.untilMs = nowMs + ms;
    this.of.pause();
    this.timer = setTimeout(() => this.of.resume(), ms).unref();
  }
}
