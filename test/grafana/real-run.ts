// The dashboards' queries, asked of a Prometheus that has watched a real run.
import { readdirSync, readFileSync } from 'node:fs';
import type { Prometheus } from '../peers/prometheus.ts';
import { dashboardsFolder } from './boards.ts';
import { type DashboardJson, legendLabels, queriesOf, substituted, variablesOf } from './dashboard-queries.ts';

export interface Run {
  readonly prometheus: Prometheus;
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** The window of rates: four scrapes. */
  readonly window: string;
}

/**
 * What may be empty in a run of an edge, an orchestrator, a synthetic caller and a surge, and why. Keys: dashboard and panel, with
 * the letter of the query where others of the panel are not empty.
 */
export type MayBeEmpty = Readonly<Record<string, string>>;

export interface Asked {
  readonly where: string;
  readonly expr: string;
  /** Series with a finite value. */
  readonly series: number;
  /** Labels that the legend shows and a series has not. */
  readonly missing: readonly string[];
}

/** Half of the time between two scrapes: what was true in one of them is found. */
const stepSeconds = 0.25;

export const readDashboards = (): DashboardJson[] =>
  readdirSync(dashboardsFolder)
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, dashboardsFolder), 'utf8')) as DashboardJson);

/** What Grafana puts in for the variables of a dashboard with all of each chosen. */
export async function valuesFor({ prometheus, from, to, window }: Run, board: DashboardJson) {
  const values: Record<string, string> = { __rate_interval: window, __range: `${Math.ceil(to - from)}s` };
  for (const { name, expr, label } of variablesOf(board)) {
    const series = await prometheus.queryRange(substituted(expr, values), from, to, 1);
    const found = new Set(series.map(({ labels }) => labels[label] ?? ''));
    // twice: the value stands in a string of PromQL
    values[name] = [...found].map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\\\$&')).join('|');
  }
  return values;
}

/** Each query over the whole run, as a panel asks it. `or vector(0)` is left out: it answers whatever there is. */
export async function askAll(run: Run): Promise<Asked[]> {
  const { prometheus, from, to } = run;
  const asked: Asked[] = [];
  for (const board of readDashboards()) {
    const values = await valuesFor(run, board);
    for (const { where, expr, legend } of queriesOf(board)) {
      const plain = substituted(expr.replaceAll(' or vector(0)', ''), values);
      const all = await prometheus.queryRange(plain, from, to, stepSeconds);
      const series = all.filter((one) => one.values.some(([, value]) => Number.isFinite(value)));
      const missing = legendLabels(legend).filter((label) => series.some(({ labels }) => labels[label] === undefined));
      asked.push({ where, expr: plain, series: series.length, missing });
    }
  }
  return asked;
}

const isNamed = (where: string, names: MayBeEmpty): boolean =>
  Object.keys(names).some((name) => where === name || where.startsWith(`${name},`));

/** What has answered nothing and is not named, what shows a label that is not there, and names that no query has. */
export function faultsOf(asked: readonly Asked[], names: MayBeEmpty): string[] {
  const empty = asked.filter(({ where, series }) => series === 0 && !isNamed(where, names));
  const bare = asked.filter(({ missing }) => missing.length > 0);
  const unknown = Object.keys(names).filter((name) => !asked.some(({ where }) => isNamed(where, { [name]: '' })));
  return [
    ...empty.map(({ where, expr }) => `no data: ${where}: ${expr}`),
    ...bare.map(({ where, missing }) => `no ${missing.join(', ')}: ${where}`),
    ...unknown.map((name) => `no such query: ${name}`),
  ];
}
