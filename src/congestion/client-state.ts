// What a client of the orchestrator knows and decides (DESIGN.md §5): its session, which orders hold and for how long, when it speaks
// next. Pure: moments are of the local monotonic clock, ms.
import { backOffMs } from './back-off.ts';
import type { ClientChange, FailureKind, IgnoredReason } from './client-options.ts';
import type { Orders } from './orders.ts';

/** A session that is lost within this time counts as unsteady: two orchestrators, or two instances, may be fighting over it, ms. */
const steadyMs = 10_000;
/** `urgent` reports are no closer to the last report than this, ms. */
const leastGapMs = 100;
/** Nothing that an orchestrator says makes us wait longer than this, ms. */
const longestWaitMs = 5000;

export interface ClientState {
  readonly session: { readonly id: string; readonly sinceMs: number } | undefined;
  /** Of the newest orders of this session, whether they still hold or not. */
  readonly lastSequence: number;
  /** The orders in force; they stay so when the session is lost, as long as they are valid. */
  readonly held: { readonly orders: Orders; readonly validUntilMs: number } | undefined;
  /** A registration is due although there is a session. */
  readonly mustRegister: boolean;
  readonly reportDueMs: number;
  readonly reportedMs: number;
  /** Failures in a row. */
  readonly failures: number;
  /** The kind of the last of them; undefined after a success. */
  readonly lastFailure: FailureKind | undefined;
  /** Sessions in a row that were lost before they were steady. */
  readonly losses: number;
  readonly notBeforeMs: number;
  readonly succeededMs: number | undefined;
  /** The kinds of failure that were told since the last success. */
  readonly told: readonly FailureKind[];
}

export type ClientEvent =
  | { readonly type: 'registered'; readonly orders: Orders; readonly sentMs: number; readonly nowMs: number }
  | {
      readonly type: 'answered';
      readonly orders: Orders;
      readonly isReport: boolean;
      readonly sentMs: number;
      readonly nowMs: number;
    }
  /** Orders that came by themselves: by stream, long poll or callback. */
  | { readonly type: 'pushed'; readonly orders: Orders; readonly nowMs: number }
  | {
      readonly type: 'failed';
      readonly kind: FailureKind;
      readonly detail: string;
      readonly retryAfterMs?: number | undefined;
      readonly nowMs: number;
      /** 0 to 1. */
      readonly random: number;
    }
  | { readonly type: 'urgent'; readonly nowMs: number }
  /** It has been heard of in another way than by an answer. */
  | { readonly type: 'contact'; readonly nowMs: number }
  | { readonly type: 'register-again' }
  | { readonly type: 'tick'; readonly nowMs: number };

export type ClientAction =
  | { readonly do: 'give'; readonly orders: Orders | undefined }
  | { readonly do: 'tell'; readonly change: ClientChange }
  | { readonly do: 'ignore'; readonly reason: IgnoredReason };

export interface ClientStep {
  readonly state: ClientState;
  readonly actions: readonly ClientAction[];
}

export interface ClientRule {
  readonly application: string;
  readonly reportMs: number;
}

export const initialClient = (nowMs: number): ClientState => ({
  session: undefined,
  lastSequence: 0,
  held: undefined,
  mustRegister: false,
  reportDueMs: nowMs,
  reportedMs: Number.NEGATIVE_INFINITY,
  failures: 0,
  lastFailure: undefined,
  losses: 0,
  notBeforeMs: nowMs,
  succeededMs: undefined,
  told: [],
});

/** What to send now, or how long there is nothing to send by itself. `ready`: other messages may go out meanwhile. */
export type NextMessage =
  | { readonly send: 'registration' }
  | { readonly send: 'report' }
  | { readonly send: 'nothing'; readonly waitMs: number; readonly ready: boolean };

export function nextMessage(state: ClientState, nowMs: number): NextMessage {
  if (nowMs < state.notBeforeMs) return { send: 'nothing', waitMs: state.notBeforeMs - nowMs, ready: false };
  if (state.session === undefined || state.mustRegister) return { send: 'registration' };
  if (nowMs >= state.reportDueMs) return { send: 'report' };
  return { send: 'nothing', waitMs: state.reportDueMs - nowMs, ready: true };
}

/** Whether the orchestrator knows us and answered the last time. */
export const isConnected = (state: ClientState): boolean => state.session !== undefined && state.failures === 0;

export function stepClient(state: ClientState, event: ClientEvent, rule: ClientRule): ClientStep {
  switch (event.type) {
    case 'registered':
      return registered(state, event);
    case 'answered':
      return answered(state, event, rule);
    case 'pushed':
      return pushed(state, event, rule);
    case 'failed':
      return event.kind === 'session' ? lost(state, event) : failed(state, event);
    case 'urgent': {
      const soonestMs = Math.max(event.nowMs, state.reportedMs + leastGapMs);
      return same({ ...state, reportDueMs: Math.min(state.reportDueMs, soonestMs) });
    }
    case 'contact':
      return same(heardOf(state, event.nowMs));
    case 'register-again':
      return same({ ...state, mustRegister: true });
    case 'tick':
      return expired(state, event.nowMs);
  }
}

type Of<T extends ClientEvent['type']> = Extract<ClientEvent, { type: T }>;

const same = (state: ClientState): ClientStep => ({ state, actions: [] });

