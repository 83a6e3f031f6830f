// Sees to it that nothing of the demo is left behind, whatever becomes of the demo itself: a process that makes its control groups,
// knows its processes and its folder, and when its standard input is closed, even by kill -9, ends and removes what is still there.
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter } from '../../orchestrator/adapters/adapter.ts';
import { parseProcess } from '../../orchestrator/adapters/advise.ts';
import { createCgroupAdapter } from '../../orchestrator/adapters/cgroup.ts';

export type KeeperOrder =
  | { readonly order: 'folder'; readonly path: string }
  | { readonly order: 'process'; readonly pid: number }
  | { readonly order: 'ended'; readonly pid: number }
  /** Makes a control group; `cores`: its own limit, as a container has one. Answered. */
  | { readonly order: 'group'; readonly path: string; readonly cores?: number | undefined }
  /** Moves a process into it. Answered. */
  | { readonly order: 'enter'; readonly path: string; readonly pid: number };

/** `reason`: one line; absent where it worked. */
export interface KeeperAnswer {
  readonly reason?: string;
}

const folders: string[] = [];
/** With what tells a process from a later one with the same number. */
const processes = new Map<number, string | undefined>();
const groups = new Map<string, Adapter>();
const waitMs = 5000;

/** What can be done to the group: limited, frozen, and back. Whether that works is seen by doing it. */
async function makeGroup(path: string, cores: number | undefined): Promise<void> {
  const adapter = createCgroupAdapter({ kind: 'cgroup', path, create: true });
  groups.set(path, adapter);
  const own = cores === undefined ? {} : { cpuCores: cores };
  if (!adapter.canLimit.includes('cpuCores')) throw new Error('no controller of processor time is mounted');
  await adapter.apply({ limits: { cpuCores: 0.1 }, isSuspended: true });
  await adapter.apply({ limits: own, isSuspended: false });
}

async function enter(path: string, pid: number): Promise<void> {
  await createCgroupAdapter({ kind: 'cgroup', path, create: true, pids: [pid] }).read();
}

async function obey(order: KeeperOrder): Promise<void> {
  switch (order.order) {
    case 'folder':
      return void folders.push(order.path);
    case 'process':
      return void processes.set(order.pid, identityOf(order.pid));
    case 'ended':
      return void processes.delete(order.pid);
    case 'group':
      return answer(makeGroup(order.path, order.cores));
    case 'enter':
      return answer(enter(order.path, order.pid));
    default:
      return order satisfies never;
  }
}

async function answer(work: Promise<void>): Promise<void> {
  const said: KeeperAnswer = await work.then(
    () => ({}),
    (error: Error) => ({ reason: error.message }),
  );
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

function identityOf(pid: number): string | undefined {
  try {
    const folder = `/proc/${pid}`;
    const stat = readFileSync(`${folder}/stat`, 'utf8');
    if (/\) [ZX] /.test(stat)) return undefined; // ended, and not yet waited for
    return parseProcess(stat, readFileSync(`${folder}/status`, 'utf8'))?.identity;
  } catch {
    return undefined;
  }
}

function remaining(): number[] {
  return [...processes].flatMap(([pid, identity]) =>
    identity !== undefined && identityOf(pid) === identity ? [pid] : [],
  );
}

async function cleanUp(): Promise<void> {
  for (const pid of remaining()) process.kill(pid, 'SIGKILL');
  const freed = [...groups.values()].map((one) => one.apply({ limits: {}, isSuspended: false }).catch(() => undefined));
  await Promise.all(freed); // who is frozen only ends when it is not
  for (const untilMs = Date.now() + waitMs; remaining().length > 0 && Date.now() < untilMs; ) await sleep(20);
  for (const adapter of groups.values()) await adapter.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

// The terminal's Ctrl-C is for the demo, which then closes our input.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => undefined);
let work = Promise.resolve();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    work = work.then(() => obey(JSON.parse(line) as KeeperOrder));
  })
  .on('close', () => {
    work = work.then(cleanUp).finally(() => process.exit(0));
  });
