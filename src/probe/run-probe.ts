// `surgegate probe`: a synthetic caller. It places an ordinary and a priority call through an edge, once or at an interval, and
// says what became of them: in lines, in its exit status, in metrics.
import type { PlaceCall } from './call.ts';
import { callJson, callLine, heldJson, heldLine } from './call-line.ts';
import { exitStatus, isUnreachable } from './outcome.ts';
import { type ProbeRun, probeRun, type WrittenProbeOptions } from './probe-options.ts';
import { onceEach, repeat } from './rounds.ts';
import { sipCaller } from './sip-call.ts';
import type { ProbeTarget } from './target.ts';

/** Resolves with the exit status when all calls are over: once, or on SIGTERM or SIGINT, which end the calls that are open. */
export async function runProbe(address: string, written: WrittenProbeOptions): Promise<0 | 1 | 2 | 3> {
  const ending = new AbortController();
  const stop = (): void => {
    if (ending.signal.aborted) process.exit(3);
    ending.abort();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // who read the lines has gone, as `head` does: the calls that are open are ended, and the exit status stays what it means
  process.stdout.on('error', () => ending.abort());
  try {
    const run = probeRun(address, written);
    const place = await callerOf(run.target);
    if (run.everyMs === undefined) return await probeOnce(run, place, ending.signal);
    await probeEvery(run, run.everyMs, place, ending.signal);
    return 0;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return 3;
  }
}

async function callerOf(target: ProbeTarget): Promise<PlaceCall> {
  if (target.kind === 'sip') return sipCaller(target.address);
  const { webCaller } = await import('./web-call.ts');
  return webCaller(target.url);
}

async function probeOnce(run: ProbeRun, place: PlaceCall, signal: AbortSignal): Promise<0 | 1 | 2 | 3> {
  const reports = await onceEach(run.plans, place, signal);
  if (reports.length < run.plans.length) throw new Error('interrupted');
  if (reports.every(({ end }) => isUnreachable(end))) throw new Error(`${run.target.text}: ${reports[0]!.end.fault}`);
  for (const report of reports) print(run.json ? callJson(report, new Date()) : callLine(report));
  return exitStatus(reports);
}

async function probeEvery(run: ProbeRun, everyMs: number, place: PlaceCall, signal: AbortSignal): Promise<void> {
  const { createProbeMetrics } = await import('./probe-metrics.ts');
  const { startMetricsPage } = await import('./metrics-page.ts');
  const metrics = createProbeMetrics(run.plans.map((plan) => plan.class));
  const page = run.metrics && (await startMetricsPage(metrics.registry, run.metrics));
  const where = page === undefined ? '' : `, metrics on http://${page.address}/metrics`;
  process.stderr.write(`surgegate: probes ${run.target.text} every ${everyMs / 1000} s${where}\n`);
  const say = (line: string, json: string): void => print(run.json ? json : `${new Date().toISOString()}  ${line}`);
  await repeat(
    run.plans,
    place,
    everyMs,
    {
      onCall: (report) => {
        metrics.note(report, Date.now());
        say(callLine(report), callJson(report, new Date()));
      },
      onHeld: (callClass, seconds) => {
        metrics.noteHeld(callClass);
        say(heldLine(callClass, seconds), heldJson(callClass, seconds, new Date()));
      },
    },
    signal,
  );
  await page?.close();
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(message: string): void {
  process.stderr.write(`surgegate: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
}
