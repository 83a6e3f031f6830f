// The table of metrics for README, from the registry itself.
import { noOperatorControls } from '../control/operator-controls.ts';
import { createCounters } from './counters.ts';
import type { FamilyDescription } from './families.ts';
import { createMetrics } from './metrics.ts';

/** A Markdown table of every metric of ours. */
export function metricsTable(): string {
  const { described } = createMetrics({
    version: '',
    counters: createCounters(),
    sockets: () => [],
    switches: () => [],
    transactions: () => ({}),
    penalisedSources: () => 0,
    reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: 0 }),
    draining: () => false,
    loop: () => undefined,
    ordered: () => ({ links: [], controls: noOperatorControls }),
  });
  return familiesTable(described);
}

export function familiesTable(described: readonly FamilyDescription[]): string {
  const rows = described.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(' ');
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
