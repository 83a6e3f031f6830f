// `npm run bench`: the edge beside Kamailio on this machine, one server process on core 0, load and callee on core 1.
// Exits with 1 when something does not work, never because something is slow.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { benchArguments, usage } from './arguments.ts';
import { engines, printEngines } from './engines.ts';
import { startUas } from './measure.ts';
import { printReport, type Results } from './report.ts';
import { type CallFigures, type Context, calls, flood, inRounds, memory, refusals } from './scenarios.ts';
import { isKamailio, type ServerName } from './servers.ts';
import { contestants, surge } from './surge.ts';
import { printSurge } from './surge-report.ts';

/** Half of what the edge is to refuse in a second (140,000); Kamailio is measured at half of its own highest rate, or at this. */
const HALF_OF_GOAL = 70_000;
const KAMAILIO_HALF = 35_000;
const CALL_RATES = [1000, 1500, 2000, 2500, 3000, 3500, 4000, 5000, 6000];
const all: readonly ServerName[] = ['surgegate', 'surgegate-plain', 'kamailio', 'kamailio-bare'];

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(usage);
    return;
  }
  const settings = benchArguments(process.argv.slice(2));
  const names = all.filter((name) => {
    if (!settings.only.includes(name)) return false;
    const present = !isKamailio(name) || spawnSync('kamailio', ['-v']).status === 0;
    if (!present) console.log('kamailio is not installed: no ratios');
    return present;
  });
  const uas = await startUas(settings.favoured);
  const context: Context = { settings, uas: uas.address, log: (line) => console.log(line) };
  const results: Results = {};
  const wants = (scenario: (typeof settings.scenarios)[number]) => settings.scenarios.includes(scenario);
  try {
    if (wants('refusals')) {
      console.log('refusals: 220,000 new calls offered per second, 100 admitted');
      results.refusals = await inRounds(context, names, (name) => refusals(context, name, 220_000));
    }
    if (wants('latency')) {
      console.log('latency: at 70,000 refusals a second, Kamailio at half of its highest rate');
      results.latency = await inRounds(context, names, (name) => {
        const highest = results.refusals?.[name]?.refusedPerSecond;
        const half = highest === undefined ? KAMAILIO_HALF : highest / 2;
        return refusals(context, name, isKamailio(name) ? half : HALF_OF_GOAL);
      });
    }
    if (wants('calls')) {
      console.log(`calls: ${settings.callsPerSecond} whole calls per second`);
      results.calls = await inRounds(context, names, (name) => calls(context, name, settings.callsPerSecond));
      console.log('calls: the highest rate');
      results.highest = {};
      for (const name of names) results.highest[name] = await highestRate(context, name);
    }
    if (wants('flood')) {
      console.log('flood: 100,000 ordinary calls per second, 50 priority and 50 emergency calls per second');
      results.flood = {};
      for (const name of names) if (!isKamailio(name)) results.flood[name] = await flood(context, name);
    }
    if (wants('memory')) {
      console.log('memory: a million distinct callers');
      results.memory = {};
      for (const name of names) results.memory[name] = await memory(context, name);
    }
    if (wants('surge')) {
      console.log('surge: a switch of 140 calls/s, offered half to forty times as much');
      const has = (name: ServerName) => names.includes(name);
      const chosen = contestants.filter((one) => has(one === 'kamailio' ? 'kamailio' : 'surgegate'));
      results.surge = await surge(context, chosen);
    }
    if (wants('engines')) {
      console.log('engines: embedded, on a drachtio-server, in front of one, and one without an edge');
      results.engines = await engines(context);
    }
  } finally {
    await uas.process.stop();
  }
  const hasOwnTable: readonly string[] = ['surge', 'engines'];
  if (settings.scenarios.some((one) => !hasOwnTable.includes(one))) printReport(results, (line) => console.log(line));
  if (results.surge !== undefined) printSurge(results.surge, (line) => console.log(line));
  if (results.engines !== undefined) printEngines(results.engines, (line) => console.log(line));
  if (settings.json !== undefined) writeFileSync(settings.json, `${JSON.stringify(results, null, 2)}\n`);
}

async function highestRate(context: Context, name: ServerName): Promise<CallFigures> {
  let highest = await calls(context, name, CALL_RATES[0]!);
  for (const rate of CALL_RATES.slice(1)) {
    const figures = await calls(context, name, rate);
    // Retransmissions repair much within 32 s: a rate is carried only where they are not needed.
    if (figures.completedRatio < 0.999 || figures.retransmissionRatio > 0.001) break;
    highest = figures;
  }
  return highest;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
