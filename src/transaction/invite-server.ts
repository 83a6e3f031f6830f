// The INVITE server transaction: what the edge sends to the caller's side, and when it forgets the call set-up.
// RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §8.5 to §8.8 (its Figure 7). The proxy core is the TU.
import type { TimerTable } from './timers.ts';

export type InviteServerState =
  /** `answered`: a provisional response went out and can be repeated. */
  | { readonly name: 'proceeding'; readonly answered: boolean }
  /** `intervalMs`: the value with which Timer G was last set. */
  | { readonly name: 'completed'; readonly intervalMs: number }
  | { readonly name: 'confirmed' }
  | { readonly name: 'accepted' }
  | { readonly name: 'terminated' };

export const inviteServerEvents = [
  'request', // a retransmission of the INVITE
  'ack',
  'tu-100',
  'tu-provisional', // 101 to 199
  'tu-2xx',
  'tu-300-699',
  'timer-g',
  'timer-h',
  'timer-i',
  'timer-l',
  'transport-error', // a response could not be sent
] as const;
export type InviteServerEvent = (typeof inviteServerEvents)[number];

export type InviteServerTimer = 'g' | 'h' | 'i' | 'l';

export type InviteServerAction =
  /** Send the response that came with the event; `keep` it for `send-last`, or else release what was kept. */
  | { readonly kind: 'send-new'; readonly keep: boolean }
  /** Send the response that came with the event, a late 2xx, and leave what is kept as it is. */
  | { readonly kind: 'pass-on' }
  /** Send the kept response once more. */
  | { readonly kind: 'send-last' }
  | { readonly kind: 'set-timer'; readonly timer: InviteServerTimer; readonly delayMs: number }
  /** Nothing happens where it is not set. */
  | { readonly kind: 'clear-timer'; readonly timer: InviteServerTimer }
  | { readonly kind: 'tell-tu'; readonly what: 'ack' | 'no-ack' | 'transport-error' }
  | { readonly kind: 'terminate' }
  /** A fault of ours: the TU or a timer did what it cannot do in this state. To be logged; the state stays. */
  | { readonly kind: 'unreachable'; readonly state: InviteServerState['name']; readonly event: InviteServerEvent };

export interface InviteServerStep {
  readonly state: InviteServerState;
  readonly actions: readonly InviteServerAction[];
}

/** Everything that does not differ from call to call: built once per timer table and kind of transport. */
export interface InviteServerRules {
  readonly timers: TimerTable;
  readonly reliable: boolean;
  readonly toAccepted: InviteServerStep;
  readonly toCompleted: InviteServerStep;
  readonly toConfirmed: InviteServerStep;
}

const terminated: InviteServerState = { name: 'terminated' };
const confirmed: InviteServerState = { name: 'confirmed' };
const accepted: InviteServerState = { name: 'accepted' };
const answered: InviteServerState = { name: 'proceeding', answered: true };

/** The state of a new transaction. RFC 3261 §17.2.1: the TU follows at once with `tu-100`, or a response in 200 ms. */
export const inviteServerStart: InviteServerState = { name: 'proceeding', answered: false };

const nothing: readonly InviteServerAction[] = [];
const sendLast: readonly InviteServerAction[] = [{ kind: 'send-last' }];
const passOn: readonly InviteServerAction[] = [{ kind: 'pass-on' }];
const tellAck: readonly InviteServerAction[] = [{ kind: 'tell-tu', what: 'ack' }];
const tellError: readonly InviteServerAction[] = [{ kind: 'tell-tu', what: 'transport-error' }];
const toAnswered: InviteServerStep = { state: answered, actions: [{ kind: 'send-new', keep: true }] };
const toEnd: InviteServerStep = { state: terminated, actions: [{ kind: 'terminate' }] };
const toEndWithoutAck: InviteServerStep = {
  state: terminated,
  actions: [{ kind: 'clear-timer', timer: 'g' }, { kind: 'tell-tu', what: 'no-ack' }, { kind: 'terminate' }],
};

/** `reliable`: the caller's flow is TCP or TLS: no retransmission of ours, no wait for theirs. */
export function inviteServerRules(timers: TimerTable, reliable: boolean): InviteServerRules {
  const setH: InviteServerAction = { kind: 'set-timer', timer: 'h', delayMs: timers.hMs };
  const setG: InviteServerAction = { kind: 'set-timer', timer: 'g', delayMs: timers.gMs };
  const clearH: InviteServerAction = { kind: 'clear-timer', timer: 'h' };
  const sendKept: InviteServerAction = { kind: 'send-new', keep: true };
  return {
    timers,
    reliable,
    toAccepted: {
      state: accepted,
      actions: [
        { kind: 'send-new', keep: false },
        { kind: 'set-timer', timer: 'l', delayMs: timers.lMs },
      ],
    },
    toCompleted: {
      state: { name: 'completed', intervalMs: timers.gMs },
      actions: reliable ? [sendKept, setH] : [sendKept, setG, setH],
    },
    // RFC 3261 §17.2.1: Timer I is T4 on unreliable transports and zero on reliable ones: then it has fired already.
    toConfirmed: reliable
      ? { state: terminated, actions: [clearH, { kind: 'terminate' }] }
      : {
          state: confirmed,
          actions: [
            { kind: 'clear-timer', timer: 'g' },
            clearH,
            { kind: 'set-timer', timer: 'i', delayMs: timers.iMs },
          ],
        },
  };
}

