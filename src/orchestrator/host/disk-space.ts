// Space on the file systems that the configured paths are on (statfs). The first answer is waited for, at start; after that they are
// asked for in a thread and the last answers count, so that a file server that hangs does not stop us.
import { stat, statfs, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceSampler } from './cpu-and-memory.ts';
import type { HostFiles } from './host-files.ts';

interface Space {
  readonly device: number;
  /** Without what is kept for the superuser. */
  readonly maximum: number;
  readonly used: number;
}

/** Space, bytes; several paths on one file system count once. `root` stands before each path. */
export function createDiskSpaceSampler(files: HostFiles, root: string, paths: readonly string[]): ResourceSampler {
  const last = new Map<string, Space>();
  const failed = new Map<string, string>();
  const asked = new Set<string>();

  const keep = (path: string, device: number, fs: FileSystem): void => {
    last.set(path, { device, ...spaceOf(fs) });
    failed.delete(path);
  };
  const fail = (path: string, error: NodeJS.ErrnoException): void => {
    last.delete(path);
    failed.set(path, `${path}: ${error.code ?? error.message}`);
  };
  const askNow = (path: string): void => {
    try {
      keep(path, statSync(join(root, path)).dev, statfsSync(join(root, path)));
    } catch (error) {
      fail(path, error as NodeJS.ErrnoException);
    }
  };
  const ask = (path: string): void => {
    if (asked.has(path)) return;
    asked.add(path);
    stat(join(root, path), (statError, { dev: device } = { dev: 0 } as never) => {
      if (statError !== null) {
        asked.delete(path);
        return fail(path, statError);
      }
      statfs(join(root, path), (error, fs) => {
        asked.delete(path);
        if (error !== null) fail(path, error);
        else keep(path, device, fs);
      });
    });
  };

  for (const path of paths) askNow(path);
  return () => {
    const spaces = new Map([...last.values()].map((space) => [space.device, space]));
    files.missing('diskBytes', failed.size === 0 ? undefined : [...failed.values()].join(', '));
    for (const path of paths) ask(path);
    // A part of the space is not the space: with one path unknown nothing is said of all.
    if (failed.size > 0 || spaces.size === 0) return {};
    return { maximum: sum(spaces, ({ maximum }) => maximum), used: sum(spaces, ({ used }) => used) };
  };
}

interface FileSystem {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}

/** As df(1) counts it. */
export function spaceOf(fs: FileSystem): { maximum: number; used: number } {
  const used = Math.max(0, fs.blocks - fs.bfree) * fs.bsize;
  return { maximum: used + fs.bavail * fs.bsize, used };
}

const sum = (spaces: ReadonlyMap<number, Space>, of: (space: Space) => number): number =>
  [...spaces.values()].reduce((all, space) => all + of(space), 0);
