// Processors and memory of the host: /proc/stat and meminfo, or the group that encloses everything where that has less.
import type { EnclosingGroup } from './enclosing-group.ts';
import type { HostFiles } from './host-files.ts';
import { type CpuTicks, parseCpuTicks, parseMemory } from './proc-usage.ts';
import { createRate } from './rate.ts';

/** What there is and what is used of one resource, in its unit; what is not known is left out. */
export interface ResourceSample {
  readonly maximum?: number | undefined;
  readonly used?: number | undefined;
}
/** `nowMs` of a clock that never goes back. */
export type ResourceSampler = (nowMs: number) => ResourceSample;

/** Cores in use: the busy share of all ticks since the last sample, so that it needs no clock; from the second sample on. */
export function createCpuSampler(files: HostFiles, group: EnclosingGroup): ResourceSampler {
  let before: CpuTicks | undefined;
  let used: number | undefined;
  const rate = createRate();
  return (nowMs) => {
    const text = files.read('/proc/stat', 'cpuCores');
    const ticks = text === undefined ? undefined : parseCpuTicks(text);
    if (ticks === undefined) {
      if (text !== undefined) files.missing('cpuCores', '/proc/stat: not understood');
      before = undefined;
      used = undefined;
      return {};
    }
    files.missing('cpuCores', undefined);
    used = (before === undefined ? undefined : coresInUse(before, ticks)) ?? used;
    before = ticks;
    const limit = group.cores();
    const groupMs = group.cpuMs();
    const groupCores = groupMs === undefined ? undefined : rate.next('group', groupMs / 1000, nowMs);
    if (limit === undefined || limit >= ticks.cores) return { maximum: ticks.cores, used };
    return { maximum: limit, used: groupMs === undefined ? used : groupCores };
  };
}

/** Undefined where no tick has passed. The kernel may take idle ticks back (proc(5), iowait). */
function coresInUse(before: CpuTicks, now: CpuTicks): number | undefined {
  const busy = Math.max(0, now.busy - before.busy);
  const idle = Math.max(0, now.idle - before.idle);
  return busy + idle === 0 ? undefined : (busy / (busy + idle)) * now.cores;
}

export function createMemorySampler(files: HostFiles, group: EnclosingGroup): ResourceSampler {
  return () => {
    const text = files.read('/proc/meminfo', 'memoryBytes');
    if (text === undefined) return {};
    const memory = parseMemory(text);
    if (memory === undefined) {
      files.missing('memoryBytes', '/proc/meminfo: not understood');
      return {};
    }
    files.missing('memoryBytes', undefined);
    const limit = group.memoryBytes();
    if (limit === undefined || limit >= memory.maximum) return memory;
    return { maximum: limit, used: group.memoryUsedBytes() ?? memory.used };
  };
}
