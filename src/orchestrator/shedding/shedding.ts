// Who is asked to shed, who is forced to, and who is dumped, on the whole host (seed; DESIGN.md §6 "passive, then forced"). Exempt
// applications never are. What a mode has brought about ends with it.
import { type Amounts, type ResourceName, resourceNames } from '../../congestion/amounts.ts';
import type { ModeAttributes } from '../../congestion/orders.ts';
import { type RunningMode, runningModes } from '../../control/throttle.ts';
import type { ApplicationLoad } from '../allocation/application-load.ts';
import { continued, type NewNotice, ownShare, type ShedNotice } from './notice.ts';
import { type Forced, type Goal, type Phase, type PhaseStep, type SheddingEventKind, stepPhase } from './phase.ts';
import type { SheddingRules } from './shedding-rules.ts';

export interface SheddingApplication
  extends Pick<ApplicationLoad, 'name' | 'isEssential' | 'isExempt' | 'allocated' | 'used'> {
  /** Its preset congestion boundary, while one is in force. */
  readonly boundary: Amounts | undefined;
  /** What it uses, or had before this step, above what is its own: `allocated` is without it. */
  readonly lent: Amounts | undefined;
  /** Whether there is an adapter that can limit and suspend it; on which resources, if not on all. */
  readonly canBeForced: boolean;
  readonly canLimit?: readonly ResourceName[] | undefined;
  /** Whether it can be told anything: it takes callbacks, or fetches its orders. */
  readonly isReachable: boolean;
}

export interface SheddingInput {
  /** Monotonic. */
  readonly nowMs: number;
  readonly mode: RunningMode;
  /** Why the mode is in force; told with each notice. */
  readonly causes: readonly string[];
  readonly attributes: ModeAttributes;
  /** The host is short of something, or its reserve is in use. */
  readonly isNearLimit: boolean;
  readonly applications: readonly SheddingApplication[];
}

interface Known {
  readonly phase: Phase;
  readonly own: ShedNotice | undefined;
  readonly cross: ShedNotice | undefined;
  readonly canBeForced: boolean;
}

export interface SheddingState {
  readonly known: ReadonlyMap<string, Known>;
  readonly lastNotice: number;
}

export interface SheddingOrders {
  readonly notices: readonly ShedNotice[];
  readonly forced: readonly Forced[];
  readonly isSuspended: boolean;
  readonly phase: Phase['phase'];
}

export interface SheddingEvent {
  readonly application: string;
  readonly what: SheddingEventKind;
  readonly detail: string;
}

export const initialShedding: SheddingState = { known: new Map(), lastNotice: 0 };

const unknown: Known = { phase: { phase: 'calm' }, own: undefined, cross: undefined, canBeForced: false };
const longestCause = 200;

/** One step later. `applications`: of all that are given, and of those that are gone and still limited or suspended. */
export function stepShedding(
  state: SheddingState,
  input: SheddingInput,
  rules: SheddingRules,
): {
  readonly state: SheddingState;
  readonly applications: ReadonlyMap<string, SheddingOrders>;
  readonly events: readonly SheddingEvent[];
} {
  const events: SheddingEvent[] = [];
  const known = new Map<string, Known>();
  let lastNotice = state.lastNotice;
  const cause = [input.mode, input.causes.join(', ')]
    .filter((part) => part !== '')
    .join(': ')
    .slice(0, longestCause);
  const create: NewNotice = (kind, target, deadlineMs) => {
    lastNotice += 1;
    return {
      id: `${kind} ${lastNotice}`,
      kind,
      target,
      askedMs: input.nowMs,
      deadlineMs: input.nowMs + deadlineMs,
      cause,
    };
  };
  for (const application of input.applications) {
    const before = state.known.get(application.name) ?? unknown;
    const stepped = stepApplication(before, application, input, rules, create);
    known.set(application.name, stepped.known);
    for (const event of stepped.events) events.push({ application: application.name, ...event });
  }
  for (const [name, before] of state.known) {
    if (known.has(name)) continue;
    const stepped = stepGone(before, input, rules, create);
    if (stepped.phase.phase !== 'calm')
      known.set(name, { ...unknown, phase: stepped.phase, canBeForced: before.canBeForced });
    for (const event of stepped.events) events.push({ application: name, ...event });
  }
  const applications = new Map([...known].map(([name, one]) => [name, ordersOf(one)]));
  return { state: { known, lastNotice }, applications, events };
}

