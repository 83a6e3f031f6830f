// Files that hold a secret: made once, in full, and for nobody else to read.
import { chmodSync, linkSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Written in full under another name and then linked: two processes that start together get the same whole secret, the one that was
 * first. Throws where the file cannot be written.
 */
export function createSecretFile(file: string, content: string | Buffer): void {
  const own = `${file}.${process.pid}.new`;
  writeFileSync(own, content, { mode: 0o600, flush: true });
  try {
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

export function closeToOthers(file: string, warn: (message: string) => void): void {
  if ((statSync(file).mode & 0o077) === 0) return;
  warn(`${file} could be read by others: its mode is now 0600`);
  chmodSync(file, 0o600);
}
