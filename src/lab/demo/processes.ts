// The processes of the demo: each in a group of its own, so that Ctrl-C reaches only the demo, which ends them in order; their lines
// go to whoever listens, and the last of them are kept for error messages.
import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  readonly isRunning: boolean;
  /** What it wrote last. */
  output(): string;
  /** The first that is found in a line of its standard output from now on. Rejects with one line when it ends before, or too late. */
  told<T>(find: (line: string) => T | undefined, mostMs?: number): Promise<T>;
  write(line: string): void;
  closeInput(): void;
  /** SIGTERM; SIGKILL after so long, ms. */
  end(graceMs?: number): Promise<void>;
}

export interface ProgramOptions {
  readonly name: string;
  /** From this folder, without ending: `../../cli`. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly onLine?: (line: string) => void;
}

const keptLines = 30;
/** On a busy machine a process takes its time to start. */
const startMs = 30_000;
/** As this file: compiled, or run from source with the same loader. */
const ending = extname(fileURLToPath(import.meta.url));

/** Starts it with this Node. Throws one line where that fails. */
export function startProgram({ name, file, args = [], onLine }: ProgramOptions): Program {
  const path = fileURLToPath(new URL(`${file}${ending}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, path, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the ${name} process could not be started`);
  const last: string[] = [];
  const listeners = new Set<(line: string) => void>();
  if (onLine !== undefined) listeners.add(onLine);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line);
      if (last.length > keptLines) last.shift();
      if (stream === child.stdout) for (const listener of listeners) listener(line);
    });
  }
  child.stdin.on('error', () => undefined); // it is gone
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()));
  return {
    name,
    pid,
    ended,
    get isRunning() {
      return isRunning(child);
    },
    output: () => last.join('\n'),
    told: (find, mostMs = startMs) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          stop();
          reject(new Error(`${name}: ${why}: ${last.join(' | ')}`));
        };
        const timer = setTimeout(() => fail(`nothing of it after ${mostMs / 1000} s`), mostMs);
        const listener = (line: string): void => {
          const found = find(line);
          if (found === undefined) return;
          stop();
          resolve(found);
        };
        const stop = (): void => {
          clearTimeout(timer);
          listeners.delete(listener);
        };
        listeners.add(listener);
        void ended.then(() => fail('it ended'));
      }),
    write: (line) => void child.stdin.write(`${line}\n`),
    closeInput: () => void child.stdin.end(),
    async end(graceMs = 5000) {
      if (!isRunning(child)) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      // of who is frozen and cannot be freed there is no end to wait for
      const late = new Promise<void>((resolve) => setTimeout(resolve, graceMs + 2000).unref());
      await Promise.race([ended, late]);
      clearTimeout(timer);
    },
  };
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
