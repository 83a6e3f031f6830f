// Which requests for more are decided now, and which are held: seed, in L0 no additional allocation while use moves. One request of an
// application waits at most, so that there are never more than applications, and none waits for ever.
import { type Amounts, byResource, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { RequestOutcome, RequestReason } from '../../congestion/orders.ts';
import type { RunningMode } from '../../control/throttle.ts';
import type { ApplicationLoad } from './application-load.ts';
import type { Grant } from './grant.ts';
import { byRank } from './part.ts';

export interface HeldRequest {
  readonly application: string;
  /** More than it has by so much. */
  readonly wanted: Amounts;
  readonly sinceMs: number;
}

export interface Answer {
  readonly application: string;
  readonly outcome: RequestOutcome;
  /** Of resources that the host does not ration, all that was wanted. */
  readonly granted: Amounts;
  readonly reason: RequestReason;
}

/** The newest takes the place of the one that waited, which keeps its turn. */
export function withRequest(held: readonly HeldRequest[], request: HeldRequest): readonly HeldRequest[] {
  const earlier = held.find(({ application }) => application === request.application);
  const others = held.filter(({ application }) => application !== request.application);
  return [...others, { ...request, sinceMs: earlier?.sinceMs ?? request.sinceMs }];
}

export interface Turns {
  /** Decided now, in this order: exempt first, then by priority, then who waited longest. */
  readonly due: readonly HeldRequest[];
  readonly waiting: readonly HeldRequest[];
  /** Waited too long, and are refused. */
  readonly expired: readonly HeldRequest[];
}

export function turns(
  held: readonly HeldRequest[],
  applications: readonly ApplicationLoad[],
  mode: RunningMode,
  isMoving: (application: string, resource: ResourceName) => boolean,
  nowMs: number,
  heldForMs: number,
): Turns {
  const byName = new Map(applications.map((application) => [application.name, application]));
  const asked = held.flatMap((request) => {
    const from = byName.get(request.application);
    return from === undefined ? [] : [{ request, from }];
  });
  const isHeld = ({ request, from }: (typeof asked)[number]) =>
    mode === 'L0' &&
    !from.isExempt &&
    resourceNames.some((name) => (request.wanted[name] ?? 0) > 0 && isMoving(from.name, name));
  const ranked = asked
    .filter((one) => !isHeld(one))
    .sort((a, b) =>
      a.from.isExempt === b.from.isExempt && a.from.priority === b.from.priority
        ? a.request.sinceMs - b.request.sinceMs || byRank(a.from, b.from)
        : byRank(a.from, b.from),
    );
  const stay = asked.filter(isHeld).map(({ request }) => request);
  return {
    due: ranked.map(({ request }) => request),
    waiting: stay.filter(({ sinceMs }) => nowMs - sinceMs < heldForMs),
    expired: stay.filter(({ sinceMs }) => nowMs - sinceMs >= heldForMs),
  };
}

/** `results`: of each rationed resource that was wanted. The reason is that of the first resource that fell short. */
export function answerOf(
  { application, wanted }: HeldRequest,
  results: Readonly<Partial<Record<ResourceName, Pick<Grant, 'granted' | 'shortBy'>>>>,
): Answer {
  const granted = byResource((name) => {
    const amount = results[name]?.granted ?? wanted[name];
    return amount === 0 && wanted[name] !== 0 ? undefined : amount;
  });
  const shortBy = resourceNames.map((name) => results[name]?.shortBy).find((reason) => reason !== undefined);
  if (shortBy === undefined) return { application, outcome: 'granted', granted, reason: 'room' };
  const gotSome = resourceNames.some((name) => (granted[name] ?? 0) > 0);
  return { application, outcome: gotSome ? 'partly-granted' : 'refused', granted, reason: shortBy };
}

export const refusedAsMoving = ({ application }: HeldRequest): Answer => ({
  application,
  outcome: 'refused',
  granted: {},
  reason: 'utilisation-is-moving',
});
