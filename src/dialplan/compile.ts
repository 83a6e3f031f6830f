// A checked dial plan file → the plan that the hot path uses. Pure; finds the faults that lie between keys.
import type { Dialplan, DialRule } from '../classify/plan.ts';
import { type PriorityOrder, priorityOrder } from '../classify/priority-order.ts';
import type { InterfaceName } from '../transport/flow.ts';
import { compileTable, type Entry, maxRows } from './compile-table.ts';
import { type Pattern, parsePattern, patternKey } from './pattern.ts';
import type { DialplanFile, RuleFile } from './schema.ts';

export interface PlanFault {
  /** Keys and positions from the top of the file. */
  readonly path: readonly (string | number)[];
  /** The value at fault, where one value is; then `message` says what is allowed. */
  readonly value?: string | number;
  readonly message: string;
}

const interfaceNames: readonly InterfaceName[] = ['north', 'south', 'east', 'west', 'core'];

/** The plan, or every fault found. */
export function compileDialplan(file: DialplanFile): { plan: Dialplan } | { faults: PlanFault[] } {
  const { order, ordinary } = file.resourcePriority;
  const priorities = priorityOrder(order, ordinary);
  if ('faults' in priorities) {
    return { faults: priorities.faults.map((message) => ({ path: ['resourcePriority'], message })) };
  }
  const faults: PlanFault[] = [];
  const patterns = file.rules.map((rule) => rule.match.map((text) => parsePattern(text) ?? []));
  file.rules.forEach((rule, i) => {
    faults.push(...ruleFaults(rule, patterns[i]!.flat(), ['rules', i]));
    faults.push(...valueFaults(rule.insertResourcePriority, priorities.order, ['rules', i, 'insertResourcePriority']));
  });
  faults.push(...valueFaults(file.sos.insertResourcePriority, priorities.order, ['sos', 'insertResourcePriority']));
  faults.push(...bothAnswers(file.otherwise, ['otherwise']));
  faults.push(...twins(file.rules, patterns));
  const tables = {} as Record<InterfaceName, Int32Array>;
  const known = new Map<string, Int32Array>();
  for (const name of interfaceNames) {
    const indexes = file.rules.flatMap((rule, i) => (rule.interfaces.includes(name) ? [i] : []));
    const entries: Entry[] = indexes.flatMap((i) => patterns[i]!.flat().map((pattern) => ({ pattern, rule: i })));
    const table = known.get(indexes.join()) ?? compileTable(entries);
    if (table === undefined) {
      faults.push({ path: ['rules'], message: `the patterns need more than ${maxRows} table rows: use fewer ranges` });
      break;
    }
    known.set(indexes.join(), table);
    tables[name] = table;
  }
  if (faults.length > 0) return { faults };
  const rules = file.rules.map((rule) => compiledRule(rule, priorities.order));
  const sos = compiledRule({ ...file.sos, name: 'urn:service:sos', class: 'emergency' }, priorities.order);
  const otherwise = compiledRule({ ...file.otherwise, name: 'otherwise', class: 'ordinary' }, priorities.order);
  return {
    plan: {
      name: file.name,
      rules: [...rules, sos, otherwise],
      sosRule: rules.length,
      otherwiseRule: rules.length + 1,
      tables,
      priorities: priorities.order,
    },
  };
}

type AnyRule = Pick<RuleFile, 'name' | 'class' | 'route'> &
  Partial<Pick<RuleFile, 'treatment' | 'announce' | 'insertResourcePriority' | 'refuse'>>;

function compiledRule(rule: AnyRule, order: PriorityOrder): DialRule {
  const insert = rule.insertResourcePriority?.toLowerCase() ?? '';
  const { treatment } = rule;
  return {
    name: rule.name,
    class: rule.class,
    route: rule.route,
    treatment: treatment && { strip: treatment.strip, prefix: treatment.prefix, replace: treatment.replace },
    announce: rule.announce ?? '',
    insertResourcePriority: insert,
    insertRank: order.byText.get(insert)?.rank ?? 0,
    refuse: rule.refuse,
  };
}

/** What the keys of one rule must not say together. */
function ruleFaults(rule: RuleFile, patterns: readonly Pattern[], path: readonly (string | number)[]): PlanFault[] {
  const faults = bothAnswers(rule, path);
  const isRaised = rule.class === 'emergency' || rule.class === 'priority';
  for (const key of ['refuse', 'announce'] as const) {
    if (rule[key] === undefined || !isRaised) continue;
    faults.push({ path: [...path, key], message: `is not allowed for class ${rule.class}` });
  }
  if (rule.insertResourcePriority !== undefined && !isRaised) {
    const message = 'one only with class emergency or priority';
    faults.push({ path: [...path, 'insertResourcePriority'], value: rule.insertResourcePriority, message });
  }
  const { treatment } = rule;
  if (treatment === undefined) return faults;
  if (rule.refuse !== undefined || rule.announce !== undefined) {
    faults.push({ path: [...path, 'treatment'], message: 'is not allowed together with refuse or announce' });
  }
  const shortest = Math.min(...patterns.map((pattern) => pattern.places.length));
  const most = treatment.prefix === '' ? shortest - 1 : shortest;
  if (treatment.strip > Math.max(0, most)) {
    const allowed = `0 to ${Math.max(0, most)}, so that the shortest number that matches leaves a number`;
    faults.push({ path: [...path, 'treatment', 'strip'], value: treatment.strip, message: allowed });
  }
  if (treatment.replace === '') {
    faults.push({ path: [...path, 'treatment', 'replace'], value: '', message: 'at least one digit' });
  }
  if (treatment.replace !== undefined && (treatment.strip > 0 || treatment.prefix !== '')) {
    faults.push({ path: [...path, 'treatment', 'replace'], message: 'is not allowed together with strip or prefix' });
  }
  return faults;
}

function bothAnswers(rule: { refuse?: unknown; announce?: unknown }, path: readonly (string | number)[]): PlanFault[] {
  if (rule.refuse === undefined || rule.announce === undefined) return [];
  return [{ path: [...path, 'announce'], message: 'is not allowed together with refuse' }];
}

function valueFaults(value: string | undefined, order: PriorityOrder, path: readonly (string | number)[]): PlanFault[] {
  if (value === undefined || order.byText.has(value.toLowerCase())) return [];
  return [{ path, value, message: `a value of ${order.namespaces.join(', ')}` }];
}

/** The same pattern in two rules of one interface: the second could never be reached. */
function twins(rules: readonly RuleFile[], patterns: readonly Pattern[][][]): PlanFault[] {
  const faults: PlanFault[] = [];
  const owners = new Map<string, number>();
  rules.forEach((rule, i) => {
    rule.match.forEach((text, j) => {
      for (const pattern of patterns[i]![j]!) {
        const keys = rule.interfaces.map((name) => `${name} ${patternKey(pattern)}`);
        const owner = keys.map((key) => owners.get(key)).find((index) => index !== undefined && index !== i);
        for (const key of keys) if (!owners.has(key)) owners.set(key, i);
        if (owner === undefined) continue;
        const message = `${JSON.stringify(text)} is for the same numbers as a pattern of the rule "${rules[owner]!.name}"`;
        faults.push({ path: ['rules', i, 'match', j], message });
        break;
      }
    });
  });
  return faults;
}
