// What a mass-call event is for the orchestrator: the levels of each sign, and how the mode falls again. Plain data; the defaults
// are the edge's (control/indicator-levels.ts) where it has the same sign.
import { levelsOf } from '../../control/indicator-levels.ts';
import type { RunningMode } from '../../control/throttle.ts';
import { type ThresholdRule, thresholdRules } from './threshold-rules.ts';

export interface LevelRow {
  readonly proposes: Exclude<RunningMode, 'L0'>;
  /** Set from here on, cleared below there. */
  readonly setAt: number;
  readonly clearAt: number;
  readonly setDwellMs: number;
  readonly clearDwellMs: number;
}

/** `windowMs`: over how much time the rate is taken to have been counted, which says how much it scatters (control/surge.ts). */
export interface ArrivalRow extends LevelRow {
  readonly windowMs: number;
}

export interface EventRules {
  readonly thresholds: readonly ThresholdRule[];
  /** Requests per second that an application reports, in relation to what it says is normal: 3 is 300 %. */
  readonly arrivals: readonly ArrivalRow[];
  /** Normal is taken to be at least that, requests per second of an application: a few requests are no surge. */
  readonly normalFloorPerSecond: number;
  /** An application's emergency reserve: 1 while it says that it is in use, else 0. */
  readonly applicationReserve: readonly LevelRow[];
  /** The part of the host's emergency reserve that is in use, 0 to 1. */
  readonly hostReserve: readonly LevelRow[];
  readonly preCongestion: {
    /** Congested within this time, ms. */
    readonly withinMs: number;
    /** Only while the host uses so much of that resource: before, it is a matter of allocation. 0 to 1. */
    readonly leastHostRatio: number;
    /** For how long a notification holds, ms, unless it is renewed. */
    readonly holdsMs: number;
    readonly setDwellMs: number;
    readonly clearDwellMs: number;
  };
  readonly peers: {
    /** A peer in this mode or a higher one … */
    readonly from: Exclude<RunningMode, 'L0'>;
    /** … proposes this; never as much as `from` itself, or two neighbours would hold each other in it for ever. */
    readonly proposes: RunningMode;
    readonly setDwellMs: number;
    readonly clearDwellMs: number;
  };
  /** Whether applications also reduce their work in stages where only demand (or a neighbour) asks for L2 or L3. What they can do
   * is bounded by capacity and by their boundary then; less would lose work that can be done. */
  readonly reducesOnDemand: boolean;
  /** How long nothing must ask for the mode before it falls by one, ms. */
  readonly fallDwellMs: number;
}

/** Rates are reported each second, counted over a second: a window of so many seconds is so many reports. The first of them is
 * there at once, and reports do not come to the millisecond. */
const reportMs = 1000;
const slackMs = 200;

export const eventRules: EventRules = {
  thresholds: thresholdRules,
  // The seed's 300, 400, 500 and 1000 % of normal. Never on one report.
  arrivals: (levelsOf.get('arrivals') ?? []).map(({ proposes, setAt, clearAt, setDwellMs, clearDwellMs, windowMs }) => {
    const reportsMs = Math.max(windowMs - reportMs, reportMs) - slackMs;
    return { proposes, setAt, clearAt, setDwellMs: Math.max(setDwellMs, reportsMs), clearDwellMs, windowMs };
  }),
  normalFloorPerSecond: 10, // as on the edge (config/control-schema.ts)
  applicationReserve: levelsOf.get('reserve') ?? [],
  // A tenth of it is scatter; a quarter is an emergency that ordinary use no longer leaves room for.
  hostReserve: [
    { proposes: 'L1', setAt: 0.25, clearAt: 0.1, setDwellMs: 1000, clearDwellMs: 1000 },
    { proposes: 'L2', setAt: 0.25, clearAt: 0.1, setDwellMs: 5000, clearDwellMs: 1000 },
  ],
  preCongestion: { withinMs: 15_000, leastHostRatio: 0.75, holdsMs: 15_000, setDwellMs: 1000, clearDwellMs: 1000 },
  // A neighbour's fire is a warning.
  peers: { from: 'L2', proposes: 'L1', setDwellMs: 1000, clearDwellMs: 1000 },
  reducesOnDemand: false,
  fallDwellMs: 2000,
};
