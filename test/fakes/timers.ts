// Timers of one double, so that none outlives it.

export interface Timers {
  after(ms: number, run: () => void): () => void;
  clear(): void;
}

export function startTimers(): Timers {
  const waiting = new Set<NodeJS.Timeout>();
  return {
    /** Returns what calls it off. */
    after(ms, run) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        run();
      }, ms);
      waiting.add(timer);
      return () => {
        clearTimeout(timer);
        waiting.delete(timer);
      };
    },
    clear() {
      for (const timer of waiting) clearTimeout(timer);
      waiting.clear();
    },
  };
}
