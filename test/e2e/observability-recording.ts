// Series of the surge as Prometheus has scraped them, as input of `promtool test rules`: SURGEGATE_RECORD=1 writes
// test/prometheus/at-speed/recorded-surge.yml anew.
import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { WatchedRun } from './observability-checks.ts';

const file = new URL('../prometheus/at-speed/recorded-surge.yml', import.meta.url);

/** What the alerts about an edge in a surge go by. */
const recorded = [
  'up',
  'process_start_time_seconds{job="surgegate"}',
  'surgegate_requests_total{method="INVITE"}',
  'surgegate_interface_normal_calls_per_second',
  'surgegate_concentration_ratio',
  'surgegate_running_mode',
  'surgegate_priority_cap_total',
  'surgegate_kernel_drops_total',
  'surgegate_lane_wait_seconds_count',
  'surgegate_penalties_total',
  'surgegate_switch_up',
  'surgegate_switch_silent',
  'surgegate_orchestrator_up',
] as const;

/** Unix seconds. */
export interface RecordedTimes {
  readonly surgeFrom: number;
  readonly alertAt: number;
}

export async function record(
  { prometheus, from, to }: WatchedRun,
  { surgeFrom, alertAt }: RecordedTimes,
  scrapeMs: number,
): Promise<void> {
  const stepSeconds = scrapeMs / 1000;
  const series: { series: string; values: string }[] = [];
  for (const selector of recorded)
    for (const { labels, values } of await prometheus.queryRange(selector, from, to, stepSeconds))
      series.push({ series: nameOf(labels), values: valuesOf(values, from, to, stepSeconds) });
  const at = (unixSeconds: number): string => `${Math.round((unixSeconds - from) / stepSeconds) * scrapeMs}ms`;
  const firing = (alert: string): string => `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
  const ever = (alert: string): string => `count_over_time(ALERTS{alertname="${alert}"}[5m])`;
  const content = {
    rule_files: ['recording.yml', 'alerts.yml'],
    evaluation_interval: `${scrapeMs}ms`,
    group_eval_order: ['surgegate-calls', 'surgegate-normal', 'surgegate-surge', 'surgegate-mass-call-event'],
    tests: [
      {
        name: 'a surge as an edge has been through it',
        interval: `${scrapeMs}ms`,
        input_series: series,
        promql_expr_test: [
          { expr: 'count_over_time(ALERTS[5m])', eval_time: at(surgeFrom) },
          { expr: firing('SurgegateMassCallEvent'), eval_time: at(alertAt), exp_samples: [{ labels: '{}', value: 1 }] },
          { expr: firing('SurgegateCrisisMode'), eval_time: at(alertAt), exp_samples: [{ labels: '{}', value: 1 }] },
          { expr: 'instance:surgegate_priority_refused:total > 0', eval_time: at(to) },
          ...[
            'SurgegatePriorityCallRefused',
            'SurgegateFocusedMassCallEvent',
            'SurgegateEdgeDown',
            'SurgegateSwitchDown',
          ].map((alert) => ({ expr: ever(alert), eval_time: at(to) })),
          { expr: 'count(ALERTS{alertname="SurgegateMassCallEvent"})', eval_time: at(to) },
        ],
      },
    ],
  };
  writeText(stringify(content, { lineWidth: 0 }));
}

function writeText(text: string): void {
  const head =
    '# Recorded from a run of test/e2e/observability.test.ts (observability-recording.ts); the rules are those of config/prometheus,\n# with every span of time divided by 30.\n';
  writeFileSync(file, head + text);
}

function nameOf({ __name__: name = '', ...labels }: Readonly<Record<string, string>>): string {
  // ports differ from run to run
  const named: Record<string, string> = { ...labels, instance: labels.job === 'surgegate' ? 'edge' : labels.job! };
  const pairs = Object.entries(named).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${pairs.join(',')}}`;
}

/** One value a step, as promtool writes runs of equal ones: `7x3` are four of them, `_` where there is none. */
function valuesOf(values: readonly (readonly [number, number])[], from: number, to: number, step: number): string {
  const bySlot = new Map(values.map(([at, value]) => [Math.round((at - from) / step), String(value)]));
  const slots = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => bySlot.get(i) ?? '_');
  const runs: { readonly value: string; more: number }[] = [];
  for (const value of slots) {
    const last = runs.at(-1);
    if (last?.value === value && value !== '_') last.more++;
    else runs.push({ value, more: 0 });
  }
  return runs.map(({ value, more }) => (more === 0 ? value : `${value}x${more}`)).join(' ');
}
