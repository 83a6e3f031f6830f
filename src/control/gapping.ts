// Automatic call gapping (ITU-T E.412 §3.1).
import type { NumberSample } from './load-sample.ts';
import type { Gap } from './throttle.ts';

export interface GappingInput {
  readonly numbers: readonly NumberSample[];
  /** Ordinary new calls that arrive, those that gaps refuse included. Emergency and priority calls are not in here. */
  readonly ordinaryArrivalsPerSecond: number;
  /** What is there for ordinary new calls; Infinity while nothing is known to limit it. */
  readonly ordinaryCapacityPerSecond: number;
  /** The switches are overloaded whatever the figures say. */
  readonly isOverloaded: boolean;
  readonly nowMs: number;
  readonly intervalMs: number;
}

export interface GappingState {
  readonly gaps: readonly Gap[];
}

export const noGapping: GappingState = { gaps: [] };

export function stepGapping(
  state: GappingState,
  _input: GappingInput,
): { readonly state: GappingState; readonly gaps: readonly Gap[] } {
  return { state, gaps: state.gaps };
}
