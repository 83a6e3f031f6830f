// The whole edge without sockets and without time: built as src/main.ts builds it, on fake transports and a clock that the
// test moves. Every message that goes in is checked to be decided exactly once.
import type { Config } from '../../src/config/schema.ts';
import type { Throttle } from '../../src/control/throttle.ts';
import { actuate } from '../../src/edge/actuate.ts';
import type { TimerToken } from '../../src/edge/call.ts';
import { Calls } from '../../src/edge/calls.ts';
import { Edge } from '../../src/edge/edge.ts';
import { HealthChecks } from '../../src/edge/health-checks.ts';
import type { Names, Resolved } from '../../src/edge/names.ts';
import { changeParts, newParts } from '../../src/edge/new-parts.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { Penalties } from '../../src/edge/penalties.ts';
import { switchRules } from '../../src/edge/policy.ts';
import { Switches } from '../../src/edge/switches.ts';
import { Marks } from '../../src/forward/marks.ts';
import { type Counters, createCounters, type RequestLabels } from '../../src/metrics/counters.ts';
import { listenerOptions } from '../../src/start/listeners.ts';
import { TimerWheel } from '../../src/transaction/timer-wheel.ts';
import type { InterfaceName, StreamFault, TransportName } from '../../src/transport/flow.ts';
import { type FakeFlow, FakeTransports } from './fake-transports.ts';
import type { Message } from './message.ts';
import { configOf, type EdgeOptions, planOf } from './settings.ts';

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

export class World {
  nowMs = 1_000_000;
  /** Decisions, and responses received, of this life. */
  decided = 0;
  responses = 0;
  readonly transports: FakeTransports;
  readonly logged: { level: string; text: string }[] = [];
  parts!: EdgeParts;
  calls!: Calls;
  edge!: Edge;
  wheel!: TimerWheel<TimerToken>;
  health!: HealthChecks;
  /** Host names that are known; the others stay pending until `resolve`. */
  readonly hosts = new Map<string, Resolved | 'failed'>();
  private readonly waiting: { host: string; callback: () => void }[] = [];
  private options: EdgeOptions;
  private config: Config;
  private tickMs = 0;

  constructor(options: EdgeOptions = {}) {
    this.options = options;
    this.config = configOf(options);
    this.transports = new FakeTransports(listenerOptions(this.config, []));
    this.start();
  }

  /** A new process with the same key, the same configuration, and no memory. */
  restart(): void {
    this.transports.closeAll();
    this.start();
  }

