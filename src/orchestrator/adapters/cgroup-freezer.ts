// Stops and continues all processes of a control group: cgroup.freeze of version 2, freezer.state of version 1. They keep what they
// have in memory and notice nothing but the time.
import { type CgroupWrite, type GroupFiles, required } from './cgroup-part.ts';

export interface CgroupFreezer {
  /** Ordered for this very group; a group that only stands still because one above it does is not suspended. */
  isFrozen(): Promise<boolean>;
  writes(isFrozen: boolean): Promise<readonly CgroupWrite[]>;
}

export function createCgroupFreezer(version: 1 | 2, files: GroupFiles): CgroupFreezer {
  const [state, order, frozen, thawed] =
    version === 2
      ? (['cgroup.freeze', 'cgroup.freeze', '1', '0'] as const)
      : (['freezer.self_freezing', 'freezer.state', 'FROZEN', 'THAWED'] as const);
  const isFrozen = async (): Promise<boolean> => (await files.text('freezer', state))?.trim() === '1';
  return {
    isFrozen,
    async writes(wanted) {
      const path = files.path('freezer', order);
      const now = await files.text('freezer', order);
      if (now === undefined && !wanted) return [];
      required(now, path);
      return [{ path, text: wanted ? frozen : thawed, undo: (await isFrozen()) ? frozen : thawed }];
    },
  };
}
