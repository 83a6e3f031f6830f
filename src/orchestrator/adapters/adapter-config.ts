// What configuration says about the adapter of an application.
import type { Amounts } from '../../congestion/amounts.ts';

export interface CgroupConfig {
  readonly kind: 'cgroup';
  /** Of the group, below the root of the hierarchies: `system.slice/web.service`. */
  readonly path: string;
  /** Make the group where it is not there, and remove it at the end if it is empty; default: false. */
  readonly create?: boolean;
  /** Processes that are moved into the group when it is made. */
  readonly pids?: readonly number[];
  /**
   * soft (default): the group is slowed down and its memory reclaimed, nobody is killed (memory.high; of version 1 the soft limit, which
   * only bites while the host is short of memory). hard: memory.max; what grows past it is killed by the kernel.
   */
  readonly memory?: 'soft' | 'hard';
  /** Limits that others have set and that are put back when ours are lifted; default: none. */
  readonly baseline?: Amounts;
  /** `major:minor` of the disks that diskBytesPerSecond is divided among; default: all whole disks. */
  readonly devices?: readonly string[];
}

export interface LibvirtConfig {
  readonly kind: 'libvirt';
  /** Name of the virtual machine. */
  readonly domain: string;
  /** `qemu:///system`. */
  readonly uri: string;
}

export interface AdviseConfig {
  readonly kind: 'advise';
  /** Processes whose use is seen. */
  readonly pids?: readonly number[];
}

export type AdapterConfig = CgroupConfig | LibvirtConfig | AdviseConfig;
