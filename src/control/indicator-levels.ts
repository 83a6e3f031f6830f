// The levels at which each indicator proposes a mode (DESIGN.md §4), every one with what sets it, what clears it, and how long
// that must hold. Ratios are 1 = 100 %. Clear dwells are short: release as fast as onset (RFC 6357 §8); relapses lengthen them
// (level.ts).
import type { IndicatorName, RunningMode } from './throttle.ts';

/** What a level looks at; one indicator may look at several things. */
export const measures = [
  'arrivals', // new calls / normal
  'registrations', // REGISTERs / normal
  'receive-queue', // bytes waiting / room
  'drops', // datagrams that the kernel dropped in the interval
  'loop-utilisation', // busy share of the interval
  'loop-delay', // greatest delay / T1, 500 ms (RFC 3261 §17.1.1.1)
  'memory', // used / available to the process
  'some-switch', // worst demand / capacity where a switch is at capacity
  'all-switches', // the same where all are
  'reserve', // 1 while the emergency reserve is in use
  'concentration', // share of the few hottest numbers, where they alone bring more than ordinary traffic
] as const;
export type Measure = (typeof measures)[number];

export interface Level {
  readonly indicator: IndicatorName;
  readonly measure: Measure;
  readonly proposes: Exclude<RunningMode, 'L0'>;
  /** Set from here on, cleared below there. */
  readonly setAt: number;
  readonly clearAt: number;
  readonly setDwellMs: number;
  readonly clearDwellMs: number;
  /** Over how much time arrivals are counted before they set the level, ms; 0 for what is not counted. */
  readonly windowMs: number;
}

type Row = readonly [
  proposes: Level['proposes'],
  setAt: number,
  clearAt: number,
  setDwellMs: number,
  clearDwellMs: number,
  windowMs?: number,
];

function rows(indicator: IndicatorName, measure: Measure, all: readonly Row[]): Level[] {
  return all.map(([proposes, setAt, clearAt, setDwellMs, clearDwellMs, windowMs = 0]) => {
    return { indicator, measure, proposes, setAt, clearAt, setDwellMs, clearDwellMs, windowMs };
  });
}

export const levels: readonly Level[] = [
  // The seed's 300, 400, 500 and 1000 % of normal. 400 % is what 500 % is, if it lasts. The higher the level, the shorter the
  // window: ten times normal is certain in 0.6 s, three times is not. Columns: as in Row.
  ...rows('arrivals', 'arrivals', [
    ['L1', 3, 2.5, 300, 800, 3000],
    ['L2', 4, 2.75, 5000, 800, 3000],
    ['L2', 5, 3, 300, 800, 1000],
    ['L3', 10, 5, 200, 800, 600],
  ]),
  // REGISTERs come in waves of their own (expiry times that fell into step), and have their own limit: they make the edge refuse
  // the non-essential, but never slow calls down. So they are judged over longer, and propose L2 at most.
  ...rows('registrations', 'registrations', [
    ['L1', 3, 2.5, 500, 800, 3000],
    ['L2', 4, 2.75, 10_000, 800, 3000],
    ['L2', 5, 3, 5000, 800, 3000],
    ['L2', 10, 5, 300, 800, 1000],
  ]),
  // Seed: buffers of the interfaces tell of a mass-call event, a drop most of all: it may have been an emergency call.
  ...rows('kernel-buffer', 'receive-queue', [
    ['L1', 0.5, 0.25, 300, 800],
    ['L2', 0.75, 0.5, 300, 800],
    ['L3', 0.9, 0.6, 200, 800],
  ]),
  ...rows('kernel-buffer', 'drops', [['L3', 1, 1, 0, 1000]]),
  // A loop that is busy with refusals still keeps up: utilisation alone is no crisis, and ordinary calls are not reduced for it.
  // Delay is: 100, 250 and 400 ms of T1, beyond which callers retransmit.
  ...rows('event-loop', 'loop-utilisation', [['L1', 0.9, 0.8, 2000, 800]]),
  ...rows('event-loop', 'loop-delay', [
    ['L1', 0.2, 0.1, 1000, 800],
    ['L2', 0.5, 0.25, 1000, 800],
    ['L3', 0.8, 0.5, 1000, 800],
  ]),
  // The seed's examples: 85, 90 and 95 % of memory.
  ...rows('memory', 'memory', [
    ['L1', 0.85, 0.8, 2000, 1000],
    ['L2', 0.9, 0.85, 2000, 1000],
    ['L3', 0.95, 0.9, 1000, 1000],
  ]),
  // One switch of several at capacity: the others can take more. All of them: what is asked in relation to what they can do.
  ...rows('switch-capacity', 'some-switch', [['L1', 1, 0.9, 1000, 800]]),
  ...rows('switch-capacity', 'all-switches', [
    ['L2', 2, 1.5, 500, 800],
    ['L3', 5, 3.5, 500, 800],
  ]),
  // Seed: the reserve that is set aside begins to be used.
  ...rows('reserve', 'reserve', [
    ['L1', 1, 1, 500, 1000],
    ['L2', 1, 1, 5000, 1000],
  ]),
  // Hot numbers are gapped, which L1 is for; the rest of the traffic is left alone.
  ...rows('concentration', 'concentration', [['L1', 0.5, 0.35, 500, 800]]),
];

/** The levels of each measure; they belong to one indicator. */
export const levelsOf: ReadonlyMap<Measure, readonly Level[]> = new Map(
  measures.map((measure) => [measure, levels.filter((level) => level.measure === measure)]),
);
