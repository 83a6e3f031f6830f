// Every metric that Prometheus can scrape here, with its labels: of the edge, the orchestrator, the synthetic caller, and of Node.
import { collectDefaultMetrics, Registry } from 'prom-client';
import { familiesTable, metricsTable } from '../../src/metrics/reference.ts';
import { createProbeMetrics } from '../../src/probe/probe-metrics.ts';
import { orchestratorMetricsTable } from '../docs/orchestrator-metrics-table.ts';

/** Series name → labels, those of a histogram's three included; `instance` and `job` come from Prometheus. */
export async function knownSeries(): Promise<ReadonlyMap<string, readonly string[]>> {
  // what Prometheus itself makes of the rules in config/prometheus
  const known = new Map<string, readonly string[]>([
    ['ALERTS', ['instance', 'job', 'alertname', 'alertstate', 'severity']],
  ]);
  const tables = [metricsTable(), orchestratorMetricsTable(), familiesTable(createProbeMetrics([]).described)];
  for (const [, name = '', type, labels = ''] of tables.join('\n').matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*) \|/gm)) {
    const own = ['instance', 'job', ...[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label!)];
    if (type !== 'histogram') known.set(name, own);
    else {
      known.set(`${name}_bucket`, [...own, 'le']);
      for (const end of ['sum', 'count']) known.set(`${name}_${end}`, own);
    }
  }
  const ofNode = new Registry();
  collectDefaultMetrics({ register: ofNode });
  for (const { name } of await ofNode.getMetricsAsJSON()) known.set(name, ['instance', 'job']);
  return known;
}
