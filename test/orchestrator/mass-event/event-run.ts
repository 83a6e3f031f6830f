// Runs the mass event state engine over time: what is so at each moment, as a function of it; what comes of it, in words.
import type { EventApplication } from '../../../src/orchestrator/mass-event/application-signs.ts';
import { type EventRules, eventRules } from '../../../src/orchestrator/mass-event/event-rules.ts';
import {
  type EventInput,
  type EventResult,
  type EventState,
  initialEvent,
  stepMassEvent,
} from '../../../src/orchestrator/mass-event/mass-event.ts';

export const gigabyte = 1e9;
export const hostMaximum = {
  cpuCores: 16,
  memoryBytes: 200 * gigabyte,
  diskBytes: 1000 * gigabyte,
  diskBytesPerSecond: gigabyte,
  networkBytesPerSecond: gigabyte,
};
export type Ratios = Partial<Record<keyof typeof hostMaximum, number>>;

/** Use as parts of the maximum, 0.3 where not given. */
export function hostAt(ratios: Ratios): EventInput['host'] {
  const used = Object.fromEntries(
    Object.entries(hostMaximum).map(([name, maximum]) => [name, maximum * (ratios[name as keyof Ratios] ?? 0.3)]),
  );
  return { maximum: hostMaximum, used };
}

export const calm: EventInput = {
  host: hostAt({}),
  reserve: Object.fromEntries(Object.entries(hostMaximum).map(([name, maximum]) => [name, maximum * 0.2])),
  applications: [],
  peers: [],
  override: undefined,
};

export const application = (given: Partial<EventApplication> = {}): EventApplication => {
  return { name: 'edge', isEssential: true, isExempt: false, used: {}, report: undefined, preCongestion: [], ...given };
};

/** One application that reports so many requests a second, once a second. */
export const reporting = (
  nowMs: number,
  requestsPerSecond: number,
  normalPerSecond: number | undefined,
): EventApplication => {
  const receivedMs = Math.floor(nowMs / 1000) * 1000;
  return application({ report: { receivedMs, requestsPerSecond, normalPerSecond, isReserveInUse: false } });
};

export interface Moment extends EventResult {
  readonly nowMs: number;
}

export function runEvent(
  inputAt: (nowMs: number) => Partial<EventInput>,
  seconds: number,
  { rules = eventRules, stepMs = 250, from }: { rules?: EventRules; stepMs?: number; from?: readonly Moment[] } = {},
): Moment[] {
  const startMs = from?.at(-1) === undefined ? 0 : from.at(-1)!.nowMs + stepMs;
  let state: EventState = from?.at(-1)?.state ?? initialEvent(startMs);
  const moments: Moment[] = [];
  for (let nowMs = startMs; nowMs < startMs + seconds * 1000; nowMs += stepMs) {
    const result = stepMassEvent(state, { ...calm, ...inputAt(nowMs) }, rules, nowMs);
    state = result.state;
    moments.push({ ...result, nowMs });
  }
  return moments;
}

/** `2 s L1 (memoryBytes 85 %)` for each change of the mode. */
export function changes(moments: readonly Moment[]): string[] {
  return moments.flatMap(({ mode: { mode, causes }, nowMs }, i) => {
    if (mode === (moments[i - 1]?.mode.mode ?? 'L0')) return [];
    return [`${nowMs / 1000} s ${mode}${causes.length === 0 ? '' : ` (${causes.join(', ')})`}`];
  });
}

export const modeNames = (moments: readonly Moment[]): string[] => moments.map(({ mode }) => mode.mode);
