// The load process: runs caller generators side by side on the core it was pinned to, and writes a line of JSON when
// the measured window begins, when it ends, and with the reports.
import { startCaller } from '../../src/lab/caller.ts';
import type { CallerOptions } from '../../src/lab/caller-options.ts';

const { callers, warmUpMs } = JSON.parse(process.argv[2] ?? '{}') as { callers: CallerOptions[]; warmUpMs: number };
const running = callers.map((options) => startCaller(options));
const say = (event: string, reports?: unknown): void => {
  process.stdout.write(`${JSON.stringify({ event, reports })}\n`);
};
setTimeout(() => {
  for (const caller of running) caller.clearWindow();
  say('begin');
}, warmUpMs);
const longest = Math.max(...callers.map((options) => options.durationMs));
setTimeout(() => say('end'), longest);
say('reports', await Promise.all(running.map((caller) => caller.finished)));
