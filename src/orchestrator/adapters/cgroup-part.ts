// What a resource of a control group has to say, and the access to its files that they share.
import { type CgroupFiles, isMissing } from './cgroup-files.ts';
import type { CgroupGroup } from './cgroup-group.ts';
import type { CgroupController } from './cgroup-layout.ts';

/** One order to the kernel, and what to write to take it back. */
export interface CgroupWrite {
  readonly path: string;
  readonly text: string;
  readonly undo: string;
}

export interface CgroupPart {
  readonly resource: 'cpuCores' | 'memoryBytes' | 'diskBytesPerSecond';
  /** false: what is used is seen, but there is no controller that limits it. */
  readonly canLimit: boolean;
  /** In force now, in the unit of the resource; undefined: none. Rejects where it cannot be read. */
  limit(): Promise<number | undefined>;
  /** What to write so that this limit holds; undefined: none. Rejects where it cannot be set. */
  writes(limit: number | undefined): Promise<readonly CgroupWrite[]>;
  /** Now, or since it was asked last; undefined where it cannot be seen. `nowMs` of a clock that never goes back. */
  used(nowMs: number): Promise<number | undefined>;
  /** The least of what the groups above have; undefined: they have no limit. */
  above(): Promise<number | undefined>;
}

/** Below this the rate of a counter is noise, ms: the kernel accounts by ticks. */
export const leastIntervalMs = 200;

export interface GroupFiles {
  /** Text of a file of the group; undefined where there is none, since the controller is not enabled in it. */
  text(controller: CgroupController, name: string): Promise<string | undefined>;
  /** Path of a file that is there. Rejects with one line where the controller is not enabled. */
  path(controller: CgroupController, name: string): string;
  /** The least of what `parse` finds in a file of the groups above. */
  leastAbove(
    controller: CgroupController,
    name: string,
    parse: (text: string, folder: string) => number | undefined | Promise<number | undefined>,
  ): Promise<number | undefined>;
  readonly read: CgroupFiles['read'];
}

export function createGroupFiles(group: CgroupGroup, files: CgroupFiles): GroupFiles {
  const readIfThere = async (path: string): Promise<string | undefined> => {
    try {
      return await files.read(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
  return {
    read: files.read,
    async text(controller, name) {
      const path = group.fileOf(controller, name);
      return path === undefined ? undefined : readIfThere(path);
    },
    path(controller, name) {
      const path = group.fileOf(controller, name);
      if (path === undefined) throw new Error(`the controller ${controller} is mounted nowhere`);
      return path;
    },
    async leastAbove(controller, name, parse) {
      let least: number | undefined;
      for (const path of group.filesAbove(controller, name)) {
        const text = await readIfThere(path);
        const value = text === undefined ? undefined : await parse(text, path.slice(0, path.lastIndexOf('/')));
        if (value !== undefined && (least === undefined || value < least)) least = value;
      }
      return least;
    },
  };
}

/** The text of a file that has to be there to set a limit. */
export function required(text: string | undefined, path: string): string {
  if (text === undefined) throw new Error(`${path} is not there: the controller is not enabled for this group`);
  return text;
}
