// The test function of every end-to-end suite: gives a test its own directory and its own peers, ends them by their
// ids whatever happens, and prints what they said when the test fails.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { type Child, startChild } from './child.ts';

export interface Lab {
  /** A directory of this test alone, removed after it. */
  readonly dir: string;
  start(name: string, command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Child;
  /** Runs after the test, before its processes are ended; the last one registered runs first. */
  onEnd(cleanUp: () => void | Promise<void>): void;
  /** A name that no other peer of this test has. */
  uniqueName(name: string): string;
}

const shownBytes = 6_000;

function tail(text: string): string {
  return text.length > shownBytes ? `…${text.slice(-shownBytes)}` : text;
}

/** What SIPp wrote of errors and messages. */
function traces(dir: string): string {
  const files = existsSync(dir) ? readdirSync(dir).filter((file) => /\.(errors|messages)$/.test(file)) : [];
  return files.map((file) => `--- ${file}\n${tail(readFileSync(join(dir, file), 'latin1'))}\n`).join('');
}

function logs(children: readonly Child[]): string {
  return children.map((child) => `--- ${child.name} (pid ${child.pid})\n${tail(child.log())}\n`).join('');
}

export const labTest = test.extend<{ lab: Lab }>({
  lab: async ({ task, onTestFailed }, use) => {
    const dir = mkdtempSync(join(tmpdir(), 'surgegate-'));
    const children: Child[] = [];
    const cleanUps: (() => void | Promise<void>)[] = [];
    const names = new Map<string, number>();
    // Read before the directory goes: the test is known to have failed only after that.
    let kept: string | undefined;
    onTestFailed(() => {
      process.stderr.write(`\n===== peers of "${task.name}"\n${logs(children)}${kept ?? traces(dir)}\n`);
    });
    await use({
      dir,
      start(name, command, args, env) {
        const child = startChild(name, command, args, { cwd: dir, ...(env ? { env } : {}) });
        children.push(child);
        return child;
      },
      onEnd: (cleanUp) => void cleanUps.push(cleanUp),
      uniqueName(name) {
        const count = (names.get(name) ?? 0) + 1;
        names.set(name, count);
        return count === 1 ? name : `${name}-${count}`;
      },
    });
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
    await Promise.all(children.map((child) => child.end()));
    kept = traces(dir);
    if (process.env.SURGEGATE_KEEP === undefined) rmSync(dir, { recursive: true, force: true });
    else process.stderr.write(`kept ${dir}\n`);
  },
});
