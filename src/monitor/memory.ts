// How near the process is to the memory it may use: resident memory against the limit of its control group (memory.max of
// cgroup v2, memory.limit_in_bytes of v1) or the machine's, and V8's heap against its own limit, whichever is nearer.
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** How often the limit is read again, ms: an orchestrator may change it while we run. */
const limitAgeMs = 1_000;

/** What there is and what is used, bytes. */
export interface MemoryUse {
  readonly residentBytes: number;
  /** Of the control group; 0, or more than the machine has, where there is none. */
  readonly groupLimitBytes: number;
  readonly totalBytes: number;
  readonly heapBytes: number;
  readonly heapLimitBytes: number;
}

/** 0 to 1. */
export function memoryRatio(use: MemoryUse): number {
  const { residentBytes, groupLimitBytes, totalBytes, heapBytes, heapLimitBytes } = use;
  const limit = groupLimitBytes > 0 ? Math.min(groupLimitBytes, totalBytes) : totalBytes;
  return Math.min(1, Math.max(ratio(residentBytes, limit), ratio(heapBytes, heapLimitBytes)));
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Returns the sampler: `memoryRatio` of now, at the cost of about 20 µs. `nowMs` is of a clock that never goes back. */
export function createMemoryMonitor(): (nowMs: number) => number {
  const totalBytes = totalmem();
  let groupLimitBytes = 0;
  let readMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    if (nowMs - readMs >= limitAgeMs) {
      readMs = nowMs;
      groupLimitBytes = process.constrainedMemory();
    }
    const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics();
    const residentBytes = process.memoryUsage.rss();
    return memoryRatio({ residentBytes, groupLimitBytes, totalBytes, heapBytes, heapLimitBytes });
  };
}
