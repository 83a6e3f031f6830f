// The server side of a call: runs the INVITE server transaction towards the caller (RFC 3261 §17.2.1, RFC 6026).
import {
  type InviteServerEvent,
  type InviteServerRules,
  inviteServerRules,
  stepInviteServer,
} from '../transaction/invite-server.ts';
import type { TimerTable } from '../transaction/timers.ts';
import { type Call, keep } from './call.ts';
import type { CallTimers } from './call-timers.ts';
import type { EdgeParts } from './parts.ts';

export interface ServerOwner {
  onServerEnd(call: Call, isExpired: boolean): void;
}

export class ServerSide {
  private readonly parts: EdgeParts;
  private readonly timers: CallTimers;
  private readonly owner: ServerOwner;
  private rulesFor: TimerTable | undefined;
  private reliable!: InviteServerRules;
  private unreliable!: InviteServerRules;

  constructor(parts: EdgeParts, timers: CallTimers, owner: ServerOwner) {
    this.parts = parts;
    this.timers = timers;
    this.owner = owner;
  }

  /** The response in bytes[start, end) goes to the caller. `status`: its status code. */
  respond(call: Call, status: number, bytes: Uint8Array, start: number, end: number): void {
    // RFC 6026 §7.1: a 2xx without its transaction goes on as it comes; anything else is too late for anybody
    if (call.server.name === 'terminated') {
      if (status >= 200 && status < 300) this.pass(call, status, bytes, start, end);
      return;
    }
    const event = status === 100 ? 'tu-100' : status < 200 ? 'tu-provisional' : status < 300 ? 'tu-2xx' : 'tu-300-699';
    this.run(call, event, bytes, start, end);
    call.trace?.answered(status, this.parts.now());
    this.parts.counters.responses.count(call.from.side.index, 'sent', status);
    if (status >= 200 && !call.hasFinal) {
      call.hasFinal = true;
      if (status < 300) this.parts.counters.completed.count(call.from.side.index, call.class);
      this.parts.counters.callSetupSeconds.observe((this.parts.now() - call.beganMs) / 1000);
    }
  }

  private pass(call: Call, status: number, bytes: Uint8Array, start: number, end: number): void {
    call.replyFlow.send(bytes, start, end);
    this.parts.counters.responses.count(call.from.side.index, 'sent', status);
  }

  /** An event without a response of its own. */
  step(call: Call, event: InviteServerEvent): void {
    this.run(call, event, call.last, 0, 0);
  }

  private run(call: Call, event: InviteServerEvent, bytes: Uint8Array, start: number, end: number): void {
    const { state, actions } = stepInviteServer(this.rules(call.replyFlow.reliable), call.server, event);
    call.server = state;
    for (const action of actions) {
      switch (action.kind) {
        case 'send-new':
          call.last = action.keep ? keep(bytes, start, end) : emptied;
          call.replyFlow.send(bytes, start, end);
          break;
        case 'pass-on':
          call.replyFlow.send(bytes, start, end);
          break;
        case 'send-last':
          call.replyFlow.send(call.last, 0, call.last.length);
          break;
        case 'set-timer':
          this.timers.set(call, action.timer, -1, action.delayMs);
          break;
        case 'clear-timer':
          this.timers.clear(call, action.timer, -1);
          break;
        case 'terminate':
          this.owner.onServerEnd(call, event === 'timer-h');
          break;
        case 'tell-tu':
          break; // a missing ACK or a lost caller changes nothing of what a proxy has to do
        case 'unreachable':
          this.parts.log('warn', 'server transaction: event out of place', {
            state: action.state,
            event: action.event,
          });
          break;
        default:
          action satisfies never;
      }
    }
  }

  private rules(isReliable: boolean): InviteServerRules {
    const { timers } = this.parts.policy;
    if (this.rulesFor !== timers) {
      this.rulesFor = timers;
      this.reliable = inviteServerRules(timers, true);
      this.unreliable = inviteServerRules(timers, false);
    }
    return isReliable ? this.reliable : this.unreliable;
  }
}

const emptied = Buffer.alloc(0);
