// Makes a row of the history once a second, from counters that the data plane has in any case.
import type { CallRates, HistoryRow, SwitchRates } from '../admin/history-json.ts';
import { limit } from '../admin/limit-json.ts';
import type { LoadSample } from '../control/load-sample.ts';
import { runningModes } from '../control/throttle.ts';
import { type Counters, callClasses, interfaceIndex, interfaceNames } from '../metrics/counters.ts';
import type { LinkView } from '../metrics/link-view.ts';
import type { LoopView } from '../metrics/loop-view.ts';
import { callRates } from './call-rates.ts';
import { rate } from './history.ts';

type CallClass = (typeof callClasses)[number];
const privileged = ['emergency', 'priority'] as const satisfies readonly CallClass[];
const none: CallRates<number> = callRates(() => 0);

export class RowMaker {
  private readonly counters: Counters;
  /** Counts until the row before, by interface and class. */
  private before = new Map<string, CallRates<number>>();
  private readonly answered = new Map<string, number>();

  constructor(counters: Counters) {
    this.counters = counters;
    this.sinceLast();
  }

  /** With every sample: what it has of switches is counted nowhere else. */
  note({ switches }: Pick<LoadSample, 'switches'>): void {
    for (const { name, answered } of switches) this.answered.set(name, (this.answered.get(name) ?? 0) + answered);
  }

  /** `at`: Unix time in whole seconds; `seconds`: since the row before. */
  row(view: LoopView, links: readonly LinkView[], at: number, seconds: number): HistoryRow {
    const counts = this.sinceLast();
    const { throttle, control } = view;
    const sumOf = (names: readonly string[], classes: readonly CallClass[]): CallRates<number> => {
      const all = names.flatMap((name) => classes.map((one) => counts.get(`${name} ${one}`) ?? none));
      return callRates((key) =>
        rate(
          all.reduce((sum, one) => sum + one[key], 0),
          seconds,
        ),
      );
    };
    const names = throttle.interfaces.map(({ name }) => name);
    const switches: Record<string, SwitchRates<number, number | null>> = {};
    for (const { name, configuredPerSecond } of view.sample.switches) {
      const known = control.switchControls.get(name);
      // what nobody has asked for yet is a guess, and would be drawn as a promise
      const isTried = configuredPerSecond !== undefined || Number.isFinite(known?.throttle.callsPerSecond);
      switches[name] = {
        demand: limit(known?.demandPerSecond) ?? 0,
        answered: rate(this.answered.get(name) ?? 0, seconds),
        capacity: isTried ? limit(known?.capacity.perSecond) : null,
      };
    }
    this.answered.clear();
    return {
      stepSeconds: 1,
      at,
      mode: runningModes.indexOf(throttle.mode),
      boundaryPerSecond: limit(
        Math.min(Number.POSITIVE_INFINITY, ...links.map(({ boundaryPerSecond }) => boundaryPerSecond)),
      ),
      ordinaryCallsPerSecond: limit(throttle.ordinaryPerSecond),
      interfaces: Object.fromEntries(names.map((name) => [name, sumOf([name], callClasses)])),
      priority: sumOf(names, privileged),
      switches,
    };
  }

  private sinceLast(): Map<string, CallRates<number>> {
    const now = new Map<string, CallRates<number>>();
    const since = new Map<string, CallRates<number>>();
    for (const name of interfaceNames) {
      for (const one of callClasses) {
        const key = `${name} ${one}`;
        const counts = this.counted(interfaceIndex(name), one);
        now.set(key, counts);
        const before = this.before.get(key) ?? none;
        since.set(
          key,
          callRates((of) => counts[of] - before[of]),
        );
      }
    }
    this.before = now;
    return since;
  }

  private counted(index: number, callClass: CallClass): CallRates<number> {
    const { requests, completed } = this.counters;
    const admitted = requests.sum(index, 'INVITE', callClass, 'forward');
    const refused =
      requests.sum(index, 'INVITE', callClass, 'reject') + requests.sum(index, 'INVITE', callClass, 'drop');
    return { offered: admitted + refused, admitted, refused, completed: completed.of(index, callClass) };
  }
}