/** Without an application that has left in order: nothing of it is limited any more. */
export function withoutApplication(state: SheddingState, name: string): SheddingState {
  return { ...state, known: new Map([...state.known].filter(([one]) => one !== name)) };
}

function stepApplication(
  before: Known,
  application: SheddingApplication,
  input: SheddingInput,
  rules: SheddingRules,
  create: NewNotice,
): { readonly known: Known; readonly events: readonly Omit<SheddingEvent, 'application'>[] } {
  const { canLimit = resourceNames } = application;
  const goal = goalOf(application, input, rules);
  const { phase, events } = stepPhase(
    before.phase,
    goal,
    { ...application, canLimit, nowMs: input.nowMs },
    rules,
    create,
  );
  const isConcerned = isAtLeast(input.mode, 'L1') && !application.isExempt && goal.kind !== 'dump';
  // In place of the order to come down: how it does so is its own affair, and nothing is enforced.
  const isAdvised = isConcerned && goal.kind === 'none' && input.isNearLimit;
  const own = continued(before.own, isAdvised ? (application.boundary ?? application.allocated) : undefined, (target) =>
    create('load-shed-on-your-own', target, rules.ownDeadlineMs),
  );
  const share = isConcerned ? ownShare(application.allocated, application.lent, before.cross) : undefined;
  const cross = continued(before.cross, share, (target) =>
    create('stop-cross-utilisation', target, rules.crossDeadlineMs),
  );
  const advice = [
    ...(own !== undefined && before.own === undefined ? ['to shed on its own'] : []),
    ...(cross !== undefined && before.cross === undefined ? ['to use no more than its own share'] : []),
  ];
  return {
    known: { phase, own, cross, canBeForced: application.canBeForced },
    events: [...events, ...advice.map((detail) => ({ what: 'asked' as const, detail }))],
  };
}

function goalOf(application: SheddingApplication, input: SheddingInput, rules: SheddingRules): Goal {
  if (application.isExempt || input.mode === 'L0') return { kind: 'none' };
  if (!application.isEssential && input.attributes.dumpNonEssential) return { kind: 'dump' };
  const { boundary } = application;
  if (boundary === undefined || !isAtLeast(input.mode, rules.enforcesFrom)) return { kind: 'none' };
  return { kind: 'boundary', boundary };
}

/** Its lease is over. Whoever is suspended cannot renew it, and nobody gets rid of a limit, or runs on, by falling silent. */
function stepGone(
  { phase, canBeForced }: Known,
  input: SheddingInput,
  rules: SheddingRules,
  create: NewNotice,
): PhaseStep {
  const isDumped = phase.phase === 'suspended' || (phase.phase === 'asked' && phase.to === 'dump');
  const stays = isDumped
    ? input.attributes.dumpNonEssential && input.mode !== 'L0'
    : phase.phase === 'forced' && isAtLeast(input.mode, rules.enforcesFrom);
  const gone = { used: {}, canBeForced, canLimit: [], isReachable: false, nowMs: input.nowMs };
  if (!stays) return stepPhase(phase, { kind: 'none' }, gone, rules, create);
  return isDumped ? stepPhase(phase, { kind: 'dump' }, gone, rules, create) : { phase, events: [] };
}

function ordersOf({ phase, own, cross }: Known): SheddingOrders {
  const main = phase.phase === 'calm' ? undefined : phase.notice;
  return {
    notices: [main, own, cross].filter((notice) => notice !== undefined),
    forced: phase.phase === 'forced' ? phase.limits : [],
    isSuspended: phase.phase === 'suspended',
    phase: phase.phase,
  };
}

const isAtLeast = (mode: RunningMode, least: RunningMode): boolean =>
  runningModes.indexOf(mode) >= runningModes.indexOf(least);
