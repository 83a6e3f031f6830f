// Puts the generated tables between their markers in README: `<!-- config:begin -->` … `<!-- config:end -->`.

import { orchestratorJsonSchema } from '../../src/config/orchestrator-schema.ts';
import { configTable } from '../../src/config/reference.ts';
import { familiesTable, metricsTable } from '../../src/metrics/reference.ts';
import { createProbeMetrics } from '../../src/probe/probe-metrics.ts';
import { engineTable } from '../e2e/engine-features.ts';
import { orchestratorMetricsTable } from './orchestrator-metrics-table.ts';

const tables = {
  engines: engineTable,
  config: () => configTable(),
  metrics: metricsTable,
  'probe-metrics': () => familiesTable(createProbeMetrics([]).described),
  'orchestrator-config': () => configTable(orchestratorJsonSchema()),
  'orchestrator-metrics': orchestratorMetricsTable,
};

/** The text of README with every table as the code has it now. Throws where a marker is missing. */
export function withTables(readme: string): string {
  let text = readme;
  for (const [name, table] of Object.entries(tables)) {
    const begin = `<!-- ${name}:begin -->`;
    const start = text.indexOf(begin);
    const end = text.indexOf(`<!-- ${name}:end -->`);
    if (start < 0 || end < start) throw new Error(`README.md has no ${begin} … <!-- ${name}:end -->`);
    text = `${text.slice(0, start + begin.length)}\n\n${table()}\n\n${text.slice(end)}`;
  }
  return text;
}
