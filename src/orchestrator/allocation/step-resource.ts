// One step of allocation for one resource: the rules in their order. Later rules see what earlier ones changed; what none of them may
// break is mended by makeRoom.
import type { ResourceName } from '../../congestion/amounts.ts';
import type { RunningMode } from '../../control/throttle.ts';
import { type AllocationCause, type AllocationRuleName, causesOf, netCauses } from './allocation-cause.ts';
import type { AllocationRules } from './allocation-rules.ts';
import { congestionBoundaries } from './boundaries.ts';
import { sum } from './fill.ts';
import { type Grant, grant } from './grant.ts';
import type { HeldRequest } from './held-requests.ts';
import { firstToExempt, firstToOrdinary } from './maximum-settings.ts';
import { allocatedOf, negligibleRatio, ordinaryRoom, type Part, type Pool } from './part.ts';
import { rebalance } from './rebalance.ts';
import { recover } from './recover.ts';
import { type Owed, owedAfterRecovery, owedToOthers, release, stillOwed } from './release.ts';
import { makeRoom } from './take.ts';

export interface ResourceInput {
  readonly resource: ResourceName;
  readonly mode: RunningMode;
  readonly reductionRatio: number;
  readonly pool: Pool;
  readonly parts: readonly Part[];
  /** In the order in which they are to be decided. */
  readonly requests: readonly HeldRequest[];
  /** What applications say they do not use. */
  readonly unused: ReadonlyMap<string, number>;
  readonly owed: Owed;
  readonly isHeld: (name: string) => boolean;
  readonly elapsedMs: number;
}

export interface ResourceStep {
  readonly parts: readonly Part[];
  /** In L0 those that an event would bring. */
  readonly boundaries: ReadonlyMap<string, number>;
  readonly owed: Owed;
  readonly grants: ReadonlyMap<string, Grant>;
  /** Free, and kept for nobody. */
  readonly available: number;
  readonly availableToExempt: number;
  /** Those who go without their minimum. */
  readonly belowMinimum: readonly Part[];
  readonly causes: readonly AllocationCause[];
}

export function stepResource(input: ResourceInput, rules: AllocationRules): ResourceStep {
  const { resource, mode, pool } = input;
  const { keepBelowRatio } = rules;
  const isCrisis = mode !== 'L0';
  let parts = input.parts;
  let owed = input.owed;
  let boundaries: ReadonlyMap<string, number> = new Map();
  const causes: AllocationCause[] = [];
  const grants = new Map<string, Grant>();

  const now = (rule: AllocationRuleName, next: readonly Part[]) => {
    causes.push(...causesOf(rule, resource, parts, next));
    parts = next;
  };
  /** Of those that have one already. */
  const eachAllocation = (of: (part: Part, had: number) => number) =>
    parts.map((part) => (part.allocated === undefined ? part : { ...part, allocated: of(part, part.allocated) }));
  const inForce = (name: string) => (isCrisis ? boundaries.get(name) : undefined);
  const ceilingOf = ({ name, maximum }: Part) => Math.min(maximum, inForce(name) ?? maximum);
  const keptFreeFrom = (name: string | undefined) => owedToOthers(parts, owed, name, ceilingOf);
  const takeBack = () => {
    for (const [name, amount] of input.unused) {
      const part = parts.find((one) => one.name === name);
      if (part === undefined || amount <= 0) continue;
      const found = recover(part, amount, keepBelowRatio);
      if (found.kind === 'recovered') {
        now(
          'recovered',
          eachAllocation((one, had) => (one.name === name ? found.allocated : had)),
        );
        owed = owedAfterRecovery(owed, name, found.allocated);
      } else {
        const had = allocatedOf(part);
        causes.push({ rule: 'recovery-refused', application: name, resource, fromAmount: had, toAmount: had });
      }
    }
  };
  const decideRequests = (ofExempt: boolean) => {
    for (const { application: name, wanted } of input.requests) {
      const amount = wanted[resource];
      if (amount === undefined || parts.find((part) => part.name === name)?.isExempt !== ofExempt) continue;
      const terms = { boundary: inForce(name), keptFree: keptFreeFrom(name), keepBelowRatio };
      const found = grant(parts, pool, name, amount, terms);
      now('granted', found.parts);
      grants.set(name, found);
    }
  };

  now(
    'maximum-settings',
    eachAllocation(({ maximum }, had) => Math.min(had, maximum)),
  );
  now(
    'minimum',
    eachAllocation(({ minimum }, had) => Math.max(had, minimum)),
  );
  takeBack();
  now('first-allocation', firstToExempt(parts, pool));
  decideRequests(true);
  // An event begins with L1, and that with dumping.
  const wouldRun = isCrisis ? parts : parts.map((part) => ({ ...part, isDumped: !part.isEssential }));
  const reductionRatio = mode === 'L2' || mode === 'L3' ? input.reductionRatio : 0;
  boundaries = congestionBoundaries(wouldRun, pool, reductionRatio, rules.split);
  if (isCrisis) {
    now(
      'dumped',
      eachAllocation(({ isDumped }, had) => (isDumped ? 0 : had)),
    );
    now(
      'boundary',
      eachAllocation(({ name }, had) => Math.min(had, boundaries.get(name) ?? had)),
    );
  }
  now('first-allocation', firstToOrdinary(parts, pool, keepBelowRatio, ceilingOf));
  now('room-made', makeRoom(parts, pool, keepBelowRatio));
  now('released', release(parts, pool, owed, input.elapsedMs, rules.releaseMs, ceilingOf));
  decideRequests(false);
  now('rebalanced', rebalance(parts, pool, { boundaryOf: inForce, isHeld: input.isHeld, keptFreeFrom, rules }));
  now('room-made', makeRoom(parts, pool, keepBelowRatio));

  return {
    parts,
    boundaries,
    owed: stillOwed(owed, parts, isCrisis),
    grants,
    available: Math.max(0, ordinaryRoom(pool, parts) - keptFreeFrom(undefined)),
    availableToExempt: Math.max(0, pool.maximum - sum(parts.map(allocatedOf))),
    belowMinimum: parts.filter((part) => part.minimum - allocatedOf(part) > pool.maximum * negligibleRatio),
    causes: netCauses(causes, input.parts, parts),
  };
}
