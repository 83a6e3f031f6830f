// What happened in a run, in bins of 100 ms and by source: numbers only, from which `figures.ts` reads its results.
import type { RunningMode } from '../../src/control/throttle.ts';

export const binMs = 100;

export const seriesNames = [
  'offered', // attempts, those included that a neighbour held back because it was told to
  'offeredPriority',
  'forwarded', // sent to a switch for the first time
  'refused', // by the edge or by what stands before it, ordinary calls
  'refusedPriority',
  'failed', // by the switch: 503, or no answer in time
  'givenUp',
  'goodput', // set up by the switch in that bin, and answered, and the caller was still there
  'goodputPriority',
  'setUp', // set up by the switch, answered or busy
  'registered',
  'capacity', // what the living switches could have set up
] as const;
export type SeriesName = (typeof seriesNames)[number];

export class Recorder {
  readonly seconds: number;
  readonly bins: Record<SeriesName, Float64Array>;
  readonly offeredBySource: number[];
  readonly goodputBySource: number[];
  /** From a priority call's arrival to its being sent to a switch, and to its set-up; ms. */
  readonly priorityEdgeMs: number[] = [];
  readonly prioritySetUpMs: number[] = [];
  readonly setUpMs: number[] = [];
  readonly modes: RunningMode[];
  /** Nothing is counted by source before this. */
  readonly countFromMs: number;

  constructor(seconds: number, sources: number, countFromMs: number) {
    this.seconds = seconds;
    this.countFromMs = countFromMs;
    const length = Math.ceil((seconds * 1000) / binMs) + 1;
    this.bins = Object.fromEntries(seriesNames.map((name) => [name, new Float64Array(length)])) as Recorder['bins'];
    this.offeredBySource = new Array(sources).fill(0);
    this.goodputBySource = new Array(sources).fill(0);
    this.modes = new Array(length).fill('L0');
  }

  add(name: SeriesName, nowMs: number, amount = 1): void {
    this.bins[name][Math.floor(nowMs / binMs)]! += amount;
  }

  noteMode(nowMs: number, mode: RunningMode): void {
    this.modes[Math.floor(nowMs / binMs)] = mode;
  }

  /** Sums of ten bins: one value for each second. */
  perSecond(name: SeriesName): number[] {
    const bins = this.bins[name];
    const out = new Array<number>(Math.floor(this.seconds)).fill(0);
    for (let i = 0; i < out.length * 10; i++) out[Math.floor(i / 10)]! += bins[i]!;
    return out;
  }
}
