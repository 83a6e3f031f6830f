// One run: a scenario's point under one controller with one seed, and what is kept of it. Plain data both, to cross threads.
import type { RunningMode } from '../../src/control/throttle.ts';
import { type ContestantName, makers } from './contestants.ts';
import { type Figures, figuresOf } from './figures.ts';
import { Network } from './network.ts';
import { type ScenarioName, scenario } from './scenarios.ts';

export interface Job {
  readonly scenario: ScenarioName;
  readonly point: number;
  readonly contestant: ContestantName;
  readonly seed: number;
}

export interface JobResult extends Job {
  readonly label: string;
  readonly figures: Figures;
  /** One value a second. */
  readonly offered: readonly number[];
  readonly goodput: readonly number[];
  readonly capacity: readonly number[];
  readonly refused: readonly number[];
  readonly registered: readonly number[];
  readonly modes: readonly RunningMode[];
  /** In the order of the scenario's sources. */
  readonly sources: readonly { readonly name: string; readonly offered: number; readonly goodput: number }[];
  /** Share of the bystanders' calls that were completed; undefined where the scenario has none. */
  readonly bystanderRatio: number | undefined;
  readonly tookMs: number;
}

export function runJob(job: Job, now: () => number): JobResult {
  const startedMs = now();
  const { points, span, isSurge, equals, settleSeconds, bystanders } = scenario(job.scenario);
  const { label, network } = points[job.point]!;
  const recorder = new Network(network, makers[job.contestant], job.seed).run();
  const sources = network.sources.map(({ name }, i) => ({
    name,
    offered: recorder.offeredBySource[i]!,
    goodput: recorder.goodputBySource[i]!,
  }));
  const total = (what: 'offered' | 'goodput') => bystanders.reduce((sum, i) => sum + sources[i]![what], 0);
  return {
    ...job,
    label,
    figures: figuresOf(recorder, span, isSurge, equals, settleSeconds),
    offered: recorder.perSecond('offered'),
    goodput: recorder.perSecond('goodput'),
    capacity: recorder.perSecond('capacity'),
    refused: recorder.perSecond('refused'),
    registered: recorder.perSecond('registered'),
    modes: recorder.modes.filter((_, bin) => bin % 10 === 0),
    sources,
    bystanderRatio: bystanders.length === 0 ? undefined : total('goodput') / Math.max(1, total('offered')),
    tookMs: now() - startedMs,
  };
}
