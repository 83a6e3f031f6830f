// The load process: runs caller generators side by side on the core it was pinned to, and writes a line of JSON when
// the measured window begins, when it ends, and with the reports.
import { startCaller } from '../../src/lab/caller.ts';
import type { CallerOptions } from '../../src/lab/caller-options.ts';
import { groupUse } from './pinned-process.ts';

interface Order {
  readonly callers: CallerOptions[];
  readonly warmUpMs: number;
  /** Process group whose CPU time is noted here, beside the clock of the window: the benchmark itself may be late. */
  readonly serverGroup: number;
}

const { callers, warmUpMs, serverGroup } = JSON.parse(process.argv[2] ?? '{}') as Order;
const running = callers.map((options) => startCaller(options));
const say = (event: string, reports?: unknown): void => {
  const { cpuMs } = groupUse(serverGroup);
  process.stdout.write(`${JSON.stringify({ event, atMs: performance.now(), cpuMs, reports })}\n`);
};
setTimeout(() => {
  for (const caller of running) caller.clearWindow();
  say('begin');
}, warmUpMs);
const longest = Math.max(...callers.map((options) => options.durationMs));
setTimeout(() => say('end'), longest);
say('reports', await Promise.all(running.map((caller) => caller.finished)));
