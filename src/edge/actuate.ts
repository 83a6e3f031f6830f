// Puts a throttle in force: shares, gaps, lanes, the limits of the switches, what running mode and pushback ask for.
import { setShare } from '../admission/side.ts';
import type { Throttle } from '../control/throttle.ts';
import { ocAnswerText } from '../sip/oc-edits.ts';
import type { EdgeParts } from './parts.ts';

/**
 * While the mode reduces no ordinary calls, shares are cut because of chance as often as not, and what a neighbour sends beyond its own
 * is refused at once: so it may have more of it at once, seconds of it.
 */
const calmBurstSeconds = 0.75;

export function actuate(parts: EdgeParts, throttle: Throttle, nowMs: number): void {
  parts.mode = throttle.mode;
  parts.isReducing = throttle.mode === 'L2' || throttle.mode === 'L3';
  for (const one of throttle.interfaces) {
    const side = parts.policy.sides[one.name];
    setShare(side, one.newCallsPerSecond);
    parts.lanes.plan(side, one.scan, one.newCallsPerSecond);
    side.pauseReadsMs = one.pauseReadsMs;
    for (const { name, newCallsPerSecond, isServed, oc } of one.neighbours) {
      const neighbour = side.neighbours.find((known) => known.name === name);
      if (neighbour === undefined) continue;
      setShare(neighbour, newCallsPerSecond, parts.isReducing ? undefined : calmBurstSeconds);
      neighbour.isServed = isServed;
      neighbour.ocText = oc === undefined ? '' : ocAnswerText(oc);
    }
  }
  for (const { name, callsPerSecond, outstanding, room, unknownCalls } of throttle.switches)
    parts.switches.find(name)?.throttle(callsPerSecond, outstanding, room, unknownCalls);
  parts.gaps.replace(throttle.gaps, nowMs);
  parts.admission.limitRegistrations(throttle.registrationsPerSecond);
  parts.passNonEssential = throttle.passNonEssential;
  parts.retryAfterSeconds = throttle.retryAfterSeconds;
}
