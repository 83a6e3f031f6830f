// The scenario "surge" (RFC 6357 §8): a switch that can do 140 calls a second is offered half to forty times as many, before it
// an edge that knows that number, an edge that knows nothing but the switch's address, and Kamailio's TAILDROP.
import type { CallerOptions } from '../../src/lab/caller-options.ts';
import { countAt, type SwitchTick } from '../../src/lab/ticks.ts';
import { median, tsx } from './measure.ts';
import { type PinnedProcess, startPinned } from './pinned-process.ts';
import type { Context } from './scenarios.ts';
import { type EdgeFile, type ServerUnderTest, startServer } from './servers.ts';
import { holdsAfterMs, jain, perSecond } from './surge-figures.ts';
import type { LoadLine, LoadOrder } from './surge-load.ts';

export const capacityPerSecond = 140;
export const offers = [0.5, 1, 2, 5, 10, 20, 40] as const;
/** RFC 6357 §8 looks at what follows the onset. */
const settleMs = 3000;
const priorityRatio = 0.02;

export const contestants = ['configured', 'learned', 'kamailio'] as const;
export type Contestant = (typeof contestants)[number];

/** One offer for one contestant. */
export interface SurgeRung {
  readonly offered: number;
  readonly goodputPerSecond: number;
  readonly ofCapacity: number;
  /** Standard deviation of the goodput over the seconds, as a ratio of the capacity. */
  readonly deviation: number;
  /** INVITEs sent to the switch again, and refused or not even read by it, per second. */
  readonly switchRetransmissionsPerSecond: number;
  readonly switchOverloadedPerSecond: number;
  readonly priorityOffered: number;
  readonly priorityCompleted: number;
  readonly prioritySetUpP50Ms: number;
  readonly prioritySetUpP99Ms: number;
}

/** From half of the capacity to ten times, and back. */
export interface SurgeStep {
  readonly beyondCapacityInFirstSecond: number;
  readonly holdsAfterMs: number;
  /** From the end of the surge to the last refusal; 0: none after it. */
  readonly lastRefusalAfterMs: number;
}

