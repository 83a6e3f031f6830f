// The scenario "engines": how many calls a second each way of running the edge refuses and carries, and what is left of the calls when
// four times as many are offered as a drachtio-server can carry.
import type { CallerOptions } from '../../src/lab/caller-options.ts';
import { type EngineName, type EngineNeeds, engineNames, hasDrachtio, startEngine } from './engine-servers.ts';
import { median } from './measure.ts';
import { printTable, type Row } from './report.ts';
import type { Context } from './scenarios.ts';
import { offer } from './surge.ts';

export interface EngineFigures {
  readonly refusalsPerSecond: number;
  /** The highest rate at which calls are carried without retransmissions. */
  readonly callsPerSecond: number;
  /** Calls answered per second, at `overload` offered. */
  readonly goodputPerSecond: number;
}

export interface EnginesFigures {
  readonly rows: Partial<Record<EngineName, EngineFigures>>;
  /** Calls offered per second for the goodput: four times what a drachtio-server carries; 0 where there is none. */
  readonly overload: number;
}

const settleMs = 3000;
/** What waits in a server is carried on for a while when too much has come: a collapse shows after that. */
const collapseMs = 12_000;
/** Below that a rate counts as carried. */
const carriedRatio = 0.995;
const retransmittedRatio = 0.01;
const few = 20;
const all = 1_000_000;

interface Rung {
  readonly offeredPerSecond: number;
  readonly answeredPerSecond: number;
  readonly refusedPerSecond: number;
  readonly retransmissionRatio: number;
}

/** One stretch on servers of its own, started anew: what an overload leaves behind is not the next one's. */
async function rung(
  context: Context,
  needs: EngineNeeds,
  rate: number,
  caller: Partial<CallerOptions>,
  warmUpMs = settleMs,
): Promise<Rung> {
  const server = await startEngine(context, needs);
  try {
    const durationMs = warmUpMs + context.settings.seconds * 1000;
    const own = { target: server.south, durationMs, rate, callsInRow: 1, sources: 3000, ...caller };
    const order = { stretches: [{ durationMs, callers: [own] }], warmUpMs, graceMs: 500 };
    const { reports } = await offer(context.settings.favoured, order);
    const { answeredInWindow, refusalsPerSecond, offeredPerSecond, ordinary } = reports[0]![0]!;
    const figures = {
      offeredPerSecond,
      answeredPerSecond: answeredInWindow / context.settings.seconds,
      refusedPerSecond: refusalsPerSecond,
      retransmissionRatio: ordinary.retransmissions / Math.max(1, ordinary.offered),
    };
    context.log(
      `  ${needs.name}: offered ${Math.round(offeredPerSecond)}/s, answered ${Math.round(figures.answeredPerSecond)}/s, refused ` +
        `${Math.round(refusalsPerSecond)}/s, ${(figures.retransmissionRatio * 100).toFixed(1)} % sent again`,
    );
    return figures;
  } finally {
    await server.stop();
  }
}

const refusalRates = [800, 1000, 1200, 1400, 1600, 1800, 2000, 2300, 2600, 3000, 3500];
/** What the embedded engine is offered at once; at any rate it refuses what it can. */
const flood = 220_000;

/** The last of the rates that `carries`; a rate that fails may be tried once more: the machine may have stalled. */
async function highest(rates: readonly number[], carries: (rate: number) => Promise<boolean>): Promise<number> {
  let last = 0;
  for (const rate of rates) {
    if (!(await carries(rate)) && !(await carries(rate))) break;
    last = rate;
  }
  return last;
}

/** Calls per second that are refused, each with one INVITE. */
async function refusals(context: Context, name: EngineName): Promise<number> {
  const needs = { name, newCallsPerSecond: few, isRefusing: true };
  if (name === 'embedded' || name === 'in-front') {
    const own = { sources: 200_000, ports: 8, giveUpMs: 1500, callsInRow: 16 };
    return (await rung(context, needs, flood, own)).refusedPerSecond;
  }
  return highest(refusalRates, async (rate) => {
    const { refusedPerSecond, retransmissionRatio } = await rung(context, needs, rate, { retransmit: true });
    return refusedPerSecond >= carriedRatio * (rate - few) && retransmissionRatio <= retransmittedRatio;
  });
}

