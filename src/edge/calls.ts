// The carrier of the embedded engine. Admitted INVITEs: the proxy core of RFC 3261 §16 with transactions on both sides, and
// fail-over to the next switch; what to do is decided by the pure `response-rule.ts`, this file does it.
import type { Reason } from '../admission/reasons.ts';
import type { Neighbour } from '../admission/side.ts';
import type { Classification } from '../classify/classify.ts';
import type { OwnBranch } from '../forward/marks.ts';
import type { ResponseAction, ResponseEvent } from '../forward/response-context.ts';
import { ResponseSteps } from '../forward/response-steps.ts';
import { writeUpstream } from '../forward/rewrite.ts';
import { Peek, peek } from '../sip/peek.ts';
import { NumberMap } from '../transaction/number-map.ts';
import { TransactionTable } from '../transaction/table.ts';
import type { TimerWheel } from '../transaction/timer-wheel.ts';
import type { Flow } from '../transport/flow.ts';
import { type Call, type CallBranch, keep, type TimerToken, withOne } from './call.ts';
import { CallTimers } from './call-timers.ts';
import type { Carrier } from './carrier.ts';
import { ClientSide } from './client-side.ts';
import { type NextHop, nextHop, type Way } from './next-hop.ts';
import { writeOutgoing } from './outgoing.ts';
import { ocOf } from './overload-control.ts';
import { newCall, writeOwnAnswer, writeTrying } from './own-answer.ts';
import type { EdgeParts } from './parts.ts';
import { pushbackSeconds } from './refuse.ts';
import { relayRequest } from './relay.ts';
import { ServerSide } from './server-side.ts';
import { switchFlow } from './switch-flow.ts';
import { Switch } from './switches.ts';

const keyMask = 0xffff;
/** Our branches number attempts with one hexadecimal digit. */
const maxAttempts = 15;

export class Calls implements Carrier<Call> {
  private readonly parts: EdgeParts;
  private readonly timers: CallTimers;
  private readonly server: ServerSide;
  private readonly client: ClientSide;
  private readonly keyCounts = new Uint32Array(keyMask + 1);
  private readonly byKey: TransactionTable<Call>;
  private readonly byBranch = new NumberMap<Call>();
  private readonly steps = new ResponseSteps();
  private readonly requestPeek = new Peek();

  /** `maxCalls`: INVITE transactions open at once. */
  constructor(parts: EdgeParts, wheel: TimerWheel<TimerToken>, maxCalls: number) {
    this.parts = parts;
    this.timers = new CallTimers(wheel, parts.now);
    this.byKey = new TransactionTable(maxCalls);
    this.server = new ServerSide(parts, this.timers, this);
    this.client = new ClientSide(parts, this.timers, this);
  }

  get open(): number {
    return this.byKey.size;
  }
  get openBranches(): number {
    return this.byBranch.size;
  }

  /** Calls that a shutdown must wait for: without a final answer, or with a refusal that the caller has not acknowledged. */
  get unfinished(): number {
    let n = 0;
    for (const call of this.byKey.values()) if (!call.hasFinal || call.server.name === 'completed') n++;
    return n;
  }

  /** An ordinary call leaves a tenth of the room to privileged ones. */
  hasRoom(isPrivileged: boolean): boolean {
    return this.byKey.size < this.byKey.maxSize * (isPrivileged ? 1 : 0.9);
  }

  /** Under a flood nearly every key is new: a small table of counts says so without a look-up. */
  find(key: number): Call | undefined {
    return this.keyCounts[key & keyMask] === 0 ? undefined : this.byKey.get(key);
  }

  relay(p: Peek, flow: Flow, from: Neighbour, classification: Classification, reason: Reason) {
    return relayRequest(this.parts, flow, p, from, classification, classification.class, reason);
  }

  begin(
    p: Peek,
    hop: Way,
    arrival: Flow,
    from: Neighbour,
    classification: Classification,
    isPrivileged: boolean,
    first: Switch | undefined,
  ): void {
    const { parts } = this;
    const call = newCall(parts, p, arrival, from, classification, isPrivileged);
    if (this.byKey.add(call.key, call)) this.keyCounts[call.key & keyMask]!++;
    // RFC 3261 §16.2: 100 at once, so that the caller does not retransmit while the switch thinks
    writeTrying(parts, p, call);
    this.server.respond(call, 100, parts.writer.bytes, 0, parts.writer.at);
    if (!this.startBranch(call, p, hop, first)) this.tryNext(call);
  }

