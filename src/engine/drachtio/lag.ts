// How long a drachtio-server's requests were on their way here, by the time of day that it writes into them. Another host's clock is
// not ours: there, what the fastest took in the last minutes counts as none.
import { lagOf } from './received.ts';

/** Length of each of the two spans over which the fastest is remembered, ms. */
const spanMs = 60_000;

export interface LagClock {
  /** ms, 0 and up; 0 for a time that is none. `nowMs` of Date.now. */
  lag(timeOfDay: string, nowMs: number): number;
}

export function createLagClock(isSameHost: boolean): LagClock {
  let least = Number.POSITIVE_INFINITY;
  let leastBefore = Number.POSITIVE_INFINITY;
  let beganMs = Number.NEGATIVE_INFINITY;
  return {
    lag(timeOfDay, nowMs) {
      const raw = lagOf(timeOfDay, nowMs);
      if (raw === undefined) return 0;
      if (isSameHost) return Math.max(0, raw);
      if (Math.abs(nowMs - beganMs) >= spanMs) {
        leastBefore = least;
        least = raw;
        beganMs = nowMs;
      }
      least = Math.min(least, raw);
      return Math.max(0, raw - Math.min(least, leastBefore));
    },
  };
}
