// A dashboard from its sections: places panels on the grid, adds variables, annotations and links that all of them have.
import { dataSource, type Panel } from './panels.ts';

export interface Section {
  readonly title: string;
  /** Panels beside each other; their widths sum up to 24 at most, their heights are alike. */
  readonly rows: readonly (readonly Panel[])[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** `label_values(metric, label)`. */
  readonly query: string;
}

export interface Annotation {
  readonly name: string;
  readonly colour: string;
  /** Above 0 while it lasts. */
  readonly expr: string;
  readonly text: string;
}

export interface Board {
  /** Never changes: it is in people's links. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];
  readonly sections: readonly Section[];
}

/** Where the runbooks are: a constant in each dashboard, to be replaced by the place where README is kept. */
export const runbooksUrl = 'https://wiki.example.net/surgegate/README.md';

const gridColumns = 24;

/** The dashboard as Grafana reads it. Throws where panels of a row do not fit. */
export function dashboard(board: Board): Readonly<Record<string, unknown>> {
  return {
    uid: board.uid,
    title: board.title,
    description: board.description,
    tags: ['surgegate'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: '5s',
    time: { from: 'now-30m', to: 'now' },
    timezone: 'browser',
    templating: { list: [sourceVariable, ...board.variables.map(queryVariable), runbooksVariable] },
    annotations: { list: board.annotations.map(annotation) },
    links: [boardsLink, runbooksLink],
    panels: placed(board.sections),
  };
}

function placed(sections: readonly Section[]): unknown[] {
  const out: unknown[] = [];
  let y = 0;
  for (const { title, rows } of sections) {
    out.push({
      id: out.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: 24, x: 0, y },
      panels: [],
    });
    y += 1;
    for (const row of rows) {
      let x = 0;
      const h = row[0]?.height ?? 0;
      for (const { type, width: w, height, body, title: name } of row) {
        if (height !== h || x + w > gridColumns) throw new Error(`${title}: ${name} does not fit into its row`);
        out.push({ id: out.length + 1, type, gridPos: { h, w, x, y }, ...body });
        x += w;
      }
      y += h;
    }
  }
  return out;
}

const sourceVariable = {
  name: 'datasource',
  type: 'datasource',
  label: 'Data source',
  query: 'prometheus',
  regex: '',
  refresh: 1,
  hide: 0,
  multi: false,
  includeAll: false,
  skipUrlSync: false,
  current: {},
  options: [],
};

const runbooksVariable = {
  name: 'runbooks',
  type: 'constant',
  label: 'Runbooks',
  description: 'Where the runbooks are: README.md of the release that runs here',
  query: runbooksUrl,
  hide: 2,
  skipUrlSync: true,
};

function queryVariable({ name, label, description, query }: Variable) {
  return {
    name,
    type: 'query',
    label,
    description,
    datasource: dataSource,
    definition: query,
    query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    regex: '',
    // with every change of the time range
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: true,
    // no allValue: All means those that are listed, and not every instance that Prometheus scrapes
    includeAll: true,
    skipUrlSync: false,
    current: { selected: true, text: ['All'], value: ['$__all'] },
    options: [],
  };
}

function annotation({ name, colour, expr, text }: Annotation) {
  // Grafana takes 60 s where no step is given
  const step = '5s';
  return {
    name,
    datasource: dataSource,
    enable: true,
    hide: false,
    iconColor: colour,
    expr,
    step,
    target: { refId: 'Anno', expr, interval: step, range: true, instant: false },
    titleFormat: name,
    textFormat: text,
    tagKeys: 'instance',
    useValueForTime: false,
  };
}

const boardsLink = {
  type: 'dashboards',
  title: 'Surgegate',
  tags: ['surgegate'],
  asDropdown: false,
  includeVars: true,
  keepTime: true,
  targetBlank: false,
  icon: 'external link',
  tooltip: '',
  url: '',
};

const runbooksLink = {
  type: 'link',
  title: 'Runbooks',
  tags: [],
  url: '$runbooks#alerts-and-runbooks',
  asDropdown: false,
  includeVars: false,
  keepTime: false,
  targetBlank: true,
  icon: 'doc',
  tooltip: 'What each alert means and what to do',
};
