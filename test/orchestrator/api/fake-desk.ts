// A desk that takes everything of what the schemas let pass: what the HTTP side does is then all that is tested.
import { examples } from '../../../src/congestion/examples.ts';
import type { AuditEntry, Transition } from '../../../src/congestion/north-messages.ts';
import type { Orders } from '../../../src/congestion/orders.ts';
import type { Desk, Refusal } from '../../../src/orchestrator/desk.ts';

export interface FakeDesk extends Desk {
  /** Every call, as `report edge`. */
  readonly calls: string[];
  /** New orders for whoever listens; `fields` over those of the example. */
  change(application: string, fields?: Partial<Orders>): Orders;
  transit(transition: Transition): void;
  /** How many listen now. */
  listeners(): number;
}

export const session = examples.orders.result.session;

/** Registered from the start: those named. */
export function fakeDesk(...registered: string[]): FakeDesk {
  const calls: string[] = [];
  const states = new Map(registered.map((name) => [name, ordersOf(name)]));
  const orderListeners = new Map<symbol, [application: string, tell: (orders: Orders) => void]>();
  const transitionListeners = new Set<(transition: Transition) => void>();
  const transitions: Transition[] = [];
  const audit: AuditEntry[] = [];
  let mode = examples.mode.result;
  const gaps = new Set<string>();
  const drains = new Set<string>();

  const ordersOr404 = (name: string): Orders | Refusal =>
    states.get(name) ?? {
      refused: 404,
      type: 'urn:surgegate:problem:not-registered',
      detail: `Not registered: ${name}.`,
    };
  const ofSession = (name: string, given: string): Orders | Refusal => {
    const found = ordersOr404(name);
    if ('refused' in found || found.session === given) return found;
    return { refused: 409, type: 'urn:surgegate:problem:unknown-session', detail: 'Another session.' };
  };
  const noted = <T>(what: string, answer: T): T => {
    calls.push(what);
    return answer;
  };

  return {
    calls,
    register(name) {
      states.set(name, states.get(name) ?? ordersOf(name));
      return noted(`register ${name}`, states.get(name)!);
    },
    report: (name, body) => noted(`report ${name}`, ofSession(name, body.session)),
    request(name, body) {
      const found = noted(`request ${name}`, ofSession(name, body.session));
      return 'refused' in found ? found : { outcome: 'granted', granted: body.wanted, reason: 'room', orders: found };
    },
    notify: (name, body) => noted(`notify ${name}`, ofSession(name, body.session)),
    orders: (name) => ordersOr404(name),
    leave: (name) => noted(`leave ${name}`, states.delete(name)),
    mode: () => mode,
    peerReport: (peer) => noted(`peerReport ${peer}`, mode),
    transitions: () => transitions,
    override(order, by) {
      mode = { ...mode, mode: order.mode };
      const at = '2025-01-06T10:00:00.000Z';
      audit.unshift({ at, by, action: 'override', subject: order.mode, reason: order.reason });
      return noted(`override ${by}`, mode);
    },
    liftOverride: (by) => noted(`liftOverride ${by}`, audit.length > 0),
    gap(digits, _gap, by) {
      gaps.add(digits);
      return noted(`gap ${digits} ${by}`, undefined);
    },
    liftGap: (digits, by) => noted(`liftGap ${digits} ${by}`, gaps.delete(digits)),
    drain(name, _order, by) {
      if (states.has(name)) drains.add(name);
      const found = ordersOr404(name);
      return noted(`drain ${name} ${by}`, 'refused' in found ? found : undefined);
    },
    liftDrain: (name, by) => noted(`liftDrain ${name} ${by}`, drains.delete(name)),
    audit: () => audit,
    onOrders(name, tell) {
      const key = Symbol(name);
      orderListeners.set(key, [name, tell]);
      return () => void orderListeners.delete(key);
    },
    onTransition(tell) {
      transitionListeners.add(tell);
      return () => void transitionListeners.delete(tell);
    },
    change(name, fields = {}) {
      const before = states.get(name) ?? ordersOf(name);
      const orders = { ...before, sequence: before.sequence + 1, ...fields };
      states.set(name, orders);
      for (const [application, tell] of [...orderListeners.values()]) if (application === name) tell(orders);
      return orders;
    },
    transit(transition) {
      transitions.unshift(transition);
      for (const tell of [...transitionListeners]) tell(transition);
    },
    listeners: () => orderListeners.size + transitionListeners.size,
  };
}

function ordersOf(application: string): Orders {
  return { ...examples.orders.result, application };
}
