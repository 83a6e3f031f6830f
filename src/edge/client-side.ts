// The client side of a call: runs the INVITE client transactions towards the switches (RFC 3261 §17.1.1), and the CANCEL of
// each (§9.1). What a switch answers goes to `calls.ts`.
import { writeAck, writeCancel } from '../forward/rewrite.ts';
import { Peek, peek } from '../sip/peek.ts';
import {
  type InviteClientAction,
  type InviteClientEvent,
  type InviteClientRules,
  inviteClientRules,
  stepInviteClient,
} from '../transaction/invite-client.ts';
import type { TimerTable } from '../transaction/timers.ts';
import type { Flow } from '../transport/flow.ts';
import { type Call, type CallBranch, withOne } from './call.ts';
import type { CallTimers } from './call-timers.ts';
import type { EdgeParts } from './parts.ts';
import type { Switch } from './switches.ts';

/** What the client side asks of the call that it belongs to. */
export interface ClientOwner {
  /** `response` is set for the event `response`. */
  onBranch(
    call: Call,
    branch: CallBranch,
    what: 'response' | 'timeout' | 'transport-error' | 'ended',
    response: Peek | undefined,
  ): void;
}

export class ClientSide {
  private readonly parts: EdgeParts;
  private readonly timers: CallTimers;
  private readonly owner: ClientOwner;
  private readonly sentPeek = new Peek();
  private rulesFor: TimerTable | undefined;
  private reliable!: InviteClientRules;
  private unreliable!: InviteClientRules;
  /** Branches on connections, to be told when one closes. */
  private readonly onConnection = new Map<Flow, Map<CallBranch, Call>>();

  constructor(parts: EdgeParts, timers: CallTimers, owner: ClientOwner) {
    this.parts = parts;
    this.timers = timers;
    this.owner = owner;
  }

  /** Begins a client transaction with the INVITE in `sent`. */
  start(call: Call, one: Switch | undefined, flow: Flow, sent: Buffer): CallBranch {
    const rules = this.rules(flow.reliable);
    const branch: CallBranch = {
      index: call.branches.length,
      one,
      flow,
      sent,
      rules,
      state: rules.start.state,
      sentMs: this.parts.now(),
      hasAnswered: false,
      hasProgress: false,
      cancelIntervalMs: 0,
    };
    call.branches = withOne(call.branches, branch);
    if (one !== undefined) {
      one.counters.requests++;
      one.tally.noteSent(call.isPrivileged);
    }
    if (flow.reliable) this.watch(flow, call, branch);
    return branch;
  }

  /** Sends it, once the owner knows the branch. */
  launch(call: Call, branch: CallBranch): void {
    this.perform(call, branch, branch.rules.start.actions, undefined);
  }

  /** A response to the INVITE of this branch. */
  onResponse(call: Call, branch: CallBranch, p: Peek): void {
    if (branch.one !== undefined) this.note(branch, branch.one, p.status);
    call.trace?.response(branch.index, p.status, this.parts.now());
    if (p.status >= 200) branch.cancelIntervalMs = 0;
    if (branch.state.name === 'terminated') {
      // RFC 3261 §16.7 step 5: a 2xx is forwarded always, also after Timer B or D; the rest comes too late
      if (p.status >= 200 && p.status < 300) this.owner.onBranch(call, branch, 'response', p);
      return;
    }
    this.step(call, branch, p.status < 200 ? 'provisional' : p.status < 300 ? '2xx' : '300-699', p);
  }

  /** What a response says of how the switch fares. */
  private note(branch: CallBranch, one: Switch, status: number): void {
    const ms = this.parts.now() - branch.sentMs;
    if (!branch.hasAnswered) {
      branch.hasAnswered = true;
      one.counters.firstResponseSeconds.observe(ms / 1000);
      one.tally.noteFirstResponse(ms);
    }
    if (status === 100) return;
    if (!branch.hasProgress) {
      branch.hasProgress = true;
      one.tally.noteProgress(status, ms);
    } else if (status === 503) one.tally.noteLateRefusal();
  }

  step(call: Call, branch: CallBranch, event: InviteClientEvent, response: Peek | undefined): void {
    const { state, actions } = stepInviteClient(branch.rules, branch.state, event);
    if (event === 'timer-a') {
      branch.one?.tally.noteRetransmitted();
      call.trace?.resent(branch.index, this.parts.now());
    }
    branch.state = state;
    this.perform(call, branch, actions, response);
  }

