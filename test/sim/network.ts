// The simulated SIP network: sources → edges → switches, and back. Retransmissions by RFC 3261 §17.1.1, between the edge and the
// switch only: whatever stands before a switch answers 100 at once, or passes on what its own upstream repeats, and the switch
// sees the same. One-way delays are the same for all, so a request arrives when it is sent and its response a round trip later.
import { numberOfDigits } from '../../src/admission/gaps.ts';
import { Call, type CallerRule } from './call.ts';
import { Callees } from './callees.ts';
import type { ControlledEdge, Decision, EdgeOutput, MakeEdge } from './controlled-edge.ts';
import { EventQueue } from './event-queue.ts';
import { type Neighbour, neighboursOf } from './neighbour.ts';
import type { NetworkRule } from './network-rule.ts';
import { Random } from './random.ts';
import { Rate } from './rate.ts';
import { binMs, Recorder } from './recorder.ts';
import { Registrations } from './registrations.ts';
import { SimSwitch } from './sim-switch.ts';

const t1Ms = 500;
const timerBMs = 32_000;
const roundTripMs = 4;
const tickMs = 10;

export class Network {
  readonly queue = new EventQueue();
  readonly recorder: Recorder;
  private readonly rule: NetworkRule;
  /** Of arrivals only, so that everybody gets the same first attempts. */
  private readonly random: Random;
  /** What callers do when they wait or have failed. */
  private readonly callerRandom: Random;
  private readonly edges: ControlledEdge[] = [];
  readonly switches: readonly SimSwitch[];
  private readonly neighbours: Neighbour[];
  private readonly rates: Rate[];
  private readonly called: readonly (readonly number[])[];
  private readonly callees: Callees;
  private readonly registrations: Registrations | undefined;
  private nextKey = 1;

  constructor(rule: NetworkRule, makeEdge: MakeEdge, seed: number) {
    this.rule = rule;
    this.random = new Random(seed);
    const { queue } = this;
    this.recorder = new Recorder(rule.seconds, rule.sources.length, rule.countFromSeconds * 1000);
    this.switches = rule.switches.map((one) => new SimSwitch(one, queue, this.switchOutput));
    this.rates = rule.sources.map((one) => new Rate(one.rate));
    this.called = rule.sources.map((one) => one.numbers.map(numberOfDigits));
    this.neighbours = neighboursOf(rule.sources, this.random);
    this.callees = new Callees(rule.callees, queue, new Random(this.random.next() * 2 ** 32));
    const edgeRandom = new Random(this.random.next() * 2 ** 32);
    this.callerRandom = new Random(this.random.next() * 2 ** 32);
    for (let edge = 0; edge < rule.edges; edge++)
      this.edges.push(
        makeEdge({
          sources: rule.sources.filter((one) => one.edge === edge),
          switches: rule.switches,
          backlogMs: (index) => this.switches[index]!.waitingMs,
          configuredPerSecond:
            rule.configuredPerSecond === undefined ? undefined : rule.configuredPerSecond / rule.edges,
          random: () => edgeRandom.next(),
          output: this.edgeOutput,
        }),
      );
    if (rule.registrations !== undefined)
      this.registrations = new Registrations(rule.registrations, queue, new Random(this.random.next() * 2 ** 32), {
        admit: (nowMs) => this.edges[0]!.onRegister(nowMs),
        // the same switch each time
        send: (device) => this.switches[device % this.switches.length]!.onRegister(device),
        onRegistered: (nowMs) => this.recorder.add('registered', nowMs),
      });
    this.start();
  }

  run(): Recorder {
    this.queue.runUntil(this.rule.seconds * 1000 - 1e-6);
    return this.recorder;
  }

  private start(): void {
    const { queue, rule } = this;
    for (let source = 0; source < rule.sources.length; source++) this.planArrival(source, 0);
    for (const one of rule.speeds) queue.at(one.atSeconds * 1000, this.onSpeed, one);
    queue.at(0, this.onTick, 0);
    queue.at(0, this.onProbe, 0);
  }

  // --- arrivals -------------------------------------------------------------------------------------------------------

  private planArrival(source: number, nowMs: number): void {
    const rate = this.rates[source]!;
    const perSecond = rate.perSecond(nowMs);
    const atMs = perSecond > 0 ? nowMs + this.random.exponential(1000 / perSecond) : Number.POSITIVE_INFINITY;
    // the process has no memory: where the rate changes first, it begins anew there
    if (atMs < rate.nextChangeMs) this.queue.at(atMs, this.onArrival, source);
    else if (rate.nextChangeMs < Number.POSITIVE_INFINITY) this.queue.at(rate.nextChangeMs, this.onRateChange, source);
  }

  private readonly onRateChange = (source: number, nowMs: number): void => this.planArrival(source, nowMs);

