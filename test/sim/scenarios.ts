// The scenarios of `npm run sim`: who calls whom, how often, and what happens to the switches.
import type { CallerRule, SourceRule } from './call.ts';
import type { CalleeRule } from './callees.ts';
import type { NetworkRule } from './network.ts';
import { steady } from './rate.ts';

export const patientCallers: CallerRule = {
  redialRatio: 0,
  redialMedianMs: 10_000,
  mostRedials: 0,
  patienceMedianMs: 10_000,
};

export const everybodyAnswers: CalleeRule = { answerRatio: 1, ringMedianMs: 3000, fewLines: [] };

export const numbers: readonly string[] = Array.from({ length: 20_000 }, (_, i) => String(12_025_550_000 + i * 37_199));

const peer: Omit<SourceRule, 'name' | 'rate'> = {
  interface: 'east',
  isNeighbour: true,
  weight: 1,
  priorityRatio: 0.02,
  obeysOc: undefined,
  retryAfterRatio: 1,
  callers: patientCallers,
  numbers,
  edge: 0,
};

export function peers(count: number, perSecond: number): SourceRule[] {
  return Array.from({ length: count }, (_, i) => ({ ...peer, name: `peer${i + 1}`, rate: steady(perSecond / count) }));
}

/** RFC 6357 §8: a switch of 140 calls a second, ten upstream neighbours. */
export function yardstick(factor: number): NetworkRule {
  return {
    seconds: 60,
    countFromSeconds: 20,
    sources: peers(10, 140 * factor),
    switches: [{ name: 'sw1', capacityPerSecond: 140, tryingAtOnce: false }],
    edges: 1,
    configuredPerSecond: 140,
    callees: everybodyAnswers,
    speeds: [],
    registrations: undefined,
  };
}
