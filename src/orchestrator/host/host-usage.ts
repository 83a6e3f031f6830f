// The physical half of the resource usage state module (DESIGN.md §6): what the host has and what is used of it, of all that the
// congestion API knows, smoothed.
import { type Amounts, byResource, type ResourceName } from '../../congestion/amounts.ts';
import { createCpuSampler, createMemorySampler, type ResourceSample, type ResourceSampler } from './cpu-and-memory.ts';
import { createDiskSpaceSampler } from './disk-space.ts';
import { createEnclosingGroup } from './enclosing-group.ts';
import { createHostFiles } from './host-files.ts';
import { smooth } from './smooth.ts';
import { createDiskSampler, createNetworkSampler } from './throughput.ts';

export interface HostUsageOptions {
  /** What stands for `/`; default: `/`. */
  readonly root?: string;
  /** Paths whose file systems count for diskBytes; default: `/`. */
  readonly diskPaths?: readonly string[];
  /** Devices that count for diskBytesPerSecond, as in /proc/diskstats; default: all whole disks. */
  readonly disks?: readonly string[];
  /** Interfaces that count for networkBytesPerSecond; default: all with hardware behind them, else all but lo. */
  readonly interfaces?: readonly string[];
  /** Configured maxima; they go before what is detected. That of networkBytesPerSecond is of both directions together. */
  readonly maximum?: Amounts;
  /** Time constant of the average, seconds, 0 or more; default: 3. */
  readonly smoothingSeconds?: number;
  /** Called once when a resource cannot be seen, and when it can be again. */
  readonly say?: (message: string) => void;
}

/** Resources that cannot be seen are left out of all; those without a maximum only of `maximum`. */
export interface HostSample {
  readonly maximum: Amounts;
  readonly used: Amounts;
  /** As it was measured since the last sample. Rates are there from the second sample on. */
  readonly usedRaw: Amounts;
}

export interface HostUsage {
  /** Measures, which takes 1 or 2 ms. `nowMs` of a clock that never goes back; without progress the last sample holds. */
  sample(nowMs: number): HostSample;
}

const defaultSmoothingSeconds = 3;

export function createHostUsage(options: HostUsageOptions = {}): HostUsage {
  const root = options.root ?? '/';
  const files = createHostFiles(root, options.say ?? (() => {}));
  const group = createEnclosingGroup(files);
  const samplers: Record<ResourceName, ResourceSampler> = {
    cpuCores: createCpuSampler(files, group),
    memoryBytes: createMemorySampler(files, group),
    diskBytes: createDiskSpaceSampler(files, root, options.diskPaths ?? ['/']),
    diskBytesPerSecond: createDiskSampler(files, options.disks),
    networkBytesPerSecond: createNetworkSampler(files, options.interfaces),
  };
  const timeConstantMs = (options.smoothingSeconds ?? defaultSmoothingSeconds) * 1000;
  let last: HostSample | undefined;
  let lastMs = 0;
  return {
    sample(nowMs) {
      if (last !== undefined && nowMs <= lastMs) return last;
      const samples: Partial<Record<ResourceName, ResourceSample>> = {};
      const usedRaw = byResource((name) => {
        samples[name] = samplers[name](nowMs);
        return samples[name].used;
      });
      const maximum = byResource((name) => {
        const isKnown = samples[name]?.used !== undefined || samples[name]?.maximum !== undefined;
        return options.maximum?.[name] !== undefined && isKnown ? options.maximum[name] : samples[name]?.maximum;
      });
      last = { maximum, used: smooth(last?.used ?? {}, usedRaw, nowMs - lastMs, timeConstantMs), usedRaw };
      lastMs = nowMs;
      return last;
    },
  };
}
