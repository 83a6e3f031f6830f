// How busy the event loop was since the last sample, and by how much it was late at the worst. Differs from what is commonly
// exported: not the share since the process began, which a surge of a minute does not move.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/**
 * How often the loop's lateness is looked at, ms. What Node records is the time between two looks, so this much of it is no
 * delay; and a delay can be told too short by up to as much, so that shorter ones may not be seen.
 */
const resolutionMs = 10;

export interface EventLoopSample {
  /** Share of the time since the last sample in which the loop was busy, 0 to 1. */
  readonly loopUtilisation: number;
  /** Its greatest delay since the last sample, ms. */
  readonly loopDelayMs: number;
}

export interface EventLoopMonitor {
  sample(): EventLoopSample;
  close(): void;
}

/** Keeps no process alive. */
export function createEventLoopMonitor(): EventLoopMonitor {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let before = performance.eventLoopUtilization();
  return {
    sample() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      // Nanoseconds; 0 where nothing was recorded since the last sample.
      const longestMs = delays.max / 1e6;
      delays.reset();
      return {
        // Not a number where no time went by.
        loopUtilisation: utilization > 0 ? Math.min(1, utilization) : 0,
        loopDelayMs: Math.max(0, longestMs - resolutionMs),
      };
    },
    close: () => delays.disable(),
  };
}
