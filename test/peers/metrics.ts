// The edge's counters, read from its metrics page (Prometheus text format 0.0.4) and summed by label.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metrics {
  readonly samples: readonly Sample[];
  /** Sum over all samples of that name whose labels contain `labels`; 0 where there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

const line = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Metrics {
  const samples: Sample[] = [];
  for (const row of text.split('\n')) {
    const match = row.startsWith('#') ? null : line.exec(row);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const pair of (match[2] ?? '').matchAll(label)) labels[pair[1]!] = pair[2]!;
    samples.push({ name: match[1]!, labels, value: Number(match[3]) });
  }
  return {
    samples,
    sum(name, wanted = {}) {
      let total = 0;
      for (const sample of samples) {
        if (sample.name !== name) continue;
        if (Object.entries(wanted).every(([key, value]) => sample.labels[key] === value)) total += sample.value;
      }
      return total;
    },
  };
}
