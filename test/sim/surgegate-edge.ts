// Surgegate in a simulation: the product's own admission, gaps, lanes, switches, sampler, Control Function and actuator, called in
// the order of edge/new-calls.ts. What is left out has to do with bytes: sockets, parsing, transactions. Defaults of config/.
import type { Reason } from '../../src/admission/reasons.ts';
import { retryAfterSeconds } from '../../src/admission/retry-after.ts';
import type { Neighbour } from '../../src/admission/side.ts';
import { ControlFunction } from '../../src/control/control-function.ts';
import { noOrders } from '../../src/control/orders.ts';
import type { OcFeedback, RunningMode, Throttle } from '../../src/control/throttle.ts';
import { actuate } from '../../src/edge/actuate.ts';
import type { WaitingCall } from '../../src/edge/lanes.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { takeSample } from '../../src/edge/sampler.ts';
import type { Switch, Switches } from '../../src/edge/switches.ts';
import { onArrival, onLastTurn, onTurn } from '../../src/edge/turn.ts';
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
import { buildSides, buildSwitches, edgeParts, group, retryAfter, waitMs } from './surgegate-parts.ts';

const sampleMs = 100;
const timerBMs = 32_000;
const idleHost = { loopUtilisation: 0.1, loopDelayMs: 1, memoryRatio: 0.2 };

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
    this.switches = buildSwitches(input);
    this.health = new SimHealth(this.switches);
    this.parts = edgeParts(buildSides(input), this.switches, input.configuredPerSecond);
    for (const side of Object.values(this.parts.policy.sides))
      for (const one of side.neighbours) this.neighbours.set(`${side.name} ${one.name}`, one);
    this.control = new ControlFunction({
      newCallsPerSecond: Number.POSITIVE_INFINITY,
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
    const verdict = onArrival(parts, from, call.called, parts.numbers.counts(), nowMs);
    if (verdict === 'admitted') return this.forward(call, from, nowMs);
    if (verdict !== 'wait') return this.refuse(call, from, verdict);
    const item: Waiting = { ...noBytes, from, call };
    parts.lanes.offer(from.side.index, item, nowMs);
    return waitInEdge;
  }

  private scan(nowMs: number): void {
    const { parts } = this;
    if (parts.lanes.length === 0) return;
    parts.lanes.scan(nowMs, (item) => {
      if (onTurn(parts, item.from, nowMs) === 'wait') return false;
      this.perform(item, this.forward((item as Waiting).call, item.from, nowMs), nowMs);
      return true;
    });
    parts.lanes.expire(nowMs, (item) => {
      if (onLastTurn(parts, item.from, nowMs) === 'admitted') {
        this.perform(item, this.forward((item as Waiting).call, item.from, nowMs, true), nowMs);
        return false;
      }
      parts.admission.leave(item.from);
      this.perform(item, this.refuse((item as Waiting).call, item.from, 'expired'), nowMs);
      return true;
    });
  }

  private perform(item: WaitingCall, decision: Decision, nowMs: number): void {
    const { output } = this.input;
    const { call } = item as Waiting;
    if (decision.kind === 'forward') output.forward(call, decision.switchIndex, nowMs);
    else if (decision.kind === 'refuse') output.refuse(call, decision.retryAfterSeconds, nowMs);
  }

  private forward(call: Call, from: Neighbour, nowMs: number, mayOwe = from.isServed): Decision {
    const one = this.switches.choose(group, call.key, [], call.isPriority, nowMs, mayOwe);
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