/** The first report follows at once. */
function registered(state: ClientState, event: Of<'registered'>): ClientStep {
  const { orders, sentMs, nowMs } = event;
  const session = { id: orders.session, sinceMs: nowMs };
  const change: ClientChange = { what: 'registered', orchestrator: orders.orchestrator, session: session.id };
  const next = { ...succeeded(state, nowMs), session, mustRegister: false, reportDueMs: nowMs };
  const { state: holding, actions } = take(next, orders, sentMs, nowMs);
  return { state: holding, actions: [{ do: 'tell', change }, ...actions] };
}

/** The answer to a message of ours was made after that was sent, so that its spans are counted from there: the safe side. */
function answered(state: ClientState, event: Of<'answered'>, { reportMs }: ClientRule): ClientStep {
  const { orders, isReport, sentMs, nowMs } = event;
  const actions: ClientAction[] =
    state.failures > 0 ? [{ do: 'tell', change: { what: 'recovered', failures: state.failures } }] : [];
  let next = succeeded(state, nowMs);
  if (isReport) next = { ...next, reportDueMs: sentMs + reportMs, reportedMs: sentMs };
  if (orders.sequence < state.lastSequence) {
    return { state: next, actions: [...actions, { do: 'ignore', reason: 'sequence' }] };
  }
  // what is said again, with its spans as they are now, holds for longer; it is new only if it had expired
  if (orders.sequence === state.lastSequence && next.held !== undefined) {
    const validUntilMs = Math.max(next.held.validUntilMs, sentMs + orders.validitySeconds * 1000);
    return { state: { ...next, held: { orders, validUntilMs } }, actions };
  }
  const taken = take(next, orders, sentMs, nowMs);
  return { state: taken.state, actions: [...actions, ...taken.actions] };
}

/** How long a push was on its way cannot be known: an old one is told by its sequence number, and a duplicate renews nothing. */
function pushed(state: ClientState, { orders, nowMs }: Of<'pushed'>, { application }: ClientRule): ClientStep {
  const reason = notOurs(state, orders, application);
  if (reason !== undefined) return { state, actions: [{ do: 'ignore', reason }] };
  if (orders.sequence <= state.lastSequence) return { state, actions: [{ do: 'ignore', reason: 'sequence' }] };
  return take(state, orders, nowMs, nowMs);
}

/** Why orders are not for this session of this application; undefined: they are. */
export function notOurs(
  state: ClientState,
  orders: Orders,
  application: string,
): 'application' | 'session' | undefined {
  if (orders.application !== application) return 'application';
  return orders.session === state.session?.id ? undefined : 'session';
}

function take(state: ClientState, orders: Orders, fromMs: number, nowMs: number): ClientStep {
  const validUntilMs = fromMs + orders.validitySeconds * 1000;
  const next = { ...state, lastSequence: orders.sequence };
  if (validUntilMs <= nowMs) return expired(next, nowMs);
  return { state: { ...next, held: { orders, validUntilMs } }, actions: [{ do: 'give', orders }] };
}

function expired(state: ClientState, nowMs: number): ClientStep {
  if (state.held === undefined || nowMs < state.held.validUntilMs) return same(state);
  const actions: ClientAction[] = [
    { do: 'give', orders: undefined },
    { do: 'tell', change: { what: 'expired' } },
  ];
  return { state: { ...state, held: undefined }, actions };
}

function succeeded(state: ClientState, nowMs: number): ClientState {
  return { ...state, failures: 0, lastFailure: undefined, told: [], notBeforeMs: nowMs, succeededMs: nowMs };
}

/** Whoever was out of reach is asked at once when it is back, not after what is left of the wait. */
function heardOf(state: ClientState, nowMs: number): ClientState {
  if (state.lastFailure !== 'unreachable' && state.lastFailure !== 'timeout') return state;
  const reportDueMs = Math.min(state.reportDueMs, nowMs);
  return { ...state, reportDueMs, notBeforeMs: Math.min(state.notBeforeMs, nowMs) };
}

/** Registers again at once; if that goes on, ever later. */
function lost(state: ClientState, event: Of<'failed'>): ClientStep {
  const wasSteady = state.session !== undefined && event.nowMs - state.session.sinceMs >= steadyMs;
  const losses = wasSteady ? 1 : state.losses + 1;
  const waitMs = losses === 1 ? 0 : backOffMs(losses, event.random);
  const told = tellOnce(state, event);
  return {
    state: { ...told.state, session: undefined, lastSequence: 0, losses, notBeforeMs: event.nowMs + waitMs },
    actions: told.actions,
  };
}

function failed(state: ClientState, event: Of<'failed'>): ClientStep {
  const failures = state.failures + 1;
  const toldMs = Math.min(event.retryAfterMs ?? 0, longestWaitMs);
  const waitMs = Math.max(backOffMs(failures, event.random), toldMs);
  const told = tellOnce(state, event);
  return {
    state: { ...told.state, failures, lastFailure: event.kind, notBeforeMs: event.nowMs + waitMs },
    actions: told.actions,
  };
}

function tellOnce(state: ClientState, { kind, detail }: Of<'failed'>): ClientStep {
  if (state.told.includes(kind)) return same(state);
  const change: ClientChange = { what: 'failed', kind, detail };
  return { state: { ...state, told: [...state.told, kind] }, actions: [{ do: 'tell', change }] };
}
