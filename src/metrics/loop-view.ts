// What the control loop did last, as metrics and the status page read it.
import type { ControlFunction } from '../control/control-function.ts';
import type { LoadSample } from '../control/load-sample.ts';
import type { Indicator, Throttle } from '../control/throttle.ts';
import { indicatorNames } from '../control/throttle.ts';
import type { InterfaceName } from '../transport/flow.ts';
import type { HistogramCounts } from './histogram-counts.ts';
import type { LoopRecord } from './loop-record.ts';

export interface LoopView {
  /** Whether the throttle is in force; `false`: it is only told (`control.enabled`). */
  readonly isEnabled: boolean;
  readonly sample: LoadSample;
  readonly throttle: Throttle;
  readonly control: Pick<ControlFunction, 'mode' | 'switchControls' | 'normalOf' | 'doesNotComply'>;
  readonly record: LoopRecord;
  /** Seconds that calls had waited whose turn came. */
  readonly waited: (interfaceName: InterfaceName) => HistogramCounts;
}

/** Every indicator, in a fixed order; one that proposes nothing is L0 and 0. */
export function allIndicators({ indicators }: Throttle): Indicator[] {
  return indicatorNames.map(
    (name) =>
      indicators.find((one) => one.name === name) ?? { name, interface: undefined, value: 0, proposes: 'L0' as const },
  );
}
