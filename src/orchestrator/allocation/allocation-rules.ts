// What an operator may choose about allocation (DESIGN.md §6); every default has its source in the seed or its reason here.
import type { RunningMode } from '../../control/throttle.ts';

export interface StabilityRules {
  /** Time constant of the smoothing of use, ms. */
  readonly smoothingMs: number;
  /** Use that leaves this band around where it was last at rest, as a part of it, is moving. */
  readonly bandRatio: number;
  /** The band is at least this part of what the host has, so that the start of something tiny is no movement. */
  readonly leastBandRatio: number;
  /** How long use must stay in its band to be stable again, ms. */
  readonly dwellMs: number;
}

export interface AllocationRules {
  /** The part of each resource that is set aside for exempt applications. Seed: 20 %. */
  readonly reserveRatio: number;
  /** How the rest is divided when an event begins: in equal parts, or in proportion to use before it. */
  readonly split: 'equal' | 'proportional';
  /** The part of an application's minimum that is its least in each mode. Seed: smaller from mode to mode. */
  readonly minimumRatios: Readonly<Record<RunningMode, number>>;
  /** No application is shrunk so far that its use would be above this part of its allocation. */
  readonly keepBelowRatio: number;
  /** Use above this part is near the maximum: of the host it starts rebalancing, of an allocation it is a shortage. */
  readonly nearMaximumRatio: number;
  readonly stability: StabilityRules;
  /** How long a held request waits at most, ms. */
  readonly heldForMs: number;
  /** In what time an allocation goes back to what it was before the event, ms. */
  readonly releaseMs: number;
}

export const defaultAllocationRules: AllocationRules = {
  reserveRatio: 0.2,
  split: 'equal',
  minimumRatios: { L0: 1, L1: 1, L2: 0.75, L3: 0.5 },
  keepBelowRatio: 0.8,
  nearMaximumRatio: 0.9,
  stability: { smoothingMs: 1000, bandRatio: 0.1, leastBandRatio: 0.01, dwellMs: 3000 },
  heldForMs: 60_000,
  releaseMs: 5000,
};
