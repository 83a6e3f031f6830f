// Seed: in a congestion condition applications come down to preset congestion boundaries. A part of the host is the emergency reserve;
// the rest is divided among those that still run, equally or in proportion to what they used before the event.
import type { RunningMode } from '../../control/throttle.ts';
import type { AllocationRules } from './allocation-rules.ts';
import { fill } from './fill.ts';
import { byRank, ordinaryCapacity, type Part, type Pool } from './part.ts';

/** Seed, L1: non-essential applications are dumped. Exempt applications are essential, whatever they say. */
export function isDumpedIn(mode: RunningMode, application: { isEssential: boolean; isExempt: boolean }): boolean {
  return mode !== 'L0' && !application.isEssential && !application.isExempt;
}

/** Seed: the least that an application is left with shrinks from L1 to L3. Not that of exempt applications. */
export function minimumIn(
  mode: RunningMode,
  minimum: number,
  application: { isEssential: boolean; isExempt: boolean },
  rules: Pick<AllocationRules, 'minimumRatios'>,
): number {
  if (isDumpedIn(mode, application)) return 0;
  return application.isExempt ? minimum : minimum * rules.minimumRatios[mode];
}

/**
 * The boundary of each ordinary application; exempt ones have none. Nobody's is above his maximum (what that leaves over is the
 * others'), nor below his minimum in this mode, where the minima fit; where not, they are met by priority. `reductionRatio` (L2 and
 * above): the part of it that each gives up in the stage that is reached.
 */
export function congestionBoundaries(
  parts: readonly Part[],
  pool: Pool,
  reductionRatio: number,
  split: AllocationRules['split'],
): ReadonlyMap<string, number> {
  const running = parts.filter(({ isExempt, isDumped }) => !isExempt && !isDumped).sort(byRank);
  const isEqual = split === 'equal' || running.every(({ usedBefore }) => usedBefore === 0);
  const shares = fill(
    ordinaryCapacity(pool, parts),
    running.map((part) => ({
      floor: part.minimum,
      ceiling: part.maximum,
      weight: isEqual ? 1 : part.usedBefore,
    })),
  );
  const boundaries = new Map<string, number>();
  for (const part of parts) if (part.isDumped) boundaries.set(part.name, 0);
  running.forEach((part, i) => {
    const share = shares[i]!;
    boundaries.set(part.name, Math.max(Math.min(share, part.minimum), share * (1 - reductionRatio)));
  });
  return boundaries;
}
