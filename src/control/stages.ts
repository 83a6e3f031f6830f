// L2 (DESIGN.md §4, seed: "staging workload reductions"): ordinary calls are reduced in stages with a dwell between them, while
// something other than demand is wrong: our buffers, event loop or memory, or somebody's order. Demand alone is bounded by capacity
// already, and to stay below that would only lose calls. The orchestrator stages its reductions itself, by the same steps.
import { highestMode } from './running-mode.ts';
import type { Indicator, IndicatorName, RunningMode } from './throttle.ts';

/** What is left of the ordinary capacity in each stage. */
export const stageFactors = [1, 0.9, 0.75, 0.5, 0.25] as const;

/** The shortest time from one stage to the next, ms. Deeper: in L2 and in L3. Back: at once when nothing proposes anything any
 * more; slowly while something does, since the reduction may be all that keeps the resource well. */
const deeperMs = { L2: 2000, L3: 500 } as const;
const backMs = { calm: 200, event: 5000 } as const;
/** Deeper again within this time of going back, ms, is a relapse: each doubles the time to go back, up to so many times. */
const relapseMs = 10_000;
const mostPatience = 16;

/** Indicators of something other than demand. */
const resources: readonly IndicatorName[] = ['kernel-buffer', 'event-loop', 'memory'];

export interface StageState {
  /** 0 to 4, the index of the factor. */
  readonly stage: number;
  /** 1 to 0.25: what ordinary capacity is multiplied by. */
  readonly factor: number;
  /** When the stage was last changed; undefined: never. */
  readonly changedMs: number | undefined;
  readonly wasBack: boolean;
  /** By what the times to go back are multiplied. */
  readonly patience: number;
}

export const initialStage: StageState = { stage: 0, factor: 1, changedMs: undefined, wasBack: false, patience: 1 };

export interface StageInput {
  readonly proposals: readonly Indicator[];
  readonly orderedMode: RunningMode | undefined;
  readonly nowMs: number;
}

/** One sample later; moves by one stage at most. */
export function stepStage(state: StageState, input: StageInput): StageState {
  const local = input.proposals.filter(({ name }) => resources.includes(name)).map(({ proposes }) => proposes);
  const asked = highestMode([...local, input.orderedMode ?? 'L0']);
  const isReducing = asked === 'L2' || asked === 'L3';
  const isCalm = asked === 'L0' && input.proposals.every(({ proposes }) => proposes === 'L0');
  const dwellMs = isReducing ? deeperMs[asked] : backMs[isCalm ? 'calm' : 'event'] * state.patience;
  const stage = Math.min(Math.max(state.stage + (isReducing ? 1 : -1), 0), stageFactors.length - 1);
  const heldMs = state.changedMs === undefined ? Number.POSITIVE_INFINITY : input.nowMs - state.changedMs;
  if (stage === state.stage || heldMs < dwellMs) return state;
  const patience = isReducing ? patienceOf(state, heldMs) : state.patience;
  return { stage, factor: stageFactors[stage] ?? 1, changedMs: input.nowMs, wasBack: !isReducing, patience };
}

/** At the moment of going deeper. */
function patienceOf({ stage, wasBack, patience }: StageState, heldMs: number): number {
  if (wasBack && heldMs < relapseMs) return Math.min(patience * 2, mostPatience);
  return stage === 0 ? 1 : patience;
}