  private perform(
    call: Call,
    branch: CallBranch,
    actions: readonly InviteClientAction[],
    response: Peek | undefined,
  ): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'send-request':
          if (
            !branch.flow.send(branch.sent, 0, branch.sent.length) &&
            branch.state.name === 'calling' &&
            branch.flow.reliable
          ) {
            this.step(call, branch, 'transport-error', undefined);
            return;
          }
          break;
        case 'send-ack':
          this.sendAck(branch, response!);
          break;
        case 'set-timer':
          this.timers.set(call, action.timer, branch.index, action.delayMs);
          break;
        case 'clear-timer':
          this.timers.clear(call, action.timer, branch.index);
          break;
        case 'tell-tu':
          if (action.what !== 'response') call.trace?.failed(branch.index, action.what, this.parts.now());
          this.owner.onBranch(call, branch, action.what, response);
          break;
        case 'terminate':
          this.end(call, branch);
          break;
        case 'unreachable':
          this.parts.log('warn', 'client transaction: event out of place', {
            state: action.state,
            event: action.event,
          });
          break;
        default:
          action satisfies never;
      }
    }
  }

  private sendAck(branch: CallBranch, response: Peek): void {
    if (branch.sent.length === 0) return;
    peek(this.sentPeek, branch.sent, 0, branch.sent.length, true);
    writeAck(this.parts.writer, this.sentPeek, response);
    branch.flow.send(this.parts.writer.bytes, 0, this.parts.writer.at);
  }

  /** Sends CANCEL (RFC 3261 §9.1), and again until the switch answers it or the INVITE (§17.1.2, Timers E and F). */
  cancel(call: Call, branch: CallBranch): void {
    const { timers } = this.parts.policy;
    branch.cancelIntervalMs = timers.eMs;
    this.sendCancel(branch);
    if (!branch.flow.reliable) this.timers.set(call, 'cancel-resend', branch.index, timers.eMs);
    this.timers.set(call, 'cancel', branch.index, timers.cancelMs);
  }

  resendCancel(call: Call, branch: CallBranch): void {
    if (branch.cancelIntervalMs === 0) return;
    this.sendCancel(branch);
    branch.cancelIntervalMs = Math.min(branch.cancelIntervalMs * 2, this.parts.policy.timers.t2Ms);
    this.timers.set(call, 'cancel-resend', branch.index, branch.cancelIntervalMs);
  }

  private sendCancel(branch: CallBranch): void {
    if (branch.sent.length === 0) return;
    peek(this.sentPeek, branch.sent, 0, branch.sent.length, true);
    writeCancel(this.parts.writer, this.sentPeek);
    branch.flow.send(this.parts.writer.bytes, 0, this.parts.writer.at);
  }

  /** Every branch that was waiting on this connection has a transport error (RFC 3261 §17.1.4). */
  onFlowClosed(flow: Flow): void {
    const waiting = this.onConnection.get(flow);
    if (waiting === undefined) return;
    this.onConnection.delete(flow);
    for (const [branch, call] of waiting) {
      if (branch.state.name === 'calling' || branch.state.name === 'proceeding')
        this.step(call, branch, 'transport-error', undefined);
    }
  }

  private watch(flow: Flow, call: Call, branch: CallBranch): void {
    const waiting = this.onConnection.get(flow);
    if (waiting === undefined) this.onConnection.set(flow, new Map([[branch, call]]));
    else waiting.set(branch, call);
  }

  private end(call: Call, branch: CallBranch): void {
    this.timers.clearAll(call, branch.index);
    branch.cancelIntervalMs = 0;
    call.trace?.attemptEnded(branch.index, this.parts.now());
    if (!branch.hasProgress) branch.one?.tally.noteGone();
    branch.hasProgress = true;
    if (branch.flow.reliable) {
      const waiting = this.onConnection.get(branch.flow);
      waiting?.delete(branch);
      if (waiting?.size === 0) this.onConnection.delete(branch.flow);
    }
    this.owner.onBranch(call, branch, 'ended', undefined);
  }

  private rules(isReliable: boolean): InviteClientRules {
    const { timers } = this.parts.policy;
    if (this.rulesFor !== timers) {
      this.rulesFor = timers;
      this.reliable = inviteClientRules(timers, true);
      this.unreliable = inviteClientRules(timers, false);
    }
    return isReliable ? this.reliable : this.unreliable;
  }
}
