// Decides which of many equal log lines are written: the first of a cause, then at most one per interval.

export interface LogLimitOptions {
  intervalMs: number;
  /** Causes remembered at once; the one longest ago written goes first. */
  maxCauses: number;
}

/** Returns how many lines of this cause were left out since the last one written, or undefined if this one is left out. */
export function createLogLimit(options: LogLimitOptions): (cause: string, nowMs: number) => number | undefined {
  const causes = new Map<string, { writtenMs: number; suppressed: number }>();
  return (cause, nowMs) => {
    const seen = causes.get(cause);
    if (seen !== undefined && nowMs - seen.writtenMs < options.intervalMs) {
      seen.suppressed++;
      return undefined;
    }
    // Deleted and set again, so that the map stays in the order of writing.
    causes.delete(cause);
    causes.set(cause, { writtenMs: nowMs, suppressed: 0 });
    if (causes.size > options.maxCauses) causes.delete(causes.keys().next().value!);
    return seen?.suppressed ?? 0;
  };
}