  private readonly onArrival = (source: number, nowMs: number): void => {
    const rule = this.rule.sources[source]!;
    const number = this.random.below(rule.numbers.length);
    const call = new Call({
      source,
      isPriority: this.random.chance(rule.priorityRatio),
      digits: rule.numbers[number]!,
      called: this.called[source]![number]!,
      key: this.nextKey++,
      redials: 0,
      arrivedMs: nowMs,
    });
    this.attempt(call, nowMs);
    this.planArrival(source, nowMs);
  };

  private attempt(call: Call, nowMs: number): void {
    const { recorder } = this;
    const rule = this.rule.sources[call.source]!;
    recorder.add('offered', nowMs);
    if (call.isPriority) recorder.add('offeredPriority', nowMs);
    if (nowMs >= recorder.countFromMs) recorder.offeredBySource[call.source]!++;
    if (!this.neighbours[call.source]!.mayPass(call.isPriority, nowMs)) return this.refuse(call, 0, nowMs);
    const edge = this.edges[rule.edge]!;
    this.follow(call, edge.onInvite(call, nowMs), nowMs);
    // RFC 7339 §4: feedback stands in every response, the 100 among them
    if (rule.obeysOc !== undefined) this.neighbours[call.source]!.onFeedback(edge.feedbackFor?.(rule), nowMs);
  }

  private follow(call: Call, decision: Decision, nowMs: number): void {
    if (decision.kind === 'forward') this.forward(call, decision.switchIndex, nowMs);
    else if (decision.kind === 'refuse') this.refuse(call, decision.retryAfterSeconds, nowMs);
    else call.stage = 'waiting';
  }

  private edgeOf(call: Call): ControlledEdge {
    return this.edges[this.rule.sources[call.source]!.edge]!;
  }

  // --- edge → switch --------------------------------------------------------------------------------------------------

  private forward(call: Call, switchIndex: number, nowMs: number): void {
    if (call.attempts === 0) {
      this.recorder.add('forwarded', nowMs);
      if (call.isPriority) this.recorder.priorityEdgeMs.push(nowMs - call.arrivedMs);
      const { patienceMedianMs } = this.callers(call);
      this.queue.at(call.arrivedMs + this.callerRandom.logNormal(patienceMedianMs, 0.4), this.onGiveUp, call);
    }
    call.attempts++;
    call.stage = 'sent';
    call.switchIndex = switchIndex;
    call.sentMs = nowMs;
    call.timerMs = t1Ms;
    call.resendMs = t1Ms;
    call.readBy = -1;
    this.switches[switchIndex]!.onInvite(call);
    this.queue.at(nowMs + t1Ms, this.onTimer, call);
  }

  /** Timer A, and where its time has come Timer B. */
  private readonly onTimer = (call: Call, nowMs: number): void => {
    if (call.stage !== 'sent') return;
    const edge = this.edgeOf(call);
    const passedMs = nowMs - call.sentMs;
    // a timer of an earlier switch of the same call
    if (passedMs < call.timerMs - 1) return;
    if (passedMs >= edge.switchTimeoutMs - 1 && edge.onTimeout(call, nowMs) === 'over')
      return this.fail(call, edge, nowMs);
    // the last of the steps may be that of `switchTimeoutMs`, at which nothing is repeated
    if (passedMs >= call.resendMs - 1) {
      edge.onRetransmitted?.(call, nowMs);
      this.switches[call.switchIndex]!.onInvite(call);
      call.resendMs = 2 * call.resendMs + t1Ms;
    }
    const nextMs = Math.min(call.resendMs, timerBMs);
    call.timerMs = passedMs < edge.switchTimeoutMs - 1 ? Math.min(nextMs, edge.switchTimeoutMs) : nextMs;
    this.queue.at(call.sentMs + call.timerMs, this.onTimer, call);
  };

  private fail(call: Call, edge: ControlledEdge, nowMs: number): void {
    const next = edge.nextSwitch?.(call, nowMs);
    if (next?.kind === 'forward') return this.forward(call, next.switchIndex, nowMs);
    call.stage = 'failed';
    this.recorder.add('failed', nowMs);
    this.redial(call, next?.kind === 'refuse' ? next.retryAfterSeconds : 0, nowMs);
  }

  private readonly edgeOutput: EdgeOutput = {
    forward: (call, switchIndex, nowMs) => this.forward(call, switchIndex, nowMs),
    refuse: (call, retryAfterSeconds, nowMs) => this.refuse(call, retryAfterSeconds, nowMs),
  };

  // --- switch → edge --------------------------------------------------------------------------------------------------

  private readonly switchOutput = {
    onTrying: (call: Call): void => this.queue.at(this.queue.nowMs + roundTripMs, this.onTrying, call),
    onTurn: (call: Call, isRefused: boolean): void =>
      this.queue.at(this.queue.nowMs + roundTripMs, isRefused ? this.onSwitchRefusal : this.onSetUp, call),
    onRegistered: (device: number): void => this.registrations?.onAnswer(device, this.queue.nowMs + roundTripMs),
  };

