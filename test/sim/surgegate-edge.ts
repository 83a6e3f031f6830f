// Surgegate in a simulation: the product's own admission, gaps, lanes, switches, sampler, Control Function and actuator, called in
// the order of edge/new-calls.ts. What is left out has to do with bytes: sockets, parsing, transactions. Defaults of config/.
import { Admission } from '../../src/admission/admission.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import type { Reason } from '../../src/admission/reasons.ts';
import { retryAfterSeconds } from '../../src/admission/retry-after.ts';
import { buildSide, type Neighbour, type Side } from '../../src/admission/side.ts';
import type { Dialplan } from '../../src/classify/plan.ts';
import { ControlFunction, noOrders } from '../../src/control/control-function.ts';
import type { OcFeedback, RunningMode, Throttle } from '../../src/control/throttle.ts';
import { actuate } from '../../src/edge/actuate.ts';
import { Lanes, type WaitingCall } from '../../src/edge/lanes.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { outside, takeSample } from '../../src/edge/sampler.ts';
import { type Switch, Switches } from '../../src/edge/switches.ts';
import { HeavyHitters } from '../../src/monitor/heavy-hitters.ts';
import type { Call, SourceRule } from './call.ts';
import {
  type ControlledEdge,
  type Decision,
  type EdgeInput,
  forwardTo,
  refuseFor,
  waitInEdge,
} from './controlled-edge.ts';
import { SimHealth } from './sim-health.ts';

const waitMs = 200;
const sampleMs = 100;
const timerBMs = 32_000;
const retryAfter = { minSeconds: 1, maxSeconds: 30 };
const idleHost = { loopUtilisation: 0.1, loopDelayMs: 1, memoryRatio: 0.2 };
const group = 'main';

/** What waits in a lane: no bytes, but the call. */
type Waiting = WaitingCall & { readonly call: Call };

export class SurgegateEdge implements ControlledEdge {
  readonly switchTimeoutMs = 4000;
  private readonly input: EdgeInput;
  private readonly parts: EdgeParts;
  private readonly control: ControlFunction;
  private readonly switches: Switches;
  private readonly health: SimHealth;
  private readonly neighbours = new Map<string, Neighbour>();
  /** Switches that a call was sent to, where that is more than one. */
  private readonly tried = new Map<Call, Switch[]>();
  private sampledMs = 0;
  throttle: Throttle | undefined;

  constructor(input: EdgeInput) {
    this.input = input;
    const limit = input.configuredPerSecond;
    this.switches = buildSwitches(input);
    this.health = new SimHealth(this.switches);
    const newCallsPerSecond = limit ?? Number.POSITIVE_INFINITY;
    this.parts = edgeParts(buildSides(input), this.switches, newCallsPerSecond);
    for (const side of Object.values(this.parts.policy.sides))
      for (const one of side.neighbours) this.neighbours.set(`${side.name} ${one.name}`, one);
    this.control = new ControlFunction({
      newCallsPerSecond,
      priorityReserveRatio: 0.2,
      normalFloorPerSecond: 10,
      waitMs,
      gapsAutomatically: true,
      ocValidityMs: 500,
      retryAfter,
    });
  }

  onInvite(call: Call, nowMs: number): Decision {
    const rule = this.input.sources[call.source]!;
    const from = this.neighbourOf(rule);
    if (rule.obeysOc !== undefined) from.tally.noteOc(rule.obeysOc === 'rate', call.source);
    if (!call.isPriority) return this.arriveOrdinary(call, from, nowMs);
    const verdict = this.parts.admission.priorityCall(from, nowMs);
    return verdict === 'admitted' ? this.forward(call, from, nowMs) : this.refuse(call, from, verdict);
  }

  onRegister(nowMs: number): 'pass' | number {
    const from = this.parts.policy.sides.south.anyone;
    const verdict = this.parts.admission.registration(from, nowMs);
    from.tally.note('registration', verdict);
    return verdict === 'admitted' ? 'pass' : this.pushbackSeconds(from);
  }

