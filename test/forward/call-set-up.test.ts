// The state machines together: server transaction, response rule, client transactions and timer wheel, run as the edge
// runs them, against switches and callers that do anything. No fault of ours, one final response, and nothing is left.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newResponseContext, type ResponseAction, type ResponseEvent } from '../../src/forward/response-context.ts';
import { stepResponse } from '../../src/forward/response-rule.ts';
import {
  type InviteClientEvent,
  type InviteClientState,
  inviteClientRules,
  stepInviteClient,
} from '../../src/transaction/invite-client.ts';
import {
  type InviteServerEvent,
  type InviteServerState,
  inviteServerRules,
  inviteServerStart,
  stepInviteServer,
} from '../../src/transaction/invite-server.ts';
import { TimerWheel } from '../../src/transaction/timer-wheel.ts';
import { defaultTimerBase, timerTable } from '../../src/transaction/timers.ts';

const timers = timerTable(defaultTimerBase);
/** A wait of the edge's own, shorter than Timer B: the branch is given up, its transaction stays. */
const failOverMs = 4_000;

class CallSetUp {
  nowMs = 0;
  readonly wheel = new TimerWheel<() => void>(0);
  server: InviteServerState = inviteServerStart;
  context = newResponseContext;
  readonly clients: InviteClientState[] = [];
  readonly refusals: number[] = [];
  readonly successes: number[] = [];
  stopped = false;
  #handles = new Map<string, number>();
  #switchesLeft: number;
  readonly #callerReliable: boolean;
  readonly #switchReliable: boolean;

  constructor(switches: number, callerReliable: boolean, switchReliable: boolean) {
    this.#switchesLeft = switches;
    this.#callerReliable = callerReliable;
    this.#switchReliable = switchReliable;
    this.toServer('tu-100');
    this.#perform([{ kind: 'try-next' }], 0);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.wheel.advance(this.nowMs, (fire) => fire());
  }

  toServer(event: InviteServerEvent): void {
    if (this.server.name === 'terminated') return;
    const step = stepInviteServer(inviteServerRules(timers, this.#callerReliable), this.server, event);
    this.server = step.state;
    for (const action of step.actions) {
      if (action.kind === 'unreachable') expect.fail(`server: ${action.event} in ${action.state}`);
      if (action.kind === 'set-timer') {
        this.#set(`server ${action.timer}`, action.delayMs, () => this.toServer(`timer-${action.timer}`));
      }
      if (action.kind === 'clear-timer') this.#clear(`server ${action.timer}`);
    }
  }

  toClient(branch: number, event: InviteClientEvent, status: number): void {
    const state = this.clients[branch];
    if (state === undefined || state.name === 'terminated') return;
    this.#runClient(branch, stepInviteClient(inviteClientRules(timers, this.#switchReliable), state, event), status);
  }

  toRule(event: ResponseEvent, status = 0): void {
    const step = stepResponse(this.context, event);
    if (this.stopped) expect(step.actions).toEqual([]);
    this.context = step.context;
    this.#perform(step.actions, status);
  }

  #runClient(branch: number, step: ReturnType<typeof stepInviteClient>, status: number): void {
    this.clients[branch] = step.state;
    for (const action of step.actions) {
      if (action.kind === 'unreachable') expect.fail(`client: ${action.event} in ${action.state}`);
      const name = 'timer' in action ? `${branch} ${action.timer}` : '';
      if (action.kind === 'set-timer') {
        this.#set(name, action.delayMs, () => this.toClient(branch, `timer-${action.timer}`, 0));
      }
      if (action.kind === 'clear-timer') this.#clear(name);
      if (action.kind === 'tell-tu') {
        this.#clear(`${branch} fail-over`);
        if (action.what === 'response') this.toRule({ kind: 'response', branch, status }, status);
        else this.toRule({ kind: action.what, branch });
      }
      if (action.kind === 'terminate') {
        for (const timer of ['fail-over', 'c', 'cancel']) this.#clear(`${branch} ${timer}`);
        this.toRule({ kind: 'branch-ended', branch });
      }
    }
  }

  #perform(actions: readonly ResponseAction[], status: number): void {
    for (const action of actions) {
      if (action.kind === 'unreachable') expect.fail(`rule: ${action.event} in ${action.phase}`);
      if (action.kind === 'forward') this.#upstream(status);
      if (action.kind === 'forward-kept') this.#upstream(486);
      if (action.kind === 'answer') this.#upstream(action.status);
      if (action.kind === 'reject') this.#upstream(503);
      if (action.kind === 'stop') this.stopped = true;
      if (action.kind === 'try-next') this.#tryNext();
      if (action.kind === 'drop-branch') this.toClient(action.branch, 'tu-abandon', 0);
      const live = 'branch' in action && this.clients[action.branch]?.name !== 'terminated';
      if (action.kind === 'set-timer-c' && live) {
        this.#set(`${action.branch} c`, timers.cMs, () => this.toRule({ kind: 'timer-c', branch: action.branch }));
      }
      if (action.kind === 'cancel-branch') {
        expect(this.clients[action.branch]?.name).toBe('proceeding');
        this.#set(`${action.branch} cancel`, timers.cancelMs, () =>
          this.toRule({ kind: 'cancel-expired', branch: action.branch }),
        );
      }
    }
  }

  #tryNext(): void {
    if (this.#switchesLeft-- <= 0) {
      this.toRule({ kind: 'no-next' });
      return;
    }
    const branch = this.clients.length;
    const { start } = inviteClientRules(timers, this.#switchReliable);
    this.clients.push(start.state);
    this.toRule({ kind: 'started' });
    this.#set(`${branch} fail-over`, failOverMs, () => this.toRule({ kind: 'timeout', branch }));
    this.#runClient(branch, start, 0);
  }

  #upstream(status: number): void {
    if (status < 200) this.toServer('tu-provisional');
    else if (status < 300) {
      this.successes.push(status);
      this.toServer('tu-2xx');
    } else {
      expect(this.successes).toEqual([]);
      this.refusals.push(status);
      this.toServer('tu-300-699');
    }
  }

  #set(name: string, delayMs: number, then: () => void): void {
    this.#clear(name);
    this.#handles.set(name, this.wheel.schedule(this.nowMs + delayMs, then));
  }

  #clear(name: string): void {
    this.wheel.cancel(this.#handles.get(name) ?? 0);
  }
}

