// The measurements. Each returns plain figures; what they mean side by side is said in report.ts.
import type { CallerOptions, CallerReport } from '../../src/lab/caller-options.ts';
import type { BenchArguments } from './arguments.ts';
import { measure, median, type Stretch } from './measure.ts';
import { isKamailio, type ServerName, type ServerNeeds, type ServerUnderTest, startServer } from './servers.ts';

const WARM_UP_MS = 2000;
/** Calls come slower than refusals, and so does the optimising compiler. */
const CALLS_WARM_UP_MS = 4000;
const ADMITTED_PER_SECOND = 100;
const SOURCES = 200_000; // at 220,000 calls/s each sends about one a second: no source comes near the penalty

export interface Context {
  readonly settings: BenchArguments;
  /** `HOST:PORT` of the callee. */
  readonly uas: string;
  readonly log: (line: string) => void;
}

/** Starts the server, runs `work`, stops the server whatever happens. */
async function withServer<T>(
  context: Context,
  needs: Omit<ServerNeeds, 'uas'>,
  work: (server: ServerUnderTest) => Promise<T>,
): Promise<T> {
  const server = await startServer({ ...needs, uas: context.uas }, context.settings);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function stretch(
  context: Context,
  server: ServerUnderTest,
  callers: readonly CallerOptions[],
  warmUpMs = WARM_UP_MS,
): Promise<Stretch> {
  return measure(server.process, callers, warmUpMs, context.settings.favoured);
}

export interface RefusalFigures {
  readonly offeredPerSecond: number;
  readonly refusedPerSecond: number;
  readonly refusedPerCpuSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMegabytes: number;
}

/** One stretch of refusals: `offered` new calls a second, of which 100 are admitted. */
export async function refusals(context: Context, name: ServerName, offered: number): Promise<RefusalFigures> {
  return withServer(context, { name, newCallsPerSecond: ADMITTED_PER_SECOND }, async (server) => {
    const durationMs = WARM_UP_MS + context.settings.seconds * 1000;
    const { reports, serverCpuRatio } = await stretch(context, server, [
      {
        target: server.south,
        rate: offered,
        durationMs,
        sources: SOURCES,
        ports: 8,
        giveUpMs: 1500,
        ackRefusals: context.settings.ack,
      },
    ]);
    const report = reports[0]!;
    const figures = {
      offeredPerSecond: report.offeredPerSecond,
      refusedPerSecond: report.refusalsPerSecond,
      refusedPerCpuSecond: report.refusalsPerSecond / serverCpuRatio,
      p50Ms: report.refusalLatency.p50Ms,
      p99Ms: report.refusalLatency.p99Ms,
      residentMegabytes: server.process.residentBytes() / 1e6,
    };
    const whole = Math.round;
    context.log(
      `  ${name}: offered ${whole(figures.offeredPerSecond)}/s, refused ${whole(figures.refusedPerSecond)}/s, ` +
        `per CPU second ${whole(figures.refusedPerCpuSecond)}, p99 ${figures.p99Ms.toFixed(2)} ms`,
    );
    return figures;
  });
}

/** Interleaved rounds; the median of each figure. */
export async function inRounds<T extends object>(
  context: Context,
  names: readonly ServerName[],
  once: (name: ServerName) => Promise<T>,
): Promise<Partial<Record<ServerName, T>>> {
  const all = new Map<ServerName, T[]>(names.map((name) => [name, []]));
  for (let round = 0; round < context.settings.rounds; round++) {
    for (const name of names) all.get(name)!.push(await once(name));
  }
  const medians: Partial<Record<ServerName, T>> = {};
  for (const [name, figures] of all) {
    const keys = Object.keys(figures[0]!) as (keyof T)[];
    medians[name] = Object.fromEntries(
      keys.map((key) => [key, median(figures.map((one) => Number(one[key])))]),
    ) as unknown as T;
  }
  return medians;
}

export interface CallFigures {
  readonly callsPerSecond: number;
  readonly completedRatio: number;
  readonly cpuMicrosecondsPerCall: number;
  readonly setUpP50Ms: number;
  readonly setUpP99Ms: number;
  readonly retransmissionRatio: number;
}

/** Whole calls at a fixed rate: INVITE, 100, 180, 200, ACK, BYE, 200 with Record-Route. */
export async function calls(context: Context, name: ServerName, rate: number): Promise<CallFigures> {
  return withServer(context, { name, newCallsPerSecond: 1_000_000, shadow: true }, async (server) => {
    const durationMs = CALLS_WARM_UP_MS + context.settings.seconds * 1000;
    const caller = {
      target: server.south,
      rate,
      durationMs,
      sources: SOURCES,
      holdMs: 200,
      retransmit: true,
      callsInRow: 1,
    };
    const { reports, serverCpuRatio } = await stretch(context, server, [caller], CALLS_WARM_UP_MS);
    const { ordinary, setUpTime, offeredPerSecond } = reports[0]!;
    const figures = {
      callsPerSecond: offeredPerSecond,
      completedRatio: ordinary.completed / Math.max(1, ordinary.offered),
      cpuMicrosecondsPerCall: (serverCpuRatio * 1e6) / offeredPerSecond,
      setUpP50Ms: setUpTime.p50Ms,
      setUpP99Ms: setUpTime.p99Ms,
      retransmissionRatio: ordinary.retransmissions / Math.max(1, ordinary.offered),
    };
    context.log(
      `  ${name}: ${Math.round(offeredPerSecond)} calls/s, ${(figures.completedRatio * 100).toFixed(2)} % completed, ` +
        `${figures.cpuMicrosecondsPerCall.toFixed(0)} µs CPU a call, set-up p99 ${figures.setUpP99Ms.toFixed(1)} ms, ` +
        `${ordinary.retransmissions} retransmissions`,
    );
    return figures;
  });
}

export interface FloodFigures {
  readonly floodOfferedPerSecond: number;
  readonly floodRefusedPerSecond: number;
  readonly priorityOffered: number;
  readonly priorityLost: number;
  readonly prioritySetUpP99Ms: number;
  readonly emergencyOffered: number;
  readonly emergencyLost: number;
  readonly emergencySetUpP99Ms: number;
  readonly retransmissions: number;
}

/** 100,000 ordinary calls a second on south; priority calls on east, and 911 calls inside the flood itself. */
export async function flood(context: Context, name: ServerName): Promise<FloodFigures> {
  return withServer(context, { name, newCallsPerSecond: ADMITTED_PER_SECOND }, async (server) => {
    const durationMs = WARM_UP_MS + context.settings.seconds * 1000;
    const call = { durationMs, rate: 50, holdMs: 500, retransmit: true, sources: 100, callsInRow: 1, ports: 1 };
    const { reports } = await stretch(context, server, [
      { target: server.south, rate: 100_000, durationMs, sources: SOURCES, ports: 8, giveUpMs: 1500 },
      { ...call, target: server.east, resourcePriority: 'ets.0' },
      { ...call, target: server.south, requestUri: 'sip:911@127.0.0.1' },
    ]);
    const [ordinary, priority, emergency] = reports as [CallerReport, CallerReport, CallerReport];
    const figures = {
      floodOfferedPerSecond: ordinary.offeredPerSecond,
      floodRefusedPerSecond: ordinary.refusalsPerSecond,
      priorityOffered: priority.priority.offered,
      priorityLost: priority.priority.offered - priority.priority.completed,
      prioritySetUpP99Ms: priority.setUpTime.p99Ms,
      emergencyOffered: emergency.ordinary.offered,
      emergencyLost: emergency.ordinary.offered - emergency.ordinary.completed,
      emergencySetUpP99Ms: emergency.setUpTime.p99Ms,
      retransmissions: priority.priority.retransmissions + emergency.ordinary.retransmissions,
    };
    context.log(
      `  ${name}: flood ${Math.round(figures.floodOfferedPerSecond)}/s, refused ${Math.round(figures.floodRefusedPerSecond)}/s; ` +
        `priority lost ${figures.priorityLost} of ${figures.priorityOffered} ${JSON.stringify(priority.priority.byStatus)}, ` +
        `911 lost ${figures.emergencyLost} of ${figures.emergencyOffered} ${JSON.stringify(emergency.ordinary.byStatus)}, ` +
        `${figures.retransmissions} retransmissions`,
    );
    return figures;
  });
}

export interface MemoryFigures {
  readonly callers: number;
  readonly residentBeforeMegabytes: number;
  readonly residentAfterMegabytes: number;
}

/** A million distinct callers: source address, From user, From tag and Call-ID of each are its own. */
export async function memory(context: Context, name: ServerName): Promise<MemoryFigures> {
  return withServer(context, { name, newCallsPerSecond: ADMITTED_PER_SECOND }, async (server) => {
    const before = server.process.residentBytes() / 1e6;
    const rate = isKamailio(name) ? 40_000 : 60_000;
    const { reports } = await stretch(context, server, [
      {
        target: server.south,
        rate,
        durationMs: (1_050_000 / rate) * 1000,
        sources: 1_050_000,
        callsInRow: 1,
        ports: 8,
        giveUpMs: 1500,
      },
    ]);
    const { byStatus } = reports[0]!.ordinary;
    const figures = {
      callers: Object.values(byStatus).reduce((sum, count) => sum + count, 0),
      residentBeforeMegabytes: before,
      residentAfterMegabytes: server.process.residentBytes() / 1e6,
    };
    context.log(
      `  ${name}: ${figures.callers} callers answered, ${before.toFixed(0)} MB before, ` +
        `${figures.residentAfterMegabytes.toFixed(0)} MB after`,
    );
    return figures;
  });
}
