// How an interface's waiting ordinary calls are served (DESIGN.md §4, L3: slowly, in small batches, newest first). A slow scan
// moves as many calls as a quick one: batch / interval is the share, so that goodput stays flat (RFC 6357 §8).
import type { RunningMode, ScanPlan } from './throttle.ts';

/**
 * Between two scans, ms. L3: a quarter of the wait, so that a call sees scans before it expires, and no longer, as a batch stands in
 * the switch before priority calls: of 100 ms it makes a queue of 50 ms on the average, for which less would be sent.
 */
const intervalMs: Readonly<Record<RunningMode, number>> = { L0: 0, L1: 10, L2: 20, L3: 50 };
/** Calls that may wait on an interface, whatever its share. */
const mostRoom = 256;

/**
 * `sharePerSecond`: what the interface may send, 0 to Infinity; `waitMs`: how long a call may wait. `batch` is rounded up: the
 * scheduler carries the fraction, and takes no more than there are tokens. Room is what can be served in time, at least 1.
 * A share that does not limit leaves nothing to wait for: served on arrival in every mode.
 */
export function scanPlan(mode: RunningMode, sharePerSecond: number, waitMs: number): ScanPlan {
  const room = Math.min(Math.max(Math.ceil((sharePerSecond * waitMs) / 1000) || 0, 1), mostRoom);
  const newestFirst = mode === 'L3';
  const onArrival = { intervalMs: 0, batch: room, newestFirst, room };
  if (mode === 'L0' || sharePerSecond === Number.POSITIVE_INFINITY) return onArrival;
  // At most half of the wait, and half of the room in one batch: else the lane would be empty, or calls expired, before a scan.
  const fullMs = sharePerSecond > 0 ? (room * 1000) / sharePerSecond : Number.POSITIVE_INFINITY;
  const interval = Math.floor(Math.min(intervalMs[mode], waitMs / 2, fullMs / 2));
  if (interval < 1) return onArrival;
  return { intervalMs: interval, batch: Math.ceil((sharePerSecond * interval) / 1000), newestFirst, room };
}
