// Turns counters that only grow into rates. A counter that went back began anew (a device was taken out and put back, a group was
// made again): it counts from there.

export interface Rate {
  /** Units per second since it was measured last; undefined on the first call for a name. `nowMs` of a clock that never goes back. */
  next(name: string, counter: number, nowMs: number): number | undefined;
}

/** Until `leastMs` have passed since the last measurement the last rate holds: over very short times counters say little. */
export function createRate(leastMs = 1): Rate {
  const last = new Map<string, { counter: number; atMs: number; rate: number | undefined }>();
  return {
    next(name, counter, nowMs) {
      const before = last.get(name);
      if (before !== undefined && nowMs - before.atMs < leastMs) return before.rate;
      const rate =
        before === undefined ? undefined : (Math.max(0, counter - before.counter) * 1000) / (nowMs - before.atMs);
      last.set(name, { counter, atMs: nowMs, rate });
      return rate;
    },
  };
}
