// The load process of the scenario "surge": one stretch after the other, each with callers of its own. Writes ten times a second
// how many calls were refused so far, when each stretch began, and at the end the reports.
import { type Caller, startCaller } from '../../src/lab/caller.ts';
import type { CallerOptions, CallerReport } from '../../src/lab/caller-options.ts';

export interface LoadOrder {
  readonly stretches: readonly { readonly durationMs: number; readonly callers: readonly CallerOptions[] }[];
  /** From the begin of a stretch to that of its window of latencies, and what open calls may take at the end. */
  readonly warmUpMs: number;
  readonly graceMs: number;
}

export type LoadLine =
  | { readonly event: 'begin'; readonly atMs: number }
  | { readonly event: 'tick'; readonly atMs: number; readonly refused: number }
  | { readonly event: 'end'; readonly atMs: number }
  /** By stretch, in the order of its callers; `answeredInWindow`: of ordinary calls, after the warm-up. */
  | { readonly event: 'reports'; readonly reports: (CallerReport & { readonly answeredInWindow: number })[][] };

const say = (line: LoadLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const until = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const { stretches, warmUpMs, graceMs } = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
const stretchesRun: { caller: Caller; answeredBefore: number; answeredAtEnd: number }[][] = [];

const refusedOf = ({ ordinary, priority }: CallerReport): number =>
  [ordinary, priority].reduce((sum, { byStatus }) => sum + (byStatus['503'] ?? 0) + (byStatus['500'] ?? 0), 0);
const ticks = setInterval(() => {
  const refused = stretchesRun.flat().reduce((sum, { caller }) => sum + refusedOf(caller.report()), 0);
  say({ event: 'tick', atMs: Date.now(), refused });
}, 100);

for (const { durationMs, callers } of stretches) {
  const running = callers.map((options) => ({
    caller: startCaller({ ...options, durationMs }),
    answeredBefore: 0,
    answeredAtEnd: 0,
  }));
  stretchesRun.push(running);
  say({ event: 'begin', atMs: Date.now() });
  await until(warmUpMs);
  for (const one of running) {
    one.answeredBefore = one.caller.report().ordinary.answered;
    one.caller.clearWindow();
  }
  await until(durationMs - warmUpMs);
  for (const one of running) one.answeredAtEnd = one.caller.report().ordinary.answered;
}
say({ event: 'end', atMs: Date.now() });
// Calls that nobody answers are given up only after 32 s: not waited for.
await Promise.race([until(graceMs), Promise.all(stretchesRun.flat().map(({ caller }) => caller.finished))]);
clearInterval(ticks);
const reports = stretchesRun.map((running) =>
  running.map(({ caller, answeredBefore, answeredAtEnd }) => ({
    ...caller.report(),
    answeredInWindow: answeredAtEnd - answeredBefore,
  })),
);
process.stdout.write(`${JSON.stringify({ event: 'reports', reports } satisfies LoadLine)}\n`, () => process.exit());
