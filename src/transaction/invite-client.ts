// The INVITE client transaction: retransmits towards the switch, acknowledges its refusals, passes its answers up.
// RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §8.4 (its Figure 5).
import type { TimerTable } from './timers.ts';

export type InviteClientState =
  /** `intervalMs`: the value with which Timer A was last set. */
  | { readonly name: 'calling'; readonly intervalMs: number }
  | { readonly name: 'proceeding' }
  | { readonly name: 'completed' }
  | { readonly name: 'accepted' }
  | { readonly name: 'terminated' };

export const inviteClientEvents = [
  'provisional', // 100 to 199
  '2xx',
  '300-699',
  'timer-a',
  'timer-b',
  'timer-d',
  'timer-m',
  'transport-error', // a request could not be sent, or the connection is lost
  'tu-abandon', // RFC 3261 §9.1: cancelled and never answered; §16.8: Timer C
] as const;
export type InviteClientEvent = (typeof inviteClientEvents)[number];

export type InviteClientTimer = 'a' | 'b' | 'd' | 'm';

export type InviteClientAction =
  /** Send the INVITE, the first time or again. */
  | { readonly kind: 'send-request' }
  /** Send the ACK of the response that came with the event (RFC 3261 §17.1.1.3), to where the INVITE went. */
  | { readonly kind: 'send-ack' }
  | { readonly kind: 'set-timer'; readonly timer: InviteClientTimer; readonly delayMs: number }
  /** Nothing happens where it is not set. */
  | { readonly kind: 'clear-timer'; readonly timer: InviteClientTimer }
  /** `response`: the one that came with the event. */
  | { readonly kind: 'tell-tu'; readonly what: 'response' | 'timeout' | 'transport-error' }
  | { readonly kind: 'terminate' }
  /** A fault of ours: a timer or the TU did what it cannot do in this state. To be logged; the state stays. */
  | { readonly kind: 'unreachable'; readonly state: InviteClientState['name']; readonly event: InviteClientEvent };

export interface InviteClientStep {
  readonly state: InviteClientState;
  readonly actions: readonly InviteClientAction[];
}

/** Everything that does not differ from call to call: built once per timer table and kind of transport. */
export interface InviteClientRules {
  readonly reliable: boolean;
  /** What a new transaction begins with. */
  readonly start: InviteClientStep;
  readonly callingTo: FinalSteps;
  readonly proceedingTo: FinalSteps;
}

interface FinalSteps {
  readonly accepted: InviteClientStep;
  readonly completed: InviteClientStep;
}

const terminated: InviteClientState = { name: 'terminated' };
const proceeding: InviteClientState = { name: 'proceeding' };
const completed: InviteClientState = { name: 'completed' };
const accepted: InviteClientState = { name: 'accepted' };

const clearAB: readonly InviteClientAction[] = [
  { kind: 'clear-timer', timer: 'a' },
  { kind: 'clear-timer', timer: 'b' },
];
const tellResponse: InviteClientAction = { kind: 'tell-tu', what: 'response' };
const tellError: InviteClientAction = { kind: 'tell-tu', what: 'transport-error' };
const terminate: InviteClientAction = { kind: 'terminate' };

const nothing: readonly InviteClientAction[] = [];
const onlyAck: readonly InviteClientAction[] = [{ kind: 'send-ack' }];
const onlyResponse: readonly InviteClientAction[] = [tellResponse];
const toProceeding: InviteClientStep = { state: proceeding, actions: [...clearAB, tellResponse] };
const toEnd: InviteClientStep = { state: terminated, actions: [terminate] };
const abandonCalling: InviteClientStep = { state: terminated, actions: [...clearAB, terminate] };
const failCalling: InviteClientStep = { state: terminated, actions: [...clearAB, tellError, terminate] };
const failProceeding: InviteClientStep = { state: terminated, actions: [tellError, terminate] };
const failCompleted: InviteClientStep = {
  state: terminated,
  actions: [{ kind: 'clear-timer', timer: 'd' }, tellError, terminate],
};
const timeOut: InviteClientStep = {
  state: terminated,
  actions: [{ kind: 'clear-timer', timer: 'a' }, { kind: 'tell-tu', what: 'timeout' }, terminate],
};

