// What the edge reports to an orchestrator of itself: use, buffers, rates, mode.
import type { ReportInput } from '../congestion/client-options.ts';
import type { LoopView } from '../metrics/loop-view.ts';
import type { UseRates } from './host-use.ts';

export interface ReportParts {
  readonly view: LoopView;
  readonly rates: UseRates;
  readonly memoryBytes: number;
  /** Normal calls per second below which nothing is a surge. */
  readonly floorPerSecond: number;
  /** Datagrams that the kernel has dropped until the last report, by interface; is brought up to date. */
  readonly dropsBefore: Map<string, number>;
}

export function linkReport({ view, rates, memoryBytes, floorPerSecond, dropsBefore }: ReportParts): ReportInput {
  const { sample, throttle } = view;
  const { cpuCores, ...calls } = rates;
  const normalPerSecond = normalOf(view, floorPerSecond);
  return {
    used: { cpuCores, memoryBytes },
    buffers: [...interfaceBuffers(view, dropsBefore), { name: 'event loop', fillRatio: sample.host.loopUtilisation }],
    rates: {
      requestsPerSecond: calls.offeredPerSecond,
      admittedPerSecond: calls.admittedPerSecond,
      completedPerSecond: calls.completedPerSecond,
      priorityPerSecond: calls.priorityPerSecond,
      ...(normalPerSecond === undefined ? {} : { normalPerSecond }),
    },
    reserveInUse: sample.reserveInUse,
    mode: throttle.mode,
  };
}

/** Of all interfaces together; undefined while it is not known of one of them. */
function normalOf({ sample, control }: LoopView, floorPerSecond: number): number | undefined {
  let sum = 0;
  for (const { name } of sample.interfaces) {
    const normal = control.normalOf(name);
    if (normal === undefined) return undefined;
    sum += normal;
  }
  return Math.max(sum, floorPerSecond);
}

function interfaceBuffers({ sample, throttle, record }: LoopView, dropsBefore: Map<string, number>) {
  return sample.interfaces.flatMap(({ name, waiting, kernel }) => {
    const room = throttle.interfaces.find((one) => one.name === name)?.scan.room ?? 0;
    const lane = { name: `${name} lane`, fillRatio: room > 0 ? Math.min(1, waiting / room) : 0 };
    if (kernel === undefined) return [lane];
    const { kernelDrops } = record.interfaceRecord(name);
    const drops = kernelDrops - (dropsBefore.get(name) ?? 0);
    dropsBefore.set(name, kernelDrops);
    return [lane, { name: `${name} kernel queue`, fillRatio: Math.min(1, kernel.receiveQueueRatio), drops }];
  });
}
