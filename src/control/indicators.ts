// Each indicator of a mass-call event proposes a mode (DESIGN.md §4; the levels stand in indicator-levels.ts). Numbers in,
// proposals out; what the numbers are in relation to (normal, capacity) is learned elsewhere.
import type { InterfaceName } from '../transport/flow.ts';
import { type Level, levels, levelsOf, type Measure } from './indicator-levels.ts';
import { initialLevel, type LevelState, stepLevel } from './level.ts';
import type { HostSample, KernelSample } from './load-sample.ts';
import { highestMode } from './running-mode.ts';
import {
  type ArrivalWindow,
  clearPerSecond,
  clearWindowMs,
  ordinaryPerSecond,
  setPerSecond,
  stepWindow,
  windowPerSecond,
} from './surge.ts';
import { type Indicator, type IndicatorName, indicatorNames, runningModes } from './throttle.ts';

/** A rate since the sample before, and what is normal for it; undefined while that is not known. */
export interface RateAndNormal {
  readonly perSecond: number;
  readonly normalPerSecond: number | undefined;
}

export interface InterfaceInputs {
  readonly name: InterfaceName;
  /** New calls that arrived, those included that a gap refused. */
  readonly newCalls: RateAndNormal;
  readonly registrations: RateAndNormal;
  readonly kernel: KernelSample | undefined;
}

export interface IndicatorInputs {
  /** Since the inputs before. */
  readonly intervalMs: number;
  readonly interfaces: readonly InterfaceInputs[];
  readonly host: HostSample;
  /** Of the switches that are up: how many, how many get all that they can do, the worst demand in relation to capacity. */
  readonly switches: { readonly count: number; readonly atCapacity: number; readonly worstDemandRatio: number };
  readonly reserveInUse: boolean;
  /** The few hottest called numbers: their share of the new calls (0 to 1), and how many a second that is. */
  readonly concentration: { readonly shareRatio: number; readonly perSecond: number };
}

export interface IndicatorStates {
  /** By measure and interface; the levels of the measure as they stand in the table. */
  readonly levels: ReadonlyMap<string, readonly LevelState[]>;
  /** By measure and interface. */
  readonly windows: ReadonlyMap<string, ArrivalWindow>;
}

export const initialIndicators: IndicatorStates = { levels: new Map(), windows: new Map() };

const longestWindowMs = Math.max(clearWindowMs, ...levels.map(({ windowMs }) => windowMs));
/** So that there is something to divide by. */
const leastNormalPerSecond = 0.01;
/** T1, ms (RFC 3261 §17.1.1.1): what the loop's delay is measured by. */
const t1Ms = 500;
/** Over how much time the rate of the hottest numbers is taken to have been counted, ms. */
const concentrationWindowMs = 1000;
/** A hot line of an ordinary day may have three quarters of the traffic, in its busy hour too. */
const hotLineRatio = 0.75;

/** One thing that was measured in one place. */
interface Reading {
  readonly measure: Measure;
  readonly interface: InterfaceName | undefined;
  readonly value: number;
  /** For what is counted in windows. */
  readonly window?: ArrivalWindow;
  readonly normalPerSecond?: number;
}

/**
 * One sample later. `indicators`: those that propose more than L0, the highest first, each once, with the interface where it is
 * worst. `values`: what each measured, the worst of all places.
 */
export function stepIndicators(
  states: IndicatorStates,
  inputs: IndicatorInputs,
  nowMs: number,
): {
  readonly states: IndicatorStates;
  readonly indicators: readonly Indicator[];
  readonly values: Readonly<Record<IndicatorName, number>>;
} {
  const windows = new Map<string, ArrivalWindow>();
  const readings = [
    ...inputs.interfaces.flatMap((one) => interfaceReadings(one, inputs.intervalMs, states.windows, windows, nowMs)),
    ...commonReadings(inputs),
  ];
  const next = new Map<string, readonly LevelState[]>();
  const worst: Partial<Record<IndicatorName, Indicator>> = {};
  for (const reading of readings) {
    const key = keyOf(reading.measure, reading.interface);
    const before = states.levels.get(key);
    const rows = levelsOf.get(reading.measure) ?? [];
    const name = rows[0]?.indicator;
    if (name === undefined) continue;
    const after = rows.map((level, i) =>
      stepOne(before?.[i] ?? initialLevel, level, reading, inputs.intervalMs, nowMs),
    );
    next.set(key, after);
    const set = rows.filter((_, i) => after[i]?.isSet === true);
    const proposes = highestMode(set.map((level) => level.proposes));
    const found: Indicator = { name, interface: reading.interface, value: reading.value, proposes };
    if (isWorse(found, worst[name])) worst[name] = found;
  }
  const all = indicatorNames.map((name): Indicator => {
    return worst[name] ?? { name, interface: undefined, value: 0, proposes: 'L0' };
  });
  return {
    states: { levels: next, windows },
    indicators: all.filter(({ proposes }) => proposes !== 'L0').sort((a, b) => rank(b) - rank(a)),
    values: Object.fromEntries(all.map(({ name, value }) => [name, value])) as Record<IndicatorName, number>,
  };
}

