// The parts that judge arrivals, put together for one interface, and traffic to run them on.
import { type BaselineState, initialBaseline, stepBaseline } from '../../src/control/baseline.ts';
import { type IndicatorInputs, initialIndicators, stepIndicators } from '../../src/control/indicators.ts';
import { initialMode, type ModeState, stepMode } from '../../src/control/running-mode.ts';
import type { Indicator } from '../../src/control/throttle.ts';
import { poisson } from './random.ts';

export const intervalMs = 100;
export const secondMs = 1000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;

export const calm: IndicatorInputs = {
  intervalMs,
  interfaces: [],
  host: { loopUtilisation: 0, loopDelayMs: 0, memoryRatio: 0 },
  switches: { count: 1, atCapacity: 0, worstDemandRatio: 0 },
  reserveInUse: false,
  concentration: { shareRatio: 0, perSecond: 0 },
};

/** Baseline, indicators and mode for the calls of one interface. */
export class Detector {
  baseline: BaselineState;
  mode: ModeState = initialMode(0);
  indicators: readonly Indicator[] = [];
  nowMs = 0;
  /** Every change of mode: when, to what. */
  readonly changes: { readonly atMs: number; readonly mode: string }[] = [];
  readonly intervalMs: number;
  private states = initialIndicators;

  /** A state, or the floor of a fresh one. */
  constructor(baseline: BaselineState | number, sampleMs = intervalMs) {
    this.intervalMs = sampleMs;
    this.baseline = typeof baseline === 'number' ? initialBaseline({ normalFloorPerSecond: baseline }) : baseline;
  }

  /** One sample of `arrivals` calls. */
  step(arrivals: number): void {
    const { intervalMs } = this;
    this.nowMs += intervalMs;
    const perSecond = (arrivals * 1000) / intervalMs;
    const normalPerSecond = this.baseline.isKnown ? this.baseline.normalPerSecond : undefined;
    const newCalls = { perSecond, normalPerSecond };
    const registrations = { perSecond: 0, normalPerSecond };
    const inputs = {
      ...calm,
      intervalMs,
      interfaces: [{ name: 'south' as const, newCalls, registrations, kernel: undefined }],
    };
    const { states, indicators } = stepIndicators(this.states, inputs, this.nowMs);
    this.states = states;
    this.indicators = indicators;
    const before = this.mode.mode;
    this.mode = stepMode(this.mode, { proposals: indicators, nowMs: this.nowMs });
    const { mode } = this.mode;
    if (mode !== before) this.changes.push({ atMs: this.nowMs, mode });
    this.baseline = stepBaseline(this.baseline, { arrivalsPerSecond: perSecond, isNormal: mode === 'L0', intervalMs });
  }

  /** `forMs` of traffic whose rate, per second, is a function of the time since it began. */
  run(forMs: number, perSecond: (sinceMs: number) => number, random?: () => number): this {
    const { intervalMs } = this;
    for (let ms = 0; ms < forMs; ms += intervalMs) {
      const mean = (perSecond(ms) * intervalMs) / 1000;
      this.step(random === undefined ? mean : poisson(random, mean));
    }
    return this;
  }
}
