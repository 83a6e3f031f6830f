// What one switch can do, learned from what it does. First thin version: configured or unlimited.
import type { SwitchSample } from './load-sample.ts';

export interface CapacityState {
  /** Calls per second to send it at most; Infinity while nothing limits it. */
  readonly perSecond: number;
  /** INVITEs without progress, at most; Infinity while it is not limited by that. */
  readonly outstanding: number;
  /** It gets all that it can do, and more is asked for. */
  readonly isAtCapacity: boolean;
  /** It answers nothing: only probes are sent. */
  readonly isSilent: boolean;
}

export interface CapacityInput {
  readonly nowMs: number;
  readonly intervalMs: number;
  /** Calls of all classes that wanted to go to it. */
  readonly demandPerSecond: number;
}

export function initialCapacity(configuredPerSecond?: number): CapacityState {
  return { perSecond: configuredPerSecond ?? Infinity, outstanding: Infinity, isAtCapacity: false, isSilent: false };
}

export function stepCapacity(state: CapacityState, _sample: SwitchSample, input: CapacityInput): CapacityState {
  return { ...state, isAtCapacity: input.demandPerSecond >= state.perSecond };
}
