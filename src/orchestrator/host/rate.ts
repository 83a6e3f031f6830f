// Turns counters that only grow into rates. A counter that went back began anew (a device was taken out and put back, a group was
// made again): it counts from there.

export interface Rate {
  /** Units per second since the last call for this name; undefined on its first call, and where no time has passed. */
  next(name: string, counter: number, nowMs: number): number | undefined;
}

export function createRate(): Rate {
  const last = new Map<string, { counter: number; atMs: number }>();
  return {
    next(name, counter, nowMs) {
      const before = last.get(name);
      if (before !== undefined && nowMs <= before.atMs) return undefined;
      last.set(name, { counter, atMs: nowMs });
      if (before === undefined) return undefined;
      return (Math.max(0, counter - before.counter) * 1000) / (nowMs - before.atMs);
    },
  };
}