  /** Sends the INVITE in `p` to a switch, or along its own route. False where there is no way. */
  private startBranch(call: Call, p: Peek, hop: NextHop, one: Switch | undefined): boolean {
    const { parts } = this;
    if (hop.kind === 'wait' || hop.kind === 'fault') return false;
    const flow = hop.kind === 'flow' ? hop.flow : one && switchFlow(parts, one);
    if (one !== undefined) call.tried = withOne(call.tried, one);
    if (flow === undefined) return false;
    const attempt = call.branches.length;
    call.branchKey = writeOutgoing(parts, p, {
      arrival: call.arrival,
      next: flow,
      byToken: hop.kind === 'flow' && hop.byToken,
      edits: hop.edits,
      uri: hop.uri,
      rule: call.rule,
      attempt,
      stripPriority: call.stripPriority,
      insertPriority: call.insertPriority,
      stripOc: call.takesPart,
      ocOffer: one?.ocOffer ?? '',
      traceLines: call.trace?.attempt(one?.name ?? '', flow, parts.now()) ?? '',
    });
    const branch = this.client.start(call, one, flow, keep(parts.writer.bytes, 0, parts.writer.at));
    this.byBranch.set(call.branchKey, call);
    this.run(call, { kind: 'started' }, undefined);
    if (one !== undefined) this.timers.set(call, 'failover', branch.index, parts.policy.switchTimeoutMs);
    this.client.launch(call, branch);
    return true;
  }

  onRetransmission(call: Call): void {
    this.server.step(call, 'request');
  }

  onAck(call: Call): boolean {
    const isOurs = call.server.name !== 'accepted';
    this.server.step(call, 'ack');
    return isOurs;
  }

  onCancel(call: Call): void {
    call.trace?.cancelled(this.parts.now());
    if (!call.hasFinal) this.run(call, { kind: 'cancelled' }, undefined);
  }

  onResponse(own: OwnBranch, p: Peek): boolean {
    const call = this.byBranch.get(own.key);
    const branch = call?.branches[own.attempt];
    if (call === undefined || branch === undefined) return false;
    if (branch.one !== undefined) {
      branch.one.counters.countResponse(p.status);
      this.parts.switches.note(branch.one, { kind: 'traffic-response' });
    }
    if (p.cseqMethod === 'CANCEL') {
      if (p.status >= 200) branch.cancelIntervalMs = 0;
      return true;
    }
    if (p.cseqMethod !== 'INVITE') return false;
    this.client.onResponse(call, branch, p);
    return true;
  }

  onFlowClosed(flow: Flow): void {
    this.client.onFlowClosed(flow);
  }

  /** ClientOwner. */
  onBranch(
    call: Call,
    branch: CallBranch,
    what: 'response' | 'timeout' | 'transport-error' | 'ended',
    response: Peek | undefined,
  ): void {
    const index = branch.index;
    if (what === 'response')
      return this.run(call, { kind: 'response', branch: index, status: response!.status }, response);
    if (what === 'ended') return this.run(call, { kind: 'branch-ended', branch: index }, undefined);
    if (what === 'transport-error' && branch.one !== undefined) this.parts.switches.note(branch.one, { kind: what });
    this.run(call, { kind: what, branch: index }, undefined);
  }

  private run(call: Call, event: ResponseEvent, response: Peek | undefined): void {
    const { context, actions } = this.steps.step(call.context, event);
    call.context = context;
    for (const action of actions) this.perform(call, action, response);
  }

