// What is asked besides of the Prometheus that has watched the surge of observability.test.ts: one run serves them all.
import { expect } from 'vitest';
import { dashboardFaults } from '../grafana/run-check.ts';
import type { Edge } from '../peers/edge.ts';
import type { OrchestratorProcess } from '../peers/orchestrator.ts';
import type { Prometheus } from '../peers/prometheus.ts';

export interface WatchedRun {
  readonly prometheus: Prometheus;
  readonly edge: Edge;
  readonly orchestrator: OrchestratorProcess;
  /** Unix seconds: before the surge, and when it was over. */
  readonly from: number;
  readonly to: number;
  /** The window of rates: four scrapes. */
  readonly window: string;
}

export const furtherChecks: readonly ((run: WatchedRun) => Promise<void>)[] = [
  async (run) => expect(await dashboardFaults(run, run), 'the dashboards').toEqual([]),
];
