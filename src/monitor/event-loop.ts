// How busy the event loop was since the last sample, and by how much it was late at the worst. Differs from what is commonly
// exported: not the share since the process began, which a surge of a minute does not move; and not Node's
// monitorEventLoopDelay, which after each reset misses a delay that has already begun.
import { performance } from 'node:perf_hooks';

/** How often the loop is to be looked at, ms. A delay can be told too short by up to as much, so shorter ones may not be seen. */
export const lookMs = 10;

export interface EventLoopSample {
  /** Share of the time since the last sample in which the loop was busy, 0 to 1. */
  readonly loopUtilisation: number;
  /** Its greatest delay since the last sample, ms. */
  readonly loopDelayMs: number;
}

export interface EventLoopMonitor {
  /** To be called every `lookMs`, by a timer that is there anyway: one of its own would wake the process as often again. */
  look(): void;
  sample(): EventLoopSample;
}

/** A look costs a microsecond or two. */
export function createEventLoopMonitor(): EventLoopMonitor {
  let before = performance.eventLoopUtilization();
  let lookedMs = performance.now();
  let longestMs = 0;
  return {
    look() {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lookedMs - lookMs);
      lookedMs = nowMs;
    },
    sample() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      // The sample's timer may come before ours in a turn that is late.
      const loopDelayMs = Math.max(longestMs, performance.now() - lookedMs - lookMs, 0);
      longestMs = 0;
      // Not a number where no time went by.
      return { loopUtilisation: utilization > 0 ? Math.min(1, utilization) : 0, loopDelayMs };
    },
  };
}
