// A tree that stands for `/`: files of /proc and /sys that a test writes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface HostTree {
  readonly root: string;
  write(path: string, text: string): void;
  remove(path: string): void;
}

/** Removed when the test is over. */
export function createHostTree(files: Readonly<Record<string, string>> = {}): HostTree {
  const root = mkdtempSync(join(tmpdir(), 'surgegate-host-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const tree: HostTree = {
    root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
  };
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  return tree;
}