  private readonly onTrying = (call: Call, nowMs: number): void => {
    if (call.stage !== 'sent') return;
    call.stage = 'trying';
    this.edgeOf(call).onFirstResponse?.(call, nowMs);
  };

  private readonly onSwitchRefusal = (call: Call, nowMs: number): void => {
    if (call.stage !== 'sent' && call.stage !== 'trying') return;
    const edge = this.edgeOf(call);
    if (call.stage === 'sent') edge.onFirstResponse?.(call, nowMs);
    edge.onProgress(call, 503, nowMs);
    this.fail(call, edge, nowMs);
  };

  private readonly onSetUp = (call: Call, nowMs: number): void => {
    if (call.stage !== 'sent' && call.stage !== 'trying') return;
    const { recorder } = this;
    const edge = this.edgeOf(call);
    if (call.stage === 'sent') edge.onFirstResponse?.(call, nowMs);
    call.stage = 'set-up';
    recorder.add('setUp', nowMs);
    const ringMs = this.callees.ring(call.digits);
    edge.onProgress(call, ringMs === undefined ? 486 : 180, nowMs);
    if (ringMs === undefined) return this.redial(call, 0, nowMs);
    recorder.add('goodput', nowMs);
    // priority calls are nobody's share
    if (nowMs >= recorder.countFromMs && !call.isPriority) recorder.goodputBySource[call.source]!++;
    recorder.setUpMs.push(nowMs - call.arrivedMs);
    if (call.isPriority) {
      // by when it was offered: what comes in and what goes out in a second are not the same calls
      recorder.add('goodputPriority', call.arrivedMs);
      recorder.prioritySetUpMs.push(nowMs - call.arrivedMs);
    }
    if (edge.onAnswered !== undefined) this.queue.at(nowMs + ringMs, this.onAnswer, call);
  };

  private readonly onAnswer = (call: Call, nowMs: number): void => this.edgeOf(call).onAnswered?.(call, nowMs);

  // --- callers --------------------------------------------------------------------------------------------------------

  private callers(call: Call): CallerRule {
    return this.rule.sources[call.source]!.callers;
  }

  private refuse(call: Call, retryAfterSeconds: number, nowMs: number): void {
    call.stage = 'refused';
    this.recorder.add(call.isPriority ? 'refusedPriority' : 'refused', nowMs);
    this.neighbours[call.source]!.onRefused(retryAfterSeconds, nowMs);
    this.redial(call, retryAfterSeconds, nowMs);
  }

  private readonly onGiveUp = (call: Call, nowMs: number): void => {
    if (call.stage !== 'sent' && call.stage !== 'trying') return;
    call.stage = 'given-up';
    this.recorder.add('givenUp', nowMs);
    this.edgeOf(call).onGone(call, nowMs);
    this.redial(call, 0, nowMs);
  };

  private redial(call: Call, retryAfterSeconds: number, nowMs: number): void {
    const { redialRatio, redialMedianMs, mostRedials } = this.callers(call);
    if (call.redials >= mostRedials || !this.callerRandom.chance(redialRatio)) return;
    let waitMs = this.callerRandom.logNormal(redialMedianMs, 0.7);
    if (retryAfterSeconds > 0 && this.callerRandom.chance(this.rule.sources[call.source]!.retryAfterRatio))
      waitMs = Math.max(waitMs, retryAfterSeconds * 1000);
    this.queue.at(nowMs + waitMs, this.onRedial, call);
  }

  private readonly onRedial = (before: Call, nowMs: number): void => {
    const { source, isPriority, digits, called, redials } = before;
    const key = this.nextKey++;
    this.attempt(new Call({ source, isPriority, digits, called, key, redials: redials + 1, arrivedMs: nowMs }), nowMs);
  };

  // --- time -----------------------------------------------------------------------------------------------------------

  private readonly onTick = (count: number, nowMs: number): void => {
    for (const edge of this.edges) edge.tick(nowMs);
    if (count % (binMs / tickMs) === 0) this.note(nowMs);
    this.queue.at((count + 1) * tickMs, this.onTick, count + 1);
  };

  private note(nowMs: number): void {
    const { recorder } = this;
    let capacity = 0;
    for (const one of this.switches) capacity += (one.rule.capacityPerSecond * one.speed * binMs) / 1000;
    recorder.add('capacity', nowMs, capacity);
    const mode = this.edges[0]!.mode?.();
    if (mode !== undefined) recorder.noteMode(nowMs, mode);
  }

  private readonly onProbe = (_: number, nowMs: number): void => {
    const isAlive = this.switches.map((one) => one.waitingMs < 2000);
    for (const edge of this.edges) edge.onProbe?.(isAlive, nowMs);
    this.queue.at(nowMs + 1000, this.onProbe, 0);
  };

  private readonly onSpeed = (change: NetworkRule['speeds'][number]): void => {
    this.switches[change.switchIndex]!.setSpeed(change.speed);
  };
}
