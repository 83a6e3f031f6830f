// Memory of a control group.
//
//   soft  version 2: memory.high. The group is slowed down and its memory reclaimed, nobody is killed.
//         version 1: memory.soft_limit_in_bytes. Only while the host is short of memory is the group pushed back to it. There is no
//         other limit of version 1 that kills nobody: past memory.limit_in_bytes the kernel kills, or without its killer
//         (memory.oom_control) the application stands still, and could not even shed.
//   hard  memory.max and memory.limit_in_bytes. Set below what is used now, the kernel would kill at once: so never below what it cannot
//         give back, and a little more. As use comes down it is set again.
import { type CgroupPart, type GroupFiles, required } from './cgroup-part.ts';
import { fieldOf, memoryLimitText, parseMemoryLimit, wholeNumber } from './cgroup-values.ts';

/** A hard limit leaves this share above what is used. */
const headroomRatio = 1 / 16;

export function createCgroupMemory(version: 1 | 2, kind: 'soft' | 'hard', files: GroupFiles): CgroupPart {
  const names =
    version === 2
      ? { soft: 'memory.high', hard: 'memory.max', current: 'memory.current', files: ['inactive_file', 'active_file'] }
      : {
          soft: 'memory.soft_limit_in_bytes',
          hard: 'memory.limit_in_bytes',
          current: 'memory.usage_in_bytes',
          files: ['total_inactive_file', 'total_active_file'],
        };
  /** Without the pages of files that the kernel gives back first: `inactive`; without all that it can give back: `all`. */
  const use = async (without: 'inactive' | 'all'): Promise<number | undefined> => {
    const current = wholeNumber((await files.text('memory', names.current)) ?? '');
    if (current === undefined) return undefined;
    const stat = (await files.text('memory', 'memory.stat')) ?? '';
    const [inactive = 0, active = 0] = names.files.map((name) => fieldOf(stat, name));
    return Math.max(0, current - inactive - (without === 'all' ? active : 0));
  };
  return {
    resource: 'memoryBytes',
    canLimit: true,
    limit: async () => parseMemoryLimit((await files.text('memory', names[kind])) ?? ''),
    async writes(limit) {
      const path = files.path('memory', names[kind]);
      const now = await files.text('memory', names[kind]);
      if (now === undefined && limit === undefined) return [];
      const undo = required(now, path).trim();
      let bytes = limit;
      if (limit !== undefined && kind === 'hard') {
        const inUse = required((await use('all'))?.toString(), files.path('memory', names.current));
        bytes = Math.max(limit, Number(inUse) * (1 + headroomRatio));
      }
      return [{ path, text: memoryLimitText(bytes, version), undo }];
    },
    used: () => use('inactive'),
    async above() {
      const own = kind === 'soft' ? parseMemoryLimit((await files.text('memory', names.hard)) ?? '') : undefined;
      const above = await files.leastAbove('memory', names.hard, parseMemoryLimit);
      return own === undefined || above === undefined ? (own ?? above) : Math.min(own, above);
    },
  };
}
