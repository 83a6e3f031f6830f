// How plain numbers become metrics of prom-client: each family copies its values when somebody asks, never before.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { HistogramCounts } from './histogram-counts.ts';

/** What README says of a family. */
export interface FamilyDescription {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** The registry, and what was put into it. */
export interface Families {
  readonly registry: Registry;
  readonly described: FamilyDescription[];
}

export type Labels = Readonly<Record<string, string>>;
/** Says one series: its labels and its value. */
export type Say = (labels: Labels, value: number) => void;

/** A number that only rises. `read` says every series that is to be shown. */
export function counter(families: Families, name: string, help: string, labels: string[], read: (say: Say) => void) {
  families.described.push({ name, type: 'counter', labels, help });
  new Counter({
    name,
    help,
    labelNames: labels,
    registers: [families.registry],
    collect() {
      this.reset();
      read((series, value) => this.inc(series, value));
    },
  });
}

/** A number that rises and falls. */
export function gauge(families: Families, name: string, help: string, labels: string[], read: (say: Say) => void) {
  families.described.push({ name, type: 'gauge', labels, help });
  new Gauge({
    name,
    help,
    labelNames: labels,
    registers: [families.registry],
    collect() {
      this.reset();
      // without labels a reset leaves a 0 behind, also where nothing is said
      if (labels.length === 0) this.remove({});
      read((series, value) => this.set(series, value));
    },
  });
}

/** A distribution that is counted in plain arrays. All series of a family have the same bounds. */
export function histogram(
  families: Families,
  name: string,
  help: string,
  labels: string[],
  read: (say: (labels: Labels, counts: HistogramCounts) => void) => void,
) {
  families.described.push({ name, type: 'histogram', labels, help });
  const family = new Histogram({ name, help, labelNames: labels, registers: [] });
  // prom-client counts values one by one; ours are counted already, so the family is handed over as it is read.
  const get = async () => {
    const values: { labels: Record<string, string | number>; value: number; metricName: string }[] = [];
    read((series, counts) => {
      let sum = 0;
      counts.counts.forEach((count, i) => {
        sum += count;
        values.push({
          labels: { ...series, le: counts.bounds[i] ?? '+Inf' },
          value: sum,
          metricName: `${name}_bucket`,
        });
      });
      values.push({ labels: { ...series }, value: counts.sum, metricName: `${name}_sum` });
      values.push({ labels: { ...series }, value: sum, metricName: `${name}_count` });
    });
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  };
  families.registry.registerMetric(Object.assign(family, { get, getForPromString: get }) as unknown as Histogram);
}
