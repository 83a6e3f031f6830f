// Prometheus and Alertmanager as processes of their own, and the tools that come with them: promtool and amtool.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Child } from './child.ts';
import { type MonitorName, missingMonitors } from './install.ts';
import type { Lab } from './lab-test.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait.ts';

const startLimitMs = 30_000;

export interface ScrapeJob {
  readonly job: string;
  /** `host:port` of each instance. */
  readonly targets: readonly string[];
  readonly path?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly jobs: readonly ScrapeJob[];
  /** Rule files: the text of each under its name. */
  readonly rules?: Readonly<Record<string, string>>;
  /** `host:port` of each Alertmanager. */
  readonly alertmanagers?: readonly string[];
  /** Time between two scrapes, and between two evaluations. Default 500 ms. */
  readonly intervalMs?: number;
  readonly externalLabels?: Readonly<Record<string, string>>;
}

export type SeriesLabels = Readonly<Record<string, string>>;

export interface InstantSeries {
  readonly labels: SeriesLabels;
  readonly atSeconds: number;
  readonly value: number;
}

export interface RangeSeries {
  readonly labels: SeriesLabels;
  /** Unix seconds and the value there. */
  readonly values: readonly (readonly [number, number])[];
}

export interface PrometheusAlert {
  readonly labels: SeriesLabels;
  readonly annotations: SeriesLabels;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
  readonly value: string;
}

export interface Prometheus {
  readonly url: string;
  /** `host:port`. */
  readonly address: string;
  readonly child: Child;
  /** `atSeconds`: Unix time; default: now. A scalar comes as one series without labels. Throws with Prometheus' own words. */
  query(expression: string, atSeconds?: number): Promise<InstantSeries[]>;
  queryRange(expression: string, fromSeconds: number, toSeconds: number, stepSeconds: number): Promise<RangeSeries[]>;
  /** Those that are pending or firing. */
  alerts(): Promise<PrometheusAlert[]>;
  /** Reads its files again; `rules`: in place of those of that name. */
  reload(rules?: Readonly<Record<string, string>>): Promise<void>;
}

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const body = (await answer.json()) as { status: string; error?: string; data: T };
  if (body.status !== 'success') throw new Error(body.error ?? `${url} answered ${answer.status}`);
  return body.data;
}

async function waitUntilReady(child: Child, url: string): Promise<void> {
  const state = await waitFor(
    `${child.name} to be ready`,
    async () => {
      if (!child.running()) return 'ended';
      return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1000) })).ok ? 'ready' : undefined;
    },
    startLimitMs,
  );
  if (state === 'ended') throw new Error(`${child.name} ended at start-up: ${child.log().slice(-2000)}`);
}

/** Starts Prometheus in the lab's folder and waits until it is ready. Its rule files are those of `rules` and no other. */
export async function startPrometheus(lab: Lab, options: PrometheusOptions): Promise<Prometheus> {
  const name = lab.uniqueName('prometheus');
  const folder = join(lab.dir, name);
  mkdirSync(folder);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const { intervalMs = 500, rules = {}, alertmanagers = [] } = options;
  const writeRules = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  };
  writeRules(rules);
  const file = join(folder, 'prometheus.yml');
  // JSON is YAML 1.2.
  writeFileSync(file, JSON.stringify(configurationOf(options, intervalMs, Object.keys(rules), alertmanagers), null, 2));
  const child = lab.start(name, 'prometheus', [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-lifecycle',
    `--query.lookback-delta=${Math.max(5000, intervalMs * 10)}ms`,
    '--log.level=warn',
  ]);
  await waitUntilReady(child, url);
  return {
    ...{ url, address, child },
    async query(expression, atSeconds) {
      const time = atSeconds === undefined ? '' : `&time=${atSeconds}`;
      return instant(await get<QueryData>(`${url}/api/v1/query?query=${encodeURIComponent(expression)}${time}`));
    },
    async queryRange(expression, fromSeconds, toSeconds, stepSeconds) {
      const range = `start=${fromSeconds}&end=${toSeconds}&step=${stepSeconds}`;
      const query = encodeURIComponent(expression);
      const { result } = await get<QueryData>(`${url}/api/v1/query_range?query=${query}&${range}`);
      return (result as { metric: SeriesLabels; values: [number, string][] }[]).map(({ metric, values }) => ({
        labels: metric,
        values: values.map(([at, value]) => [at, toNumber(value)] as const),
      }));
    },
    alerts: async () => (await get<{ alerts: PrometheusAlert[] }>(`${url}/api/v1/alerts`)).alerts,
    async reload(files = {}) {
      writeRules(files);
      const answer = await fetch(`${url}/-/reload`, { method: 'POST', signal: AbortSignal.timeout(10_000) });
      if (!answer.ok) throw new Error(`reload: ${await answer.text()}`);
    },
  };
}