  private perform(call: Call, action: ResponseAction, response: Peek | undefined): void {
    const { parts } = this;
    switch (action.kind) {
      case 'forward':
        writeUpstream(parts.writer, response!, ocOf(parts, call));
        this.server.respond(call, response!.status, parts.writer.bytes, 0, parts.writer.at);
        if (response!.status >= 200 && response!.status < 300) call.onAnswered(parts.numbers);
        return;
      case 'keep':
        writeUpstream(parts.writer, response!, ocOf(parts, call));
        call.kept = keep(parts.writer.bytes, 0, parts.writer.at);
        call.keptStatus = response!.status;
        return;
      case 'forward-kept':
        return this.server.respond(call, call.keptStatus, call.kept, 0, call.kept.length);
      case 'answer':
        return this.answer(call, action.status, 0);
      case 'reject':
        return this.answer(call, 503, call.isPrivileged ? 0 : pushbackSeconds(parts, call.from));
      case 'try-next':
        return this.tryNext(call);
      case 'cancel-branch':
        return this.client.cancel(call, call.branches[action.branch]!);
      case 'drop-branch':
        return this.client.step(call, call.branches[action.branch]!, 'tu-abandon', undefined);
      case 'set-timer-c':
        return this.timers.set(call, 'c', action.branch, parts.policy.timers.cMs);
      case 'stop':
        this.byBranch.delete(call.branchKey);
        return;
      case 'unreachable':
        return parts.log('warn', 'response rule: event out of place', { phase: action.phase, event: action.event });
      default:
        action satisfies never;
    }
  }

  /** The next switch of the group that has not been tried and can be sent to. */
  private tryNext(call: Call): void {
    const { parts, requestPeek } = this;
    while (call.rule !== undefined && call.branches.length < maxAttempts && call.request.length > 0) {
      const one = parts.switches.choose(call.rule.route, call.callKey, call.tried, call.isPrivileged, parts.now());
      if (!(one instanceof Switch)) break;
      peek(requestPeek, call.request, 0, call.request.length, true);
      const hop = nextHop(requestPeek, call.arrival, parts.policy.routing);
      if (this.startBranch(call, requestPeek, hop, one)) {
        parts.counters.failovers++;
        return;
      }
    }
    this.run(call, { kind: 'no-next' }, undefined);
  }

  /** A final response of the edge's own. */
  private answer(call: Call, status: number, retryAfter: number): void {
    peek(this.requestPeek, call.request, 0, call.request.length, true);
    writeOwnAnswer(this.parts, this.requestPeek, call, status, retryAfter);
    this.server.respond(call, status, this.parts.writer.bytes, 0, this.parts.writer.at);
  }

  /** ServerOwner. */
  onServerEnd(call: Call, isExpired: boolean): void {
    this.timers.clearAll(call, -1);
    call.trace?.ended(this.parts.now());
    if (this.byKey.remove(call.key, isExpired ? 'expired' : 'ended')) this.keyCounts[call.key & keyMask]!--;
  }

  /** A timer of the wheel has fired. */
  onTimer(token: TimerToken): void {
    const { call, timer, branch: index } = token;
    this.timers.fired(token);
    const branch = call.branches[index];
    switch (timer) {
      case 'g':
      case 'h':
      case 'i':
      case 'l':
        return this.server.step(call, `timer-${timer}`);
      case 'a':
      case 'b':
      case 'd':
      case 'm':
        return this.client.step(call, branch!, `timer-${timer}`, undefined);
      case 'c':
        return this.run(call, { kind: 'timer-c', branch: index }, undefined);
      case 'cancel':
        return this.run(call, { kind: 'cancel-expired', branch: index }, undefined);
      case 'cancel-resend':
        return this.client.resendCancel(call, branch!);
      case 'failover':
        return this.onSilence(call, branch!);
      default:
        timer satisfies never;
    }
  }

  /** The switch has said nothing for `switchTimeoutMs`: it may be dead, and another one is tried, if there is another. */
  private onSilence(call: Call, branch: CallBranch): void {
    if (branch.state.name !== 'calling' || branch.one === undefined) return;
    this.parts.switches.note(branch.one, { kind: 'traffic-timeout' });
    branch.one.tally.noteTimeout();
    if (!this.parts.switches.hasOther(call.rule!.route, call.tried, call.isPrivileged, this.parts.now())) return;
    call.trace?.failed(branch.index, 'timeout', this.parts.now());
    this.run(call, { kind: 'timeout', branch: branch.index }, undefined);
  }
}