const drachtioRates = [200, 250, 300, 350, 400, 450, 500, 550, 600, 700, 800, 1000, 1200];
const embeddedRates = [1000, 2000, 3000, 4000, 5000, 6000];
const call = { retransmit: true, holdMs: 500 };

function highestCalls(context: Context, name: EngineName): Promise<number> {
  const needs = { name, newCallsPerSecond: all, shadow: true, isRefusing: false };
  return highest(name === 'embedded' ? embeddedRates : drachtioRates, async (rate) => {
    const { answeredPerSecond, retransmissionRatio } = await rung(context, needs, rate, call);
    return answeredPerSecond >= carriedRatio * rate && retransmissionRatio <= retransmittedRatio;
  });
}

/** Of what a way carries, the edge in it lets so much through when more is offered: what else it does takes its time too. */
const admittedRatio = 0.8;

export async function engines(context: Context): Promise<EnginesFigures> {
  const names = engineNames.filter((name) => name === 'embedded' || hasDrachtio);
  const figures = new Map<EngineName, { refusalsPerSecond: number; callsPerSecond: number }>();
  for (const name of names) {
    const refusalsPerSecond = await refusals(context, name);
    figures.set(name, { refusalsPerSecond, callsPerSecond: await highestCalls(context, name) });
  }
  const overload = 4 * (figures.get('application')?.callsPerSecond ?? 0);
  const rows: Partial<Record<EngineName, EngineFigures>> = {};
  for (const [name, own] of figures) {
    const newCallsPerSecond = name === 'embedded' ? all : Math.round(admittedRatio * own.callsPerSecond);
    const rounds: number[] = [];
    for (let i = 0; overload > 0 && i < context.settings.rounds; i++) {
      const needs = { name, newCallsPerSecond, isRefusing: false };
      rounds.push((await rung(context, needs, overload, call, collapseMs)).answeredPerSecond);
    }
    rows[name] = { ...own, goodputPerSecond: rounds.length === 0 ? 0 : median(rounds) };
  }
  return { rows, overload };
}

const titles: Readonly<Record<EngineName, string>> = {
  embedded: 'embedded',
  drachtio: 'on a drachtio-server',
  'in-front': 'embedded, in front of a drachtio-server',
  application: 'a drachtio-server and its application, no edge',
};

/** Ratios are against the drachtio-server without an edge. */
export function printEngines({ rows, overload }: EnginesFigures, print: (line: string) => void): void {
  const base = rows.application;
  const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
  const ratio = (own: number, other: number | undefined): string =>
    other === undefined || other === 0 ? '-' : `${(own / other).toFixed(2)}×`;
  const table: Row[] = [
    ['engine', 'refusals/s', 'ratio', 'whole calls/s', 'ratio', `goodput, ${whole(overload)} calls/s offered`, 'ratio'],
  ];
  for (const name of engineNames) {
    const own = rows[name];
    if (own === undefined) {
      table.push([titles[name], 'not measured: DRACHTIO_SERVER names no drachtio-server', '', '', '', '', '']);
      continue;
    }
    const { refusalsPerSecond, callsPerSecond, goodputPerSecond } = own;
    table.push([
      titles[name],
      ...[whole(refusalsPerSecond), ratio(refusalsPerSecond, base?.refusalsPerSecond)],
      ...[whole(callsPerSecond), ratio(callsPerSecond, base?.callsPerSecond)],
      ...(overload === 0 ? ['-', '-'] : [whole(goodputPerSecond), ratio(goodputPerSecond, base?.callsPerSecond)]),
    ]);
  }
  printTable(table, print);
}
