// What is shipped for Prometheus and Alertmanager: read by their own tools, every alert tried with series that raise it and series that
// almost do, every name in it one that the edge, the orchestrator or the probe has, every runbook where its link leads.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { namesOf } from '../grafana/dashboard-queries.ts';
import { knownSeries } from '../grafana/known-metrics.ts';
import { monitorSuite, runTool } from '../peers/prometheus.ts';
import {
  alertmanagerFile,
  fasterRules,
  prometheusFolder,
  type Rule,
  ruleFileNames,
  rules,
  ruleText,
  spanMs,
} from './rule-files.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const cases = readdirSync(folder).filter((name) => name.endsWith('.yml'));
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const alerts = rules().filter((rule): rule is Rule & { alert: string } => rule.alert !== undefined);
const names = [...new Set(alerts.map(({ alert }) => alert))];

interface CaseFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples?: readonly unknown[] }[];
  }[];
}

/** GitHub's anchors of headings. */
const anchors = [...readme.matchAll(/^#{2,4} (.+)$/gm)].map(([, heading]) =>
  heading!
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replace(/ /g, '-'),
);

monitorSuite('rules, as promtool reads them', ['promtool', 'amtool'], () => {
  it('are whole, and so is the configuration around them', () => {
    const checked = runTool('promtool', ['check', 'config', '--lint-fatal', 'prometheus.yml'], prometheusFolder);
    expect(checked.text).not.toMatch(/FAILED|warning/i);
    expect(checked.status).toBe(0);
  });

  it.each(cases)('do what %s says', { timeout: 60_000 }, (name) => {
    const { status, text } = runTool('promtool', ['test', 'rules', name], folder);
    expect(text).toMatch(/SUCCESS/);
    expect(status).toBe(0);
  });

  it('do what was recorded of a real surge, every span of time divided as it was there', { timeout: 60_000 }, () => {
    const faster = mkdtempSync(join(tmpdir(), 'surgegate-rules-'));
    onTestFinished(() => rmSync(faster, { recursive: true, force: true }));
    for (const name of ruleFileNames) writeFileSync(join(faster, name), fasterRules(ruleText(name), 30));
    copyFileSync(join(folder, 'at-speed/recorded-surge.yml'), join(faster, 'recorded-surge.yml'));
    const { status, text } = runTool('promtool', ['test', 'rules', 'recorded-surge.yml'], faster);
    expect(text).toMatch(/SUCCESS/);
    expect(status).toBe(0);
  });

  it('are routed by severity', () => {
    expect(runTool('amtool', ['check-config', alertmanagerFile]).status).toBe(0);
    const receiverOf = (...labels: string[]): string =>
      runTool('amtool', ['config', 'routes', 'test', `--config.file=${alertmanagerFile}`, ...labels]).text.split(
        '\n',
      )[0]!;
    expect(receiverOf('severity=critical', 'alertname=SurgegateCrisisMode')).toBe('on-call');
    expect(receiverOf('severity=warning', 'alertname=SurgegateKernelDrops')).toBe('office');
    expect(receiverOf('alertname=SomebodyElses')).toBe('office');
  });
});

describe('alerts', () => {
  it.each(names)('%s is raised by some series, and not by others', (name) => {
    const tests = cases.flatMap((file) => (parse(readFileSync(`${folder}${file}`, 'utf8')) as CaseFile).tests);
    const expectations = tests.flatMap(({ alert_rule_test: ofAlerts = [], promql_expr_test: ofQueries = [] }) => [
      ...ofAlerts.filter(({ alertname }) => alertname === name).map(({ exp_alerts }) => exp_alerts ?? []),
      ...ofQueries
        .filter(({ expr }) => expr.includes(`alertname="${name}"`))
        .map(({ exp_samples }) => exp_samples ?? []),
    ]);
    expect(expectations.filter((one) => one.length > 0)).not.toEqual([]);
    expect(expectations.filter((one) => one.length === 0)).not.toEqual([]);
  });

  it.each(alerts)('$alert says how bad it is, what is the matter, and where its runbook is', (rule) => {
    expect(rule.labels?.severity).toMatch(/^(critical|warning)$/);
    expect(rule.annotations?.summary).toMatch(/^[A-Z].{10,}[^.]$/);
    expect(rule.annotations?.description).toMatch(/^\S[\s\S]{10,}\.|;/);
    const [page, anchor] = rule.annotations!.runbook_url!.split('#');
    expect(page).toBe('README.md');
    expect(anchors).toContain(anchor);
  });

  it.each(names)('%s has a runbook that names it', (name) => {
    expect(readme).toMatch(new RegExp(`^### Runbook: [^#]*\\b${name}\\b`, 'm'));
  });

  it('have runbooks, and there is no runbook without an alert', () => {
    const linked = new Set(alerts.map(({ annotations }) => annotations!.runbook_url!.split('#')[1]));
    expect(anchors.filter((one) => one.startsWith('runbook-')).sort()).toEqual([...linked].sort());
  });
});

/** What the templates of annotations ask. */
function templateQueries({ annotations = {} }: Rule): string[] {
  const asked = Object.values(annotations).flatMap((text) => [
    ...text.matchAll(/printf ("(?:[^"\\]|\\.)*")[^|}]*\| query/g),
  ]);
  return asked.map(([, format]) => (JSON.parse(format!) as string).replace(/%q/g, '"x"'));
}

describe('names in rules', () => {
  const ofLevel: Readonly<Record<string, readonly string[]>> = {
    instance: [],
    interface: ['interface', 'class', 'reason', 'week'],
    switch: ['switch'],
  };

  const known = new Map<string, readonly string[]>([['up', ['instance', 'job']]]);
  beforeAll(async () => {
    for (const [name, labels] of await knownSeries()) known.set(name, labels);
    for (const { record } of rules())
      if (record !== undefined) known.set(record, ['instance', 'job', ...ofLevel[record.split(':')[0]!]!]);
  });

  it.each(rules())('$record$alert asks for what there is', (rule) => {
    const everyLabel = new Set([...known.values()].flat());
    for (const expr of [rule.expr, ...templateQueries(rule)]) {
      const { selectors, groups } = namesOf(expr.replace(/[+-]?\b\d+(?:\.\d+)?\b/g, ' '));
      expect(selectors).not.toEqual([]);
      for (const { metric, labels } of selectors) {
        expect([...known.keys()]).toContain(metric);
        for (const label of labels) expect(known.get(metric), `${label} of ${metric}`).toContain(label);
      }
      for (const label of groups) expect([...everyLabel, 'week']).toContain(label);
    }
    const labels = Object.values(rule.annotations ?? {}).flatMap((text) =>
      [...text.matchAll(/\.?\$?[lL]abels\.(\w+)/g)].map(([, label]) => label!),
    );
    for (const label of labels) expect([...everyLabel]).toContain(label);
  });
});

describe('rules made faster', () => {
  it('have every span of time divided, and nothing else', () => {
    const text = [
      '    interval: 1m',
      '      expr: rate(a{b="[5m]x 1m"}[1m]) > 50 and avg_over_time(c[1h] offset 167h30m) < 21 * 86400',
      '        for: 2m',
      '        keep_firing_for: 1m',
      '          description: for 5 minutes',
    ];
    expect(fasterRules(text.join('\n'), 30).split('\n')).toEqual([
      '    interval: 2000ms',
      '      expr: rate(a{b="[10000ms]x 1m"}[2000ms]) > 50 and avg_over_time(c[120000ms] offset 20100000ms) < 21 * 86400',
      '        for: 4000ms',
      '        keep_firing_for: 2000ms',
      '          description: for 5 minutes',
    ]);
    expect(spanMs('1w2d3h4m5s6ms')).toBe(788_645_006);
  });
});
