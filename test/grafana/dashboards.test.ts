import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { monitorSuite, runTool } from '../peers/prometheus.ts';
import { dashboardFiles, dashboardsFolder } from './boards.ts';
import {
  type DashboardJson,
  legendLabels,
  namesOf,
  type PanelJson,
  queriesOf,
  substituted,
  variablesOf,
} from './dashboard-queries.ts';
import { knownSeries } from './known-metrics.ts';
import { units } from './panels.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const provisioned = (file: string, folder: string) => parse(readFileSync(join(folder, 'provisioning', file), 'utf8'));
const readText = (file: string): string => readFileSync(new URL(file, dashboardsFolder), 'utf8');
const files = readdirSync(dashboardsFolder).sort();
const dashboards = files.map((file) => JSON.parse(readText(file)) as DashboardJson);
const queries = dashboards.flatMap(queriesOf);

/** Any values: for whoever reads the syntax. */
const chosen = Object.fromEntries(
  dashboards.flatMap((board) => variablesOf(board).map(({ name }) => [name, 'one|other'] as const)),
);
const values = { ...chosen, __rate_interval: '1m', __range: '30m' };

const areaOf = ({ gridPos: { x, y, w, h } }: PanelJson) => ({ left: x, right: x + w, top: y, bottom: y + h });

