// One threshold with hysteresis in time: it sets after its condition has held for a dwell, and clears after the opposite has held
// for another. A level that is set again soon after it cleared was cleared too early: it then waits twice as long (RFC 6357 §4
// asks for no oscillation), until it has stayed clear for a while.

/** Set again within this time of clearing, ms, is a relapse. */
const relapseMs = 10_000;
/** No level waits longer before it clears than this, ms, unless its own dwell is longer. */
const longestClearMs = 8000;

export interface LevelState {
  readonly isSet: boolean;
  /** Since when what would change it has held without a break; undefined while it does not. */
  readonly pendingSinceMs: number | undefined;
  readonly clearedAtMs: number | undefined;
  /** What it waits now before it clears. */
  readonly clearDwellMs: number;
}

export const initialLevel: LevelState = {
  isSet: false,
  pendingSinceMs: undefined,
  clearedAtMs: undefined,
  clearDwellMs: 0,
};

export interface Dwell {
  readonly setDwellMs: number;
  readonly clearDwellMs: number;
}

/** `isAbove`: what is measured is at or above the set level; `isBelow`: below the clear level. In between it is neither. */
export function stepLevel(
  state: LevelState,
  dwell: Dwell,
  isAbove: boolean,
  isBelow: boolean,
  nowMs: number,
): LevelState {
  const isPending = state.isSet ? isBelow : isAbove;
  if (!isPending) return state.pendingSinceMs === undefined ? state : { ...state, pendingSinceMs: undefined };
  const pendingSinceMs = state.pendingSinceMs ?? nowMs;
  const heldMs = nowMs - pendingSinceMs;
  if (state.isSet) {
    if (heldMs < state.clearDwellMs) return { ...state, pendingSinceMs };
    return { ...state, isSet: false, pendingSinceMs: undefined, clearedAtMs: nowMs };
  }
  if (heldMs < dwell.setDwellMs) return { ...state, pendingSinceMs };
  const isRelapse = state.clearedAtMs !== undefined && nowMs - state.clearedAtMs < relapseMs;
  const doubled = Math.max(Math.min(state.clearDwellMs * 2, longestClearMs), dwell.clearDwellMs);
  return { ...state, isSet: true, pendingSinceMs: undefined, clearDwellMs: isRelapse ? doubled : dwell.clearDwellMs };
}
