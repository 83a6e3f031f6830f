// How much an application may use under its orders: the least of all that they say about it.
import { type Amounts, least } from './amounts.ts';
import type { Orders } from './orders.ts';

/**
 * The least of the current allocation, the boundary, the targets of all notices and the forced limits, resource by resource; a
 * resource that is left out has no bound. Without orders there is none at all: the application goes by what it sees itself.
 */
export function allowedUse(orders: Orders | undefined): Amounts {
  if (orders === undefined) return {};
  const { allocation, notices, forced } = orders;
  const targets = notices.map(({ target }) => target);
  const limits = forced.map(({ resource, limit }): Amounts => ({ [resource]: limit }));
  return [allocation.boundary ?? {}, ...targets, ...limits].reduce(least, allocation.current);
}
