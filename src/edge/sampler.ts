// From the tallies of the data plane to one LoadSample: what happened since the last.
import type { HostSample, InterfaceSample, KernelSample, LoadSample } from '../control/load-sample.ts';
import type { InterfaceName } from '../transport/flow.ts';
import type { EdgeParts } from './parts.ts';

/** The interfaces on the outside. */
export const outside = ['south', 'east', 'west', 'north'] as const;

/** What the machine adds to it. */
export interface Surroundings {
  readonly host: HostSample;
  readonly kernel: ReadonlyMap<InterfaceName, KernelSample>;
}

/** `intervalMs`: since the sample before. The tallies begin anew. */
export function takeSample(parts: EdgeParts, around: Surroundings, nowMs: number, intervalMs: number): LoadSample {
  return {
    nowMs,
    intervalMs,
    interfaces: outside.map((name) => interfaceSample(parts, name, around.kernel.get(name), nowMs)),
    switches: parts.switches.all.map((one) =>
      one.tally.take({
        name: one.name,
        isUp: one.health.name !== 'down' && one.target !== undefined,
        weight: one.weight,
        configuredPerSecond: one.configuredPerSecond,
        oc: one.askedFor(nowMs),
        backlogCalls: one.backlogCalls(nowMs),
      }),
    ),
    numbers: parts.numbers.take(nowMs),
    host: around.host,
    reserveInUse: parts.admission.isReserveInUse(nowMs),
  };
}

function interfaceSample(
  parts: EdgeParts,
  name: (typeof outside)[number],
  kernel: KernelSample | undefined,
  nowMs: number,
): InterfaceSample {
  const side = parts.policy.sides[name];
  const arrivals = { emergency: 0, priority: 0, inDialog: 0, newCall: 0, registration: 0, nonEssential: 0 };
  const neighbours = side.neighbours.map((one) => {
    const taken = one.tally.take(one.name, one.weight);
    for (const key of Object.keys(arrivals) as (keyof typeof arrivals)[]) arrivals[key] += taken.arrivals[key];
    return taken.sample;
  });
  return { name, weight: side.weight, arrivals, neighbours, ...parts.lanes.take(side.index, nowMs), kernel };
}
