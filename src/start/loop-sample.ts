// What the control loop did last, in the words of the metrics and of the status page.
import type { EdgeParts } from '../edge/parts.ts';
import { interfaceIndex } from '../metrics/counters.ts';
import type { LoopRecord } from '../metrics/loop-record.ts';
import type { LoopView } from '../metrics/loop-view.ts';
import type { InterfaceName } from '../transport/flow.ts';
import type { ControlLoop } from './control-loop.ts';

/** Undefined before the first throttle. */
export function loopSample(
  { control, sample, throttle }: ControlLoop,
  record: LoopRecord,
  { lanes }: EdgeParts,
  isEnabled: boolean,
): LoopView | undefined {
  if (sample === undefined || throttle === undefined) return undefined;
  const waited = (name: InterfaceName) => lanes.waitedSeconds(interfaceIndex(name));
  return { isEnabled, sample, throttle, control, record, waited };
}
