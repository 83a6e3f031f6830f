// The adapter that limits nothing: for applications that are only asked. What the configured processes use is seen (proc(5)).
import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Amounts, isNothing } from '../../congestion/amounts.ts';
import { createRate } from '../host/rate.ts';
import type { Adapter, Limits } from './adapter.ts';
import type { AdviseConfig } from './adapter-config.ts';
import { leastIntervalMs } from './cgroup-part.ts';

/** Ticks per second in /proc/PID/stat: USER_HZ, 100 on all that Node runs on. */
const ticksPerSecond = 100;

export interface AdviseOptions {
  /** What stands for `/`; default: `/`. */
  readonly root?: string;
  /** ms of a clock that never goes back. */
  readonly nowMs?: () => number;
}

export function createAdviseAdapter(config: AdviseConfig, options: AdviseOptions = {}): Adapter {
  const root = options.root ?? '/';
  const nowMs = options.nowMs ?? (() => performance.now());
  const pids = config.pids ?? [];
  const rate = createRate(leastIntervalMs);
  /** Counts on where processes end: what they have used stays used. */
  const ticksOf = new Map<string, number>();

  const use = async (): Promise<Amounts> => {
    const processes = await Promise.all(pids.map((pid) => processUse(root, pid)));
    const alive = processes.filter((one) => one !== undefined);
    if (alive.length === 0) return {};
    for (const { identity, ticks } of alive) ticksOf.set(identity, ticks);
    const ticks = [...ticksOf.values()].reduce((sum, one) => sum + one, 0);
    const cpuCores = rate.next('cpu', ticks / ticksPerSecond, nowMs());
    const memoryBytes = alive.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
    return cpuCores === undefined ? { memoryBytes } : { cpuCores, memoryBytes };
  };

  return {
    kind: 'advise',
    canLimit: [],
    async read() {
      const maximum = { cpuCores: availableParallelism(), memoryBytes: totalmem() };
      return { limits: {}, isSuspended: false, used: await use(), maximum };
    },
    apply(wanted: Limits) {
      const names = Object.keys(wanted.limits);
      if (isNothing(wanted.limits) && names.length === 0 && !wanted.isSuspended) return Promise.resolve();
      const what = wanted.isSuspended ? [...names, 'suspension'] : names;
      return Promise.reject(new Error(`cannot limit ${what.join(', ')}: this application can only be asked`));
    },
    close: () => Promise.resolve(),
  };
}

export interface ProcessUse {
  /** The process and when it started: a number that was given to another process is another. */
  readonly identity: string;
  readonly ticks: number;
  readonly residentBytes: number;
}

async function processUse(root: string, pid: number): Promise<ProcessUse | undefined> {
  try {
    const folder = join(root, 'proc', String(pid));
    const [stat, status] = await Promise.all([
      readFile(join(folder, 'stat'), 'utf8'),
      readFile(join(folder, 'status'), 'utf8'),
    ]);
    return parseProcess(stat, status);
  } catch {
    return undefined; // Ended.
  }
}

/** /proc/PID/stat and status; the name in parentheses may hold anything, so fields count from the last of them. */
export function parseProcess(stat: string, status: string): ProcessUse | undefined {
  const nameEnd = stat.lastIndexOf(')');
  const pid = /^\d+/.exec(stat)?.[0];
  // From field 3 on: state is 0, utime 11, stime 12, starttime 19.
  const fields = stat.slice(nameEnd + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (nameEnd < 0 || pid === undefined || !Number.isFinite(ticks)) return undefined;
  const resident = /^VmRSS:\s+(\d{1,13}) kB$/m.exec(status)?.[1];
  return { identity: `${pid} ${fields[19]}`, ticks, residentBytes: Number(resident ?? 0) * 1024 };
}
