// A peer's process: started in its own process group, its output kept, and always ended by its own id.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Standard output and error so far, at most the last 200 kB. */
  log(): string;
  readonly exited: Promise<Exit>;
  running(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL to the whole process group after `graceMs`. Resolves when it is gone. */
  end(graceMs?: number): Promise<void>;
}

const keptBytes = 200_000;
const running = new Map<number, ChildProcess>();

/** Signals a process group; false when it no longer exists. */
function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** A process that has just ended and is not yet known to have is past any signal. */
function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

// The last net: if the test process itself ends early, nothing that it started may outlive it.
process.on('exit', () => {
  for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
});

export function startChild(
  name: string,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let kept = '';
  const keep = (chunk: Buffer): void => {
    kept = (kept + chunk.toString('latin1')).slice(-keptBytes);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const pid = child.pid ?? -1;
  let alive = pid > 0;
  if (alive) running.set(pid, child);
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      alive = false;
      kept += `\n${String(error)}`;
      resolve({ code: null, signal: null });
    });
    child.once('exit', (code, signal) => {
      alive = false;
      // What the process leaves behind in its group (Kamailio's workers) goes with it.
      signalGroup(pid, 'SIGKILL');
      running.delete(pid);
      resolve({ code, signal });
    });
  });
  return {
    name,
    pid,
    log: () => kept,
    exited,
    running: () => alive,
    kill(signal) {
      if (alive) signalOne(pid, signal);
    },
    async end(graceMs = 1_500) {
      if (!alive) return;
      signalOne(pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
