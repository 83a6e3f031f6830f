// What is normal on each interface, kept in the state directory from one process to the next: an edge that is restarted in the
// middle of a surge must not take the surge for normal.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Normals } from '../control/interface-loads.ts';

const fileName = 'normals.json';

/** Whatever was saved; undefined where there is nothing, or nothing that can be read: then it is learned anew. */
export function readNormals(directory: string, warn: (message: string) => void): unknown {
  const file = join(directory, fileName);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      warn(`${file} cannot be used, what is normal is learned anew (${(error as Error).message})`);
    return undefined;
  }
}

/** Written in full under another name and then renamed: what is there is always whole. Returns why it could not be. */
export function writeNormals(directory: string, normals: Normals): string | undefined {
  const file = join(directory, fileName);
  const own = `${file}.${process.pid}`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(own, JSON.stringify(normals), { mode: 0o600 });
    renameSync(own, file);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
