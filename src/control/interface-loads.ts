// What each interface and each of its neighbours asks for, smoothed: the claims that the shares are cut by, and the normal that a
// surge is judged against.
import { type BaselineState, initialBaseline, restoreBaseline, stepBaseline } from './baseline.ts';
import type { ControlRules } from './control-rules.ts';
import { noRate, type RateEstimate, stepRate } from './demand.ts';
import type { InterfaceSample } from './load-sample.ts';

export interface InterfaceLoad {
  /** Normal new calls and REGISTERs. */
  readonly calls: BaselineState;
  readonly registrations: BaselineState;
  /** Ordinary new calls that are not gapped, by neighbour. */
  readonly demand: ReadonlyMap<string, RateEstimate>;
}

/** What was normal when the process ended, by interface; plain data that survives JSON. */
export type Normals = Readonly<Record<string, Pick<InterfaceLoad, 'calls' | 'registrations'>>>;

/** `saved`: of an earlier process, whatever was read; what it does not tell is learned anew. */
export function newInterfaceLoad(rules: ControlRules, saved: unknown): InterfaceLoad {
  const { calls, registrations } = (saved ?? {}) as Readonly<Record<string, unknown>>;
  const known = (state: unknown) => restoreBaseline(state, rules) ?? initialBaseline(rules);
  return { calls: known(calls), registrations: known(registrations), demand: new Map() };
}

/** One sample later. `isNormal`: the running mode is L0. */
export function stepInterfaceLoad(
  load: InterfaceLoad,
  sample: InterfaceSample,
  intervalMs: number,
  isNormal: boolean,
): InterfaceLoad {
  const perSecond = (count: number) => (count * 1000) / intervalMs;
  const step = (state: BaselineState, count: number) =>
    stepBaseline(state, { arrivalsPerSecond: perSecond(count), isNormal, intervalMs });
  return {
    calls: step(load.calls, sample.arrivals.newCall),
    registrations: step(load.registrations, sample.arrivals.registration),
    demand: new Map(
      sample.neighbours.map((one) => [
        one.name,
        stepRate(load.demand.get(one.name) ?? noRate, one.newCalls, intervalMs),
      ]),
    ),
  };
}
