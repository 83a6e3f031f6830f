// The rule files as they are shipped, read into what tests ask of them; and the same rules run faster.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const prometheusFolder = join(root, 'config/prometheus');
export const alertmanagerFile = join(root, 'config/alertmanager/alertmanager.yml');

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export const ruleFileNames = ['recording.yml', 'alerts.yml'] as const;
export type RuleFileName = (typeof ruleFileNames)[number];

export const ruleText = (name: RuleFileName): string => readFileSync(join(prometheusFolder, 'rules', name), 'utf8');

export function rules(): Rule[] {
  return ruleFileNames.flatMap((name) => (parse(ruleText(name)) as RuleFile).groups.flatMap((group) => group.rules));
}

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `1h30m` in ms, as Prometheus writes spans. */
export function spanMs(span: string): number {
  return [...span.matchAll(/(\d+)(ms|[smhdw])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * unitMs[unit as 's'],
    0,
  );
}

/**
 * Every span of time in a rule file or in Alertmanager's routes, and nothing else, divided by `factor`: what is awaited (`for`,
 * `keep_firing_for`, `group_wait`), what is looked at (`[5m]`, `offset`), and how often (`interval`). Rules that are made for a scrape every 15 s mean the same, scraped every 15 s / factor.
 */
export function fasterRules(text: string, factor: number): string {
  const faster = (span: string): string => `${Math.round(spanMs(span) / factor)}ms`;
  const span = '((?:\\d+(?:ms|[smhdw]))+)';
  return text
    .replace(new RegExp(`\\[${span}\\]`, 'g'), (_, one: string) => `[${faster(one)}]`)
    .replace(new RegExp(`\\boffset ${span}`, 'g'), (_, one: string) => `offset ${faster(one)}`)
    .replace(
      new RegExp(`^( +(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): )${span}$`, 'gm'),
      (_, key: string, one: string) => key + faster(one),
    );
}
