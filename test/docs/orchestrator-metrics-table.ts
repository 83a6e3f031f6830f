// The table of the orchestrator's metrics for README, from a registry of one that does nothing.
import { familiesTable } from '../../src/metrics/reference.ts';
import { createOrchestratorMetrics } from '../../src/orchestrator/orchestrator-metrics.ts';
import { StepRecord } from '../../src/orchestrator/step-record.ts';
import { HostWorld } from '../orchestrator/host-world.ts';

export function orchestratorMetricsTable(): string {
  const { orchestrator, applications, peers } = new HostWorld({}, []);
  const silent = { info() {}, warn() {}, debug() {} };
  const { described } = createOrchestratorMetrics({
    ...{ orchestrator, applications, peers },
    counts: new StepRecord(silent),
    adapters: { counts: new Map(), stateOf: () => undefined },
    reserveRatio: () => 0,
    now: () => 0,
  });
  return familiesTable(described);
}