  onFirstResponse(call: Call, nowMs: number): void {
    const one = this.switchOf(call);
    one.tally.noteFirstResponse(nowMs - call.sentMs);
    this.switches.note(one, { kind: 'traffic-response' });
  }

  onProgress(call: Call, status: number, nowMs: number): void {
    this.switchOf(call).tally.noteProgress(status, nowMs - call.sentMs);
  }

  onAnswered(call: Call): void {
    this.switchOf(call).tally.noteAnswered();
    this.parts.numbers.noteAnswer(call.called);
    this.tried.delete(call);
  }

  onRetransmitted(call: Call): void {
    this.switchOf(call).tally.noteRetransmitted();
  }

  onTimeout(call: Call, nowMs: number): 'over' | 'wait' {
    const one = this.switchOf(call);
    const isFirst = call.silences++ === 0;
    if (isFirst) {
      this.switches.note(one, { kind: 'traffic-timeout' });
      one.tally.noteTimeout();
    }
    const isOver = nowMs - call.sentMs >= timerBMs - 1;
    if (!isOver && !(isFirst && this.switches.hasOther(group, this.triedBy(call), call.isPriority, nowMs)))
      return 'wait';
    one.tally.noteGone();
    return 'over';
  }

  onGone(call: Call): void {
    this.switchOf(call).tally.noteGone();
    this.tried.delete(call);
  }

  nextSwitch(call: Call, nowMs: number): Decision {
    const tried = this.triedBy(call);
    const one = this.switches.choose(group, call.key, tried, call.isPriority, nowMs);
    this.tried.delete(call);
    if (typeof one === 'string') return refuseFor(0);
    this.tried.set(call, [...tried, one]);
    one.tally.noteSent(call.isPriority);
    call.silences = 0;
    return forwardTo(this.switches.all.indexOf(one));
  }

  tick(nowMs: number): void {
    const { parts } = this;
    this.scan(nowMs);
    if (nowMs - this.sampledMs < sampleMs - 1) return;
    const sample = takeSample(parts, { host: idleHost, kernel: new Map() }, nowMs, nowMs - this.sampledMs);
    this.sampledMs = nowMs;
    for (const side of Object.values(parts.policy.sides)) side.refusedShare.tick(nowMs);
    this.throttle = this.control.step(sample, noOrders, nowMs);
    actuate(parts, this.throttle, nowMs);
  }

  onProbe(isAlive: readonly boolean[], nowMs: number): void {
    this.health.tick(isAlive, nowMs);
  }

  feedbackFor(source: SourceRule): OcFeedback | undefined {
    const side = this.throttle?.interfaces.find(({ name }) => name === source.interface);
    return side?.neighbours.find(({ name }) => name === source.neighbour)?.oc;
  }

  mode(): RunningMode {
    return this.throttle?.mode ?? 'L0';
  }

  private arriveOrdinary(call: Call, from: Neighbour, nowMs: number): Decision {
    const { parts } = this;
    parts.numbers.noteAttempt(call.called);
    if (!parts.gaps.check(call.called, nowMs)) {
      parts.numbers.noteGapped(call.called);
      return this.refuse(call, from, 'gap');
    }
    const verdict = parts.lanes.isScanned(from.side.index) ? 'share' : parts.admission.newCall(from, nowMs);
    if (verdict === 'admitted') {
      if (!parts.switches.areFull(nowMs)) return this.forward(call, from, nowMs);
      parts.admission.giveBack(from);
    }
    const reason = verdict === 'admitted' ? 'switch-capacity' : verdict;
    const mayWait = reason === 'share' || reason === 'neighbour-share' || reason === 'switch-capacity';
    if (!mayWait || !parts.lanes.hasRoom(from.side.index)) return this.refuse(call, from, reason);
    const item: Waiting = { ...noBytes, from, call };
    parts.lanes.offer(from.side.index, item, nowMs);
    return waitInEdge;
  }

