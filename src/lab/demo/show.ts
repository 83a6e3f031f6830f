// The demo while calls come: a line for each second and each event, until everything is as it was before the surge.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallersLine } from './callers.ts';
import { applications } from './configuration.ts';
import { coresText, type DemoEvent } from './events.ts';
import { News } from './news.ts';
import { capacityPerSecond, type DemoPlan, phaseAt, surgeEndsAt } from './plan.ts';
import type { Program } from './processes.ts';
import { type Progress, progressText } from './progress.ts';
import type { Stage } from './stage.ts';
import type { DemoRecord } from './summary.ts';
import { type CallTick, type Second, type Sighting, secondOf } from './timeline.ts';
import { eventText, grouped, secondText, timelineHead } from './timeline-text.ts';
import { type CpuMeter, isSettled, look, meterProcesses, type Sight } from './watch.ts';

export interface ShowParts {
  readonly plan: DemoPlan;
  readonly stage: Stage;
  readonly callers: Program;
  readonly calls: readonly CallTick[];
  /** Unix time, ms. */
  readonly beganMs: number;
  /** Gets every event as it becomes known. */
  readonly events: readonly DemoEvent[];
  readonly onEvent: (event: DemoEvent) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Whose processor time is shown. */
const columns = ['web', 'shop', 'batch'] as const;
/** After the end of a second, until the counts of its last tenth are there. */
const lateMs = 250;
/** How often the line below is written anew where it is seen. */
const everyMs = 200;
/** An application that uses less than this does not run. */
const idleCores = 0.02;
/** Callers have 10 s for what they began last. */
const callersEndMs = 20_000;

/** Rejects where a process fails, or `signal` says so. */
export async function runShow(parts: ShowParts): Promise<DemoRecord> {
  const { plan, stage, callers, calls, beganMs, progress, signal } = parts;
  const print = (line: string): void => progress.print(line);
  print(introduction(plan, stage));
  print(timelineHead(columns));
  const meter = meterProcesses(stage.pids);
  meter.read();
  const boundary = boundaryNews(parts.onEvent);
  const seconds: Second[] = [];
  const news = new News();
  let known = 0;
  let settledFor = 0;
  let recoveredSeconds: number | undefined;
  while (settledFor < plan.settledSeconds && seconds.length < surgeEndsAt(plan) + plan.mostAfterSeconds) {
    const second = seconds.length;
    const nextMs = beganMs + (second + 1) * 1000 + lateMs;
    while (progress.isLive && nextMs - Date.now() > everyMs) {
      progress.status(progressText(plan, Math.max(0, Date.now() - beganMs), calls));
      await sleep(everyMs, undefined, { signal });
    }
    await sleep(Math.max(0, nextMs - Date.now()), undefined, { signal });
    const sight = await look(stage.places, applications);
    if (sight !== undefined) boundary(sight);
    const seen = sightingOf(sight, meter, seconds.at(-1));
    const row = secondOf(second, plan, beganMs, calls, stage.switchTicks, seen);
    seconds.push(row);
    for (; known < parts.events.length; known++) news.add(parts.events[known]!);
    for (const event of news.upTo(beganMs + (second + 1) * 1000)) print(eventText(event, beganMs));
    print(secondText(row, columns));
    const isBack = sight !== undefined && isSettled(sight, applications) && (seen.cores.batch ?? 0) > idleCores;
    const isAfter = phaseAt(plan, second) === 'after';
    settledFor = isAfter && isBack ? settledFor + 1 : 0;
    recoveredSeconds = settledFor === 0 ? undefined : (recoveredSeconds ?? second + 1);
  }
  if (settledFor < plan.settledSeconds) recoveredSeconds = undefined;
  const end = callers.told(endOf, callersEndMs);
  callers.write('stop');
  const { gets } = await end;
  const { events } = parts;
  return { seconds, events, gets, applications, beganMs, recoveredSeconds, cannotForce: stage.cannotForce };
}

function introduction({ base, peak }: DemoPlan, { cannotForce, places, south, east }: Stage): string {
  return [
    'A mass-call event on a shared host: the edge, two web applications and a batch job.',
    '',
    `  callers   ${base} calls a second, then ${grouped(peak)}, then ${base}; 2 % are GETS calls`,
    `  switch    can do ${capacityPerSecond} calls a second`,
    `  edge      south ${south}, east ${east}, ${places.edge}/v1/status`,
    `  host      orchestrator at ${places.orchestrator}/v1`,
    '  web       sheds when it is asked; shop does not; batch is not essential',
    cannotForce === undefined
      ? '  force     by control groups'
      : `  force     not possible here, everyone is only asked: ${cannotForce}`,
    '',
  ].join('\n');
}

function sightingOf(sight: Sight | undefined, meter: CpuMeter, before: Second | undefined): Sighting {
  const cores = meter.read();
  if (sight === undefined) {
    const { mode = '-', causes = [], edgeMode = '-', boundaryPerSecond = null } = before ?? {};
    return { mode, causes, edgeMode, boundaryPerSecond, cores };
  }
  const isBound = sight.orders.get('surgegate')?.allocation.boundary !== undefined;
  const { mode, causes } = sight.mode;
  return {
    mode,
    causes,
    edgeMode: sight.edge.mode,
    boundaryPerSecond: isBound ? sight.edge.boundaryPerSecond : null,
    cores,
  };
}

/** Tells when the edge gets its preset boundary, and when it is rid of it. */
function boundaryNews(onEvent: (event: DemoEvent) => void): (sight: Sight) => void {
  let was: number | undefined;
  return ({ orders, edge }) => {
    const cores = orders.get('surgegate')?.allocation.boundary?.cpuCores;
    if (cores === was) return;
    was = cores;
    const calls = edge.boundaryPerSecond === null ? '' : `, ${Math.round(edge.boundaryPerSecond)} calls a second`;
    const text = cores === undefined ? 'free of its boundary' : `boundary ${coresText(cores)}${calls}`;
    onEvent({ atMs: Date.now(), who: 'surgegate', what: 'boundary', text });
  };
}

function endOf(line: string): Extract<CallersLine, { event: 'end' }> | undefined {
  const said = JSON.parse(line) as CallersLine;
  return said.event === 'end' ? said : undefined;
}
