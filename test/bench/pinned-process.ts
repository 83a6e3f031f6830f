// A process on one core: started, measured from /proc (CPU time and memory of its whole group), ended by its id.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const TICK_MS = 10; // USER_HZ is 100 on every Linux architecture in use

export interface PinnedProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  residentBytes(): number;
  /** What it wrote last, for error messages. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts `command` on core `cpu`, as leader of a process group of its own. */
export function startPinned(
  cpu: number,
  command: readonly string[],
  options: { favoured: boolean; env?: Record<string, string>; onLine?: (line: string) => void },
): PinnedProcess {
  const prefix = ['taskset', '-c', String(cpu)];
  const [program, ...rest] = [...prefix, ...command] as [string, ...string[]];
  const child = spawn(program, rest, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command[0]} could not be started`);
  // sched(7): a process group of its own session is weighed as one against all others.
  if (options.favoured) writeFileSync(`/proc/${pid}/autogroup`, '-20');
  let tail = '';
  let partial = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-4000);
      if (stream !== child.stdout || options.onLine === undefined) return;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid,
    child,
    residentBytes: () => groupUse(pid).residentBytes,
    output: () => tail,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        signalGroup(pid, 'SIGTERM');
        const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), 4000);
        await ended;
        clearTimeout(timer);
      }
      signalGroup(pid, 'SIGKILL'); // what the leader left behind of the group that we made
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // gone already
  }
}

/** CPU time so far and resident memory of a process group. */
export function groupUse(group: number): { cpuMs: number; residentBytes: number } {
  let ticks = 0;
  let pages = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    let text: string;
    try {
      text = readFileSync(`/proc/${entry}/stat`, 'latin1');
    } catch {
      continue; // ended meanwhile
    }
    // proc(5): the name in brackets may hold anything; the fields behind it are numbered from 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) !== group) continue;
    ticks += Number(fields[11]) + Number(fields[12]);
    pages += Number(fields[21]);
  }
  return { cpuMs: ticks * TICK_MS, residentBytes: pages * 4096 };
}
