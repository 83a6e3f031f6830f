// The drachtio engine without a server and without time: requests as the link hands them over, and what becomes of each.

import type { Throttle } from '../../../src/control/throttle.ts';
import { actuate } from '../../../src/edge/actuate.ts';
import { newParts } from '../../../src/edge/new-parts.ts';
import type { EdgeParts } from '../../../src/edge/parts.ts';
import { Penalties } from '../../../src/edge/penalties.ts';
import { switchRules } from '../../../src/edge/policy.ts';
import { Switches } from '../../../src/edge/switches.ts';
import type { HeaderFields, ProxyOptions, ProxyOutcome, StackRequest } from '../../../src/engine/drachtio/link.ts';
import { StackCalls } from '../../../src/engine/drachtio/stack-calls.ts';
import { StackEdge } from '../../../src/engine/drachtio/stack-edge.ts';
import { StackListeners } from '../../../src/engine/drachtio/stack-listeners.ts';
import { Marks } from '../../../src/forward/marks.ts';
import type { RequestLabels } from '../../../src/metrics/counters.ts';
import { createCounters } from '../../../src/metrics/counters.ts';
import type { InterfaceName } from '../../../src/transport/flow.ts';
import { type RequestParts, request } from '../../edge/message.ts';
import { configOf, type EdgeOptions, planOf } from '../../edge/settings.ts';

/** A throttle that limits nothing. */
const freely: Throttle = {
  sequence: 1,
  mode: 'L0',
  indicators: [],
  ordinaryPerSecond: Number.POSITIVE_INFINITY,
  passNonEssential: true,
  registrationsPerSecond: Number.POSITIVE_INFINITY,
  interfaces: [],
  switches: [],
  gaps: [],
  retryAfterSeconds: 0,
};

/** A request that the server has handed over; written down is what the engine does with it. */
export class Asked implements StackRequest {
  readonly method: string;
  readonly raw: string;
  readonly protocol = 'udp';
  readonly sourceAddress: string;
  readonly sourcePort = 5060;
  readonly receivedOn: { readonly host: string; readonly port: number };
  readonly lagMs = 0;
  readonly answers: { readonly status: number; readonly phrase: string; readonly fields: HeaderFields }[] = [];
  destinations: readonly string[] = [];
  options: ProxyOptions | undefined;
  private resolve: (outcome: ProxyOutcome) => void = () => {};
  private cancelled: () => void = () => {};

  constructor(raw: string, sourceAddress: string, receivedOn: { readonly host: string; readonly port: number }) {
    this.raw = raw;
    this.method = raw.split(' ')[0]!;
    this.sourceAddress = sourceAddress;
    this.receivedOn = receivedOn;
  }

  get status(): number {
    return this.answers.at(-1)?.status ?? 0;
  }

  /** `503`, `proxied`, or `` for nothing yet. */
  get fate(): string {
    return this.status > 0 ? String(this.status) : this.destinations.length > 0 ? 'proxied' : '';
  }

  respond(status: number, phrase: string, fields: HeaderFields): boolean {
    if (this.fate !== '') return false;
    this.answers.push({ status, phrase, fields });
    return true;
  }

  onCancel(listener: () => void): void {
    this.cancelled = listener;
  }

  proxy(destinations: readonly string[], options: ProxyOptions): Promise<ProxyOutcome> {
    if (this.fate !== '') throw new Error(`proxied after ${this.fate}`);
    this.destinations = destinations;
    this.options = options;
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  /** The caller has given up; the server has sent 487. */
  cancel(): void {
    this.answers.push({ status: 487, phrase: 'Request Terminated', fields: {} });
    this.cancelled();
  }

  /** The server's proxy is done: `status` went to the caller; the finals in the order in which they came, `10.0.1.1:486`. */
  async done(status: number, ...finals: readonly string[]): Promise<void> {
    this.resolve({
      status,
      finals: finals.map((text) => {
        const [address = '', code] = text.split(':');
        return { status: Number(code), address, port: 5060 };
      }),
    });
    await new Promise((next) => setImmediate(next));
  }
}

export class StackWorld {
  nowMs = 1_000_000;
  readonly parts: EdgeParts;
  readonly stack: StackEdge;
  readonly calls: StackCalls;
  readonly logged: { readonly level: string; readonly text: string }[] = [];
  private readonly listeners: StackListeners;

  constructor(options: EdgeOptions & { failOver?: 'privileged' | 'always' | 'never' } = {}) {
    const drachtio = { failOver: options.failOver ?? 'privileged' };
    const config = configOf({ ...options, rest: { ...options.rest, engine: 'drachtio', drachtio } });
    this.listeners = new StackListeners(config);
    const switches = new Switches(
      () => config.health,
      () => {},
    );
    switches.configure(
      switchRules(config, (name) => {
        const address = config.switches.find((one) => one.name === name)?.address;
        return address && { transport: address.transport as 'udp', address: address.host, port: address.port };
      }),
    );
    this.parts = newParts({
      ...{ config, plan: planOf(options.plan), flows: this.listeners },
      marks: new Marks(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8])),
      names: { find: () => 'failed', whenKnown: () => false },
      counters: createCounters(),
      switches,
      penalties: new Penalties({ ...config.penalty, exempt: [] }, () => {}),
      log: (level, text) => this.logged.push({ level, text }),
      now: () => this.nowMs,
      memoryEntries: 2 ** 12,
      refusalsKept: 100,
      ...(options.tracing && { tracing: options.tracing(() => this.nowMs) }),
    });
    const { limits, drachtio: rules } = config;
    this.calls = new StackCalls(this.parts, () => ({ most: limits.transactions, failOver: rules.failOver }));
    this.stack = new StackEdge(this.parts, this.calls, ({ protocol, receivedOn: { host, port } }) =>
      this.listeners.at(protocol, host, port),
    );
  }

  /** A request that comes in on an interface. */
  ask(given: Partial<RequestParts> & { side?: InterfaceName; source?: string; raw?: string } = {}): Asked {
    const { side = 'south', source = '198.51.100.7', raw, ...parts } = given;
    const { host, port } = this.listeners.listeners.find(({ interfaceName }) => interfaceName === side)!;
    const asked = new Asked(raw ?? request(parts), source, { host, port });
    this.stack.onRequest(asked);
    return asked;
  }

  /** What the Control Function has to say. */
  throttle(given: Partial<Throttle>): void {
    actuate(this.parts, { ...freely, ...given }, this.nowMs);
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 10);
      this.stack.scan();
      if (this.nowMs % 100 === 0) this.calls.tick(this.nowMs);
    }
  }

  count(labels: Partial<RequestLabels>): number {
    let sum = 0;
    this.parts.counters.requests.each((found, n) => {
      if (Object.entries(labels).every(([name, value]) => found[name as keyof RequestLabels] === value)) sum += n;
    });
    return sum;
  }

  /** `south INVITE new-call reject edge-rate`: what was counted, each combination once. */
  decisions(): string[] {
    const out: string[] = [];
    this.parts.counters.requests.each((l, n) =>
      out.push(`${l.interface} ${l.method} ${l.class} ${l.decision} ${l.reason}${n > 1 ? ` ×${n}` : ''}`),
    );
    return out;
  }

  /** What the Monitor is told of the first switch; it begins anew. */
  take(index = 0) {
    const one = this.parts.switches.all[index]!;
    return one.tally.take({ name: one.name, isUp: true, weight: 1, configuredPerSecond: undefined, oc: undefined });
  }
}
