// What the control loop did last, in the words of the metrics and of the status page.
import type { Config } from '../config/schema.ts';
import type { EdgeParts } from '../edge/parts.ts';
import { interfaceIndex } from '../metrics/counters.ts';
import type { LoopRecord } from '../metrics/loop-record.ts';
import type { LoopView } from '../metrics/loop-view.ts';
import type { InterfaceName } from '../transport/flow.ts';
import type { ControlLoop } from './control-loop.ts';

/** Undefined before the first throttle. Interfaces that are not configured are left out. */
export function loopSample(
  { control, sample, throttle }: ControlLoop,
  record: LoopRecord,
  { lanes }: EdgeParts,
  config: Config,
): LoopView | undefined {
  if (sample === undefined || throttle === undefined) return undefined;
  const isThere = ({ name }: { readonly name: InterfaceName }) => config.interfaces[name] !== undefined;
  return {
    isEnabled: config.control.enabled,
    sample: { ...sample, interfaces: sample.interfaces.filter(isThere) },
    throttle: { ...throttle, interfaces: throttle.interfaces.filter(isThere) },
    control,
    record,
    waited: (name: InterfaceName) => lanes.waitedSeconds(interfaceIndex(name)),
  };
}
