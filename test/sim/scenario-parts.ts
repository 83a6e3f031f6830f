// What the scenarios are put together from: callers, sources, switches.
import type { CallerRule, SourceRule } from './call.ts';
import type { CalleeRule } from './callees.ts';
import type { Span } from './figures.ts';
import type { NetworkRule } from './network-rule.ts';
import { type RateStep, surge } from './rate.ts';
import type { ScenarioName } from './scenarios.ts';

export const onceOnly: CallerRule = {
  redialRatio: 0,
  redialMedianMs: 10_000,
  mostRedials: 0,
  patienceMedianMs: 10_000,
};
export const redialling: CallerRule = { ...onceOnly, redialRatio: 0.3, redialMedianMs: 5000, mostRedials: 2 };
export const allAnswer: CalleeRule = { answerRatio: 1, ringMedianMs: 3000, fewLines: [] };

/** 20,000 numbers of many area codes. */
const numbers: readonly string[] = Array.from({ length: 20_000 }, (_, i) => String(2_025_550_000 + i * 371_993));

const peer: Omit<SourceRule, 'name' | 'neighbour' | 'rate'> = {
  interface: 'east',
  priorityRatio: 0.02,
  obeysOc: undefined,
  retryAfterRatio: 1,
  callers: onceOnly,
  numbers,
  edge: 0,
};

type SourceOptions = Partial<SourceRule> & { readonly name: string; readonly rate: readonly RateStep[] };
export const fromPeer = (options: SourceOptions): SourceRule => ({ ...peer, neighbour: options.name, ...options });
export const fromCustomers = (options: SourceOptions): SourceRule => ({
  ...peer,
  interface: 'south',
  neighbour: '',
  retryAfterRatio: 0.7,
  ...options,
});

export const oneSwitch = (capacityPerSecond: number): Pick<NetworkRule, 'switches' | 'configuredPerSecond'> => ({
  switches: [{ name: 'sw1', capacityPerSecond, tryingAtOnce: false }],
  configuredPerSecond: capacityPerSecond,
});

export const usual = { countFromSeconds: 0, edges: 1, callees: allAnswer, speeds: [], registrations: undefined };

/** Two fifths from customers on south, the rest from three peer networks. */
export function everywhere(rate: (share: number) => readonly RateStep[], callers: CallerRule): SourceRule[] {
  return [
    fromCustomers({ name: 'customers', rate: rate(0.4), callers }),
    fromPeer({ name: 'peer1', rate: rate(0.2), callers }),
    fromPeer({ name: 'peer2', rate: rate(0.2), callers }),
    fromPeer({ name: 'peer3', interface: 'west', rate: rate(0.2), callers }),
  ];
}

export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  readonly points: readonly { readonly label: string; readonly network: NetworkRule }[];
  readonly span: Span;
  /** Onset and release are asked for. */
  readonly isSurge: boolean;
  /** Seconds of the span that are not counted in its means: what onset and excess tell. */
  readonly settleSeconds: number;
  /** Sources that ought to get the same. */
  readonly equals: readonly number[];
  /** Sources of ordinary callers whose success is told by itself. */
  readonly bystanders: readonly number[];
}

interface Single extends Omit<Scenario, 'points' | 'equals' | 'bystanders' | 'isSurge' | 'settleSeconds'> {
  readonly network: NetworkRule;
  readonly equals?: readonly number[];
  readonly bystanders?: readonly number[];
  readonly isSurge?: boolean;
  readonly settleSeconds?: number;
}
export const single = ({ network, ...rest }: Single): Scenario => ({
  equals: [],
  bystanders: [],
  isSurge: true,
  settleSeconds: 5,
  ...rest,
  points: [{ label: '', network }],
});

export const surgeSpan: Span = { fromSeconds: 30, toSeconds: 90 };
export const surgeOf =
  (before: number, during: number) =>
  (share: number): readonly RateStep[] =>
    surge(before * share, during * share, surgeSpan.fromSeconds, surgeSpan.toSeconds);
