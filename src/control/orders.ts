// What the orchestrator and the operator order of the Control Function, as a value: whoever asks for it sees to its expiry.
import type { Gap, RunningMode } from './throttle.ts';

/** What others order, while that is valid. */
export interface Orders {
  /** The orchestrator's mode: the least that is in force. */
  readonly mode: RunningMode | undefined;
  /** The operator's: in force whatever indicators and orchestrator say. */
  readonly override: RunningMode | undefined;
  /** New calls of all classes that the host's resources allow; ordinary ones get what the privileged leave. */
  readonly boundaryPerSecond: number;
  /** The part of its ordinary calls that the edge gives up because the host is short of something, 0 to 1. */
  readonly reductionRatio: number;
  readonly gaps: readonly Gap[];
}
export const noOrders: Orders = {
  mode: undefined,
  override: undefined,
  boundaryPerSecond: Number.POSITIVE_INFINITY,
  reductionRatio: 0,
  gaps: [],
};
