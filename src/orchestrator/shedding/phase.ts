// Passive, then forced (seed): what one application is asked, whether it has done so, and what is done to it if not. One state
// machine per application; what it has to do (the goal) is decided by its caller.
import { type Amounts, byResource, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import { amountText } from '../mass-event/amount-text.ts';
import { type NewNotice, type ShedNotice, withTarget } from './notice.ts';
import type { SheddingRules } from './shedding-rules.ts';

export type Goal =
  | { readonly kind: 'none' }
  | { readonly kind: 'dump' } // does not run
  | { readonly kind: 'boundary'; readonly boundary: Amounts }; // uses no more than that

export interface Forced {
  readonly resource: ResourceName;
  readonly limit: number;
  /** By the clock of the steps. */
  readonly sinceMs: number;
  readonly cause: string;
}

export type Phase =
  | { readonly phase: 'calm' }
  | { readonly phase: 'asked'; readonly to: 'dump' | 'boundary'; readonly notice: ShedNotice }
  /** `askedFor`: the target when it was asked. `aboveSinceMs`: since when it is above it again. */
  | {
      readonly phase: 'complied';
      readonly notice: ShedNotice;
      readonly askedFor: Amounts;
      readonly aboveSinceMs: number | undefined;
    }
  /** `limits`: on what it is forced, one at least. `aboveSinceMs`: since when it is above on something else. */
  | {
      readonly phase: 'forced';
      readonly notice: ShedNotice;
      readonly limits: readonly Forced[];
      readonly aboveSinceMs: number | undefined;
    }
  | { readonly phase: 'suspended'; readonly notice: ShedNotice; readonly sinceMs: number };

export const sheddingEventKinds = ['asked', 'complied', 'forced', 'suspended', 'resumed', 'lifted'] as const;
export type SheddingEventKind = (typeof sheddingEventKinds)[number];

export interface PhaseInput {
  readonly used: Amounts;
  readonly canBeForced: boolean;
  /** The resources on which it can be limited. */
  readonly canLimit: readonly ResourceName[];
  readonly isReachable: boolean;
  readonly nowMs: number;
}

export interface PhaseStep {
  readonly phase: Phase;
  readonly events: readonly { readonly what: SheddingEventKind; readonly detail: string }[];
}

const same = (phase: Phase): PhaseStep => ({ phase, events: [] });

export function stepPhase(
  phase: Phase,
  goal: Goal,
  input: PhaseInput,
  rules: SheddingRules,
  create: NewNotice,
): PhaseStep {
  switch (goal.kind) {
    case 'none':
      return lifted(phase);
    case 'dump':
      return towardsDump(phase, input, rules, create);
    case 'boundary':
      return towardsBoundary(phase, goal.boundary, input, rules, create);
    default:
      return goal satisfies never;
  }
}

/** Everything at once: release is as fast as onset. */
function lifted(phase: Phase): PhaseStep {
  const calm: Phase = { phase: 'calm' };
  switch (phase.phase) {
    case 'calm':
      return same(phase);
    case 'asked':
    case 'complied':
      return { phase: calm, events: [{ what: 'lifted', detail: 'nothing is asked any more' }] };
    case 'forced': {
      const detail = `free of limits on ${phase.limits.map(({ resource }) => resource).join(', ')}`;
      return { phase: calm, events: [{ what: 'lifted', detail }] };
    }
    case 'suspended':
      return { phase: calm, events: [{ what: 'resumed', detail: 'runs again' }] };
    default:
      return phase satisfies never;
  }
}

function towardsDump(phase: Phase, input: PhaseInput, rules: SheddingRules, create: NewNotice): PhaseStep {
  if (phase.phase === 'suspended') return same(phase);
  if (phase.phase !== 'asked' || phase.to !== 'dump') {
    const notice = create('start-load-shedding', nothing, rules.dumpDeadlineMs);
    return {
      phase: { phase: 'asked', to: 'dump', notice },
      events: [
        ...(phase.phase === 'forced' ? lifted(phase).events : []),
        { what: 'asked', detail: 'to end: not essential' },
      ],
    };
  }
  // Whether or not it has come down: it does not run until the mode is over.
  if (!input.canBeForced || input.nowMs < enforcedMs(phase.notice, input, rules)) return same(phase);
  return {
    phase: { phase: 'suspended', notice: phase.notice, sinceMs: input.nowMs },
    events: [{ what: 'suspended', detail: 'dumped: not essential' }],
  };
}

function towardsBoundary(
  phase: Phase,
  boundary: Amounts,
  input: PhaseInput,
  rules: SheddingRules,
  create: NewNotice,
): PhaseStep {
  switch (phase.phase) {
    case 'calm':
      return asked(boundary, rules, create);
    case 'suspended': {
      const step = asked(boundary, rules, create);
      return {
        phase: step.phase,
        events: [{ what: 'resumed', detail: 'runs again, within its boundary' }, ...step.events],
      };
    }
    case 'asked':
      return phase.to === 'boundary' ? judged(phase, boundary, input, rules) : asked(boundary, rules, create);
    case 'complied':
      return watched(phase, boundary, input, rules, create);
    case 'forced':
      return followed(phase, boundary, input, rules);
    default:
      return phase satisfies never;
  }
}

function asked(boundary: Amounts, rules: SheddingRules, create: NewNotice): PhaseStep {
  const notice = create('start-load-shedding', boundary, rules.shedDeadlineMs);
  return {
    phase: { phase: 'asked', to: 'boundary', notice },
    events: [{ what: 'asked', detail: `to use no more than ${textOf(boundary)}` }],
  };
}

/** Until the deadline: has it come down? A boundary that falls meanwhile is to be met by the same deadline. */
function judged(
  before: Extract<Phase, { phase: 'asked' }>,
  boundary: Amounts,
  input: PhaseInput,
  rules: SheddingRules,
): PhaseStep {
  const notice = withTarget(before.notice, boundary);
  const above = aboveOf(input.used, boundary, rules);
  if (above.length === 0) {
    const phase: Phase = { phase: 'complied', notice, askedFor: boundary, aboveSinceMs: undefined };
    return { phase, events: [{ what: 'complied', detail: `uses no more than ${textOf(boundary)}` }] };
  }
  const stays: Phase = { ...before, notice };
  if (input.nowMs < enforcedMs(notice, input, rules)) return same(stays);
  return forcedOn(above, boundary, input, [], notice) ?? same(stays);
}

/** Came down, but may rise again: after a grace it is forced, never before its deadline. A boundary that has become lower is
 * asked for anew, with a deadline of its own. */
function watched(
  before: Extract<Phase, { phase: 'complied' }>,
  boundary: Amounts,
  input: PhaseInput,
  rules: SheddingRules,
  create: NewNotice,
): PhaseStep {
  const above = aboveOf(input.used, boundary, rules);
  const aboveSinceMs = above.length === 0 ? undefined : (before.aboveSinceMs ?? input.nowMs);
  if (above.length > 0 && isLower(boundary, before.askedFor, rules)) return asked(boundary, rules, create);
  const notice = withTarget(before.notice, boundary);
  const stays: Phase = { ...before, notice, aboveSinceMs };
  if (aboveSinceMs === undefined) return same(stays);
  if (input.nowMs < graceEndsMs(aboveSinceMs, notice, input, rules)) return same(stays);
  return forcedOn(above, boundary, input, [], notice) ?? same(stays);
}

/** Limits follow the boundary; one that no longer bounds a resource frees it. What else it is above on comes to it after a grace,
 * never before its deadline. */
function followed(
  before: Extract<Phase, { phase: 'forced' }>,
  boundary: Amounts,
  input: PhaseInput,
  rules: SheddingRules,
): PhaseStep {
  const notice = withTarget(before.notice, boundary);
  const limits = before.limits.flatMap((forced) => {
    const limit = boundary[forced.resource];
    return limit === undefined ? [] : [limit === forced.limit ? forced : { ...forced, limit }];
  });
  const isForced = (name: ResourceName): boolean => limits.some(({ resource }) => resource === name);
  const above = aboveOf(input.used, boundary, rules).filter((name) => !isForced(name) && input.canLimit.includes(name));
  const aboveSinceMs = above.length === 0 ? undefined : (before.aboveSinceMs ?? input.nowMs);
  if (aboveSinceMs !== undefined && input.nowMs >= graceEndsMs(aboveSinceMs, notice, input, rules)) {
    const step = forcedOn(above, boundary, input, limits, notice);
    if (step !== undefined) return step;
  }
  if (limits.length > 0) return same({ phase: 'forced', notice, limits, aboveSinceMs });
  return {
    phase: { phase: 'complied', notice, askedFor: boundary, aboveSinceMs },
    events: [{ what: 'lifted', detail: 'no longer bounded on what it was forced on' }],
  };
}

/** Forced on these in addition to `limits`; undefined where it cannot be. */
function forcedOn(
  above: readonly ResourceName[],
  boundary: Amounts,
  input: PhaseInput,
  limits: readonly Forced[],
  notice: ShedNotice,
): PhaseStep | undefined {
  const { used, nowMs } = input;
  if (!input.canBeForced) return undefined;
  const added = above.flatMap((resource): Forced[] => {
    const limit = boundary[resource];
    if (limit === undefined || !input.canLimit.includes(resource)) return [];
    return [
      {
        resource,
        limit,
        sinceMs: nowMs,
        cause: `used ${amountText(resource, used[resource] ?? 0)} after it was asked`,
      },
    ];
  });
  if (added.length === 0) return undefined;
  const detail = added
    .map(({ resource, limit, cause }) => `${resource} to ${amountText(resource, limit)}: ${cause}`)
    .join(', ');
  return {
    phase: { phase: 'forced', notice, limits: [...limits, ...added], aboveSinceMs: undefined },
    events: [{ what: 'forced', detail }],
  };
}

const nothing: Amounts = byResource(() => 0);

function enforcedMs({ askedMs, deadlineMs }: ShedNotice, { isReachable }: PhaseInput, rules: SheddingRules): number {
  return isReachable ? deadlineMs : Math.min(deadlineMs, askedMs + rules.unreachableDeadlineMs);
}

/** The grace of who is above its boundary again, or on something else: never over before the deadline. */
function graceEndsMs(aboveSinceMs: number, notice: ShedNotice, input: PhaseInput, rules: SheddingRules): number {
  return Math.max(aboveSinceMs + rules.graceMs, enforcedMs(notice, input, rules));
}

function aboveOf(used: Amounts, boundary: Amounts, { toleranceRatio }: SheddingRules): ResourceName[] {
  return resourceNames.filter((name) => {
    const limit = boundary[name];
    return limit !== undefined && (used[name] ?? 0) > limit * (1 + toleranceRatio);
  });
}

function isLower(boundary: Amounts, before: Amounts, { toleranceRatio }: SheddingRules): boolean {
  return resourceNames.some((name) => {
    const limit = boundary[name];
    return limit !== undefined && limit < (before[name] ?? Number.POSITIVE_INFINITY) * (1 - toleranceRatio);
  });
}

const textOf = (amounts: Amounts): string =>
  resourceNames
    .flatMap((name) => (amounts[name] === undefined ? [] : [`${name} ${amountText(name, amounts[name])}`]))
    .join(', ');
