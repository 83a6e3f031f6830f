// The key that marks Via branches of ours (DESIGN.md §2.4). It outlives the process, so that after a restart a response
// to a request of ours is still known as ours.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from './files.ts';
import { closeToOthers, createSecretFile } from './secret-file.ts';

export const keyBytes = 32;

/**
 * Reads the key from `directory`, or creates both. Where that cannot be done, `warn` is told and the key is one that
 * lives as long as the process: everything works but calls in set-up are lost with a restart.
 */
export function loadStateKey(directory: string, warn: (message: string) => void): Buffer {
  const file = join(directory, 'branch.key');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = readKey(file);
    if (found?.length === keyBytes) {
      closeToOthers(file, warn);
      return found;
    }
    if (found !== undefined) {
      warn(`${file} holds ${found.length} bytes and not ${keyBytes}: it is replaced, calls in set-up are lost`);
      rmSync(file);
    }
    createSecretFile(file, randomBytes(keyBytes));
    return readFileSync(file);
  } catch (error) {
    warn(`no key can be kept in ${directory}: calls in set-up will not survive a restart (${messageOf(error)})`);
    return randomBytes(keyBytes);
  }
}

function readKey(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