function configurationOf(
  { jobs, externalLabels = {} }: PrometheusOptions,
  intervalMs: number,
  ruleFiles: readonly string[],
  alertmanagers: readonly string[],
): object {
  return {
    global: {
      scrape_interval: `${intervalMs}ms`,
      scrape_timeout: `${intervalMs}ms`,
      evaluation_interval: `${intervalMs}ms`,
      external_labels: externalLabels,
    },
    rule_files: ruleFiles,
    scrape_configs: jobs.map(({ job, targets, path, labels }) => ({
      job_name: job,
      ...(path === undefined ? {} : { metrics_path: path }),
      static_configs: [{ targets, ...(labels === undefined ? {} : { labels }) }],
    })),
    ...(alertmanagers.length === 0
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }),
  };
}

interface QueryData {
  readonly resultType: 'vector' | 'scalar' | 'matrix' | 'string';
  readonly result: unknown;
}

/** Prometheus writes infinity in its own way. */
const toNumber = (text: string): number => Number(text.replace('Inf', 'Infinity'));

function instant({ resultType, result }: QueryData): InstantSeries[] {
  if (resultType === 'scalar') {
    const [atSeconds, value] = result as [number, string];
    return [{ labels: {}, atSeconds, value: toNumber(value) }];
  }
  if (resultType !== 'vector') throw new Error(`a query for one moment answered a ${resultType}`);
  return (result as { metric: SeriesLabels; value: [number, string] }[]).map(({ metric, value }) => ({
    labels: metric,
    atSeconds: value[0],
    value: toNumber(value[1]),
  }));
}

export interface Alertmanager {
  readonly url: string;
  /** `host:port`. */
  readonly address: string;
  readonly child: Child;
}

/** Starts Alertmanager with this configuration file and waits until it is ready. */
export async function startAlertmanager(lab: Lab, configuration: string): Promise<Alertmanager> {
  const name = lab.uniqueName('alertmanager');
  const folder = join(lab.dir, name);
  mkdirSync(folder);
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, configuration);
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = lab.start(name, 'prometheus-alertmanager', [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    // alone: it looks for no others, and opens no port for them
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
  await waitUntilReady(child, url);
  return { url, address, child };
}

export interface ToolRun {
  readonly status: number | null;
  /** Standard output and error. */
  readonly text: string;
}

/** Runs promtool or amtool to its end. */
export function runTool(tool: 'promtool' | 'amtool', args: readonly string[], folder?: string): ToolRun {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    encoding: 'utf8',
    timeout: 60_000,
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  return { status, text: `${stdout}${stderr}` };
}

/** A suite that needs them: skipped where one is missing, which install.ts has said, and which is an error under CI=true. */
export function monitorSuite(name: string, needs: readonly MonitorName[], body: () => void): void {
  const missing = missingMonitors(needs);
  describe.skipIf(missing.length > 0)(missing.length > 0 ? `${name} (missing: ${missing.join(', ')})` : name, body);
}
