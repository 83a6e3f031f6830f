// Runs shedding over time: what is so at each moment, as a function of it; what comes of it, in words.
import { type RunningMode, runningModes } from '../../../src/control/throttle.ts';
import {
  initialShedding,
  type SheddingApplication,
  type SheddingEvent,
  type SheddingInput,
  type SheddingOrders,
  type SheddingState,
  stepShedding,
} from '../../../src/orchestrator/shedding/shedding.ts';
import { type SheddingRules, sheddingRules } from '../../../src/orchestrator/shedding/shedding-rules.ts';

export const gigabyte = 1e9;

/** Essential, with an adapter, 50 GB allocated; uses `gigabytes`, may use `boundary` GB while one is in force. */
export function application(
  gigabytes: number,
  boundary?: number,
  given: Partial<SheddingApplication> = {},
): SheddingApplication {
  return {
    name: 'web',
    isEssential: true,
    isExempt: false,
    allocated: { memoryBytes: 50 * gigabyte },
    used: { memoryBytes: gigabytes * gigabyte },
    boundary: boundary === undefined ? undefined : { memoryBytes: boundary * gigabyte },
    lent: undefined,
    canBeForced: true,
    isReachable: true,
    ...given,
  };
}

export type Situation = Pick<SheddingInput, 'mode' | 'applications'> & Partial<Omit<SheddingInput, 'nowMs'>>;

export function inputOf(situation: Situation, nowMs: number): SheddingInput {
  const rank = runningModes.indexOf(situation.mode);
  return {
    nowMs,
    causes: rank === 0 ? [] : ['memoryBytes 90 %'],
    attributes: { dumpNonEssential: rank > 0, reductionRatio: 0, slowed: rank === 3 },
    isNearLimit: false,
    ...situation,
  };
}

export interface Moment {
  readonly nowMs: number;
  readonly input: SheddingInput;
  readonly state: SheddingState;
  readonly applications: ReadonlyMap<string, SheddingOrders>;
  readonly events: readonly SheddingEvent[];
}

export function runShedding(
  situationAt: (nowMs: number) => Situation,
  seconds: number,
  { rules = sheddingRules, stepMs = 500, from }: { rules?: SheddingRules; stepMs?: number; from?: Moment } = {},
): Moment[] {
  const startMs = from === undefined ? 0 : from.nowMs + stepMs;
  let state = from?.state ?? initialShedding;
  const moments: Moment[] = [];
  for (let nowMs = startMs; nowMs < startMs + seconds * 1000; nowMs += stepMs) {
    const input = inputOf(situationAt(nowMs), nowMs);
    const result = stepShedding(state, input, rules);
    state = result.state;
    moments.push({ ...result, nowMs, input });
  }
  return moments;
}

/** Application and mode that stay as they are. */
export const steady =
  (mode: RunningMode, ...applications: SheddingApplication[]) =>
  (): Situation => {
    return { mode, applications };
  };

/** Memory in GB and boundary by the second. */
export const over =
  (mode: RunningMode, gigabytes: (s: number) => number, boundary: (s: number) => number | undefined = () => 10) =>
  (nowMs: number) =>
    steady(mode, application(gigabytes(nowMs / 1000), boundary(nowMs / 1000)))();

/** `10 s web forced memoryBytes to 10 GB: used 20 GB after it was asked`. */
export const story = (moments: readonly Moment[]): string[] =>
  moments.flatMap(({ nowMs, events }) =>
    events.map((one) => `${nowMs / 1000} s ${one.application} ${one.what} ${one.detail}`),
  );

/** The same without the detail. */
export const acts = (moments: readonly Moment[]): string[] =>
  moments.flatMap(({ nowMs, events }) => events.map((one) => `${nowMs / 1000} s ${one.application} ${one.what}`));

export const ordersAt = (moments: readonly Moment[], seconds: number, name = 'web'): SheddingOrders | undefined =>
  moments.find(({ nowMs }) => nowMs >= seconds * 1000)?.applications.get(name);
