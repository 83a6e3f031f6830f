// Metrics of the control loop by interface and by neighbour: demand, shares, lanes, buffers of the kernel. Neighbours are those of
// configuration, so bounded; `*` stands for all sources of an interface that have no name.
import type { InterfaceSample, NeighbourSample } from '../control/load-sample.ts';
import type { InterfaceThrottle, NeighbourThrottle } from '../control/throttle.ts';
import { counter, type Families, gauge, histogram } from './families.ts';
import type { NeighbourRecord } from './loop-record.ts';
import type { LoopView } from './loop-view.ts';
import type { MetricSources } from './metrics.ts';

type Loop = MetricSources['loop'];
type Add = typeof gauge;

export function addInterfaceMetrics(families: Families, loop: Loop): void {
  addDemand(families, loop);
  addShares(families, loop);
  addLanes(families, loop);
  addKernel(families, loop);
}

/** The label of a neighbour; no configured name can be `*`. */
export function neighbourLabel(name: string): string {
  return name === '' ? '*' : name;
}

/** Says a series for each interface, where `read` knows its value. */
function byInterface(
  add: Add,
  families: Families,
  loop: Loop,
  name: string,
  help: string,
  read: (one: InterfaceSample, view: LoopView) => number | undefined,
): void {
  add(families, name, help, ['interface'], (say) => {
    const view = loop();
    for (const one of view?.sample.interfaces ?? []) {
      const value = read(one, view!);
      if (value !== undefined) say({ interface: one.name }, value);
    }
  });
}

/** The same for each neighbour. */
export function byNeighbour(
  add: Add,
  families: Families,
  loop: Loop,
  name: string,
  help: string,
  read: (neighbour: NeighbourSample, one: InterfaceSample, view: LoopView) => number | undefined,
): void {
  add(families, name, help, ['interface', 'neighbour'], (say) => {
    const view = loop();
    for (const one of view?.sample.interfaces ?? []) {
      for (const neighbour of one.neighbours) {
        const value = read(neighbour, one, view!);
        if (value !== undefined) say({ interface: one.name, neighbour: neighbourLabel(neighbour.name) }, value);
      }
    }
  });
}

function interfaceThrottle({ throttle }: LoopView, { name }: InterfaceSample): InterfaceThrottle | undefined {
  return throttle.interfaces.find((one) => one.name === name);
}

export function neighbourThrottle(
  view: LoopView,
  one: InterfaceSample,
  { name }: NeighbourSample,
): NeighbourThrottle | undefined {
  return interfaceThrottle(view, one)?.neighbours.find((other) => other.name === name);
}

function addDemand(families: Families, loop: Loop): void {
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_interface_arrivals_calls_per_second',
    'Ordinary new calls that arrive on an interface, over about a second',
    ({ name }, { record }) => record.interfaceRecord(name).arrivalsPerSecond,
  );
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_interface_normal_calls_per_second',
    'What the edge has learned to be normal there; left out until it is known',
    ({ name }, { control }) => control.normalOf(name),
  );
  const counts: [string, keyof NeighbourRecord, string][] = [
    ['asked', 'newCalls', 'Ordinary new calls of a neighbour that asked for a switch, those refused by a gap excluded'],
    ['gapped', 'gapped', 'Ordinary new calls of a neighbour that a gap refused'],
    ['admitted', 'admitted', 'Ordinary new calls of a neighbour that were sent on'],
  ];
  for (const [word, key, help] of counts) {
    byNeighbour(counter, families, loop, `surgegate_neighbour_calls_${word}_total`, help, (neighbour, one, view) => {
      return view.record.neighbourRecord(one.name, neighbour.name)[key];
    });
  }
}

function addShares(families: Families, loop: Loop): void {
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_interface_share_calls_per_second',
    'Its share of the ordinary calls; +Inf while there is enough for all',
    (one, view) => interfaceThrottle(view, one)?.newCallsPerSecond,
  );
  byNeighbour(
    gauge,
    families,
    loop,
    'surgegate_neighbour_share_calls_per_second',
    "Its part of its interface's share; +Inf: as much as the interface may",
    (neighbour, one, view) => neighbourThrottle(view, one, neighbour)?.newCallsPerSecond,
  );
}

function addLanes(families: Families, loop: Loop): void {
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_lane_waiting_calls',
    'Ordinary calls that wait for their turn',
    ({ waiting }) => waiting,
  );
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_lane_oldest_seconds',
    'How long the oldest of them has waited; above control.waitMs it is refused',
    ({ oldestMs }) => oldestMs / 1000,
  );
  histogram(
    families,
    'surgegate_lane_wait_seconds',
    'How long calls had waited when their turn came; those that waited too long are requests refused as expired',
    ['interface'],
    (say) => {
      const view = loop();
      for (const { name } of view?.sample.interfaces ?? []) say({ interface: name }, view!.waited(name));
    },
  );
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_scan_interval_seconds',
    'Time between two scans of the waiting calls; 0: served as room comes',
    (one, view) => seconds(interfaceThrottle(view, one)?.scan.intervalMs),
  );
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_scan_batch_calls',
    'Calls served in one scan, at most',
    (one, view) => interfaceThrottle(view, one)?.scan.batch,
  );
}

function addKernel(families: Families, loop: Loop): void {
  byInterface(
    gauge,
    families,
    loop,
    'surgegate_kernel_queue_ratio',
    "How full the fullest of the kernel's receive queues of an interface is, 0 to 1; left out where /proc does not tell",
    ({ kernel }) => kernel?.receiveQueueRatio,
  );
  byInterface(
    counter,
    families,
    loop,
    'surgegate_kernel_drops_total',
    'Datagrams that the kernel dropped because a receive queue of ours was full; left out where /proc does not tell',
    ({ name, kernel }, { record }) => (kernel === undefined ? undefined : record.interfaceRecord(name).kernelDrops),
  );
}

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