/** `reliable`: the flow to the switch is TCP or TLS: no retransmission of ours, no wait for theirs. */
export function inviteClientRules(timers: TimerTable, reliable: boolean): InviteClientRules {
  const setB: InviteClientAction = { kind: 'set-timer', timer: 'b', delayMs: timers.bMs };
  const setA: InviteClientAction = { kind: 'set-timer', timer: 'a', delayMs: timers.aMs };
  const finals = (clear: readonly InviteClientAction[]): FinalSteps => ({
    // RFC 6026 §8.4: Timer M runs on every transport.
    accepted: {
      state: accepted,
      actions: [...clear, tellResponse, { kind: 'set-timer', timer: 'm', delayMs: timers.mMs }],
    },
    // RFC 3261 §17.1.1.2: ACK even on a reliable transport; Timer D is zero there: then it has fired already.
    completed: reliable
      ? { state: terminated, actions: [...clear, { kind: 'send-ack' }, tellResponse, terminate] }
      : {
          state: completed,
          actions: [
            ...clear,
            { kind: 'send-ack' },
            tellResponse,
            { kind: 'set-timer', timer: 'd', delayMs: timers.dMs },
          ],
        },
  });
  return {
    reliable,
    // RFC 3261 §17.1.1.2: Timer A on unreliable transports only, Timer B on any.
    start: {
      state: { name: 'calling', intervalMs: timers.aMs },
      actions: reliable ? [{ kind: 'send-request' }, setB] : [{ kind: 'send-request' }, setA, setB],
    },
    callingTo: finals(clearAB),
    proceedingTo: finals([]),
  };
}

/** One event. What the network can cause is never a fault; what only a timer or the TU can cause may be one. */
export function stepInviteClient(
  rules: InviteClientRules,
  state: InviteClientState,
  event: InviteClientEvent,
): InviteClientStep {
  switch (state.name) {
    case 'calling':
      return inCalling(rules, state, event);
    case 'proceeding':
      return inProceeding(rules, state, event);
    case 'completed':
      return inCompleted(state, event);
    case 'accepted':
      return inAccepted(state, event);
    case 'terminated':
      return unreachable(state, event);
    default:
      return state satisfies never;
  }
}

function inCalling(
  rules: InviteClientRules,
  state: Extract<InviteClientState, { name: 'calling' }>,
  event: InviteClientEvent,
): InviteClientStep {
  switch (event) {
    case 'provisional':
      return toProceeding;
    case '2xx':
      return rules.callingTo.accepted;
    case '300-699':
      return rules.callingTo.completed;
    // RFC 3261 §17.1.1.2: the interval doubles after each transmission, without a limit but Timer B.
    case 'timer-a': {
      if (rules.reliable) return unreachable(state, event);
      const delayMs = 2 * state.intervalMs;
      return {
        state: { name: 'calling', intervalMs: delayMs },
        actions: [{ kind: 'send-request' }, { kind: 'set-timer', timer: 'a', delayMs }],
      };
    }
    case 'timer-b':
      return timeOut;
    case 'transport-error':
      return failCalling;
    case 'tu-abandon':
      return abandonCalling;
    default:
      return unreachable(state, event);
  }
}

function inProceeding(rules: InviteClientRules, state: InviteClientState, event: InviteClientEvent): InviteClientStep {
  switch (event) {
    case 'provisional':
      return { state, actions: onlyResponse };
    case '2xx':
      return rules.proceedingTo.accepted;
    case '300-699':
      return rules.proceedingTo.completed;
    // Differs from RFC 3261 §17.1.4 (which knows errors of sending only): a connection lost while the switch works
    // on the call means as a rule that the switch died; without this the caller would wait for Timer C. On UDP
    // nothing is being sent in this state, so an error is an echo of something older and changes nothing.
    case 'transport-error':
      return rules.reliable ? failProceeding : { state, actions: nothing };
    case 'tu-abandon':
      return toEnd;
    default:
      return unreachable(state, event);
  }
}

function inCompleted(state: InviteClientState, event: InviteClientEvent): InviteClientStep {
  switch (event) {
    // RFC 3261 §17.1.1.2: a retransmitted refusal is acknowledged again and not passed up.
    case '300-699':
      return { state, actions: onlyAck };
    case 'provisional':
      return { state, actions: nothing };
    // Differs from RFC 3261 §17.1.1.2 (nothing is passed up): a forking proxy behind us sends a late 2xx after its
    // refusal (§16.7 step 5), and the callee who picked up would wait for an ACK that nobody sends.
    case '2xx':
      return { state, actions: onlyResponse };
    case 'timer-d':
      return toEnd;
    case 'transport-error':
      return failCompleted;
    default:
      return unreachable(state, event);
  }
}

function inAccepted(state: InviteClientState, event: InviteClientEvent): InviteClientStep {
  switch (event) {
    // RFC 6026 §8.4: every 2xx, repeated or from another fork, is passed up; the transaction acknowledges none.
    case '2xx':
      return { state, actions: onlyResponse };
    case 'provisional':
    case '300-699':
    case 'transport-error':
      return { state, actions: nothing };
    case 'timer-m':
      return toEnd;
    default:
      return unreachable(state, event);
  }
}

function unreachable(state: InviteClientState, event: InviteClientEvent): InviteClientStep {
  return { state, actions: [{ kind: 'unreachable', state: state.name, event }] };
}
