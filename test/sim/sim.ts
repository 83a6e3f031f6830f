// `npm run sim`: the scenarios in virtual time, every controller in turn; tables, and SVG and JSON files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContestantName, contestantNames } from './contestants.ts';
import type { Job, JobResult } from './job.ts';
import { runJobs } from './job-pool.ts';
import { goodputPicture, timePicture } from './pictures.ts';
import { type ScenarioName, scenario } from './scenarios.ts';
import { type SimArguments, simArguments, usage } from './sim-arguments.ts';
import { figuresTable, goodputTable } from './tables.ts';
import { trace } from './trace.ts';

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(usage);
  const settings = simArguments(process.argv.slice(2));
  const jobs: Job[] = settings.scenarios.flatMap((name) =>
    scenario(name).points.flatMap((_, point) =>
      contestantsFor(name, settings).map((contestant) => ({ scenario: name, point, contestant, seed: settings.seed })),
    ),
  );
  if (settings.traceSeconds !== undefined) {
    for (const job of jobs) trace({ ...job, everySeconds: settings.traceSeconds }, (line) => console.log(line));
    return;
  }
  const startedMs = performance.now();
  const results = await runJobs(jobs, settings.threads, () => {
    if (process.stderr.isTTY) process.stderr.write('.');
  });
  mkdirSync(settings.out, { recursive: true });
  for (const name of settings.scenarios) {
    const own = results.filter((one) => one.scenario === name);
    writeFileSync(join(settings.out, `${name}.json`), `${JSON.stringify(own, undefined, 1)}\n`);
    writeFileSync(join(settings.out, `${name}.svg`), picture(name, own));
    if (settings.json)
      console.log(JSON.stringify(own.map(({ label, contestant, figures }) => ({ label, contestant, figures }))));
    else print(name, own);
  }
  if (!settings.json)
    console.log(
      `\nseed ${settings.seed}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s; files in ${settings.out}`,
    );
}

/** A day without overload tells nothing of those who only act on overload: they have it where they are asked for by name. */
function contestantsFor(name: ScenarioName, { contestants }: SimArguments): readonly ContestantName[] {
  const isDay = name === 'ordinary-day' || name === 'whole-day';
  return isDay && contestants === contestantNames
    ? contestants.filter((one) => one.startsWith('surgegate'))
    : contestants;
}

function picture(name: ScenarioName, results: readonly JobResult[]): string {
  const one = scenario(name);
  return one.points.length > 1 ? goodputPicture(one, results) : timePicture(one, results);
}

function print(name: ScenarioName, results: readonly JobResult[]): void {
  const one = scenario(name);
  console.log(`\n${name}: ${one.title}\n`);
  if (one.points.length > 1) console.log(`${goodputTable(results)}\n\nat ${one.points.at(-1)!.label}\n`);
  console.log(
    figuresTable(
      one,
      results.filter((result) => result.point === one.points.length - 1),
    ),
  );
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
