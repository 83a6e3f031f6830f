// Where the host's accounts are read: below a root that a test may put a tree of its own in. What cannot be read is said once, and
// said again after it could be read in between.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HostFiles {
  /** The text of a file; undefined where it cannot be read: then `resource` is left out, which is said. */
  read(path: string, resource: string): string | undefined;
  /** The same, for a file that need not be there. */
  tryRead(path: string): string | undefined;
  /** Names in a folder; none where there is no such folder. */
  list(path: string): readonly string[];
  /** Says once that `resource` is left out, and why; with no reason: that it is back. */
  missing(resource: string, reason: string | undefined): void;
}

export function createHostFiles(root: string, say: (message: string) => void): HostFiles {
  const said = new Map<string, string>();
  const missing = (resource: string, reason: string | undefined): void => {
    if (said.get(resource) === reason) return;
    if (reason === undefined) {
      said.delete(resource);
      return say(`${resource} of the host is known again`);
    }
    said.set(resource, reason);
    say(`${resource} of the host is left out: ${reason}`);
  };
  return {
    read(path, resource) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch (error) {
        missing(resource, `${path}: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}`);
        return undefined;
      }
    },
    tryRead(path) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return undefined;
      }
    },
    list(path) {
      try {
        return readdirSync(join(root, path));
      } catch {
        return [];
      }
    },
    missing,
  };
}
