// The clock of the pipeline: read once for everything that one turn of the event loop handles, a batch of datagrams included,
// instead of several times for each message. So it stands still for as long as a turn takes: some milliseconds at the most.
import { performance } from 'node:perf_hooks';

/** Milliseconds of a clock that never goes back. */
export function coarseClock(): () => number {
  let nowMs = 0;
  let isFresh = false;
  const expire = () => {
    isFresh = false;
  };
  return () => {
    if (!isFresh) {
      nowMs = performance.now();
      isFresh = true;
      process.nextTick(expire);
    }
    return nowMs;
  };
}