function overlap(one: PanelJson, other: PanelJson): boolean {
  const [a, b] = [areaOf(one), areaOf(other)];
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

it('the files are those that the code makes: `npm run docs` writes them', () => {
  const made = dashboardFiles();
  expect(files).toEqual([...made.keys()].sort());
  for (const file of files) expect(readText(file)).toBe(made.get(file));
});

it('uids stay as they are: they are in links and in bookmarks', () => {
  expect(dashboards.map(({ uid }) => uid)).toEqual(
    ['event', 'interfaces', 'orchestrator', 'sip', 'switches'].map((name) => `surgegate-${name}`),
  );
});

describe.each(dashboards)('$uid', (board) => {
  const text = JSON.stringify(board);
  const panels = board.panels.filter(({ type }) => type !== 'row');

  it('is for Grafana 11 and later, fresh every 5 s, and leads to the others and to the runbooks', () => {
    expect(board).toMatchObject({ schemaVersion: 39, refresh: '5s', tags: ['surgegate'] });
    expect(board.links.map(({ type }) => type)).toEqual(['dashboards', 'link']);
  });

  it('has panels with ids of their own, inside 24 columns, none on another', () => {
    const ids = board.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const panel of board.panels) {
      const { left, right, top } = areaOf(panel);
      expect(left >= 0 && right <= 24 && top >= 0, panel.title).toBe(true);
      for (const other of board.panels) if (other.id < panel.id) expect(overlap(panel, other), panel.title).toBe(false);
    }
  });

  it('describes each panel, gives it a unit and takes its data from the chosen source', () => {
    for (const { title, description = '', datasource, fieldConfig, type } of panels) {
      expect(description.length, title).toBeGreaterThan(20);
      expect(datasource, title).toEqual({ type: 'prometheus', uid: '$datasource' });
      if (type !== 'heatmap') expect(units, title).toContain(fieldConfig?.defaults.unit);
    }
  });

  it('gives each line a legend, and looks only to lines that are there', () => {
    for (const { title, type, targets = [], fieldConfig } of panels) {
      const legends = targets.map(({ legendFormat }) => legendFormat);
      if (type !== 'table')
        expect(
          legends.every((legend) => legend !== ''),
          title,
        ).toBe(true);
      expect(new Set(legends).size, title).toBe(legends.length);
      // by the name that is shown: one with labels in it would match none
      for (const { matcher } of fieldConfig?.overrides ?? []) {
        expect(matcher.options, title).not.toContain('{{');
        expect(legends, title).toContain(matcher.options);
      }
    }
  });

  it('uses no variable that it has not', () => {
    const own = new Set(board.templating.list.map(({ name }) => name));
    for (const [, name = ''] of text.matchAll(/\$\{?(\w+)/g)) {
      if (!name.startsWith('__')) expect(own).toContain(name);
    }
    const used = new Set([...text.matchAll(/\$(\w+)/g)].map(([, name]) => name));
    for (const name of own) expect(used, `${name} is for nothing`).toContain(name);
  });

  it('marks the time in each running mode, so that changes of it are seen in every plot', () => {
    const marks = board.annotations.list.filter(({ expr }) =>
      /surgegate_(running|host)_mode\{[^}]+\} == [123]/.test(expr),
    );
    expect(marks.map(({ name }) => name.slice(name.indexOf(' ') + 1))).toEqual(['L1', 'L2', 'L3 crisis']);
    for (const { expr, target } of board.annotations.list) expect(target.expr).toBe(expr);
  });

  it('rates over the window that Grafana fits to the scrape interval', () => {
    for (const { where, expr } of queriesOf(board))
      for (const [, window] of expr.matchAll(/\brate\([^[]*\[([^\]]+)\]/g))
        expect(window, where).toBe('$__rate_interval');
  });
});

describe('every query', () => {
  it('asks for metrics that there are, by labels that they have', async () => {
    const known = await knownSeries();
    expect(queries.length).toBeGreaterThan(100);
    for (const { where, expr, legend } of queries) {
      const { selectors, groups } = namesOf(expr);
      expect(selectors.length, where).toBeGreaterThan(0);
      for (const { metric, labels } of selectors) {
        expect([...known.keys()], where).toContain(metric);
        for (const label of labels) expect(known.get(metric), `${where}: ${metric}`).toContain(label);
      }
      const all = selectors.flatMap(({ metric }) => known.get(metric)!);
      for (const label of [...groups, ...legendLabels(legend)]) expect(all, where).toContain(label);
    }
  });

  it('has a legend of labels that are left where it sums up', () => {
    for (const { where, expr, legend } of queries) {
      if (!/\b(sum|min|max|count)\b/.test(expr)) continue;
      const { groups } = namesOf(expr);
      for (const label of legendLabels(legend)) expect(groups, where).toContain(label);
    }
  });

  it('is told apart by the check: a metric that is not there, a label that it has not', () => {
    expect(
      namesOf('sum by (a, b) (rate(one_total{x="1",y!~"}"}[5m])) / on (c) group_left two < +Inf or vector(0)'),
    ).toEqual({
      selectors: [
        { metric: 'one_total', labels: ['x', 'y'] },
        { metric: 'two', labels: [] },
      ],
      groups: ['a', 'b', 'c'],
    });
  });
});

it('every runbook that a panel leads to is in README', () => {
  const anchors = new Set(
    [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  const urls = dashboards.flatMap(({ links, panels }) => [...links, ...panels.flatMap((panel) => panel.links ?? [])]);
  const asked = urls.map(({ url }) => url).filter((url) => url.startsWith('$runbooks'));
  expect(asked.length).toBeGreaterThan(10);
  for (const url of asked) expect(anchors).toContain(url.slice(url.indexOf('#') + 1));
});

it('what README says to do puts everything in its place', () => {
  const block = /```sh\n(mkdir -p \/var\/lib\/grafana[\s\S]*?)systemctl restart grafana-server\n```/.exec(readme)?.[1];
  expect(block).toBeDefined();
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-grafana-'));
  try {
    for (const there of ['etc/grafana/provisioning', 'etc/default'])
      mkdirSync(join(folder, there), { recursive: true });
    const script = block!.replaceAll('/var/lib/', `${folder}/var/lib/`).replaceAll(/ \/etc\//g, ` ${folder}/etc/`);
    const { status, stderr } = spawnSync('sh', ['-ec', script], { cwd: root, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { path } = provisioned('dashboards/surgegate.yml', join(folder, 'etc/grafana')).providers[0].options;
    expect(readdirSync(join(folder, path)).sort()).toEqual(files);
    for (const file of files) {
      const text = readFileSync(join(folder, path, file), 'utf8');
      expect(text).toContain('https://wiki.mine.example/surgegate/README.md');
      expect(text).not.toContain('wiki.example.net');
    }
    expect(readFileSync(join(folder, 'etc/default/grafana-server'), 'utf8')).toMatch(/^PROMETHEUS_URL=http/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('provisioning: the source that dashboards take by themselves, and the folder that they are in', () => {
  const read = (file: string) => provisioned(file, join(root, 'grafana'));
  expect(read('datasources/prometheus.yml').datasources).toMatchObject([
    { type: 'prometheus', access: 'proxy', isDefault: true, url: '$PROMETHEUS_URL' },
  ]);
  expect(read('dashboards/surgegate.yml').providers).toMatchObject([
    { type: 'file', allowUiUpdates: false, options: { path: '/var/lib/grafana/dashboards/surgegate' } },
  ]);
  const scraped = parse(readFileSync(new URL('../../config/prometheus/prometheus.yml', dashboardsFolder), 'utf8'));
  const { timeInterval } = read('datasources/prometheus.yml').datasources[0].jsonData;
  expect(timeInterval).toBe(scraped.global.scrape_interval);
});

monitorSuite('promtool', ['promtool'], () => {
  it('reads every query', () => {
    const folder = mkdtempSync(join(tmpdir(), 'surgegate-grafana-'));
    try {
      const rules = queries.map(({ where, expr }, i) => ({
        record: `dashboard:query_${i}`,
        expr: substituted(expr, values),
        labels: { where },
      }));
      const check = (exprs: typeof rules) => {
        writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups: [{ name: 'dashboards', rules: exprs }] }));
        return runTool('promtool', ['check', 'rules', join(folder, 'rules.json')]);
      };
      expect(check(rules)).toMatchObject({ status: 0, text: expect.stringContaining(`${rules.length} rules found`) });
      expect(check([{ ...rules[0]!, expr: 'sum(rate(x[5m])' }])).toMatchObject({ status: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
