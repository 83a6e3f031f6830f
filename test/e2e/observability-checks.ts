// What is asked besides of the Prometheus that has watched the surge of observability.test.ts: one run serves them all.
import type { Prometheus } from '../peers/prometheus.ts';

export interface WatchedRun {
  readonly prometheus: Prometheus;
  /** Unix seconds: before the surge, and when it was over. */
  readonly from: number;
  readonly to: number;
  /** The window of rates: four scrapes. */
  readonly window: string;
}

export const furtherChecks: readonly ((run: WatchedRun) => Promise<void>)[] = [];
