// How much an application may use under its orders, and how much it is asked to use no more than.
import { type Amounts, least } from './amounts.ts';
import type { Orders } from './orders.ts';

/** The least of the targets of all notices and of the forced limits; a resource that is left out is not asked for. */
export function askedUse(orders: Orders | undefined): Amounts {
  const targets = orders?.notices.map(({ target }) => target) ?? [];
  const limits = orders?.forced.map(({ resource, limit }): Amounts => ({ [resource]: limit })) ?? [];
  return [...targets, ...limits].reduce(least, {});
}

/**
 * The least of what is asked, the current allocation and the boundary; a resource that is left out has no bound. Without orders there
 * is none at all: the application goes by what it sees itself.
 */
export function allowedUse(orders: Orders | undefined): Amounts {
  if (orders === undefined) return {};
  const { current, boundary = {} } = orders.allocation;
  return [current, boundary].reduce(least, askedUse(orders));
}
