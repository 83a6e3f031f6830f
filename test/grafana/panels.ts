// Panels of a Grafana dashboard as plain values, in the dashboard JSON model of Grafana 11 (schemaVersion 39). What Grafana has a good
// default for is left out.

/** Identifiers of Grafana's own list of units; `suffix:` is a unit of one's own. */
export const units = [
  'suffix:calls/s',
  'suffix:requests/s',
  'suffix:messages/s',
  'suffix:calls',
  'suffix:cores',
  'suffix:answers/s',
  'none',
  'short',
  'percentunit',
  's',
  'bytes',
  'Bps',
  'dateTimeFromNow',
] as const;
export type Unit = (typeof units)[number];

export interface Query {
  readonly expr: string;
  readonly legend: string;
  /** The value at the end of the time range alone: for stats and tables. */
  readonly isInstant?: boolean;
}

/** Colour from `from` on; below the first it is green. */
export interface Step {
  readonly from: number;
  readonly colour: string;
}

/** How a line looks that is not like the others, by its legend. */
export interface Look {
  readonly legend: string;
  readonly colour?: string;
  readonly isDashed?: boolean;
  readonly isFilled?: boolean;
  /** On an axis of its own, at the right. */
  readonly rightUnit?: Unit;
}

export interface PanelLink {
  readonly title: string;
  readonly url: string;
}

interface Common {
  readonly title: string;
  /** Shown behind the i of the panel: what it means and what to do about it. */
  readonly description: string;
  readonly queries: readonly Query[];
  readonly unit: Unit;
  /** Columns of 24. */
  readonly width: number;
  readonly steps?: readonly Step[];
  readonly links?: readonly PanelLink[];
  readonly max?: number;
}

export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface LinesOptions extends Common {
  readonly isStacked?: boolean;
  /** Below 0 too; else the axis begins at 0. */
  readonly isSigned?: boolean;
  /** For amounts that differ by orders of magnitude. */
  readonly isLogarithmic?: boolean;
  readonly looks?: readonly Look[];
  readonly height?: number;
  /** One panel for each chosen value of this variable. */
  readonly repeat?: string;
}

export const dataSource = { type: 'prometheus', uid: '$datasource' } as const;

const thresholds = (steps: readonly Step[]) => ({
  mode: 'absolute',
  steps: [{ color: 'green', value: null }, ...steps.map(({ from, colour }) => ({ color: colour, value: from }))],
});

function targets(queries: readonly Query[], format: 'time_series' | 'table' | 'heatmap' = 'time_series') {
  return queries.map(({ expr, legend, isInstant = false }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: dataSource,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    format,
    instant: isInstant,
    range: !isInstant,
  }));
}

function override({ legend, colour, isDashed, isFilled, rightUnit }: Look) {
  const properties: { id: string; value: unknown }[] = [];
  if (colour !== undefined) properties.push({ id: 'color', value: { mode: 'fixed', fixedColor: colour } });
  if (isDashed === true)
    properties.push(
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
      { id: 'custom.fillOpacity', value: 0 },
    );
  if (isFilled === true) properties.push({ id: 'custom.fillOpacity', value: 25 });
  if (rightUnit !== undefined)
    properties.push({ id: 'custom.axisPlacement', value: 'right' }, { id: 'unit', value: rightUnit });
  return { matcher: { id: 'byName', options: legend }, properties };
}

/** Lines over time. A limit that is not there is no line. */
export function lines(options: LinesOptions): Panel {
  const { steps = [], isStacked = false, isLogarithmic = false } = options;
  const custom = {
    drawStyle: 'line',
    lineInterpolation: 'stepAfter',
    lineWidth: 1,
    fillOpacity: isStacked ? 40 : 5,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    scaleDistribution: isLogarithmic ? { type: 'symlog', log: 10, linearThreshold: 1 } : { type: 'linear' },
    thresholdsStyle: { mode: steps.length > 0 ? 'dashed' : 'off' },
  };
  const body = {
    ...head(options),
    fieldConfig: {
      defaults: {
        ...defaults(options),
        ...(options.isSigned === true ? {} : { min: 0 }),
        color: { mode: 'palette-classic-by-name' },
        custom,
      },
      overrides: (options.looks ?? []).map(override),
    },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: targets(options.queries),
    ...(options.repeat === undefined ? {} : { repeat: options.repeat, repeatDirection: 'h', maxPerRow: 3 }),
  };
  return { type: 'timeseries', title: options.title, width: options.width, height: options.height ?? 8, body };
}

