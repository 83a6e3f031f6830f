// No controllers, but what none can go below: the same priority calls through the same switches.
// - priority-alone: with no ordinary call at all. The time that is left is what priority calls wait for each other.
// - gaps-filled: an edge that sees into the switches, and sends an ordinary call whenever one has nothing to do. It must not be
//   interrupted either, so a priority call waits for the rest of it (M/D/1 with vacations; Doshi, Queueing Systems 1986).
import { type ControlledEdge, type EdgeInput, forwardTo, refuseFor } from '../controlled-edge.ts';

/** `fillsGaps`: with ordinary calls. Every call goes to the switch in which least waits. */
function makeFloor({ switches, backlogMs }: EdgeInput, fillsGaps: boolean): ControlledEdge {
  const shortest = (): number => {
    let best = 0;
    for (let i = 1; i < switches.length; i++) if (backlogMs(i) < backlogMs(best)) best = i;
    return best;
  };
  return {
    switchTimeoutMs: 32_000, // Timer B (RFC 3261 §17.1.1.2)
    onInvite: ({ isPriority }) => {
      const index = shortest();
      return isPriority || (fillsGaps && backlogMs(index) === 0) ? forwardTo(index) : refuseFor(0);
    },
    // a call's place is not given to them
    onRegister: () => 255,
    onProgress() {},
    onTimeout: () => 'over',
    onGone() {},
    tick() {},
  };
}

export const makePriorityAlone = (input: EdgeInput): ControlledEdge => makeFloor(input, false);
export const makeGapsFilled = (input: EdgeInput): ControlledEdge => makeFloor(input, true);
