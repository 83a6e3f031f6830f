// Allocation of the host's resources among its applications, one step: puts the rules in order over all resources, and remembers what
// they have to (DESIGN.md §6). Whoever calls it acts on what it returns.
import { type Amounts, byResource, greatest, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { RunningMode } from '../../control/throttle.ts';
import type { AllocationCause } from './allocation-cause.ts';
import type { AllocationRules } from './allocation-rules.ts';
import type { ApplicationLoad, HostLoad } from './application-load.ts';
import { isDumpedIn, minimumIn } from './boundaries.ts';
import { type Answer, answerOf, type HeldRequest, refusedAsMoving, turns, withRequest } from './held-requests.ts';
import { maximumSettings } from './maximum-settings.ts';
import { negligibleRatio, type Part } from './part.ts';
import { oweBefore } from './release.ts';
import { initialStability, isMoving, type StabilityState, stepStability } from './stability.ts';
import { type ResourceStep, stepResource } from './step-resource.ts';

type ByName = ReadonlyMap<string, Amounts>;

export interface AllocationState {
  /** What each application has; this counts, and not what ApplicationLoad says, once an application is known. */
  readonly allocated: ByName;
  /** What each had before the event, while it has not got it back. */
  readonly owed: ByName;
  readonly held: readonly HeldRequest[];
  readonly stability: StabilityState;
  /** Resources of which even the minima do not fit. */
  readonly shortOf: readonly ResourceName[];
  readonly atMs: number | undefined;
  /** Since when the mode is L0; undefined in a crisis. */
  readonly calmSinceMs: number | undefined;
}

export const initialAllocation: AllocationState = {
  allocated: new Map(),
  owed: new Map(),
  held: [],
  stability: initialStability,
  shortOf: [],
  atMs: undefined,
  calmSinceMs: undefined,
};

export interface AllocationInput {
  readonly nowMs: number;
  readonly mode: RunningMode;
  /** 0 to 1: the part of its boundary that each gives up in the stage that L2 or L3 has reached. */
  readonly reductionRatio: number;
  readonly applications: readonly ApplicationLoad[];
  readonly host: HostLoad;
  /** Low utilisation notifications since the last step; of several of one application the last counts. */
  readonly unused: readonly { readonly application: string; readonly unused: Amounts }[];
}

export interface AllocationStep {
  readonly state: AllocationState;
  /** What each may use now, of the resources that the host rations; others are not limited. */
  readonly allocations: ByName;
  readonly maximums: ByName;
  /** In force: empty in L0; exempt applications have none. */
  readonly boundaries: ByName;
  /** Free on the host: to an ordinary application, and to an exempt one without taking from others. */
  readonly available: Amounts;
  readonly availableToExempt: Amounts;
  /** Requests that were decided in this step. */
  readonly answered: readonly Answer[];
  /** Cross utilisation: what an application had at the beginning of this step, or uses now, above its boundary; in L0 above what its
   * boundary would be. Applications that have nothing lent are left out. */
  readonly lent: ByName;
  readonly causes: readonly AllocationCause[];
}

export function stepAllocation(state: AllocationState, input: AllocationInput, rules: AllocationRules): AllocationStep {
  const { applications, host, mode, nowMs } = input;
  const stability = stepStability(state.stability, applications, host, nowMs, rules.stability);
  const moves = (name: string, resource: ResourceName) => isMoving(stability, name, resource, nowMs, rules.stability);
  const { due, waiting, expired } = turns(state.held, applications, mode, moves, nowMs, rules.heldForMs);
  const calmSinceMs = mode === 'L0' ? (state.calmSinceMs ?? nowMs) : undefined;
  // What could not be given back for so long is asked for anew, like anything else.
  const isOverdue = calmSinceMs !== undefined && nowMs - calmSinceMs >= rules.releaseMs + rules.heldForMs;

  const steps: Partial<Record<ResourceName, ResourceStep>> = {};
  for (const resource of resourceNames) {
    const maximum = host.maximum[resource];
    if (maximum === undefined) continue;
    const parts = partsOf(resource, state, input, rules);
    const hadBefore = (name: string) => state.allocated.get(name)?.[resource];
    const owed = isOverdue ? new Map() : oneResource(state.owed, resource);
    const resourceInput = {
      resource,
      mode,
      reductionRatio: input.reductionRatio,
      pool: { maximum, reserve: maximum * rules.reserveRatio, used: host.used[resource] },
      parts,
      requests: due,
      unused: new Map(input.unused.map(({ application, unused }) => [application, unused[resource] ?? 0])),
      owed: mode === 'L0' ? owed : oweBefore(owed, parts, hadBefore, state.calmSinceMs !== undefined),
      isHeld: (name: string) => mode === 'L0' && moves(name, resource),
      elapsedMs: Math.max(0, nowMs - (state.atMs ?? nowMs)),
    };
    steps[resource] = stepResource(resourceInput, rules);
  }

  const names = applications.map(({ name }) => name);
  const collect = (of: (step: ResourceStep, name: string) => number | undefined): ByName =>
    new Map(
      names.map((name) => [name, byResource((resource) => steps[resource] && of(steps[resource], name))] as const),
    );
  const allocations = collect(({ parts }, name) => parts.find((part) => part.name === name)?.allocated);
  const limits = collect(({ boundaries }, name) => boundaries.get(name));
  const shortOf = resourceNames.filter((name) => (steps[name]?.belowMinimum.length ?? 0) > 0);
  return {
    state: {
      allocated: allocations,
      owed: nonEmpty(collect(({ owed }, name) => owed.get(name))),
      held: waiting,
      stability,
      shortOf,
      atMs: nowMs,
      calmSinceMs,
    },
    allocations,
    maximums: collect(({ parts }, name) => parts.find((part) => part.name === name)?.maximum),
    boundaries: mode === 'L0' ? new Map() : nonEmpty(limits),
    available: byResource((name) => steps[name]?.available),
    availableToExempt: byResource((name) => steps[name]?.availableToExempt),
    answered: [
      ...expired.map(refusedAsMoving),
      ...due.map((request) =>
        answerOf(
          request,
          Object.fromEntries(resourceNames.map((name) => [name, steps[name]?.grants.get(request.application)])),
        ),
      ),
    ],
    lent: lentOf(state, input, limits),
    causes: [
      ...shortOf
        .filter((name) => !state.shortOf.includes(name))
        .flatMap((resource) => minimaDoNotFit(resource, steps[resource]!)),
      ...resourceNames.flatMap((name) => steps[name]?.causes ?? []),
    ],
  };
}

/**
 * A request for `wanted` more: puts it among those that wait, makes a step, and tells what came of it. The step counts like any other:
 * others that waited may have been answered with it.
 */
export function askFor(
  state: AllocationState,
  request: { readonly application: string; readonly wanted: Amounts },
  input: AllocationInput,
  rules: AllocationRules,
): AllocationStep & { readonly answer: Answer } {
  const { application, wanted } = request;
  const held = withRequest(state.held, { application, wanted, sinceMs: input.nowMs });
  const step = stepAllocation({ ...state, held }, input, rules);
  const isHeld = step.state.held.some((one) => one.application === application);
  const answer = step.answered.find((one) => one.application === application) ?? {
    application,
    outcome: isHeld ? 'held' : 'refused',
    granted: {},
    reason: isHeld ? 'utilisation-is-moving' : 'no-room',
  };
  return { ...step, answer };
}

function partsOf(
  resource: ResourceName,
  state: AllocationState,
  { applications, host, mode }: AllocationInput,
  rules: AllocationRules,
): readonly Part[] {
  return applications.map((application) => {
    const { name, isExempt, priority } = application;
    const settings = maximumSettings(application.maximum, {}, host.maximum, isExempt, rules.reserveRatio);
    const maximum = settings[resource] ?? 0;
    return {
      name,
      isExempt,
      isEssential: application.isEssential || isExempt,
      isDumped: isDumpedIn(mode, application),
      priority,
      maximum,
      minimum: Math.min(maximum, minimumIn(mode, application.minimum[resource] ?? 0, application, rules)),
      allocated: (state.allocated.get(name) ?? application.allocated)[resource],
      used: application.used[resource],
      usedBefore: application.usedBefore[resource] ?? 0,
    };
  });
}

function lentOf({ allocated }: AllocationState, { applications, host }: AllocationInput, limits: ByName): ByName {
  const lent = applications.map(({ name, used }) => {
    const limit = limits.get(name) ?? {};
    const had = greatest(allocated.get(name) ?? {}, used);
    const above = byResource((resource) => {
      const amount = (had[resource] ?? 0) - (limit[resource] ?? Number.POSITIVE_INFINITY);
      return amount > (host.maximum[resource] ?? 0) * negligibleRatio ? amount : undefined;
    });
    return [name, above] as const;
  });
  return nonEmpty(new Map(lent));
}

function oneResource(all: ByName, resource: ResourceName): ReadonlyMap<string, number> {
  return new Map(
    [...all].flatMap(([name, amounts]) => {
      const amount = amounts[resource];
      return amount === undefined ? [] : [[name, amount]];
    }),
  );
}

const nonEmpty = (all: ByName): ByName => new Map([...all].filter(([, amounts]) => Object.keys(amounts).length > 0));

function minimaDoNotFit(resource: ResourceName, { belowMinimum }: ResourceStep): readonly AllocationCause[] {
  return belowMinimum.map(({ name, minimum, allocated }) => ({
    rule: 'minima-do-not-fit',
    application: name,
    resource,
    fromAmount: minimum,
    toAmount: allocated ?? 0,
  }));
}
