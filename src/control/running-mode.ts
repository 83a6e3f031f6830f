// The running mode in force (DESIGN.md §4): the highest that an indicator or the orchestrator proposes. It rises at once, since
// indicators have dwelt already, and falls one step at a time, each after a dwell.
import { indicatorNames, type RunningMode, runningModes } from './throttle.ts';

/** How long nothing must ask for the mode before it falls by one, ms. With the indicators' window of 1 s and clear dwell of 0.8 s
 * three steps end 2.5 s after the surge at the latest. */
const fallDwellMs = 200;

/** Why a mode is in force on the edge. */
export const modeCauses = [...indicatorNames, 'orchestrator', 'operator'] as const;
export type ModeCause = (typeof modeCauses)[number];

/** `Cause`: what may ask for a mode; the edge and the orchestrator each have their own. */
export interface ModeState<Cause extends string = ModeCause> {
  readonly mode: RunningMode;
  /** Since when it is in force. */
  readonly sinceMs: number;
  /** What asks for it, or asked for it last while it is on its way down; empty in L0. */
  readonly causes: readonly Cause[];
  /** Since when less is asked for; undefined while the mode is. */
  readonly lessSinceMs: number | undefined;
}

export interface ModeInput<Cause extends string = ModeCause> {
  readonly proposals: readonly { readonly name: Cause; readonly proposes: RunningMode }[];
  /** Somebody's order that holds whatever is proposed. */
  readonly override?: { readonly mode: RunningMode; readonly name: Cause } | undefined;
  /** How long nothing must ask for the mode before it falls by one, ms; default: 200. */
  readonly dwellMs?: number;
  readonly nowMs: number;
}

export function initialMode<Cause extends string = ModeCause>(nowMs: number): ModeState<Cause> {
  return { mode: 'L0', sinceMs: nowMs, causes: [], lessSinceMs: undefined };
}

export function stepMode<Cause extends string>(state: ModeState<Cause>, input: ModeInput<Cause>): ModeState<Cause> {
  const { proposals, override, nowMs } = input;
  if (override !== undefined) {
    const sinceMs = override.mode === state.mode ? state.sinceMs : nowMs;
    return { mode: override.mode, sinceMs, causes: [override.name], lessSinceMs: undefined };
  }
  const asked = highestMode(proposals.map(({ proposes }) => proposes));
  const now = runningModes.indexOf(state.mode);
  const target = runningModes.indexOf(asked);
  if (target >= now) {
    const sinceMs = target > now ? nowMs : state.sinceMs;
    const causes = proposals.filter(({ proposes }) => proposes === asked && asked !== 'L0').map(({ name }) => name);
    return { mode: asked, sinceMs, causes, lessSinceMs: undefined };
  }
  const lessSinceMs = state.lessSinceMs ?? nowMs;
  if (nowMs - lessSinceMs < (input.dwellMs ?? fallDwellMs)) return { ...state, lessSinceMs };
  const mode = runningModes[now - 1] ?? 'L0';
  return { mode, sinceMs: nowMs, causes: mode === 'L0' ? [] : state.causes, lessSinceMs: nowMs };
}

/** The highest of them; L0 of none. */
export function highestMode(modes: readonly RunningMode[]): RunningMode {
  return runningModes[Math.max(0, ...modes.map((mode) => runningModes.indexOf(mode)))] ?? 'L0';
}
