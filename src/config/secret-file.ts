// Files that hold a secret: made once, in full, and for nobody else to read.
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

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

/** What its first line holds, without the blanks around it. Throws where it cannot be read, or that is not what is `allowed`. */
export function readSecretLine(file: string, isAllowed: (text: string) => boolean, allowed: string): string {
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  const secret = line.trim();
  if (!isAllowed(secret)) throw new Error(`its first line is not ${allowed}`);
  return secret;
}