  private scan(nowMs: number): void {
    const { parts } = this;
    if (parts.lanes.length === 0) return;
    parts.lanes.expire(nowMs, (item) =>
      this.perform(item, this.refuse((item as Waiting).call, item.from, 'expired'), nowMs),
    );
    parts.lanes.scan(nowMs, (item) => {
      if (parts.switches.areFull(nowMs)) return false;
      const verdict = parts.admission.newCall(item.from, nowMs);
      if (verdict === 'share' || verdict === 'edge-rate') return false;
      const { call } = item as Waiting;
      const isAdmitted = verdict === 'admitted';
      this.perform(
        item,
        isAdmitted ? this.forward(call, item.from, nowMs) : this.refuse(call, item.from, verdict),
        nowMs,
      );
      return true;
    });
  }

  private perform(item: WaitingCall, decision: Decision, nowMs: number): void {
    const { output } = this.input;
    const { call } = item as Waiting;
    if (decision.kind === 'forward') output.forward(call, decision.switchIndex, nowMs);
    else if (decision.kind === 'refuse') output.refuse(call, decision.retryAfterSeconds, nowMs);
  }

  private forward(call: Call, from: Neighbour, nowMs: number): Decision {
    const one = this.switches.choose(group, call.key, [], call.isPriority, nowMs);
    if (one === 'full') return this.refuse(call, from, 'switch-capacity');
    if (one === 'none') return this.refuse(call, from, 'no-switch');
    from.tally.note(call.isPriority ? 'priority' : 'new-call', call.isPriority ? 'priority' : 'admitted');
    if (!call.isPriority) from.side.refusedShare.count(false);
    one.tally.noteSent(call.isPriority);
    return forwardTo(this.switches.all.indexOf(one));
  }

  private refuse(call: Call, from: Neighbour, reason: Reason): Decision {
    from.tally.note(call.isPriority ? 'priority' : 'new-call', reason);
    if (call.isPriority) return refuseFor(0);
    from.side.refusedShare.count(true);
    return refuseFor(this.pushbackSeconds(from));
  }

  private pushbackSeconds(from: Neighbour): number {
    if (from.pushback !== 'retry-after') return 0;
    const graded = retryAfterSeconds(from.side.retryAfter, from.side.refusedShare.ratio, this.input.random());
    const seconds = Math.min(255, graded + this.parts.retryAfterSeconds);
    from.tally.noteRetryAfter(seconds);
    return seconds;
  }

  private neighbourOf(rule: SourceRule): Neighbour {
    return this.neighbours.get(`${rule.interface} ${rule.neighbour}`)!;
  }

  private switchOf(call: Call): Switch {
    return this.switches.all[call.switchIndex]!;
  }

  private triedBy(call: Call): readonly Switch[] {
    return this.tried.get(call) ?? [this.switchOf(call)];
  }
}

const noBytes = { flow: undefined as unknown as WaitingCall['flow'], bytes: Buffer.alloc(0), keyHigh: 0, low: 0 };

function buildSwitches({ switches: rules, configuredPerSecond }: EdgeInput): Switches {
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

function buildSides({ sources }: EdgeInput): Record<string, Side> {
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

/** Those of the pipeline's parts that sampler and actuator touch. */
function edgeParts(sides: Record<string, Side>, switches: Switches, newCallsPerSecond: number): EdgeParts {
  const limits = {
    newCallsPerSecond,
    burst: 20,
    priorityReserveRatio: 0.2,
    priorityCapPerSecond: Number.isFinite(newCallsPerSecond) ? newCallsPerSecond : 1000,
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
    sampledCapRefusals: 0,
    passNonEssential: true,
    retryAfterSeconds: 0,
  };
  // no bytes come by here, so what reads and writes them is not there
  return parts as unknown as EdgeParts;
}
