// How long one connection is not read from, so that TCP slows its sender down: of two pauses that overlap, the one that ends
// later counts.

/** What is not read from. */
export interface Paused {
  paused: boolean;
  quietSinceMs: number;
  partialSinceMs: number;
}

export class ReadPause {
  private readonly of: Paused;
  private readonly stream: { pause(): void; resume(): void };
  private untilMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(of: Paused, stream: { pause(): void; resume(): void }) {
    this.of = of;
    this.stream = stream;
  }

  begin(ms: number): void {
    const nowMs = performance.now();
    if (this.of.paused && nowMs + ms <= this.untilMs) return;
    clearTimeout(this.timer);
    this.untilMs = nowMs + ms;
    this.of.paused = true;
    this.stream.pause();
    this.timer = setTimeout(() => this.end(), ms).unref();
  }

  private end(): void {
    this.of.paused = false;
    // The sender could not send: its time does not count.
    this.of.quietSinceMs = performance.now();
    if (this.of.partialSinceMs > 0) this.of.partialSinceMs = this.of.quietSinceMs;
    this.stream.resume();
  }
}
