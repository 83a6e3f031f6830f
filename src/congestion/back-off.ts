// How long to wait after so many failures in a row: twice as long each time, with jitter, so that many clients of one orchestrator do
// not come back to it at once.

const firstMs = 250;
const longestMs = 5000;

/** 125 to 250 ms after the first failure, 2.5 to 5 s from the sixth on. `failures`: 1 or more; `random`: 0 to 1. */
export function backOffMs(failures: number, random: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16)) * (0.5 + random / 2);
}
