// The limits that stand above everything we can see: in a container the root of the control groups is the container's own group, and
// its quota is the host's size for all in it. On a machine of its own the root has no limit. The group that our own process is in does
// not count: a service that is itself kept small still rations the whole host.
import { cgroupLayout, unifiedMount } from '../adapters/cgroup-layout.ts';
import { coresOf, fieldOf, parseCfs, parseCpuMax, parseMemoryLimit, wholeNumber } from '../adapters/cgroup-values.ts';
import type { HostFiles } from './host-files.ts';

export interface EnclosingGroup {
  /** Cores and bytes; undefined: no limit. */
  cores(): number | undefined;
  memoryBytes(): number | undefined;
  /** Processor time of all in it since it was made, ms. */
  cpuMs(): number | undefined;
  /** Without what the kernel would give back at once (inactive pages of files). */
  memoryUsedBytes(): number | undefined;
}

export function createEnclosingGroup(files: HostFiles): EnclosingGroup {
  const mounts = files.tryRead('/proc/mounts') ?? '';
  const unified = unifiedMount(mounts);
  const controllers = unified === undefined ? '' : (files.tryRead(`${unified}/cgroup.controllers`) ?? '');
  const { cpu, cpuacct, memory } = cgroupLayout(mounts, controllers);
  const text = (mount: { mountPoint: string } | undefined, name: string): string =>
    mount === undefined ? '' : (files.tryRead(`${mount.mountPoint}/${name}`) ?? '');
  return {
    cores() {
      if (cpu?.version === 2) return coresOf(parseCpuMax(text(cpu, 'cpu.max')));
      return coresOf(parseCfs(text(cpu, 'cpu.cfs_quota_us'), text(cpu, 'cpu.cfs_period_us')));
    },
    memoryBytes: () => parseMemoryLimit(text(memory, memory?.version === 2 ? 'memory.max' : 'memory.limit_in_bytes')),
    cpuMs() {
      if (cpuacct?.version === 2) return scaled(fieldOf(text(cpuacct, 'cpu.stat'), 'usage_usec'), 1e-3);
      return scaled(wholeNumber(text(cpuacct, 'cpuacct.usage')), 1e-6);
    },
    memoryUsedBytes() {
      const isUnified = memory?.version === 2;
      const all = wholeNumber(text(memory, isUnified ? 'memory.current' : 'memory.usage_in_bytes'));
      if (all === undefined) return undefined;
      const idle = fieldOf(text(memory, 'memory.stat'), isUnified ? 'inactive_file' : 'total_inactive_file') ?? 0;
      return Math.max(0, all - idle);
    },
  };
}

const scaled = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;
