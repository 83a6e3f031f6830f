// The queries of dashboards, read from their JSON as Grafana reads it: of panels, annotations and variables.

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly links?: readonly { readonly title: string; readonly url: string }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly refresh: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly expr: string;
      readonly target: { readonly expr: string };
    }[];
  };
  readonly links: readonly { readonly type: string; readonly url: string }[];
  readonly panels: readonly PanelJson[];
}

export interface DashboardQuery {
  /** Dashboard, and panel, annotation or variable in it. */
  readonly where: string;
  readonly expr: string;
  readonly legend: string;
}

/** All queries of a dashboard, as they are written there. A variable is asked for the labels of a series. */
export function queriesOf({ uid, panels, annotations, templating }: DashboardJson): DashboardQuery[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat }) => ({
      where: `${uid}: ${title}, ${refId}`,
      expr,
      legend: legendFormat,
    })),
  );
  const ofAnnotations = annotations.list.map(({ name, expr }) => ({ where: `${uid}: ${name}`, expr, legend: '' }));
  const ofVariables = variablesOf({ templating }).map(({ name, expr, label }) => ({
    where: `${uid}: $${name}`,
    expr,
    legend: `{{${label}}}`,
  }));
  return [...ofPanels, ...ofAnnotations, ...ofVariables];
}

/** The variables whose values are those of a label of some series, in the order in which one may use those before it. */
export function variablesOf({ templating }: Pick<DashboardJson, 'templating'>) {
  return templating.list.flatMap(({ name, definition }) => {
    const asked = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '');
    return asked === null ? [] : [{ name, expr: asked[1]!, label: asked[2]! }];
  });
}

/** `values` by name, without the dollar sign. Throws for a variable without a value. */
export function substituted(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`$${name} has no value in: ${expr}`);
    return value;
  });
}

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

const words = new Set([
  'and',
  'or',
  'unless',
  'bool',
  'offset',
  'by',
  'on',
  'without',
  'ignoring',
  'group_left',
  'Inf',
  'NaN',
]);

/** Which metrics and labels of them an expression picks, and which labels it groups or joins by. */
export function namesOf(expr: string): { readonly selectors: readonly Selector[]; readonly groups: readonly string[] } {
  const groups: string[] = [];
  const ungrouped = expr.replace(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g, (_, list: string) => {
    groups.push(...list.split(',').map((label) => label.trim()));
    return '';
  });
  const name = /(?<![\w:.$])([a-zA-Z_:][\w:]*)\b(?!\s*\()(?:\{((?:"(?:[^"\\]|\\.)*"|[^}"])*)\})?/g;
  const selectors: Selector[] = [];
  for (const [, metric = '', matchers = ''] of ungrouped.replace(/\[[^\]]*\]/g, '').matchAll(name)) {
    if (words.has(metric)) continue;
    const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => label!);
    selectors.push({ metric, labels });
  }
  return { selectors, groups };
}

/** The labels that a legend shows. */
export const legendLabels = (legend: string): string[] => [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, one]) => one!);