  private start(): void {
    const marks = new Marks(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
    const switches = new Switches(
      () => this.config.health,
      (one, from) => this.logged.push({ level: 'info', text: `${one.name}: ${from} to ${one.health.name}` }),
    );
    switches.configure(switchRules(this.config, (name) => this.targetOf(name)));
    const counters = this.counters();
    this.parts = newParts({
      ...this.policyInput(marks),
      counters,
      switches,
      penalties: this.newPenalties(counters),
      log: (level, text) => this.logged.push({ level, text }),
      now: () => this.nowMs,
      memoryEntries: 2 ** 12,
      refusalsKept: Math.min(100, this.config.admin.refusals.kept),
      ...(this.options.tracing && { tracing: this.options.tracing(() => this.nowMs) }),
    });
    this.wheel = new TimerWheel<TimerToken>(this.nowMs, 10);
    this.calls = new Calls(this.parts, this.wheel, this.config.limits.transactions);
    this.health = new HealthChecks(
      () => this.parts,
      marks,
      () => ({
        intervalMs: this.config.health.intervalSeconds * 1000,
        timeoutMs: this.config.health.timeoutMs,
        t1Ms: this.config.timers.t1Ms,
      }),
    );
    this.edge = new Edge(this.parts, this.calls, this.health);
  }

  /** The counters, and two more that cost nothing to read. */
  private counters(): Counters {
    const counters = createCounters();
    const { requests, responses } = counters;
    this.decided = 0;
    this.responses = 0;
    const countRequest = requests.count.bind(requests);
    requests.count = (...args) => {
      this.decided++;
      countRequest(...args);
    };
    const countResponse = responses.count.bind(responses);
    responses.count = (index, direction, status) => {
      if (direction === 'received') this.responses++;
      countResponse(index, direction, status);
    };
    return counters;
  }

  /** What SIGHUP does in main.ts. */
  reload(options: EdgeOptions): void {
    this.options = { ...this.options, ...options };
    this.config = configOf(this.options);
    this.parts.switches.configure(switchRules(this.config, (name) => this.targetOf(name)));
    const { marks, counters } = this.parts;
    changeParts(this.parts, { ...this.policyInput(marks), penalties: this.newPenalties(counters) });
  }

  private policyInput(marks: Marks) {
    const { config, options, transports } = this;
    return { config, plan: planOf(options.plan), flows: transports, marks, names: this.names() };
  }

  private targetOf(name: string) {
    const address = this.config.switches.find((one) => one.name === name)?.address;
    return address && { transport: address.transport, address: address.host, port: address.port };
  }

  private newPenalties(counters: Counters): Penalties {
    const exempt = this.config.penalty.exempt.map((cidr) => cidr.text);
    return new Penalties({ ...this.config.penalty, exempt }, (cause) => {
      counters.penalties[cause]++;
    });
  }

  private names(): Names {
    return {
      find: (host) => this.hosts.get(host) ?? 'pending',
      whenKnown: (host, callback) => this.waiting.push({ host, callback }) <= 10,
    };
  }

  /** A look-up ends: what waited for it runs through the pipeline again. */
  resolve(host: string, value: Resolved | 'failed'): void {
    this.hosts.set(host, value);
    const due = this.waiting.filter((one) => one.host === host);
    for (const one of due) this.waiting.splice(this.waiting.indexOf(one), 1);
    for (const one of due) one.callback();
  }

  /** The UDP flow, or the live connection, between an interface and an address. */
  flow(interfaceName: InterfaceName, address: string, port = 5060, transport: TransportName = 'udp'): FakeFlow {
    const listener = this.transports.listeners.find(
      (one) =>
        one.interfaceName === interfaceName &&
        one.transport === transport &&
        (one.family === 6) === address.includes(':'),
    );
    if (listener === undefined) throw new Error(`no ${transport} listener on ${interfaceName}`);
    return this.transports.flowTo(listener, address, port);
  }

  lose(flow: FakeFlow): void {
    this.transports.close(flow);
    this.calls.onFlowClosed(flow);
  }

  /**
   * One message in, which is a response or is decided once; `waits`: not yet, for a name is looked up first, or for its turn;
   * `decides`: how many requests it decides.
   */
  receive(flow: FakeFlow, text: string | Uint8Array, expected: { waits?: boolean; decides?: number } = {}): void {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : Buffer.from(text);
    // in the middle of a larger buffer, as the batched reader hands it over, and overwritten afterwards
    const buffer = Buffer.concat([Buffer.from('<\r\n"'), bytes, Buffer.from('\r\nVia: x')]);
    const before = this.decided + this.responses;
    this.edge.onMessage(flow, buffer, 4, 4 + bytes.length);
    buffer.fill(0x41);
    const n = this.decided + this.responses - before;
    if (n !== (expected.decides ?? (expected.waits ? 0 : 1)))
      throw new Error(`decided ${n} times:\n${bytes.toString('latin1')}`);
  }

  /** What the Control Function has to say. */
  throttle(given: Partial<Throttle>): void {
    actuate(this.parts, { ...freely, ...given }, this.nowMs);
  }

  /** A connection whose framing failed. */
  fault(flow: FakeFlow, fault: StreamFault, text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.edge.onStreamFault(flow, fault, bytes, 0, bytes.length);
    this.lose(flow);
  }

  /** Time goes by, in the steps of main.ts. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 10);
      this.wheel.advance(this.nowMs, (token) => this.calls.onTimer(token));
      this.edge.scan();
      if (this.nowMs - this.tickMs < 100) continue;
      this.tickMs = this.nowMs;
      if (this.options.hasChecks) this.health.tick(this.nowMs);
      this.parts.penalties.tick(this.nowMs);
      for (const side of Object.values(this.parts.policy.sides)) side.refusedShare.tick(this.nowMs);
    }
  }

  /** What was sent since the last `take`, over all flows or one of them, in order. */
  take(flow?: FakeFlow): Message[] {
    const { sent } = this.transports;
    const taken = sent.filter((one) => flow === undefined || one.flow === flow);
    const rest = sent.filter((one) => !taken.includes(one));
    sent.splice(0, sent.length, ...rest);
    return taken.map((one) => one.message);
  }

  /** The only message sent since the last `take`, or of one flow. */
  only(flow?: FakeFlow): Message {
    const taken = this.take(flow);
    if (taken.length !== 1) throw new Error(`${taken.length} messages: ${taken.map((m) => m.label).join(', ')}`);
    return taken[0]!;
  }

  /** `south udp 198.51.100.7:5060 < 100` for each message since the last `take`. */
  trace(): string[] {
    return this.transports.sent.splice(0).map(({ flow, message }) => `${flow.text} < ${message.label}`);
  }

  /** What was sent to some switch last, and which. */
  takeSwitch(): { flow: FakeFlow; message: Message } {
    const sent = this.transports.sent.filter(({ flow }) => flow.listener.interfaceName === 'core');
    if (sent.length !== 1) throw new Error(`${sent.length} messages to switches: ${this.trace().join('; ')}`);
    this.transports.sent.splice(this.transports.sent.indexOf(sent[0]!), 1);
    return sent[0]!;
  }

  /** Requests counted with all of these labels. */
  count(labels: Partial<RequestLabels>): number {
    let sum = 0;
    this.parts.counters.requests.each((found, n) => {
      if (Object.entries(labels).every(([name, value]) => found[name as keyof RequestLabels] === value)) sum += n;
    });
    return sum;
  }

  /** `INVITE new-call forward admitted`: what was counted, each combination once. */
  decisions(): string[] {
    const out: string[] = [];
    this.parts.counters.requests.each((l, n) =>
      out.push(`${l.interface} ${l.method} ${l.class} ${l.decision} ${l.reason}${n > 1 ? ` ×${n}` : ''}`),
    );
    return out;
  }

  /** Warnings of state machines that were asked what they cannot do: always a fault of ours. */
  get surprises(): string[] {
    return this.logged.filter(({ text }) => text.includes('out of place')).map(({ text }) => text);
  }
}
