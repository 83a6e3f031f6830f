// The adapter for a control group, of version 1, 2 or both side by side: a container, a unit of systemd, or a group of our own.
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Amounts, byResource, least } from '../../congestion/amounts.ts';
import { createHostFiles } from '../host/host-files.ts';
import { wholeDisks } from '../host/throughput.ts';
import type { Adapter, Limits } from './adapter.ts';
import type { CgroupConfig } from './adapter-config.ts';
import { allOrNothing } from './all-or-nothing.ts';
import { createCgroupCpu } from './cgroup-cpu.ts';
import { type CgroupFiles, createCgroupFiles } from './cgroup-files.ts';
import { createCgroupFreezer } from './cgroup-freezer.ts';
import { createCgroupGroup } from './cgroup-group.ts';
import { createCgroupIo } from './cgroup-io.ts';
import { type CgroupLayout, cgroupLayout, unifiedMount } from './cgroup-layout.ts';
import { createCgroupMemory } from './cgroup-memory.ts';
import { type CgroupPart, type CgroupWrite, createGroupFiles } from './cgroup-part.ts';
import { isBelow } from './limit-difference.ts';

export interface CgroupOptions {
  /** What stands for `/`; default: `/`. */
  readonly root?: string;
  readonly files?: CgroupFiles;
  /** ms of a clock that never goes back. */
  readonly nowMs?: () => number;
}

/** Throws one line where there are no control groups, or the path is none. */
export function createCgroupAdapter(config: CgroupConfig, options: CgroupOptions = {}): Adapter {
  const root = options.root ?? '/';
  const nowMs = options.nowMs ?? (() => performance.now());
  const files = options.files ?? createCgroupFiles(root);
  const layout = readLayout(root);
  if (Object.keys(layout).length === 0) throw new Error('no control groups are mounted on this machine');
  const group = createCgroupGroup(config, layout, files);
  const groupFiles = createGroupFiles(group, files);

  const parts: CgroupPart[] = [];
  const { cpu, cpuacct, memory, io } = layout;
  if (cpu !== undefined || cpuacct !== undefined) {
    parts.push(createCgroupCpu(cpu?.version, cpuacct?.version, groupFiles));
  }
  if (memory !== undefined) parts.push(createCgroupMemory(memory.version, config.memory ?? 'soft', groupFiles));
  const devices = config.devices ?? devicesOf(root);
  if (io !== undefined && devices.length > 0) parts.push(createCgroupIo(io.version, devices, groupFiles));
  const freezer = layout.freezer === undefined ? undefined : createCgroupFreezer(layout.freezer.version, groupFiles);

  const each = async (of: (part: CgroupPart) => Promise<number | undefined>): Promise<Amounts> => {
    const values = new Map(await Promise.all(parts.map(async (part) => [part.resource, await of(part)] as const)));
    return byResource((name) => values.get(name as CgroupPart['resource']));
  };

  const writesFor = async ({ limits, isSuspended }: Limits): Promise<CgroupWrite[]> => {
    const writes = await Promise.all(
      parts.map(({ resource, writes }) => writes(limits[resource] ?? config.baseline?.[resource])),
    );
    if (freezer === undefined && isSuspended)
      throw new Error('nothing here can suspend a group: no freezer is mounted');
    const stop = (await freezer?.writes(isSuspended)) ?? [];
    // Who is to stop stops first; who is to go on finds its limits in place.
    return isSuspended ? [...stop, ...writes.flat()] : [...writes.flat(), ...stop];
  };

  return {
    kind: 'cgroup',
    canLimit: parts.filter(({ canLimit }) => canLimit).map(({ resource }) => resource),
    async read() {
      await group.prepare();
      const host = { cpuCores: availableParallelism(), memoryBytes: totalmem() };
      const set = await each((part) => part.limit());
      const used = await each((part) => part.used(nowMs()));
      const maximum = least(least(host, await each((part) => part.above())), config.baseline ?? {});
      // What is no lower than what holds without us is no limit of ours.
      const limits = byResource((name) =>
        isBelow(name, set[name], config.baseline?.[name] ?? Number.POSITIVE_INFINITY) ? set[name] : undefined,
      );
      return { limits, isSuspended: (await freezer?.isFrozen()) ?? false, used, maximum };
    },
    async apply(wanted) {
      await group.prepare();
      const writes = (await writesFor(wanted)).filter(({ text, undo }) => text !== undo);
      await allOrNothing(
        writes.map(({ path, text, undo }) => ({
          what: `${path} = ${text}`,
          run: () => files.write(path, text),
          undo: () => files.write(path, undo),
        })),
      );
    },
    close: () => group.remove(),
  };
}

function readLayout(root: string): CgroupLayout {
  const text = (path: string): string => {
    try {
      return readFileSync(join(root, path), 'utf8');
    } catch {
      return '';
    }
  };
  const mounts = text('/proc/mounts');
  const unified = unifiedMount(mounts);
  return cgroupLayout(mounts, unified === undefined ? '' : text(`${unified}/cgroup.controllers`));
}

/** `major:minor` of all whole disks. */
function devicesOf(root: string): string[] {
  const files = createHostFiles(root, () => {});
  return wholeDisks(files).flatMap((name) => files.tryRead(`/sys/block/${name}/dev`)?.trim() ?? []);
}
