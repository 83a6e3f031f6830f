import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../src/congestion/back-off.ts';
import type { FailureKind } from '../../src/congestion/client-options.ts';
import {
  type ClientEvent,
  type ClientState,
  initialClient,
  isConnected,
  nextMessage,
  stepClient,
} from '../../src/congestion/client-state.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { initialOrders } from './fake-orchestrator.ts';

const rule = { application: 'web', reportMs: 1000 };
const session = 'session-1';
const orders = (fields: Partial<Orders> = {}): Orders => ({ ...initialOrders, session, ...fields });
const step = (state: ClientState, event: ClientEvent) => stepClient(state, event, rule);
const failed = (kind: FailureKind, nowMs: number, retryAfterMs?: number): ClientEvent => {
  return { type: 'failed', kind, detail: kind, nowMs, random: 1, retryAfterMs };
};

/** Registered at 0 with orders number 1, valid for 5 s. */
const registered = step(initialClient(0), { type: 'registered', orders: orders(), sentMs: 0, nowMs: 0 }).state;

describe('what is sent next', () => {
  it('a registration at once, then a report at once, then one report per interval from when the last was sent', () => {
    expect(nextMessage(initialClient(0), 0)).toEqual({ send: 'registration' });
    expect(nextMessage(registered, 0)).toEqual({ send: 'report' });
    const { state } = step(registered, { type: 'answered', orders: orders(), isReport: true, sentMs: 0, nowMs: 300 });
    expect(nextMessage(state, 300)).toEqual({ send: 'nothing', waitMs: 700, ready: true });
    expect(nextMessage(state, 1000)).toEqual({ send: 'report' });
  });

  it('an urgent report at once, but no closer than 100 ms to the last', () => {
    const { state } = step(registered, { type: 'answered', orders: orders(), isReport: true, sentMs: 0, nowMs: 20 });
    expect(nextMessage(step(state, { type: 'urgent', nowMs: 50 }).state, 50)).toMatchObject({ waitMs: 50 });
    expect(nextMessage(step(state, { type: 'urgent', nowMs: 500 }).state, 500)).toEqual({ send: 'report' });
  });

  it('nothing while it waits after a failure, however urgent', () => {
    const { state } = step(step(registered, failed('timeout', 2000)).state, { type: 'urgent', nowMs: 2001 });
    expect(nextMessage(state, 2001)).toEqual({ send: 'nothing', waitMs: 249, ready: false });
    expect(isConnected(state)).toBe(false);
  });

  it('a registration where that was asked for, in the same session until the answer', () => {
    const { state } = step(registered, { type: 'register-again' });
    expect(nextMessage(state, 10)).toEqual({ send: 'registration' });
    expect(state.session?.id).toBe(session);
  });
});

describe('failures', () => {
  it('wait longer each time, up to 5 s, and not at all after a success', () => {
    let state = registered;
    const waits = [1, 2, 3, 4, 5, 6, 7].map(() => {
      state = step(state, failed('unreachable', 0)).state;
      return state.notBeforeMs;
    });
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    state = step(state, { type: 'answered', orders: orders(), isReport: true, sentMs: 0, nowMs: 9000 }).state;
    expect(state.notBeforeMs).toBe(9000);
  });

  it('are jittered over the half', () => {
    expect([backOffMs(3, 0), backOffMs(3, 1)]).toEqual([500, 1000]);
  });

  it('wait as long as the orchestrator says, within 5 s', () => {
    expect(step(registered, failed('busy', 0, 3000)).state.notBeforeMs).toBe(3000);
    expect(step(registered, failed('busy', 0, 1e12)).state.notBeforeMs).toBe(5000);
  });

  it('of one that was out of reach end their wait when it is heard of; of one that is busy they do not', () => {
    const gone = [1, 2, 3, 4].reduce((state) => step(state, failed('unreachable', 0)).state, registered);
    expect(nextMessage(gone, 100)).toMatchObject({ waitMs: 1900 });
    expect(nextMessage(step(gone, { type: 'contact', nowMs: 100 }).state, 100)).toEqual({ send: 'report' });
    const busy = step(registered, failed('busy', 0, 3000)).state;
    expect(step(busy, { type: 'contact', nowMs: 100 }).state).toBe(busy);
    expect(step(registered, { type: 'contact', nowMs: 100 }).state).toBe(registered);
  });

  it('are told once per kind until it works again', () => {
    const told: unknown[] = [];
    let state = registered;
    const events = [
      ...[failed('timeout', 1), failed('timeout', 2), failed('invalid', 3), failed('timeout', 4)],
      { type: 'answered', orders: orders(), isReport: true, sentMs: 5, nowMs: 5 } as const,
      failed('timeout', 6),
    ];
    for (const event of events) {
      const next = step(state, event);
      state = next.state;
      told.push(...next.actions.flatMap((action) => (action.do === 'tell' ? [action.change] : [])));
    }
    expect(told).toEqual([
      { what: 'failed', kind: 'timeout', detail: 'timeout' },
      { what: 'failed', kind: 'invalid', detail: 'invalid' },
      { what: 'recovered', failures: 4 },
      { what: 'failed', kind: 'timeout', detail: 'timeout' },
    ]);
  });
});

