// Waits for orders of an application that its caller does not know yet.
import type { Orders } from '../../congestion/orders.ts';
import type { Desk, Refusal } from '../desk.ts';

export interface Wait {
  /** Undefined: nothing else came. */
  readonly orders: Promise<Orders | Refusal | undefined>;
  /** Ends it at once: the caller is gone, or his place is. */
  end(): void;
}

/** Ends at the latest after `waitMs`. An application that is no longer registered by then is refused. */
export function waitForOrders(desk: Desk, application: string, after: number, waitMs: number): Wait {
  let finish = (_found: Orders | Refusal | undefined): void => {};
  const end = (): void => finish(othersThan(desk, application, after));
  const timer = setTimeout(end, waitMs);
  const stop = desk.onOrders(application, (found) => {
    if (isOther(found, after)) finish(found);
  });
  const orders = new Promise<Orders | Refusal | undefined>((resolve) => {
    finish = resolve;
  }).finally(() => {
    clearTimeout(timer);
    stop();
  });
  return { orders, end };
}

/** The orders in force unless the caller knows them; a refusal where there are none. */
export function othersThan(desk: Desk, application: string, after: number | undefined): Orders | Refusal | undefined {
  const found = desk.orders(application);
  return 'refused' in found || isOther(found, after) ? found : undefined;
}

// A higher number than ours was given by an orchestrator before us, or in a registration before this one.
const isOther = (orders: Orders, after: number | undefined): boolean => orders.sequence !== after;