/** One event. What the network can cause is never a fault; what only the TU or a timer can cause may be one. */
export function stepInviteServer(
  rules: InviteServerRules,
  state: InviteServerState,
  event: InviteServerEvent,
): InviteServerStep {
  switch (state.name) {
    case 'proceeding':
      return proceeding(rules, state, event);
    case 'completed':
      return completed(rules, state, event);
    case 'confirmed':
      return inConfirmed(state, event);
    case 'accepted':
      return inAccepted(state, event);
    // RFC 3261 §16.7 step 9: where the server transaction is no longer there, a 2xx is forwarded statelessly.
    case 'terminated':
      return event === 'tu-2xx' ? { state, actions: passOn } : unreachable(state, event);
    default:
      return state satisfies never;
  }
}

function proceeding(
  rules: InviteServerRules,
  state: Extract<InviteServerState, { name: 'proceeding' }>,
  event: InviteServerEvent,
): InviteServerStep {
  switch (event) {
    // RFC 3261 §17.2.1: a retransmission gets the most recent provisional response.
    case 'request':
      return { state, actions: state.answered ? sendLast : nothing };
    case 'tu-100':
    case 'tu-provisional':
      return toAnswered;
    // RFC 6026 §8.5: the 2xx is sent and not repeated from here: the switch repeats it until its ACK.
    case 'tu-2xx':
      return rules.toAccepted;
    case 'tu-300-699':
      return rules.toCompleted;
    // No figure shows it; a caller can send it.
    case 'ack':
      return { state, actions: nothing };
    // RFC 6026 §8.8: an error informs the TU and MUST leave the state, so that retransmissions stay absorbed.
    case 'transport-error':
      return { state, actions: tellError };
    default:
      return unreachable(state, event);
  }
}

function completed(
  rules: InviteServerRules,
  state: Extract<InviteServerState, { name: 'completed' }>,
  event: InviteServerEvent,
): InviteServerStep {
  switch (event) {
    case 'request':
      return { state, actions: sendLast };
    case 'ack':
      return rules.toConfirmed;
    // RFC 3261 §17.2.1: the interval doubles up to T2.
    case 'timer-g': {
      if (rules.reliable) return unreachable(state, event);
      const delayMs = Math.min(2 * state.intervalMs, rules.timers.t2Ms);
      return {
        state: { name: 'completed', intervalMs: delayMs },
        actions: [{ kind: 'send-last' }, { kind: 'set-timer', timer: 'g', delayMs }],
      };
    }
    // RFC 3261 §17.2.1: no ACK came: the TU MUST be told. (RFC 6026 Figure 7 shows no action; the text stands.)
    case 'timer-h':
      return toEndWithoutAck;
    // RFC 3261 §16.7 steps 5 and 9: a 2xx after another final response goes up as if no transaction were there.
    case 'tu-2xx':
      return { state, actions: passOn };
    case 'transport-error':
      return { state, actions: tellError };
    default:
      return unreachable(state, event);
  }
}

function inConfirmed(state: InviteServerState, event: InviteServerEvent): InviteServerStep {
  switch (event) {
    // RFC 3261 §17.2.1: absorbs further ACKs, ignores Timer G; a late copy of the INVITE needs no answer any more.
    case 'request':
    case 'ack':
    case 'timer-g':
      return { state, actions: nothing };
    case 'timer-i':
      return toEnd;
    case 'tu-2xx':
      return { state, actions: passOn };
    case 'transport-error':
      return { state, actions: tellError };
    default:
      return unreachable(state, event);
  }
}

function inAccepted(state: InviteServerState, event: InviteServerEvent): InviteServerStep {
  switch (event) {
    // RFC 6026 §8.7: retransmissions are absorbed here and not passed up.
    case 'request':
      return { state, actions: nothing };
    // RFC 6026 §8.7: a 2xx from the TU is sent; an ACK is passed up.
    case 'tu-2xx':
      return { state, actions: passOn };
    case 'ack':
      return { state, actions: tellAck };
    case 'timer-l':
      return toEnd;
    case 'transport-error':
      return { state, actions: tellError };
    default:
      return unreachable(state, event);
  }
}

function unreachable(state: InviteServerState, event: InviteServerEvent): InviteServerStep {
  return { state, actions: [{ kind: 'unreachable', state: state.name, event }] };
}
