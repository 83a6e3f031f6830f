// One step of allocation for one resource: the rules in their order. Later rules see what earlier ones changed; what none of them may
// break is mended by makeRoom.
import type { ResourceName } from '../../congestion/amounts.ts';
import type { RunningMode } from '../../control/throttle.ts';
import type { AllocationRules } from './allocation-rules.ts';
import { congestionBoundaries } from './boundaries.ts';
import { sum } from './fill.ts';
import { type Grant, grant } from './grant.ts';
import type { HeldRequest } from './held-requests.ts';
import { firstToExempt, firstToOrdinary } from './maximum-settings.ts';
import { allocatedOf, exemptTotal, ordinaryCapacity, ordinaryRoom, type Part, type Pool } from './part.ts';
import { rebalance } from './rebalance.ts';
import { recover } from './recover.ts';
import { type Owed, oweBefore, owedToOthers, release, stillOwed } from './release.ts';
import { makeRoom } from './take.ts';

export type AllocationRule =
  | 'maximum-settings' // it had more than it may get
  | 'first-allocation'
  | 'minimum' // it had less than the mode's minimum
  | 'recovered' // what it reported unused
  | 'recovery-refused'
  | 'granted'
  | 'boundary' // its preset congestion boundary
  | 'dumped'
  | 'room-made' // for a newcomer, an exempt application, or because the host has less
  | 'released' // back to what it was before the event
  | 'rebalanced'
  | 'minima-do-not-fit'; // they are met by priority

/** Which rule changed what; for the log and metrics. */
export interface AllocationCause {
  readonly rule: AllocationRule;
  readonly application: string;
  readonly resource: ResourceName;
  readonly fromAmount: number;
  readonly toAmount: number;
}

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
  readonly doMinimaFit: boolean;
  readonly causes: readonly AllocationCause[];
}

export function stepResource(input: ResourceInput, rules: AllocationRules): ResourceStep {
  const { resource, mode, pool, unused } = input;
  const isCrisis = mode !== 'L0';
  let parts = input.parts;
  let owed = input.owed;
  const causes: AllocationCause[] = [];
  const now = (rule: AllocationRule, next: readonly Part[]) => {
    next.forEach((part, i) => {
      const [fromAmount, toAmount] = [allocatedOf(parts[i]!), allocatedOf(part)];
      if (fromAmount !== toAmount) causes.push({ rule, application: part.name, resource, fromAmount, toAmount });
    });
    parts = next;
  };
  const each = (of: (part: Part, had: number) => number) =>
    parts.map((part) => (part.allocated === undefined ? part : { ...part, allocated: of(part, part.allocated) }));

  now(
    'maximum-settings',
    each(({ maximum }, had) => Math.min(had, maximum)),
  );
  now(
    'minimum',
    each(({ minimum }, had) => Math.max(had, minimum)),
  );
  for (const [name, amount] of unused) {
    const part = parts.find((one) => one.name === name);
    if (part === undefined || amount <= 0) continue;
    const found = recover(part, amount, rules.keepBelowRatio);
    if (found.kind === 'refused') {
      const had = allocatedOf(part);
      causes.push({ rule: 'recovery-refused', application: name, resource, fromAmount: had, toAmount: had });
      continue;
    }
    now(
      'recovered',
      each((one, had) => (one.name === name ? found.allocated : had)),
    );
    owed = new Map([...owed].filter(([other]) => other !== name));
  }

  now('first-allocation', firstToExempt(parts, pool));
  const grants = new Map<string, Grant>();
  const decide = (isExempt: boolean) => {
    for (const { application, wanted } of input.requests) {
      const amount = wanted[resource];
      if (amount === undefined || parts.find(({ name }) => name === application)?.isExempt !== isExempt) continue;
      const boundary = isCrisis ? boundaries.get(application) : undefined;
      const keptFree = owedToOthers(parts, owed, application, ceilingOf);
      const found = grant(parts, pool, application, amount, {
        boundary,
        keptFree,
        keepBelowRatio: rules.keepBelowRatio,
      });
      now('granted', found.parts);
      grants.set(application, found);
    }
  };
  let boundaries: ReadonlyMap<string, number> = new Map();
  const ceilingOf = ({ name, maximum }: Part) =>
    isCrisis ? Math.min(maximum, boundaries.get(name) ?? maximum) : maximum;
  decide(true);

  // L1 is what an event begins with.
  const wouldRun = parts.map((part) => ({ ...part, isDumped: !part.isEssential }));
  boundaries = congestionBoundaries(isCrisis ? parts : wouldRun, pool, input.reductionRatio, rules.split);
  if (isCrisis) {
    owed = oweBefore(owed, parts, boundaries);
    now(
      'dumped',
      each(({ isDumped }, had) => (isDumped ? 0 : had)),
    );
    now(
      'boundary',
      each((part, had) => Math.min(had, boundaries.get(part.name) ?? had)),
    );
  }
  now('first-allocation', firstToOrdinary(parts, pool, rules.keepBelowRatio, ceilingOf));
  now('room-made', makeRoom(parts, pool, rules.keepBelowRatio));
  now('released', release(parts, pool, owed, input.elapsedMs, rules.releaseMs, ceilingOf));
  decide(false);
  const keptFreeFrom = (name: string) => owedToOthers(parts, owed, name, ceilingOf);
  const terms = { boundaries: isCrisis ? boundaries : new Map(), isHeld: input.isHeld, keptFreeFrom, rules };
  now('rebalanced', rebalance(parts, pool, terms));
  now('room-made', makeRoom(parts, pool, rules.keepBelowRatio));

  const ordinaryMinima = sum(parts.filter(({ isExempt }) => !isExempt).map(({ minimum }) => minimum));
  const free = Math.max(0, pool.maximum - sum(parts.map(allocatedOf)));
  return {
    parts,
    boundaries,
    owed: stillOwed(owed, parts),
    grants,
    available: Math.max(0, ordinaryRoom(pool, parts) - owedToOthers(parts, owed, undefined, ceilingOf)),
    availableToExempt: free,
    doMinimaFit: ordinaryMinima <= ordinaryCapacity(pool, parts) && exemptTotal(parts) <= pool.maximum,
    causes: net(causes, input.parts, parts),
  };
}

/** Without those of applications that end the step with what they began it with. */
function net(causes: readonly AllocationCause[], before: readonly Part[], after: readonly Part[]) {
  const same = new Set(
    after.filter((part, i) => allocatedOf(part) === allocatedOf(before[i]!)).map(({ name }) => name),
  );
  return causes.filter(({ rule, application }) => rule === 'recovery-refused' || !same.has(application));
}
