// The flow to a switch: from the core listener of its transport and address family.
import type { Flow } from '../transport/flow.ts';
import type { EdgeParts } from './parts.ts';
import type { Switch } from './switches.ts';

/** Undefined where the switch has no address yet, or no listener of the core can reach it. */
export function switchFlow(parts: EdgeParts, one: Switch): Flow | undefined {
  const { target } = one;
  if (target === undefined) return undefined;
  const { places, transports } = parts.policy.routing;
  const listener = places.towards('core', target.transport, target.address);
  return listener && transports.flowTo(listener, target.address, target.port);
}
