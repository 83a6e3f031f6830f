// Seed: a request for more is granted while there is room; short of room, requests are ranked by priority. One resource at a time here;
// held-requests.ts makes one answer of them.
import type { RequestReason } from '../../congestion/orders.ts';
import { sum } from './fill.ts';
import { allocatedOf, exemptTotal, ordinaryRoom, type Part, type Pool, withAllocated } from './part.ts';
import { take, unusedFloor } from './take.ts';

export interface Grant {
  readonly parts: readonly Part[];
  readonly granted: number;
  /** What kept it from getting all that it wanted. */
  readonly shortBy: Extract<RequestReason, 'maximum' | 'crisis-mode' | 'no-room'> | undefined;
}

export interface GrantTerms {
  /** The application's boundary, in a crisis mode. */
  readonly boundary: number | undefined;
  /** Room that is kept free for others. */
  readonly keptFree: number;
  readonly keepBelowRatio: number;
}

/**
 * To an ordinary application: up to its maximum and its boundary, out of the room there is, and then out of what lower priorities do
 * not use. To an exempt one: up to its maximum out of the whole host, the reserve and what others have included, but for the minima
 * that this mode leaves them; the room for it is to be made afterwards (makeRoom).
 */
export function grant(parts: readonly Part[], pool: Pool, name: string, wanted: number, terms: GrantTerms): Grant {
  const part = parts.find((one) => one.name === name);
  if (part === undefined) return { parts, granted: 0, shortBy: 'no-room' };
  const had = allocatedOf(part);
  const toMaximum = Math.max(0, part.maximum - had);
  const toBoundary = terms.boundary === undefined ? toMaximum : Math.max(0, terms.boundary - had);
  const allowed = Math.min(wanted, toMaximum, toBoundary);
  const found = part.isExempt ? roomForExempt(parts, pool) : roomForOrdinary(parts, pool, part, allowed, terms);
  const granted = Math.min(allowed, found.room);
  const shortBy = (() => {
    if (granted >= wanted) return undefined;
    if (found.room < allowed) return 'no-room';
    return toMaximum <= toBoundary ? 'maximum' : 'crisis-mode';
  })();
  if (granted === 0) return { parts, granted, shortBy };
  return { parts: withAllocated(found.parts, name, had + granted), granted, shortBy };
}

function roomForExempt(parts: readonly Part[], pool: Pool) {
  const minima = sum(parts.filter(({ isExempt }) => !isExempt).map(({ minimum }) => minimum));
  return { parts, room: Math.max(0, pool.maximum - exemptTotal(parts) - minima) };
}

function roomForOrdinary(parts: readonly Part[], pool: Pool, to: Part, allowed: number, terms: GrantTerms) {
  const room = Math.max(0, ordinaryRoom(pool, parts) - terms.keptFree);
  if (room >= allowed) return { parts, room };
  const { parts: left, taken } = take(parts, allowed - room, (part) =>
    part.priority < to.priority ? unusedFloor(part, terms.keepBelowRatio) : undefined,
  );
  return { parts: left, room: room + taken };
}
