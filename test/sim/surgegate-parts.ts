// The product's parts that a simulated edge is made of, with the defaults of config/schema.ts.
import { Admission } from '../../src/admission/admission.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import { buildSide, type Side } from '../../src/admission/side.ts';
import type { Dialplan } from '../../src/classify/plan.ts';
import { Lanes } from '../../src/edge/lanes.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { outside } from '../../src/edge/sampler.ts';
import { Switches } from '../../src/edge/switches.ts';
import { HeavyHitters } from '../../src/monitor/heavy-hitters.ts';
import type { EdgeInput } from './controlled-edge.ts';

export const waitMs = 200;
export const retryAfter = { minSeconds: 1, maxSeconds: 30 };
export const group = 'main';

export function buildSwitches({ switches: rules, configuredPerSecond }: EdgeInput): Switches {
  const switches = new Switches(
    () => ({ failuresToDown: 2, successesToUp: 1 }),
    () => {},
  );
  switches.configure(
    rules.map(({ name, capacityPerSecond }, i) => ({
      name,
      group,
      weight: 1,
      oc: 'none',
      capacityPerSecond: configuredPerSecond === undefined ? undefined : capacityPerSecond,
      target: { transport: 'udp', address: '192.0.2.1', port: 5060 + i },
    })),
  );
  return switches;
}

export function buildSides({ sources }: EdgeInput): Record<string, Side> {
  // only the classifier reads the plan
  const plan = {} as Dialplan;
  return Object.fromEntries(
    outside.map((name, index) => {
      const names = new Set(sources.filter((one) => one.interface === name).map((one) => one.neighbour));
      const neighbours = [...names]
        .filter((one) => one !== '')
        .map((one) => ({
          name: one,
          addresses: [],
          trustsPriority: true,
          pushback: undefined,
          weight: 1,
          limits: {},
        }));
      const pushback = name === 'south' ? ('retry-after' as const) : ('oc' as const);
      const rule = { name, pushback, retryAfter, trustsPriority: true, weight: 1, limits: {}, neighbours };
      return [name, buildSide(rule, index, plan)];
    }),
  );
}

/** Those of the pipeline's parts that sampler and actuator touch. Limits as the defaults of the configuration have them. */
export function edgeParts(sides: Record<string, Side>, switches: Switches, configured: number | undefined): EdgeParts {
  const limits = {
    newCallsPerSecond: Number.POSITIVE_INFINITY,
    burst: 20,
    priorityReserveRatio: 0.2,
    priorityCapPerSecond: configured ?? 1000,
    registrationsPerSecond: 200,
    registrationBurst: 100,
    nonEssentialPerSecond: 100,
    nonEssentialBurst: 50,
  };
  const parts = {
    switches,
    admission: new Admission(limits),
    gaps: new GapTable(),
    numbers: new HeavyHitters(),
    lanes: new Lanes(outside.length, waitMs),
    counters: { priorityCap: 0 },
    policy: { sides },
    passNonEssential: true,
    isReducing: false,
    retryAfterSeconds: 0,
  };
  // no bytes come by here, so what reads and writes them is not there
  return parts as unknown as EdgeParts;
}