/** The edge's own part of the set-up time: the switch answers at once. */
export interface SurgeDelay {
  readonly offered: number;
  readonly priorityPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface SurgeFigures {
  readonly capacityPerSecond: number;
  readonly rungs: Partial<Record<Contestant, SurgeRung[]>>;
  readonly step: Partial<Record<Contestant, SurgeStep>>;
  readonly delay: SurgeDelay[];
  /** Over four neighbours with equal demand, at ten times the capacity. */
  readonly jain: Partial<Record<Contestant, number>>;
}

interface SwitchProcess {
  readonly address: string;
  readonly ticks: SwitchTick[];
  readonly process: PinnedProcess;
}

const own = (file: string): string[] => [...tsx, new URL(file, import.meta.url).pathname];

async function startSwitch(favoured: boolean, order: object): Promise<SwitchProcess> {
  const ticks: SwitchTick[] = [];
  let found: (address: string) => void = () => {};
  let failed: (error: Error) => void = () => {};
  const address = new Promise<string>((resolve, reject) => {
    found = resolve;
    failed = reject;
  });
  const process = startPinned(1, [...own('../../src/lab/switch-process.ts'), JSON.stringify(order)], {
    favoured,
    onLine: (line) => {
      const said = JSON.parse(line) as { address: string } | SwitchTick;
      if ('address' in said) found(said.address);
      else ticks.push(said);
    },
  });
  process.child.once('exit', () => failed(new Error(`the switch ended:\n${process.output()}`)));
  return { address: await address, ticks, process };
}

/** What a load process said. */
export interface LoadResult {
  readonly begunAtMs: readonly number[];
  readonly endAtMs: number;
  readonly refused: readonly { readonly atMs: number; readonly refused: number }[];
  readonly reports: (LoadLine & { event: 'reports' })['reports'];
}

/** Runs one load process on core 1 to its end. */
export async function offer(favoured: boolean, order: LoadOrder): Promise<LoadResult> {
  const begunAtMs: number[] = [];
  const refused: { atMs: number; refused: number }[] = [];
  let endAtMs = 0;
  let reports: LoadResult['reports'] | undefined;
  const load = startPinned(1, [...own('surge-load.ts'), JSON.stringify(order)], {
    favoured,
    onLine: (line) => {
      const said = JSON.parse(line) as LoadLine;
      if (said.event === 'begin') begunAtMs.push(said.atMs);
      else if (said.event === 'tick') refused.push(said);
      else if (said.event === 'end') endAtMs = said.atMs;
      else reports = said.reports;
    },
  });
  await new Promise<void>((resolve) => load.child.once('close', () => resolve()));
  if (reports === undefined) throw new Error(`the load process failed:\n${load.output()}`);
  return { begunAtMs, endAtMs, refused, reports };
}

interface Place {
  readonly contestant: Contestant;
  readonly server: ServerUnderTest;
  readonly ticks: readonly SwitchTick[];
}

const east = (usual: EdgeFile) => ({
  ...usual.interfaces.east,
  neighbours: [0, 1, 2, 3].map((i) => ({ name: `neighbour${i}`, addresses: [`127.100.100.${100 + i}`] })),
});

/** An edge as an operator has it who has not tuned anything; or Kamailio. */
async function withPlace<T>(
  context: Context,
  contestant: Contestant,
  theSwitch: object,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const { favoured } = context.settings;
  const { address, ticks, process } = await startSwitch(favoured, theSwitch);
  const capacity = contestant === 'configured' ? { capacityPerSecond } : {};
  const adapt = (usual: EdgeFile) => ({
    interfaces: { ...usual.interfaces, east: east(usual) },
    switches: [{ name: 'switch', address: `udp:${address}`, ...capacity }],
    state: usual.state,
    admin: usual.admin,
    log: usual.log,
  });
  const name = contestant === 'kamailio' ? 'kamailio' : 'surgegate';
  try {
    const needs = { name, newCallsPerSecond: capacityPerSecond, uas: address, adapt } as const;
    const server = await startServer(needs, context.settings);
    try {
      return await work({ contestant, server, ticks });
    } finally {
      await server.stop();
    }
  } finally {
    await process.stop();
  }
}

/** 2 % of the calls are priority calls, on east, from addresses of their own. */
function callersOf(server: ServerUnderTest, rate: number, priorityPerSecond = rate * priorityRatio): CallerOptions[] {
  const common = { durationMs: 0, retransmit: true, holdMs: 200, callsInRow: 1 };
  return [
    { ...common, target: server.south, rate: rate * (1 - priorityRatio), sources: 3000 },
    {
      ...common,
      target: server.east,
      rate: priorityPerSecond,
      sources: 100,
      firstSource: 1_000_000,
      ports: 1,
      resourcePriority: 'ets.0',
    },
  ];
}

const realistic = { capacityPerSecond, ringMs: 10, answerMs: 100 };

async function ladder(context: Context, contestant: Contestant): Promise<SurgeRung[]> {
  const durationMs = settleMs + context.settings.seconds * 1000;
  return withPlace(context, contestant, realistic, async ({ server, ticks }) => {
    const stretches = offers.map((times) => ({ durationMs, callers: callersOf(server, times * capacityPerSecond) }));
    const { begunAtMs, reports } = await offer(context.settings.favoured, {
      stretches,
      warmUpMs: settleMs,
      graceMs: 4000,
    });
    return offers.map((offered, i) => {
      const from = begunAtMs[i]! + settleMs;
      const to = begunAtMs[i]! + durationMs;
      const rate = (of: 'confirmed' | 'retransmissions' | 'overloaded' | 'lost') => perSecond(ticks, of, from, to);
      const { mean, deviation } = rate('confirmed');
      const { priority, setUpTime } = reports[i]![1]!;
      return {
        offered,
        goodputPerSecond: mean,
        ofCapacity: mean / capacityPerSecond,
        deviation: deviation / capacityPerSecond,
        switchRetransmissionsPerSecond: rate('retransmissions').mean,
        switchOverloadedPerSecond: rate('overloaded').mean + rate('lost').mean,
        priorityOffered: priority.offered,
        priorityCompleted: priority.completed,
        prioritySetUpP50Ms: setUpTime.p50Ms,
        prioritySetUpP99Ms: setUpTime.p99Ms,
      };
    });
  });
}

async function step(context: Context, contestant: Contestant): Promise<SurgeStep> {
  return withPlace(context, contestant, realistic, async ({ server, ticks }) => {
    const calm = callersOf(server, capacityPerSecond / 2);
    const { begunAtMs, refused } = await offer(context.settings.favoured, {
      stretches: [
        { durationMs: 5000, callers: calm },
        { durationMs: 8000, callers: callersOf(server, capacityPerSecond * 10) },
        { durationMs: 6000, callers: calm },
      ],
      warmUpMs: 0,
      graceMs: 1000,
    });
    const [, surge = 0, after = 0] = begunAtMs;
    const sent = countAt(ticks, 'invites', surge + 1000) - countAt(ticks, 'invites', surge);
    const grown = refused.filter((tick, i) => i > 0 && tick.refused > refused[i - 1]!.refused);
    return {
      beyondCapacityInFirstSecond: Math.round(sent - capacityPerSecond),
      holdsAfterMs: holdsAfterMs(ticks, surge, capacityPerSecond),
      lastRefusalAfterMs: Math.max(0, (grown.at(-1)?.atMs ?? 0) - after),
    };
  });
}

/** Slices of each row, in turns: the median of them tells of the edge, a single one of whatever else the machine does. */
const slices = 5;
const sliceMs = 2300;

/** What the edge adds: it holds calls to 140/s, the switch behind it would take any number at once. */
async function delay(context: Context): Promise<SurgeDelay[]> {
  const rows = [
    { offered: 0, priorityPerSecond: 100 },
    { offered: 1, priorityPerSecond: 100 },
    { offered: 10, priorityPerSecond: 100 },
    { offered: 40, priorityPerSecond: 112 },
  ];
  return withPlace(context, 'configured', { ringMs: 0, answerMs: 0 }, async ({ server }) => {
    // the first round is there for the compilers
    const turns = Array.from({ length: slices + 1 }, () => rows).flat();
    const { reports } = await offer(context.settings.favoured, {
      stretches: turns.map(({ offered, priorityPerSecond }) => ({
        durationMs: sliceMs,
        callers: callersOf(server, Math.max(0.001, offered * capacityPerSecond), priorityPerSecond),
      })),
      warmUpMs: 300,
      graceMs: 2000,
    });
    return rows.map((row, i) => {
      const own = reports.filter((_, k) => k >= rows.length && k % rows.length === i).map((one) => one[1]!.setUpTime);
      return { ...row, p50Ms: median(own.map((one) => one.p50Ms)), p99Ms: median(own.map((one) => one.p99Ms)) };
    });
  });
}

/** Four neighbours on east, each with a quarter of ten times the capacity. */
async function fairness(context: Context, contestant: Contestant): Promise<number> {
  return withPlace(context, contestant, realistic, async ({ server }) => {
    const rate = (capacityPerSecond * 10) / 4;
    const one = { target: server.east, durationMs: 0, rate, retransmit: true, holdMs: 200, sources: 1, ports: 1 };
    const callers = [0, 1, 2, 3].map((firstSource) => ({ ...one, firstSource }));
    const durationMs = settleMs + context.settings.seconds * 1000;
    const order = { stretches: [{ durationMs, callers }], warmUpMs: settleMs, graceMs: 500 };
    const { reports } = await offer(context.settings.favoured, order);
    return jain(reports[0]!.map(({ answeredInWindow }) => answeredInWindow));
  });
}

/** Side by side, each before a switch of its own: none needs a tenth of a core. */
async function sideBySide<T>(
  names: readonly Contestant[],
  once: (name: Contestant) => Promise<T>,
): Promise<Partial<Record<Contestant, T>>> {
  const figures = await Promise.all(names.map(async (name) => [name, await once(name)] as const));
  return Object.fromEntries(figures) as Partial<Record<Contestant, T>>;
}

export async function surge(context: Context, names: readonly Contestant[]): Promise<SurgeFigures> {
  context.log(`  offered ${offers.join(', ')} times the capacity`);
  const rungs = await sideBySide(names, (name) => ladder(context, name));
  context.log('  half of the capacity, ten times, half');
  const steps = await sideBySide(names, (name) => step(context, name));
  const edges = names.filter((name) => name !== 'kamailio');
  context.log('  four neighbours');
  const fair = await sideBySide(edges, (name) => fairness(context, name));
  context.log('  priority calls past a switch that answers at once');
  const delays = edges.length > 0 ? await delay(context) : [];
  return { capacityPerSecond, rungs, step: steps, delay: delays, jain: fair };
}
