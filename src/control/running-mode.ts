// The running mode in force (DESIGN.md §4): the highest that an indicator or the orchestrator proposes. It rises at once, since
// indicators have dwelt already, and falls one step at a time, each after a dwell.
import { type Indicator, type IndicatorName, type RunningMode, runningModes } from './throttle.ts';

/** How long nothing must ask for the mode before it falls by one, ms. With the indicators' window of 1 s and clear dwell of 0.8 s
 * three steps end 2.5 s after the surge at the latest. */
const fallDwellMs = 200;

/** Why a mode is in force. */
export type ModeCause = IndicatorName | 'orchestrator';

export interface ModeState {
  readonly mode: RunningMode;
  /** Since when it is in force. */
  readonly sinceMs: number;
  /** What asks for it, or asked for it last while it is on its way down; empty in L0. */
  readonly causes: readonly ModeCause[];
  /** Since when less is asked for; undefined while the mode is. */
  readonly lessSinceMs: number | undefined;
}

export interface ModeInput {
  readonly proposals: readonly Indicator[];
  /** What the orchestrator ordered, while its order is valid. */
  readonly orchestratorMode: RunningMode | undefined;
  readonly nowMs: number;
}

export const initialMode = (nowMs: number): ModeState => ({
  mode: 'L0',
  sinceMs: nowMs,
  causes: [],
  lessSinceMs: undefined,
});

export function stepMode(state: ModeState, input: ModeInput): ModeState {
  const { proposals, orchestratorMode, nowMs } = input;
  const asked = highestMode([...proposals.map(({ proposes }) => proposes), orchestratorMode ?? 'L0']);
  const now = runningModes.indexOf(state.mode);
  const target = runningModes.indexOf(asked);
  if (target >= now) {
    const sinceMs = target > now ? nowMs : state.sinceMs;
    return { mode: asked, sinceMs, causes: causesOf(asked, proposals, orchestratorMode), lessSinceMs: undefined };
  }
  const lessSinceMs = state.lessSinceMs ?? nowMs;
  if (nowMs - lessSinceMs < fallDwellMs) return { ...state, lessSinceMs };
  const mode = runningModes[now - 1] ?? 'L0';
  return { mode, sinceMs: nowMs, causes: mode === 'L0' ? [] : state.causes, lessSinceMs: nowMs };
}

/** The highest of them; L0 of none. */
export function highestMode(modes: readonly RunningMode[]): RunningMode {
  return runningModes[Math.max(0, ...modes.map((mode) => runningModes.indexOf(mode)))] ?? 'L0';
}

function causesOf(
  mode: RunningMode,
  proposals: readonly Indicator[],
  orchestratorMode: RunningMode | undefined,
): readonly ModeCause[] {
  if (mode === 'L0') return [];
  const local: ModeCause[] = proposals.filter(({ proposes }) => proposes === mode).map(({ name }) => name);
  return orchestratorMode === mode ? [...local, 'orchestrator'] : local;
}
