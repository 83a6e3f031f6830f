// The orchestrator of a host: keeps what is known of it and its applications, steps it once an interval, and tells applications what
// has changed for them. It opens nothing and waits for nothing; run.ts does.
import type { Amounts } from '../congestion/amounts.ts';
import type { Transition } from '../congestion/north-messages.ts';
import type { Orders } from '../congestion/orders.ts';
import type { HostLoad } from './allocation/application-load.ts';
import type { Answer } from './allocation/held-requests.ts';
import {
  askHost,
  type HostInput,
  type HostRules,
  type HostState,
  type HostStep,
  initialHost,
  type Reach,
  settleHost,
  stepHost,
} from './host-step.ts';
import { type EventInput, type EventResult, stepMassEvent } from './mass-event/mass-event.ts';
import type { NorthControls } from './north/north-controls.ts';
import type { NorthDesk } from './north/north-desk.ts';
import type { Peers } from './peers.ts';
import type { ApplicationView } from './registry/application-record.ts';
import type { Applications, RegistryChanges } from './registry/applications.ts';
import type { OrdersBuilder } from './registry/orders-builder.ts';
import type { HostMode, OrdersContent } from './registry/orders-content.ts';
import { withoutApplication } from './shedding/shedding.ts';

export interface OrchestratorParts {
  readonly applications: Applications;
  readonly controls: NorthControls;
  readonly north: Pick<NorthDesk, 'expire'>;
  readonly peers: Peers;
  readonly builder: OrdersBuilder;
  /** What the adapter of an application can limit; undefined: nothing. */
  readonly canLimit: (application: string) => Reach['canLimit'];
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly unixNow: () => number;
  /** Told of every step, those between two intervals too. */
  readonly onStep: (step: HostStep) => void;
  readonly onInterval: (interval: Interval) => void;
}

/** What one interval brought. */
export interface Interval extends HostStep {
  readonly changes: RegistryChanges;
  readonly transition: Transition | undefined;
}

/** So many changes of the mode are remembered. */
const mostTransitions = 100;
const nothing: HostLoad = { maximum: {}, used: {} };
const noSigns: EventInput = { host: nothing, reserve: {}, applications: [], peers: [], override: undefined };

export class Orchestrator {
  private rules: HostRules;
  private readonly parts: OrchestratorParts;
  private host = nothing;
  private state: HostState;
  /** The last step; undefined before the first. */
  last: HostStep | undefined;
  private event: EventResult;
  /** The changes of the mode, the newest first. */
  readonly past: Transition[] = [];
  private readonly ordersListeners = new Map<string, Set<(orders: Orders) => void>>();
  private readonly transitionListeners = new Set<(transition: Transition) => void>();

  constructor(rules: HostRules, parts: OrchestratorParts) {
    this.rules = rules;
    this.parts = parts;
    this.state = initialHost(parts.now());
    this.event = stepMassEvent(this.state.event, noSigns, rules.event, parts.now());
  }

  /**
   * Of the process before: what each had, and the mode, which holds until it is seen that nothing asks for it any more. Who was limited
   * is asked anew, and until then is not.
   */
  restore({ mode, causes }: Pick<HostMode, 'mode' | 'causes'>, allocated: ReadonlyMap<string, Amounts>): void {
    const kept = { ...this.state.event.mode, mode, causes };
    const { event, allocation } = this.state;
    this.state = { ...this.state, event: { ...event, mode: kept }, allocation: { ...allocation, allocated } };
    this.event = { ...this.event, mode: kept };
  }

  configure(rules: HostRules): void {
    this.rules = rules;
  }

  get hostLoad(): HostLoad {
    return this.host;
  }

  get hostMode(): HostMode {
    const { mode, attributes } = this.event;
    return { mode: mode.mode, sinceMs: mode.sinceMs, causes: mode.causes, attributes };
  }

  /** Once an interval; `host`: as it was last, if it was not measured anew. */
  step(host: HostLoad = this.host): Interval {
    const { applications } = this.parts;
    const nowMs = this.parts.now();
    this.host = host;
    this.parts.north.expire(nowMs);
    const before = this.event.mode.mode;
    const changes = applications.step(before, nowMs);
    for (const name of changes.forgotten) this.parts.builder.forget(name);
    const step = stepHost(this.state, this.input(nowMs), this.rules);
    const transition = this.transitionFrom(before, step.event);
    this.take(step);
    if (transition !== undefined) {
      this.past.unshift(transition);
      this.past.length = Math.min(this.past.length, mostTransitions);
      for (const listener of this.transitionListeners) listener(transition);
    }
    this.publish();
    const interval = { ...step, changes, transition };
    this.parts.onInterval(interval);
    return interval;
  }

