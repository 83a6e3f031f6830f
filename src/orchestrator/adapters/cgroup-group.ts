// One control group in all the hierarchies that matter: where its files are, whether it is there, making and removing it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupConfig } from './adapter-config.ts';
import { type CgroupFiles, FileError } from './cgroup-files.ts';
import { type CgroupController, type CgroupLayout, cgroupControllers } from './cgroup-layout.ts';

export interface CgroupGroup {
  readonly layout: CgroupLayout;
  /** Absolute path of a file of the group; undefined where the controller is mounted nowhere. */
  fileOf(controller: CgroupController, name: string): string | undefined;
  /** The same file of the groups above, the root last. */
  filesAbove(controller: CgroupController, name: string): readonly string[];
  /** Rejects where the group is not there; with `create` it is made, and the processes of the configuration are moved into it. */
  prepare(): Promise<void>;
  /** Removes what `prepare` made and is empty, or gets empty soon. Never rejects. */
  remove(): Promise<void>;
}

/** A killed process counts as ended when its first thread is, and holds its group until the last one is. */
const emptyWithinMs = 1000;
const lookAgainMs = 10;

/** Throws one line for a path that leaves the hierarchy or is its root. */
export function createCgroupGroup(config: CgroupConfig, layout: CgroupLayout, files: CgroupFiles): CgroupGroup {
  const names = config.path.split('/').filter((name) => name !== '');
  if (names.length === 0 || names.some((name) => name === '.' || name === '..' || name.includes('\0'))) {
    throw new Error(`"${config.path}" is no path of a control group: names divided by "/", none of them "." or ".."`);
  }
  const mounts = [...new Set(cgroupControllers.flatMap((controller) => layout[controller]?.mountPoint ?? []))];
  const folders = mounts.map((mount) => [mount, ...names].join('/'));
  const made: string[] = [];
  let isComplete = false;

  /** The folders from the root of a hierarchy down to the one above the group. */
  const above = (mount: string): string[] => names.map((_, depth) => [mount, ...names.slice(0, depth)].join('/'));

  const enableControllers = async (): Promise<void> => {
    const unified = cgroupControllers.filter((controller) => layout[controller]?.version === 2);
    const wanted = unified.filter((controller) => controller !== 'freezer' && controller !== 'cpuacct');
    const mount = unified.map((controller) => layout[controller]!.mountPoint)[0];
    if (mount === undefined || wanted.length === 0) return;
    for (const folder of above(mount)) {
      const enabled = (await files.read(`${folder}/cgroup.subtree_control`)).trim().split(' ');
      const lacking = wanted.filter((controller) => !enabled.includes(controller));
      if (lacking.length === 0) continue;
      await files.write(`${folder}/cgroup.subtree_control`, lacking.map((controller) => `+${controller}`).join(' '));
    }
  };

  const moveIn = async (pid: number): Promise<void> => {
    for (const folder of folders) {
      try {
        await files.write(`${folder}/cgroup.procs`, String(pid));
      } catch (error) {
        // A process that has ended needs no limits.
        if (!(error instanceof FileError && error.code === 'ESRCH')) throw error;
      }
    }
  };

  const removeOnceEmpty = async (folder: string, untilMs: number): Promise<void> => {
    for (;;) {
      try {
        return await files.removeFolder(folder);
      } catch (error) {
        const isInUse = error instanceof FileError && error.code === 'EBUSY';
        if (!isInUse || Date.now() >= untilMs) return;
      }
      await sleep(lookAgainMs);
    }
  };

  return {
    layout,
    fileOf(controller, name) {
      const mount = layout[controller]?.mountPoint;
      return mount === undefined ? undefined : [mount, ...names, name].join('/');
    },
    filesAbove(controller, name) {
      const mount = layout[controller]?.mountPoint;
      return mount === undefined
        ? []
        : above(mount)
            .map((folder) => `${folder}/${name}`)
            .toReversed();
    },
    async prepare() {
      const there = await Promise.all(folders.map((folder) => files.isFolder(folder)));
      const missing = folders.filter((_, index) => there[index] === false);
      if (missing.length > 0 && config.create !== true) {
        throw new Error(`the group ${names.join('/')} is not there (${missing[0]})`);
      }
      if (missing.length === 0 && (isComplete || config.create !== true)) return;
      isComplete = false;
      for (const folder of missing) {
        const first = await files.makeFolder(folder);
        if (first !== undefined) made.push(...fromTo(first, folder));
      }
      await enableControllers();
      for (const pid of config.pids ?? []) await moveIn(pid);
      isComplete = true;
    },
    async remove() {
      isComplete = false;
      const untilMs = Date.now() + emptyWithinMs;
      for (const folder of made.splice(0).toReversed()) await removeOnceEmpty(folder, untilMs);
    },
  };
}

/** The folders from `first` down to `last`, which is in it or is it. */
function fromTo(first: string, last: string): string[] {
  const rest = last.slice(first.length).split('/').slice(1);
  return [first, ...rest.map((_, depth) => [first, ...rest.slice(0, depth + 1)].join('/'))];
}
