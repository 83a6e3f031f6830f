// How much processor time an application may use, and whether what it has is spent: a bucket that real use empties.

/** What may be saved up, as a span at the full limit, s. */
const burstSeconds = 0.1;
/** Of `usedCores`, s. */
const smoothSeconds = 1;

export class CpuBudget {
  /** Smoothed. */
  usedCores = 0;
  private limit: number | undefined;
  private creditSeconds = 0;

  /** Cores; undefined: no limit. */
  get limitCores(): number | undefined {
    return this.limit;
  }

  set limitCores(cores: number | undefined) {
    if (this.limit === undefined) this.creditSeconds = 0;
    this.limit = cores;
  }

  /** So much processor time was used in so much time. */
  note(usedSeconds: number, elapsedSeconds: number): void {
    const weight = Math.min(1, elapsedSeconds / smoothSeconds);
    this.usedCores += (usedSeconds / elapsedSeconds - this.usedCores) * weight;
    if (this.limit === undefined) return;
    const credit = this.creditSeconds + this.limit * elapsedSeconds - usedSeconds;
    this.creditSeconds = Math.min(this.limit * burstSeconds, credit);
  }

  get isSpent(): boolean {
    return this.limit !== undefined && this.creditSeconds < 0;
  }
}

/** Notes what this process uses, until the returned function is called. */
export function meterProcess(budget: CpuBudget): () => void {
  let beforeUse = process.cpuUsage();
  let beforeMs = performance.now();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(beforeUse);
    const nowMs = performance.now();
    budget.note((user + system) / 1e6, (nowMs - beforeMs) / 1000);
    beforeUse = process.cpuUsage();
    beforeMs = nowMs;
  }, 50);
  timer.unref();
  return () => clearInterval(timer);
}
