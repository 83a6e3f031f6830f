// How busy the process of a drachtio-server is. It is known by a socket of its own: the one among all processes that has it open.
import { readFileSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';

/** Of the times in /proc/PID/stat, per second (USER_HZ): the same on all architectures that Node runs on. */
const ticksPerSecond = 100;
/** Over how much time use is taken, at least, ms: a tick is a hundredth of a second. */
const windowMs = 1_000;
/** Between searches through all processes, ms. */
const searchMs = 10_000;

export interface ServerProcess {
  /** Of one core, over the last second or a little more; undefined where it is not found. `inode` is of one of its sockets. */
  sample(inode: number | undefined, nowMs: number): number | undefined;
}

interface Reading {
  readonly atMs: number;
  readonly ticks: number;
}

interface Found {
  readonly pid: number;
  readonly inode: number;
  /** Since the system began: tells a process from a later one of the same number. */
  readonly startTicks: number;
  readonly readings: Reading[];
}

/** `log` is told once where it is not found. `directory` is /proc except in tests. */
export function createServerProcess(log: (text: string) => void, directory = '/proc'): ServerProcess {
  let found: Found | undefined;
  let searchedMs = Number.NEGATIVE_INFINITY;
  let isSearching = false;
  let toldMissing = false;

  async function search(inode: number): Promise<void> {
    isSearching = true;
    const pid = await pidOf(directory, inode);
    isSearching = false;
    const stat = pid === undefined ? undefined : readStat(directory, pid);
    if (pid !== undefined && stat !== undefined) {
      found = { pid, inode, startTicks: stat.startTicks, readings: [] };
      return;
    }
    if (!toldMissing) log(`${directory} shows no process with the drachtio-server's socket: its CPU is not watched`);
    toldMissing = true;
  }

  return {
    sample(inode, nowMs) {
      const stat = found === undefined ? undefined : readStat(directory, found.pid);
      if (found !== undefined && stat?.startTicks === found.startTicks && (inode ?? found.inode) === found.inode) {
        return use(found.readings, { atMs: nowMs, ticks: stat.ticks });
      }
      found = undefined;
      if (inode !== undefined && !isSearching && nowMs - searchedMs >= searchMs) {
        searchedMs = nowMs;
        void search(inode);
      }
      return undefined;
    },
  };
}

/** Undefined while there is too little to go by. */
function use(readings: Reading[], now: Reading): number | undefined {
  readings.push(now);
  // the first that is left is at least `windowMs` old where there is one
  while (readings.length > 2 && now.atMs - readings[1]!.atMs >= windowMs) readings.shift();
  const { atMs, ticks } = readings[0]!;
  const spanMs = now.atMs - atMs;
  if (spanMs < windowMs) return undefined;
  return ((now.ticks - ticks) / ticksPerSecond) * (1_000 / spanMs);
}

/** Fields 14, 15 and 22 of /proc/PID/stat (proc_pid_stat(5)); its second is a name that may hold anything. */
export function parseStat(text: string): { ticks: number; startTicks: number } | undefined {
  const end = text.lastIndexOf(')');
  if (end < 0) return undefined;
  const fields = text.slice(end + 2).split(' ');
  const [ticks, startTicks] = [Number(fields[11]) + Number(fields[12]), Number(fields[19])];
  return Number.isFinite(ticks) && Number.isFinite(startTicks) ? { ticks, startTicks } : undefined;
}

function readStat(directory: string, pid: number): ReturnType<typeof parseStat> {
  try {
    return parseStat(readFileSync(`${directory}/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Off the step: on a busy host there are thousands of descriptors. Those of other users are not shown. */
async function pidOf(directory: string, inode: number): Promise<number | undefined> {
  const wanted = `socket:[${inode}]`;
  const names = await readdir(directory).catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const descriptors = await readdir(`${directory}/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`${directory}/${pid}/fd/${descriptor}`).catch(() => '');
      if (target === wanted) return Number(pid);
    }
  }
  return undefined;
}
