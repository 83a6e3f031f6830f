// An orchestrator whose clock, host and applications are played by hand: no socket, no timer, no adapter.

import type { Amounts } from '../../src/congestion/amounts.ts';
import { registrationSchema, reportSchema } from '../../src/congestion/application-messages.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { defaultAllocationRules } from '../../src/orchestrator/allocation/allocation-rules.ts';
import type { HostRules } from '../../src/orchestrator/host-step.ts';
import { eventRules } from '../../src/orchestrator/mass-event/event-rules.ts';
import { NorthControls } from '../../src/orchestrator/north/north-controls.ts';
import { NorthDesk } from '../../src/orchestrator/north/north-desk.ts';
import { Orchestrator } from '../../src/orchestrator/orchestrator.ts';
import { createDesk } from '../../src/orchestrator/orchestrator-desk.ts';
import { Peers } from '../../src/orchestrator/peers.ts';
import type { ApplicationSettings } from '../../src/orchestrator/registry/application-settings.ts';
import { Applications } from '../../src/orchestrator/registry/applications.ts';
import { OrdersBuilder } from '../../src/orchestrator/registry/orders-builder.ts';
import { sheddingRules } from '../../src/orchestrator/shedding/shedding-rules.ts';

export const rules: HostRules = { event: eventRules, allocation: defaultAllocationRules, shedding: sheddingRules };

export const settings = (name: string, more: Partial<ApplicationSettings> = {}): ApplicationSettings => {
  return { name, isEssential: true, priority: 5, isExempt: false, maximum: {}, minimum: {}, ...more };
};

/** What an application uses and is offered, second by second. */
export interface Played {
  readonly used: Amounts;
  readonly requestsPerSecond?: number;
  readonly normalPerSecond?: number;
}

export class HostWorld {
  nowMs = 1000;
  /** What was done to shed, as `SECOND s NAME WHAT`. */
  readonly story: string[] = [];
  readonly audited: object[] = [];
  readonly host: Amounts;
  readonly applications: Applications;
  readonly peers: Peers;
  readonly orchestrator: Orchestrator;
  readonly desk: ReturnType<typeof createDesk>;
  private readonly sessions = new Map<string, string>();
  private sequence = 0;

  constructor(host: Amounts, all: readonly ApplicationSettings[]) {
    this.host = host;
    let session = 0;
    this.applications = new Applications(all, { newSession: () => `session-${++session}` });
    const controls = new NorthControls((name) => all.some((one) => one.name === name));
    const audit = { note: (entry: object) => this.audited.push(entry) as never, entries: () => [] };
    const north = new NorthDesk(controls, audit);
    this.peers = new Peers([{ name: 'host-2', proposes: 'L1' }]);
    const { peers } = this;
    const now = () => this.nowMs;
    this.orchestrator = new Orchestrator(rules, {
      applications: this.applications,
      controls,
      north,
      peers,
      builder: new OrdersBuilder({ orchestrator: 'host-1', validitySeconds: 5 }),
      canLimit: () => ['cpuCores', 'memoryBytes'],
      now,
      unixNow: now,
      onStep: ({ sheddingEvents }) => {
        for (const { application, what } of sheddingEvents)
          this.story.push(`${Math.round(this.nowMs / 1000)} s ${application} ${what}`);
      },
      onInterval: ({ transition }) => {
        if (transition !== undefined) this.story.push(`${Math.round(this.nowMs / 1000)} s ${transition.to}`);
      },
    });
    this.desk = createDesk({
      name: 'host-1',
      orchestrator: this.orchestrator,
      applications: this.applications,
      north,
      audit,
      peers,
      now,
    });
    this.orchestrator.step({ maximum: host, used: {} });
  }

  register(name: string, more: object = {}): Orders {
    const body = registrationSchema.parse({ instance: `instance-of-${name}`, ...this.lease(), ...more });
    const orders = this.desk.register(name, body);
    if ('refused' in orders) throw new Error(orders.detail);
    this.sessions.set(name, orders.session);
    return orders;
  }

  /** One second: every application reports, then the host is stepped. */
  second(played: Readonly<Record<string, Played>>): void {
    this.nowMs += 1000;
    const used: Amounts[] = [];
    for (const [name, { requestsPerSecond, normalPerSecond, ...one }] of Object.entries(played)) {
      used.push(one.used);
      const rates = requestsPerSecond === undefined ? undefined : { requestsPerSecond, normalPerSecond };
      const body = reportSchema.parse({ ...this.message(name), validitySeconds: 5, used: one.used, rates });
      const answer = this.desk.report(name, body);
      if ('refused' in answer) throw new Error(answer.detail);
    }
    const sum = (of: keyof Amounts) => used.reduce((all, one) => all + (one[of] ?? 0), 0);
    this.orchestrator.step({
      maximum: this.host,
      used: { cpuCores: sum('cpuCores'), memoryBytes: sum('memoryBytes') },
    });
  }

  seconds(count: number, played: Readonly<Record<string, Played>>): void {
    for (let k = 0; k < count; k++) this.second(played);
  }

  orders(name: string): Orders {
    const orders = this.desk.orders(name);
    if ('refused' in orders) throw new Error(orders.detail);
    return orders;
  }

  message(name: string) {
    return { session: this.sessions.get(name) ?? 'no-session', sequence: ++this.sequence };
  }

  private lease() {
    return { sequence: ++this.sequence, validitySeconds: 5 };
  }
}
