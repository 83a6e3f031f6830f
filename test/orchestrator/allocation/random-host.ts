// Random hosts and what happens to them: applications come and go, use more and less, ask, give back, and modes change.
import fc from 'fast-check';
import type { Amounts } from '../../../src/congestion/amounts.ts';
import { runningModes } from '../../../src/control/throttle.ts';
import {
  type AllocationInput,
  type AllocationStep,
  askFor,
  initialAllocation,
  stepAllocation,
} from '../../../src/orchestrator/allocation/allocate.ts';
import { type AllocationRules, defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import type { ApplicationLoad } from '../../../src/orchestrator/allocation/application-load.ts';

/** In thousandths: what is smaller is below what sums of fractions are off by. */
const amount = (max: number) => fc.integer({ min: 0, max: 1000 }).map((thousandths) => (thousandths * max) / 1000);
const amounts = (max: number) =>
  fc.record({ cpuCores: amount(max), memoryBytes: amount(max * 1e9), diskBytes: amount(max) }, { requiredKeys: [] });

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

const application = (name: string) =>
  fc.record({
    name: fc.constant(name),
    isEssential: fc.boolean(),
    isExempt: fc.boolean(),
    priority: fc.integer({ min: 0, max: 9 }),
    maximum: amounts(150),
    minimum: amounts(20),
    allocated: fc.constant<Amounts>({}),
    used: amounts(60),
    usedBefore: amounts(60),
  });

const event = fc.record({
  elapsedMs: fc.oneof(fc.constant(1000), fc.integer({ min: 0, max: 10_000 })),
  mode: fc.constantFrom(...runningModes),
  reductionRatio: fc.constantFrom(0, 0.25, 0.5, 0.9, 1),
  present: fc.subarray(names, { minLength: 1 }),
  uses: fc.dictionary(fc.constantFrom(...names), amounts(60)),
  unused: fc.array(fc.record({ application: fc.constantFrom(...names), unused: amounts(60) }), { maxLength: 2 }),
  asks: fc.option(fc.record({ application: fc.constantFrom(...names), wanted: amounts(80) }), { nil: undefined }),
  hostCores: fc.oneof({ weight: 6, arbitrary: fc.constant(100) }, { weight: 1, arbitrary: amount(200) }),
});

export type RandomEvent = typeof event extends fc.Arbitrary<infer E> ? E : never;

export const randomHosts = fc.record({
  applications: fc.tuple(...names.map(application)),
  events: fc.array(event, { minLength: 1, maxLength: 25 }),
  split: fc.constantFrom('equal' as const, 'proportional' as const),
});

export interface Seen {
  readonly input: AllocationInput;
  readonly before: AllocationStep['state'];
  readonly step: AllocationStep;
  readonly rules: AllocationRules;
}

/** Plays the events, and gives what there was to see after each. `order`: in which the applications are listed. */
export function play(
  host: typeof randomHosts extends fc.Arbitrary<infer H> ? H : never,
  order: (all: readonly ApplicationLoad[]) => readonly ApplicationLoad[] = (all) => all,
): readonly Seen[] {
  const rules = { ...defaultAllocationRules, split: host.split };
  let applications: readonly ApplicationLoad[] = host.applications;
  let state = initialAllocation;
  let nowMs = 0;
  return host.events.map((one) => {
    nowMs += one.elapsedMs;
    applications = applications.map((known) => ({ ...known, used: one.uses[known.name] ?? known.used }));
    const present = applications.filter(({ name }) => one.present.includes(name));
    // Disk is not rationed.
    const maximum = { cpuCores: one.hostCores, memoryBytes: 100e9 };
    const cpuCores = present.reduce((all, { used }) => all + (used.cpuCores ?? 0), 0);
    const { mode, reductionRatio, unused } = one;
    const input = {
      nowMs,
      mode,
      reductionRatio,
      applications: order(present),
      host: { maximum, used: { cpuCores } },
      unused,
    };
    const before = state;
    const step = one.asks === undefined ? stepAllocation(state, input, rules) : askFor(state, one.asks, input, rules);
    state = step.state;
    return { input, before, step, rules };
  });
}