  /** A request of an application, decided at once as far as it can be. */
  ask(application: string, wanted: Amounts): Answer {
    const nowMs = this.parts.now();
    const { answer, ...step } = askHost(this.state, this.event, { application, wanted }, this.input(nowMs), this.rules);
    this.take(step);
    this.publish();
    return answer;
  }

  /** An application has left in order: nothing of it is limited any more. */
  left(application: string): void {
    this.parts.builder.forget(application);
    this.state = { ...this.state, shedding: withoutApplication(this.state.shedding, application) };
    this.settle();
  }

  /** Divides anew between two intervals: somebody came or went. */
  settle(): void {
    this.take(settleHost(this.state, this.event, this.input(this.parts.now()), this.rules));
    this.publish();
  }

  onOrders(application: string, listener: (orders: Orders) => void): () => void {
    const listeners = this.ordersListeners.get(application) ?? new Set();
    this.ordersListeners.set(application, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.ordersListeners.delete(application);
    };
  }

  onTransition(listener: (transition: Transition) => void): () => void {
    this.transitionListeners.add(listener);
    return () => this.transitionListeners.delete(listener);
  }

  private take(step: HostStep): void {
    this.state = step.state;
    this.event = step.event;
    this.last = step;
    this.parts.onStep(step);
  }

  private input(nowMs: number): HostInput {
    const { applications, controls, peers, canLimit } = this.parts;
    return {
      nowMs,
      host: this.host,
      applications: applications.loads(this.state.allocation.allocated),
      reachOf: (name) => ({
        canLimit: canLimit(name),
        isReachable: applications.find(name, nowMs)?.state === 'leased',
      }),
      eventApplications: applications.eventApplications(nowMs),
      peers: peers.states(nowMs),
      override: controls.overrideAt(nowMs)?.mode,
      unused: applications.takeUnused(),
    };
  }

  private transitionFrom(from: HostMode['mode'], { mode }: EventResult): Transition | undefined {
    if (mode.mode === from) return undefined;
    return {
      at: new Date(this.parts.unixNow()).toISOString(),
      from,
      to: mode.mode,
      causes: mode.causes.map((cause) => cause.slice(0, 200)),
    };
  }

  /** Tells each application whose orders are others than before. */
  publish(): void {
    const nowMs = this.parts.now();
    for (const { name, instance } of this.parts.applications.list(nowMs)) {
      if (instance === undefined) continue;
      const { orders, isNew } = this.parts.builder.build(this.contentOf(name, nowMs), nowMs);
      if (isNew) for (const listener of this.ordersListeners.get(name) ?? []) listener(orders);
    }
  }

  /** Of one that is registered. */
  ordersOf(application: string): Orders {
    const nowMs = this.parts.now();
    return (
      this.parts.builder.current(application, nowMs) ??
      this.parts.builder.build(this.contentOf(application, nowMs), nowMs).orders
    );
  }

  private contentOf(application: string, nowMs: number): OrdersContent {
    const { applications, controls } = this.parts;
    const view = applications.find(application, nowMs)!;
    return contentOf(view, this.hostMode, this.last, controls.controlsOf(application, nowMs));
  }
}

function contentOf(
  { name, session, settings }: ApplicationView,
  mode: HostMode,
  last: HostStep | undefined,
  controls: OrdersContent['controls'],
): OrdersContent {
  const { allocation, orders } = last ?? {};
  const { notices = [], forced = [], isSuspended = false } = orders?.get(name) ?? {};
  return {
    application: name,
    session,
    isExempt: settings.isExempt,
    mode,
    allocation: {
      maximum: allocation?.maximums.get(name) ?? settings.maximum,
      current: allocation?.allocations.get(name) ?? {},
      available: (settings.isExempt ? allocation?.availableToExempt : allocation?.available) ?? {},
      boundary: allocation?.boundaries.get(name),
    },
    notices,
    forced,
    isSuspended,
    controls,
  };
}
