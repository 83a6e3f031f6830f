// What each switch is given: its learned or configured capacity, and less where it asks for less by `oc` (RFC 7339 §5.5, RFC 7415
// §3.5). The demand for one switch is its part by weight, and what the others cannot take.
import { type CapacityState, initialCapacity, provenCapacity, stepCapacity } from './capacity.ts';
import type { OcValue, SwitchSample } from './load-sample.ts';
import { noShortage, queueRoom, type Shortage, stepShortage } from './queue-room.ts';
import type { SwitchThrottle } from './throttle.ts';

export interface SwitchControl {
  readonly capacity: CapacityState;
  /** All calls that wanted to go to it, per second. */
  readonly demandPerSecond: number;
  /** What it can do, as far as is known: it may be given less for a moment, to drain what waits in it. */
  readonly canDoPerSecond: number;
  readonly shortage: Shortage;
  readonly throttle: SwitchThrottle;
}

export type SwitchControls = ReadonlyMap<string, SwitchControl>;

export interface SwitchInput {
  /** Calls of all classes for all switches, per second. */
  readonly demandPerSecond: number;
  readonly nowMs: number;
  readonly intervalMs: number;
  /** By how much our own event loop was late at the worst, ms. Default 0. */
  readonly ownDelayMs?: number;
}

/** One sample later. A switch that is down is not learned from: what it could do before is what it is given when it returns. */
export function stepSwitches(
  before: SwitchControls,
  samples: readonly SwitchSample[],
  input: SwitchInput,
): SwitchControls {
  const demands = demandsOf(before, samples, input.demandPerSecond);
  return new Map(
    samples.map((sample, i) => {
      const demandPerSecond = demands[i]!;
      const earlier = before.get(sample.name);
      const known = earlier?.capacity;
      const state =
        known === undefined || known.learned.configuredPerSecond !== sample.configuredPerSecond
          ? initialCapacity(sample.configuredPerSecond)
          : known;
      const capacity = stepCapacity(state, sample, { ...input, demandPerSecond });
      const allowed = allowedBy(sample.oc, demandPerSecond);
      const callsPerSecond = Math.min(capacity.perSecond, allowed);
      const canDoPerSecond = Math.min(provenCapacity(capacity), allowed);
      const { intervalMs, ownDelayMs } = input;
      const lately = earlier?.shortage ?? noShortage;
      const shortage = stepShortage(lately, demandPerSecond, canDoPerSecond, intervalMs, ownDelayMs);
      const { outstanding, unknownCalls } = capacity;
      const room = queueRoom(shortage, callsPerSecond);
      const throttle = { name: sample.name, callsPerSecond, outstanding, room, unknownCalls };
      return [sample.name, { capacity, demandPerSecond, canDoPerSecond, shortage, throttle }];
    }),
  );
}

function demandsOf(before: SwitchControls, samples: readonly SwitchSample[], demandPerSecond: number): number[] {
  const isOpen = (one: SwitchSample) => one.isUp && one.weight > 0;
  const weights = samples.reduce((sum, one) => sum + (isOpen(one) ? one.weight : 0), 0);
  const canDo = (one: SwitchSample) => (isOpen(one) ? (before.get(one.name)?.throttle.callsPerSecond ?? Infinity) : 0);
  const all = samples.reduce((sum, one) => sum + canDo(one), 0);
  return samples.map((one) => {
    if (!isOpen(one)) return 0;
    const own = (demandPerSecond * one.weight) / weights;
    const others = all - canDo(one);
    return Math.max(own, Number.isFinite(others) ? demandPerSecond - others : 0);
  });
}

/** RFC 7339 §7.2 loss: that percent less than would be sent; RFC 7415 rate: that many. */
function allowedBy(oc: OcValue | undefined, demandPerSecond: number): number {
  if (oc === undefined) return Number.POSITIVE_INFINITY;
  if (oc.algorithm === 'rate') return oc.perSecond;
  return oc.percent === 0 ? Number.POSITIVE_INFINITY : demandPerSecond * (1 - oc.percent / 100);
}