it('any switch, any caller: one final response, no fault of ours, nothing left behind', () => {
  const branch = fc.nat(2);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 100, 600, 4_000, 33_000, 190_000) }),
    fc.record({
      kind: fc.constant('response' as const),
      branch,
      status: fc.constantFrom(100, 100, 180, 183, 200, 302, 407, 486, 487, 500, 503, 503, 603),
    }),
    fc.record({ kind: fc.constant('error' as const), branch }),
    fc.record({ kind: fc.constant('caller' as const), event: fc.constantFrom('request', 'ack', 'transport-error') }),
    fc.record({ kind: fc.constant('cancel' as const) }),
  );
  fc.assert(
    fc.property(
      fc.nat(3),
      fc.boolean(),
      fc.boolean(),
      fc.array(step, { maxLength: 40 }),
      (switches, up, down, steps) => {
        const call = new CallSetUp(switches, up, down);
        for (const what of steps) {
          if (what.kind === 'pass') call.pass(what.ms);
          if (what.kind === 'error') call.toClient(what.branch, 'transport-error', 0);
          if (what.kind === 'caller') call.toServer(what.event as InviteServerEvent);
          if (what.kind === 'cancel' && call.server.name !== 'terminated') call.toRule({ kind: 'cancelled' });
          if (what.kind === 'response') {
            const { status } = what;
            const event = status < 200 ? 'provisional' : status < 300 ? '2xx' : '300-699';
            call.toClient(what.branch, event, status);
          }
        }
        // Everybody falls silent: ten minutes later all is over.
        for (let i = 0; i < 600; i++) call.pass(1_000);
        expect(call.refusals.length).toBeLessThanOrEqual(1);
        expect(call.refusals.length + call.successes.length).toBeGreaterThanOrEqual(1);
        expect(call.server.name).toBe('terminated');
        expect(call.clients.every((client) => client.name === 'terminated')).toBe(true);
        expect([call.stopped, call.wheel.size]).toEqual([true, 0]);
      },
    ),
    { numRuns: 500 },
  );
});
