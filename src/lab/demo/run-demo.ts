// `npm run demo`: a mass-call event on a shared host, live. Edge, switch, orchestrator, two web applications and a batch job, and
// callers who offer the switch many times what it can do; then the tables of what came of it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from '../../terminal.ts';
import type { CallersLine, CallersOrder } from './callers.ts';
import { type DemoEvent, transitionEvent } from './events.ts';
import { startKeeper } from './keeping.ts';
import { type DemoOptions, planOf, stretchesOf } from './plan.ts';
import { type Program, startProgram } from './processes.ts';
import { openProgress, type Progress } from './progress.ts';
import { runShow } from './show.ts';
import { type StageOptions, setStage } from './stage.ts';
import { type DemoRecord, summaryOf } from './summary.ts';
import { summaryText } from './summary-text.ts';
import type { CallTick } from './timeline.ts';
import { follow } from './watch.ts';

const silent: Progress = { isLive: false, print() {}, status() {}, end() {} };
/** As a shell has it for who was interrupted. */
const interruptedCode = 130;
const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves to the exit status: 0 where every GETS call completed and everything is as it was before. Rejects with one line where it
 * cannot be shown. Whatever happens, nothing of it is left behind.
 */
export async function runDemo(options: DemoOptions, out: Output = process.stdout): Promise<number> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  for (const name of endSignals) process.on(name, stop);
  const keeper = startKeeper();
  const programs: Program[] = [];
  const print = (text: string): void => void out.write(`${text}\n`);
  const progress = options.json ? silent : openProgress(out);
  try {
    const folder = mkdtempSync(join(tmpdir(), 'surgegate-demo-'));
    keeper.folder(folder);
    const record = await play({ plan: planOf(options), folder, keeper, signal: interrupt.signal }, programs, progress);
    progress.end();
    const summary = summaryOf(record);
    const { seconds, events } = record;
    print(options.json ? JSON.stringify({ ...summary, seconds, events }) : `\n${summaryText(summary)}`);
    return summary.exitCode;
  } catch (error) {
    progress.end();
    if (!interrupt.signal.aborted) throw error;
    progress.print('\ninterrupted: everything is ended');
    return interruptedCode;
  } finally {
    await endAll(programs);
    await keeper.end();
    for (const name of endSignals) process.off(name, stop);
  }
}

type Setting = Pick<StageOptions, 'plan' | 'folder' | 'keeper' | 'signal'>;

/** `programs`: gets every process that was started, for whoever ends them. */
async function play(setting: Setting, programs: Program[], progress: Progress): Promise<DemoRecord> {
  const { plan, keeper, signal } = setting;
  const over = new AbortController();
  const events: DemoEvent[] = [];
  const calls: CallTick[] = [];
  let beganMs: number | undefined;
  const onEvent = (event: DemoEvent): void => {
    // before, everyone comes together
    if (beganMs !== undefined) events.push(event);
  };
  let fail: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    fail = reject;
  });
  lost.catch(() => undefined);
  const onProgram = (program: Program): void => {
    programs.push(program);
    void program.ended.then(() => fail(new Error(`the ${program.name} process ended: ${program.output()}`)));
  };
  const showing = (async () => {
    progress.status('  the stage is set: switch, edge, orchestrator, applications, callers …');
    const stage = await setStage({ ...setting, onEvent, onProgram });
    const callersOrder: CallersOrder = { south: stage.south, east: stage.east, stretches: stretchesOf(plan) };
    const callers = startProgram({
      name: 'callers',
      file: './callers',
      args: [JSON.stringify(callersOrder)],
      onLine: (line) => {
        const said = JSON.parse(line) as CallersLine;
        if (said.event === 'tick') calls.push(said);
      },
    });
    keeper.process(callers);
    programs.push(callers);
    beganMs = await callers.told(beginOf);
    void follow(stage.places, (transition) => onEvent(transitionEvent(transition)), over.signal);
    return await runShow({ plan, stage, callers, calls, beganMs, events, onEvent, progress, signal });
  })();
  try {
    return await Promise.race([showing, lost]);
  } finally {
    over.abort();
    showing.catch(() => undefined);
  }
}

const beginOf = (line: string): number | undefined => {
  const said = JSON.parse(line) as CallersLine;
  return said.event === 'begin' ? said.atMs : undefined;
};

/** The orchestrator first, which frees whom it has limited: who is frozen cannot end. */
async function endAll(programs: readonly Program[]): Promise<void> {
  await programs.find(({ name }) => name === 'orchestrator')?.end();
  await Promise.all(programs.map((one) => one.end()));
}