export interface StatOptions extends Common {
  /** Text and colour for a number: 0, 1, 2 … in this order. */
  readonly names?: readonly Named[];
  /** What stands there while nothing is measured. */
  readonly noValue?: string;
  readonly decimals?: number;
  readonly isSparkline?: boolean;
}

export interface Named {
  readonly text: string;
  readonly colour: string;
}

/** One number, large, on the colour of its threshold. */
export function stat(options: StatOptions): Panel {
  const { decimals } = options;
  const body = {
    ...head(options),
    fieldConfig: {
      defaults: {
        ...defaults(options),
        color: { mode: 'thresholds' },
        mappings: mappings(options.names),
        noValue: options.noValue ?? 'no data',
        ...(decimals === undefined ? {} : { decimals }),
      },
      overrides: [],
    },
    options: {
      colorMode: 'background',
      graphMode: options.isSparkline === true ? 'area' : 'none',
      justifyMode: 'center',
      textMode: 'auto',
      orientation: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
    targets: targets(options.queries),
  };
  return { type: 'stat', title: options.title, width: options.width, height: 4, body };
}

/** States as coloured bars over time, a row for each series. */
export function states(options: Common & { readonly names: readonly Named[]; readonly height?: number }): Panel {
  const body = {
    ...head(options),
    fieldConfig: {
      defaults: {
        ...defaults(options),
        color: { mode: 'thresholds' },
        mappings: mappings(options.names),
        custom: { fillOpacity: 80, lineWidth: 0 },
      },
      overrides: [],
    },
    options: {
      mergeValues: true,
      showValue: 'auto',
      alignValue: 'left',
      rowHeight: 0.85,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    },
    targets: targets(options.queries),
  };
  return { type: 'state-timeline', title: options.title, width: options.width, height: options.height ?? 6, body };
}

export interface TableOptions extends Common {
  /** Columns that are not shown, and new names. */
  readonly hidden?: readonly string[];
  readonly renamed?: Readonly<Record<string, string>>;
  readonly height?: number;
}

/** One row for each series, with its labels; several queries are joined by their labels, a column each: `Value #A`, `Value #B` … */
export function table(options: TableOptions): Panel {
  const excludeByName = Object.fromEntries(
    ['Time', '__name__', 'job', ...(options.hidden ?? [])].map((n) => [n, true]),
  );
  const body = {
    ...head(options),
    fieldConfig: {
      defaults: { ...defaults(options), color: { mode: 'thresholds' }, custom: { align: 'auto', filterable: true } },
      overrides: [],
    },
    options: { frameIndex: 0, showHeader: true, cellHeight: 'sm' },
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName, renameByName: options.renamed ?? {} } },
    ],
    targets: targets(options.queries, 'table'),
  };
  return { type: 'table', title: options.title, width: options.width, height: options.height ?? 8, body };
}

/** The buckets of a histogram over time. */
export function heat(options: Common): Panel {
  const body = {
    ...head(options),
    fieldConfig: { defaults: { custom: { scaleDistribution: { type: 'linear' } } }, overrides: [] },
    options: {
      calculate: false,
      showValue: 'never',
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5, fill: 'dark-orange', reverse: false },
      cellGap: 1,
      cellValues: { unit: 'short' },
      yAxis: { axisPlacement: 'left', unit: options.unit, reverse: false },
      rowsFrame: { layout: 'auto' },
      filterValues: { le: 1e-9 },
      tooltip: { mode: 'single', yHistogram: false, showColorScale: false },
      legend: { show: true },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
    },
    targets: targets(options.queries, 'heatmap'),
  };
  return { type: 'heatmap', title: options.title, width: options.width, height: 8, body };
}

function head({ title, description, links = [] }: Common) {
  return {
    title,
    description,
    datasource: dataSource,
    links: links.map(({ title: text, url }) => ({ title: text, url, targetBlank: true })),
  };
}

function defaults({ unit, steps = [], max }: Common) {
  return { unit, thresholds: thresholds(steps), ...(max === undefined ? {} : { max }) };
}

function mappings(names: readonly Named[] = []) {
  if (names.length === 0) return [];
  const each = names.map(({ text, colour }, index) => [String(index), { text, color: colour, index }]);
  return [{ type: 'value', options: Object.fromEntries(each) }];
}
