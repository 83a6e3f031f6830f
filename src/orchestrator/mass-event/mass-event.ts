// The mass event state engine (seed; DESIGN.md §6): what the host, its applications and its neighbours tell, as the running mode of
// the host with its causes and attributes. The state machine of the mode is the edge's (control/running-mode.ts).
import type { Amounts } from '../../congestion/amounts.ts';
import type { ModeAttributes } from '../../congestion/orders.ts';
import { highestMode, initialMode, type ModeState, stepMode } from '../../control/running-mode.ts';
import { initialStage, type StageState, stepStage } from '../../control/stages.ts';
import { type RunningMode, runningModes } from '../../control/throttle.ts';
import type { HostLoad } from '../allocation/application-load.ts';
import { applicationSigns, type EventApplication } from './application-signs.ts';
import type { EventRules } from './event-rules.ts';
import { hostReserveSigns, thresholdSigns } from './host-signs.ts';
import { type EventCause, type Sign, type SignKind, type SignLevels, stepSigns } from './sign.ts';

export interface EventInput {
  readonly host: HostLoad;
  /** The host's emergency reserve: what is set aside for exempt applications. */
  readonly reserve: Amounts;
  /** Those whose lease holds. */
  readonly applications: readonly EventApplication[];
  /** Second autonomous systems, while what they said is valid. */
  readonly peers: readonly EventPeer[];
  /** The operator's, while it holds: it wins over everything. */
  readonly override: RunningMode | undefined;
}

export interface EventPeer {
  readonly name: string;
  readonly mode: RunningMode;
  /** What its crisis proposes, where that is not what the rules say for all peers. */
  readonly proposes?: RunningMode | undefined;
}

export interface EventState {
  readonly levels: SignLevels;
  readonly mode: ModeState<EventCause>;
  readonly stage: StageState;
  /** When the mode last fell, unless it rose since; and by what its dwell is multiplied because it had fallen too early. */
  readonly fellMs: number | undefined;
  readonly patience: number;
}

export interface EventProposal {
  readonly name: EventCause;
  readonly proposes: RunningMode;
  readonly kind: SignKind;
  readonly detail: string;
}

export interface EventResult {
  readonly state: EventState;
  /** Those that propose more than L0, the highest first. */
  readonly proposals: readonly EventProposal[];
  readonly mode: ModeState<EventCause>;
  readonly attributes: ModeAttributes;
  /** The host itself is short of something, or its reserve is in use: who lives on it does well to shed on its own. */
  readonly isNearLimit: boolean;
}

/** What dumping and forcing relieve comes back when they are lifted. Up again within this time of falling, ms, is a relapse: each
 * doubles the dwell, up to so many times. */
const relapseMs = 30_000;
const mostPatience = 16;
const operatorCause = 'operator';
/** As many causes as the congestion API takes. */
const mostCauses = 64;
/** The part of its ordinary work that each gives up at most. */
const mostReduction: Readonly<Record<RunningMode, number>> = { L0: 0, L1: 0, L2: 0.5, L3: 0.75 };

export function initialEvent(nowMs: number): EventState {
  const mode = initialMode<EventCause>(nowMs);
  return { levels: new Map(), mode, stage: initialStage, fellMs: undefined, patience: 1 };
}

/** One step later. `nowMs`: monotonic. Steps may come at any interval; a second or less is meant. */
export function stepMassEvent(state: EventState, input: EventInput, rules: EventRules, nowMs: number): EventResult {
  const { levels, set } = stepSigns(state.levels, signsOf(input, rules, nowMs), nowMs);
  const proposals = set
    .slice(0, mostCauses)
    .map(({ name, proposes, kind, detail }) => ({ name, proposes, kind, detail }));
  const override = input.override === undefined ? undefined : { mode: input.override, name: operatorCause };
  const dwellMs = rules.fallDwellMs * state.patience;
  const mode = stepMode(state.mode, { proposals, override, dwellMs, nowMs });
  const isOrdered = override !== undefined;
  const orderedMode = rules.reducesOnDemand || isOrdered ? mode.mode : reducingMode(mode.mode, proposals);
  const stage = stepStage(state.stage, { proposals: [], orderedMode, nowMs });
  return {
    state: { levels, mode, stage, ...patienceOf(state, mode, isOrdered, nowMs) },
    proposals,
    mode,
    attributes: attributesOf(mode.mode, stage),
    isNearLimit: set.some(({ kind }) => kind === 'resource' || kind === 'reserve'),
  };
}

function signsOf(input: EventInput, rules: EventRules, nowMs: number): Sign[] {
  const exemptUses = input.applications.filter(({ isExempt }) => isExempt).map(({ used }) => used);
  return [
    ...thresholdSigns(rules.thresholds, input.host),
    ...hostReserveSigns(rules.hostReserve, input.host, input.reserve, exemptUses),
    ...input.applications.flatMap((application) => applicationSigns(application, rules, input.host, nowMs)),
    ...input.peers.flatMap((peer) => peerSigns(peer, rules.peers)),
  ];
}

function peerSigns(peer: EventPeer, { from, setDwellMs, clearDwellMs, ...rule }: EventRules['peers']): Sign[] {
  const { name, mode, proposes: most = rule.proposes } = peer;
  const crisis = runningModes.indexOf(from);
  const proposes = runningModes[Math.min(runningModes.indexOf(most), crisis - 1)];
  if (proposes === undefined || proposes === 'L0') return [];
  const isInCrisis = runningModes.indexOf(mode) >= crisis;
  const sign = { name: `peer ${name}`, kind: 'peer', proposes, measuredMs: undefined, detail: `in ${mode}` } as const;
  return [{ ...sign, isAbove: isInCrisis, isBelow: !isInCrisis, setDwellMs, clearDwellMs }];
}

/**
 * What stages of reduction go by: deeper while a shortage asks for L2 or L3, back slowly while there is a mode at all (the reduction
 * may be what keeps the host well), at once in L0. Demand alone is met by boundaries already, as on the edge (control/stages.ts).
 */
function reducingMode(mode: RunningMode, proposals: readonly EventProposal[]): RunningMode {
  if (mode === 'L0') return mode;
  const shortages = proposals.filter(({ kind }) => kind === 'resource');
  return highestMode(['L1', ...shortages.map(({ proposes }) => proposes)]);
}

/** L1: dump what is not essential. L2: stages of reduction. L3: deeper and quicker ones, and ordinary work is slowed. */
function attributesOf(mode: RunningMode, { factor }: StageState): ModeAttributes {
  return {
    dumpNonEssential: mode !== 'L0',
    reductionRatio: Math.min(1 - factor, mostReduction[mode]),
    slowed: mode === 'L3',
  };
}

/** An operator's order says nothing about whether the mode had fallen too early. */
function patienceOf(
  { mode: before, fellMs, patience }: EventState,
  after: ModeState<EventCause>,
  isOrdered: boolean,
  nowMs: number,
): Pick<EventState, 'fellMs' | 'patience'> {
  const change = isOrdered ? 0 : runningModes.indexOf(after.mode) - runningModes.indexOf(before.mode);
  if (change < 0) return { fellMs: nowMs, patience };
  if (change === 0 || fellMs === undefined) return { fellMs, patience };
  const isRelapse = nowMs - fellMs < relapseMs;
  return { fellMs: undefined, patience: isRelapse ? Math.min(patience * 2, mostPatience) : 1 };
}
