// The callers of the demo as a process: so many calls a second for so long, one stretch after the other, 2 % of them GETS calls, half of those by the access
// number from customers, half by Resource-Priority from a trusted peer. Writes ten times a second what has come of them; ends when
// its standard input says so or is closed.
import { createInterface } from 'node:readline';
import { type Caller, startCaller } from '../caller.ts';
import type { CallCounts, CallerOptions } from '../caller-options.ts';
import { getsRatio, type PhaseName, type Stretch } from './plan.ts';
import type { GetsCount } from './summary.ts';
import type { CallTick } from './timeline.ts';

export interface CallersOrder {
  /** `udp:127.0.0.1:PORT` of the edge's interfaces. */
  readonly south: string;
  readonly east: string;
  /** One after the other; the last lasts until the end. */
  readonly stretches: readonly Stretch[];
}

export type CallersLine =
  | { readonly event: 'begin'; readonly atMs: number }
  | ({ readonly event: 'tick' } & CallTick)
  /** By stretch. */
  | { readonly event: 'end'; readonly gets: readonly GetsCount[] };

const accessNumber = '7106274387'; // 710-NCS-GETS
/** What calls may take that were begun last. Those without any answer are given up after 32 s only, and count as not completed. */
const graceMs = 10_000;
const longestMs = 3_600_000;

interface Running {
  readonly phase: PhaseName;
  readonly ordinary: Caller;
  readonly byNumber: Caller;
  readonly byHeader: Caller;
}

const say = (line: CallersLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const until = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const { south, east, stretches } = JSON.parse(process.argv[2] ?? '{}') as CallersOrder;
const input = createInterface({ input: process.stdin });
let isTold = false;
const told = new Promise<void>((resolve) => {
  input.once('line', () => {
    isTold = true;
    resolve();
  });
});
input.once('close', () => process.exit(1));
const running: Running[] = [];

function start({ phase, callsPerSecond }: Stretch, durationMs: number): Running {
  const common = { durationMs, retransmit: true, holdMs: 200 };
  const gets = { ...common, rate: (callsPerSecond * getsRatio) / 2, sources: 50, ports: 1, callsInRow: 1 };
  const [host = '', port = ''] = south.slice('udp:'.length).split(':');
  const ordinary: CallerOptions = {
    ...common,
    target: south,
    rate: callsPerSecond * (1 - getsRatio),
    sources: 3000,
    callsInRow: 4,
  };
  return {
    phase,
    ordinary: startCaller(ordinary),
    byNumber: startCaller({
      ...gets,
      target: south,
      firstSource: 1_000_000,
      requestUri: `sip:${accessNumber}@${host}:${port}`,
    }),
    byHeader: startCaller({ ...gets, target: east, firstSource: 1_100_000, resourcePriority: 'ets.0' }),
  };
}

const callersOf = (one: Running): Caller[] => [one.ordinary, one.byNumber, one.byHeader];
const getsOf = ({ byNumber, byHeader }: Running): CallCounts[] => [
  byNumber.report().ordinary,
  byHeader.report().priority,
];
const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0);

function tick(): void {
  const ordinary = running.map((one) => one.ordinary.report().ordinary);
  const gets = running.flatMap(getsOf);
  const refusals = (one: CallCounts): number =>
    sum(Object.entries(one.byStatus), ([status, count]) => (Number(status) >= 300 ? count : 0));
  say({
    event: 'tick',
    atMs: Date.now(),
    offered: sum(ordinary, ({ offered }) => offered),
    completed: sum(ordinary, ({ completed }) => completed),
    refused: sum(ordinary, refusals),
    getsOffered: sum(gets, ({ offered }) => offered),
    getsCompleted: sum(gets, ({ completed }) => completed),
  });
}

say({ event: 'begin', atMs: Date.now() });
const beganMs = performance.now();
let endsMs = 0;
const ticks = setInterval(tick, 100);
for (const [i, stretch] of stretches.entries()) {
  if (isTold) break;
  const isLast = i === stretches.length - 1;
  endsMs += stretch.seconds * 1000;
  // by one clock, so that none pushes the next one back
  const leftMs = Math.max(0, beganMs + endsMs - performance.now());
  running.push(start(stretch, isLast ? longestMs : leftMs));
  await Promise.race([told, ...(isLast ? [] : [until(leftMs)])]);
}
const all = running.flatMap(callersOf);
for (const caller of all) caller.stop();
await Promise.race([until(graceMs), Promise.all(all.map(({ finished }) => finished))]);
clearInterval(ticks);
tick();
const gets = running.map((one) => {
  const counts = getsOf(one);
  return {
    phase: one.phase,
    offered: sum(counts, ({ offered }) => offered),
    completed: sum(counts, ({ completed }) => completed),
    setUpP99Ms: Math.max(...[one.byNumber, one.byHeader].map((caller) => caller.report().setUpTime.p99Ms)),
  };
});
process.stdout.write(`${JSON.stringify({ event: 'end', gets } satisfies CallersLine)}\n`, () => process.exit(0));
