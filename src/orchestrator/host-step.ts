// The three decisions about a host in their order (DESIGN.md §6): which mode it is in, what each application may use, who is asked to
// shed and who is forced. Values in, values out.
import type { ResourceName } from '../congestion/amounts.ts';
import type { RunningMode } from '../control/throttle.ts';
import {
  type AllocationInput,
  type AllocationState,
  type AllocationStep,
  askFor,
  initialAllocation,
  stepAllocation,
} from './allocation/allocate.ts';
import type { AllocationRules } from './allocation/allocation-rules.ts';
import type { ApplicationLoad, HostLoad } from './allocation/application-load.ts';
import type { Answer } from './allocation/held-requests.ts';
import { emergencyReserve } from './allocation/maximum-settings.ts';
import type { EventApplication } from './mass-event/application-signs.ts';
import type { EventRules } from './mass-event/event-rules.ts';
import {
  type EventPeer,
  type EventResult,
  type EventState,
  initialEvent,
  stepMassEvent,
} from './mass-event/mass-event.ts';
import {
  initialShedding,
  type SheddingEvent,
  type SheddingOrders,
  type SheddingState,
  stepShedding,
} from './shedding/shedding.ts';
import type { SheddingRules } from './shedding/shedding-rules.ts';

export interface HostRules {
  readonly event: EventRules;
  readonly allocation: AllocationRules;
  readonly shedding: SheddingRules;
}

export interface HostState {
  readonly event: EventState;
  readonly allocation: AllocationState;
  readonly shedding: SheddingState;
}

/** What can be done to an application, and whether it can be told of it first. */
export interface Reach {
  /** The resources that its adapter limits; undefined: it has none that limits anything. */
  readonly canLimit: readonly ResourceName[] | undefined;
  readonly isReachable: boolean;
}

export interface HostInput {
  readonly nowMs: number;
  readonly host: HostLoad;
  readonly applications: readonly ApplicationLoad[];
  readonly reachOf: (application: string) => Reach;
  /** Those whose lease holds. */
  readonly eventApplications: readonly EventApplication[];
  readonly peers: readonly EventPeer[];
  readonly override: RunningMode | undefined;
  readonly unused: AllocationInput['unused'];
}

export interface HostStep {
  readonly state: HostState;
  readonly event: EventResult;
  readonly allocation: AllocationStep;
  readonly orders: ReadonlyMap<string, SheddingOrders>;
  readonly sheddingEvents: readonly SheddingEvent[];
}

export function initialHost(nowMs: number): HostState {
  return { event: initialEvent(nowMs), allocation: initialAllocation, shedding: initialShedding };
}

/** One interval later. */
export function stepHost(state: HostState, input: HostInput, rules: HostRules): HostStep {
  const { nowMs, host } = input;
  const event = stepMassEvent(
    state.event,
    {
      host,
      reserve: emergencyReserve(host.maximum, rules.allocation.reserveRatio),
      applications: input.eventApplications,
      peers: input.peers,
      override: input.override,
    },
    rules.event,
    nowMs,
  );
  const allocation = stepAllocation(state.allocation, allocationInput(input, event), rules.allocation);
  return shed({ ...state, event: event.state }, input, rules, event, allocation);
}

/** A request between two intervals: divides anew in the mode that is in force, and says what came of it. */
export function askHost(
  state: HostState,
  event: EventResult,
  request: Parameters<typeof askFor>[1],
  input: HostInput,
  rules: HostRules,
): HostStep & { readonly answer: Answer } {
  const { answer, ...allocation } = askFor(state.allocation, request, allocationInput(input, event), rules.allocation);
  return { ...shed(state, input, rules, event, allocation), answer };
}

/** The same without a request: a newcomer gets its allocation at once. */
export function settleHost(state: HostState, event: EventResult, input: HostInput, rules: HostRules): HostStep {
  const allocation = stepAllocation(state.allocation, allocationInput(input, event), rules.allocation);
  return shed(state, input, rules, event, allocation);
}

function allocationInput(input: HostInput, event: EventResult): AllocationInput {
  const { nowMs, host, applications, unused } = input;
  const { reductionRatio } = event.attributes;
  return { nowMs, mode: event.mode.mode, reductionRatio, applications, host, unused };
}

function shed(
  state: HostState,
  input: HostInput,
  rules: HostRules,
  event: EventResult,
  allocation: AllocationStep,
): HostStep {
  const shedding = stepShedding(
    state.shedding,
    {
      nowMs: input.nowMs,
      mode: event.mode.mode,
      causes: event.mode.causes,
      attributes: event.attributes,
      isNearLimit: event.isNearLimit,
      applications: input.applications.map((application) => {
        const { name } = application;
        const { canLimit, isReachable } = input.reachOf(name);
        return {
          ...application,
          allocated: allocation.allocations.get(name) ?? {},
          boundary: allocation.boundaries.get(name),
          lent: allocation.lent.get(name),
          canBeForced: canLimit !== undefined,
          canLimit,
          isReachable,
        };
      }),
    },
    rules.shedding,
  );
  return {
    state: { event: state.event, allocation: allocation.state, shedding: shedding.state },
    event,
    allocation,
    orders: shedding.applications,
    sheddingEvents: shedding.events,
  };
}
