// How many calls a second an amount of the host's resources is good for, and how much so many calls a second take: what the
// orchestrator's allocation means to the edge (DESIGN.md §5). Refusing takes processor time too, and comes off first.
import type { Amounts, ResourceName } from '../congestion/amounts.ts';

/** Amounts of the host's resources; one that is left out is not needed. */
export interface CallNeeds {
  /** What the process takes while no call comes. */
  readonly atRest: Amounts;
  /** What one call a second takes, from its INVITE to its BYE. */
  readonly perCall: Amounts;
  /** What one refused call a second takes. */
  readonly perRefusal: Amounts;
}

export interface Boundary {
  /** Calls of all classes, 0 to Infinity. */
  readonly callsPerSecond: number;
  /** The resource that sets it; undefined where none does. */
  readonly resource: ResourceName | undefined;
}

export const noBoundary: Boundary = { callsPerSecond: Number.POSITIVE_INFINITY, resource: undefined };

/**
 * Share of an amount that is put down to refusals at most. What a flood takes beyond that would leave nothing for calls: that
 * flood is for the penalty box and the event loop's own indicator to deal with.
 */
const mostRefusing = 0.5;

/** `allowed`: what may be used; a resource that it does not name sets no boundary. `offeredPerSecond`: calls that come, of all classes. */
export function boundaryOf(allowed: Amounts, needs: CallNeeds, offeredPerSecond: number): Boundary {
  let least = noBoundary;
  for (const resource of Object.keys(needs.perCall) as ResourceName[]) {
    const amount = allowed[resource];
    const perCall = needs.perCall[resource] ?? 0;
    if (amount === undefined || perCall <= 0) continue;
    const room = Math.max(0, amount - (needs.atRest[resource] ?? 0));
    const callsPerSecond = callsIn(room, perCall, needs.perRefusal[resource] ?? 0, offeredPerSecond);
    if (callsPerSecond < least.callsPerSecond) least = { callsPerSecond, resource };
  }
  return least;
}

/** What `callsPerSecond` (0 or more, finite) take, with what the process takes at rest. */
export function amountsFor(callsPerSecond: number, { atRest, perCall }: CallNeeds): Amounts {
  const names = [...new Set([...Object.keys(atRest), ...Object.keys(perCall)])] as ResourceName[];
  return Object.fromEntries(
    names.map((name) => [name, (atRest[name] ?? 0) + callsPerSecond * (perCall[name] ?? 0)]),
  ) as Amounts;
}

// calls × perCall + (offered − calls) × perRefusal = room, where not all that are offered fit
function callsIn(room: number, perCall: number, perRefusal: number, offeredPerSecond: number): number {
  const all = room / perCall;
  if (all >= offeredPerSecond || perRefusal >= perCall) return all;
  const refusing = Math.min(offeredPerSecond * perRefusal, room * mostRefusing);
  return Math.min(all, (room - refusing) / (perCall - perRefusal));
}
