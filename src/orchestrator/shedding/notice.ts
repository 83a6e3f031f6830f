// System pre-congestion notifications (seed: "1 start load shedding 2 load shed on your own and 3 stop cross utilization") as the
// orchestrator keeps them: the same id for as long as it is the same notice, and an absolute deadline.
import { type Amounts, byResource, isSame } from '../../congestion/amounts.ts';
import type { Notice } from '../../congestion/orders.ts';

export interface ShedNotice {
  readonly id: string;
  readonly kind: Notice['kind'];
  /** Where use has to come down to; resources left out are not concerned. */
  readonly target: Amounts;
  /** When it was given, and when it is enforced (or meant to be done), by the clock of the steps. */
  readonly askedMs: number;
  readonly deadlineMs: number;
  readonly cause: string;
}

/** Gives a notice its id, its times and its cause. */
export type NewNotice = (kind: Notice['kind'], target: Amounts, deadlineMs: number) => ShedNotice;

/** The notice with its target where it is now; the same object while that has not moved. */
export function withTarget(notice: ShedNotice, target: Amounts): ShedNotice {
  return isSame(notice.target, target) ? notice : { ...notice, target };
}

/** `target` undefined: there is nothing to say (any more). */
export function continued(
  before: ShedNotice | undefined,
  target: Amounts | undefined,
  create: (target: Amounts) => ShedNotice,
): ShedNotice | undefined {
  if (target === undefined) return undefined;
  return before === undefined ? create(target) : withTarget(before, target);
}

/**
 * What it may use now, of the resources of which it uses what is others', or was asked not to before: use that hovers about its share
 * is not asked again and again. Undefined where there are none.
 */
export function ownShare(
  allocated: Amounts,
  lent: Amounts | undefined,
  before: ShedNotice | undefined,
): Amounts | undefined {
  const isConcerned = (name: keyof Amounts) => (lent?.[name] ?? 0) > 0 || before?.target[name] !== undefined;
  const share = byResource((name) => (isConcerned(name) ? (allocated[name] ?? 0) : undefined));
  return isSame(share, {}) ? undefined : share;
}