const keyOf = (measure: Measure, name: InterfaceName | undefined): string =>
  name === undefined ? measure : `${measure} ${name}`;

const rank = (indicator: Indicator): number => runningModes.indexOf(indicator.proposes);

function isWorse(one: Indicator, other: Indicator | undefined): boolean {
  if (other === undefined) return true;
  return rank(one) > rank(other) || (rank(one) === rank(other) && one.value > other.value);
}

function interfaceReadings(
  one: InterfaceInputs,
  intervalMs: number,
  before: IndicatorStates['windows'],
  after: Map<string, ArrivalWindow>,
  nowMs: number,
): Reading[] {
  const readings: Reading[] = [];
  for (const [measure, rate] of [
    ['arrivals', one.newCalls],
    ['registrations', one.registrations],
  ] as const) {
    const key = keyOf(measure, one.name);
    const slice = { atMs: nowMs, arrivals: (rate.perSecond * intervalMs) / 1000 };
    const window = stepWindow(before.get(key) ?? [], slice, longestWindowMs);
    after.set(key, window);
    // Before normal is known nothing is a surge.
    if (rate.normalPerSecond === undefined) continue;
    const perSecond = windowPerSecond(window, clearWindowMs, intervalMs, Number.NEGATIVE_INFINITY);
    const normalPerSecond = Math.max(rate.normalPerSecond, leastNormalPerSecond);
    readings.push({ measure, interface: one.name, value: perSecond / normalPerSecond, window, normalPerSecond });
  }
  if (one.kernel !== undefined) {
    readings.push({ measure: 'receive-queue', interface: one.name, value: one.kernel.receiveQueueRatio });
    readings.push({ measure: 'drops', interface: one.name, value: one.kernel.drops });
  }
  return readings;
}

function commonReadings(inputs: IndicatorInputs): Reading[] {
  const { host, switches, concentration } = inputs;
  // Where normal is not known, what comes is.
  const normals = inputs.interfaces.map(({ newCalls }) => newCalls.normalPerSecond ?? newCalls.perSecond);
  const normal = normals.reduce((sum, one) => sum + one, 0);
  const isHot = concentration.perSecond >= hotLineRatio * ordinaryPerSecond(normal, concentrationWindowMs);
  const isSome = switches.atCapacity > 0;
  const isAll = isSome && switches.atCapacity >= switches.count;
  const values: readonly (readonly [Measure, number])[] = [
    ['loop-utilisation', host.loopUtilisation],
    ['loop-delay', host.loopDelayMs / t1Ms],
    ['memory', host.memoryRatio],
    ['some-switch', isSome ? switches.worstDemandRatio : 0],
    ['all-switches', isAll ? switches.worstDemandRatio : 0],
    ['reserve', inputs.reserveInUse ? 1 : 0],
    ['concentration', isHot ? concentration.shareRatio : 0],
  ];
  return values.map(([measure, value]) => ({ measure, interface: undefined, value }));
}

/** Which side of the level the reading is on, and what that makes of it. */
function stepOne(state: LevelState, level: Level, reading: Reading, intervalMs: number, nowMs: number): LevelState {
  const { window, normalPerSecond, value } = reading;
  if (window === undefined || normalPerSecond === undefined)
    return stepLevel(state, level, value >= level.setAt, value < level.clearAt, nowMs);
  const setAt = setPerSecond(normalPerSecond, level.setAt, level.windowMs);
  const clearAt = clearPerSecond(normalPerSecond, level.clearAt, setAt);
  // What was counted before the level cleared does not set it again.
  const sinceMs = state.clearedAtMs ?? Number.NEGATIVE_INFINITY;
  const isBelow = value * normalPerSecond < clearAt;
  const isAbove = !isBelow && windowPerSecond(window, level.windowMs, intervalMs, sinceMs) >= setAt;
  return stepLevel(state, level, isAbove, isBelow, nowMs);
}