describe('a session that is lost', () => {
  it('is registered again at once', () => {
    const { state } = step(registered, failed('session', 60_000));
    expect(nextMessage(state, 60_000)).toEqual({ send: 'registration' });
  });

  it('leaves the orders in force until they expire', () => {
    const { state } = step(registered, failed('session', 1000));
    expect(state.held?.orders.sequence).toBe(1);
    expect(step(state, { type: 'tick', nowMs: 5000 }).state.held).toBeUndefined();
  });

  it('again and again, as between two orchestrators, ends in one registration per 5 s; a steady one starts afresh', () => {
    let state = initialClient(0);
    let nowMs = 0;
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      state = step(state, { type: 'registered', orders: orders(), sentMs: nowMs, nowMs }).state;
      state = step(state, failed('session', nowMs)).state;
      waits.push(state.notBeforeMs - nowMs);
      nowMs = state.notBeforeMs;
    }
    expect(waits).toEqual([0, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
    state = step(state, { type: 'registered', orders: orders(), sentMs: nowMs, nowMs }).state;
    expect(step(state, failed('session', nowMs + 10_000)).state.notBeforeMs).toBe(nowMs + 10_000);
  });
});

describe('orders', () => {
  const pushed = (fields: Partial<Orders>, nowMs = 100): ClientEvent => ({
    type: 'pushed',
    orders: orders(fields),
    nowMs,
  });

  it('hold from when the message was sent whose answer they are', () => {
    const event = {
      type: 'answered',
      orders: orders({ sequence: 2 }),
      isReport: true,
      sentMs: 1000,
      nowMs: 2500,
    } as const;
    const { state, actions } = step(registered, event);
    expect(state.held?.validUntilMs).toBe(6000);
    expect(actions).toEqual([{ do: 'give', orders: event.orders }]);
  });

  it('that come by themselves hold from then', () => {
    expect(step(registered, pushed({ sequence: 2 })).state.held?.validUntilMs).toBe(5100);
  });

  it('whose number is not above the last are not taken; pushed they renew nothing', () => {
    const { state } = step(registered, pushed({ sequence: 5 }));
    for (const sequence of [1, 4, 5]) {
      const late = step(state, pushed({ sequence }, 3000));
      expect(late.actions).toEqual([{ do: 'ignore', reason: 'sequence' }]);
      expect(late.state).toBe(state);
    }
  });

  it('said again in an answer hold for longer without being new', () => {
    const again = { type: 'answered', orders: orders(), isReport: true, sentMs: 1000, nowMs: 1001 } as const;
    const { state, actions } = step(registered, again);
    expect(state.held?.validUntilMs).toBe(6000);
    expect(actions).toEqual([]);
  });

  it('said again after they have expired are new', () => {
    const { state } = step(registered, { type: 'tick', nowMs: 5000 });
    const again = { type: 'answered', orders: orders(), isReport: true, sentMs: 6000, nowMs: 6001 } as const;
    expect(step(state, again).actions).toEqual([{ do: 'give', orders: again.orders }]);
  });

  it('of another session or application are not taken', () => {
    const other = step(registered, pushed({ sequence: 9, session: 'session-2' }));
    expect(other.actions).toEqual([{ do: 'ignore', reason: 'session' }]);
    const foreign = step(registered, pushed({ sequence: 9, application: 'edge' }));
    expect(foreign.actions).toEqual([{ do: 'ignore', reason: 'application' }]);
  });

  it('of a new session are taken whatever their number', () => {
    const { state } = step(registered, pushed({ sequence: 900 }));
    const fresh = orders({ session: 'session-2', sequence: 1 });
    const next = step(state, { type: 'registered', orders: fresh, sentMs: 200, nowMs: 201 });
    expect(next.state.held?.orders).toBe(fresh);
  });

  it('expire once', () => {
    expect(step(registered, { type: 'tick', nowMs: 4999 }).actions).toEqual([]);
    const { state, actions } = step(registered, { type: 'tick', nowMs: 5000 });
    expect(actions).toEqual([
      { do: 'give', orders: undefined },
      { do: 'tell', change: { what: 'expired' } },
    ]);
    expect(step(state, { type: 'tick', nowMs: 6000 }).actions).toEqual([]);
  });

  it('that were expired when they came are never given', () => {
    const stale = {
      type: 'answered',
      orders: orders({ sequence: 2 }),
      isReport: true,
      sentMs: 0,
      nowMs: 5000,
    } as const;
    const { state, actions } = step({ ...registered, held: undefined }, stale);
    expect(state.held).toBeUndefined();
    expect(actions).toEqual([]);
  });
});

describe('whatever comes in whatever order', () => {
  const sequence = fc.integer({ min: 1, max: 6 });
  const event = fc.oneof(
    fc.record({ type: fc.constant('registered' as const), sequence, session: fc.constantFrom('a', 'b') }),
    fc.record({ type: fc.constant('answered' as const), sequence, isReport: fc.boolean(), agoMs: fc.nat(3000) }),
    fc.record({ type: fc.constant('pushed' as const), sequence, session: fc.constantFrom('a', 'b') }),
    fc.record({ type: fc.constant('failed' as const), kind: fc.constantFrom<FailureKind>('timeout', 'session') }),
    fc.record({ type: fc.constantFrom('tick' as const, 'urgent' as const, 'contact' as const) }),
  );

  it('orders are of the session and never older than before in it, nothing holds beyond its validity, and no wait passes 5 s', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(event, fc.nat(4000)), { maxLength: 60 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (all, random) => {
          let state = initialClient(0);
          let nowMs = 0;
          for (const [one, laterMs] of all) {
            nowMs += laterMs;
            const before = state;
            const id = 'session' in one ? one.session : state.session?.id;
            if (one.type === 'answered' && id === undefined) continue;
            const said = orders({ sequence: 'sequence' in one ? one.sequence : 1, session: id ?? 'none' });
            const sentMs = nowMs - ('agoMs' in one ? one.agoMs : 0);
            const filled: object = { detail: '', random, isReport: false, ...one, orders: said, sentMs, nowMs };
            const { state: next, actions } = step(state, filled as ClientEvent);
            state = next;
            for (const action of actions) {
              if (action.do !== 'give' || action.orders === undefined) continue;
              expect(action.orders.session).toBe(state.session?.id);
              if (one.type !== 'registered') expect(action.orders.sequence).toBeGreaterThanOrEqual(before.lastSequence);
              if (one.type === 'pushed') expect(action.orders.sequence).toBeGreaterThan(before.lastSequence);
            }
            if (state.held !== undefined) expect(state.held.validUntilMs - nowMs).toBeLessThanOrEqual(5000);
            expect(state.notBeforeMs - nowMs).toBeLessThanOrEqual(5000);
          }
        },
      ),
    );
  });
});
