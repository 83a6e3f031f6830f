// A dashboard drawn from a real run as SVG, so that a person can look at it where no Grafana is: each panel on its place of the grid,
// with the title, the lines and the legends that it has there. Not Grafana's own drawing: no annotations, tables as lists.
import { ticks } from '../sim/line-chart.ts';
import { type DashboardJson, legendLabels, type PanelJson, substituted } from './dashboard-queries.ts';
import { type Run, valuesFor } from './real-run.ts';

const column = 50;
const stepSeconds = 0.5;
const rowHeight = 34;
const ink = '#7a828c';
const colours = ['#3274d9', '#56a64b', '#e0752d', '#e02f44', '#8f3bb8', '#b7a10d', '#1f9ea3', '#a06a4b'];
const named: Readonly<Record<string, string>> = {
  ...{ blue: '#3274d9', green: '#56a64b', red: '#e02f44', orange: '#e0752d' },
  ...{ yellow: '#d6a90d', purple: '#8f3bb8', text: ink },
};

type Values = Readonly<Record<string, string>>;

interface Drawn {
  readonly name: string;
  readonly legend: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, number])[];
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export async function drawDashboard(run: Run, board: DashboardJson): Promise<string> {
  const parts: string[] = [];
  const values = await valuesFor(run, board);
  for (const panel of board.panels) parts.push(...(await drawPanel(run, panel, values)));
  const height = Math.max(...board.panels.map(({ gridPos: { y, h } }) => y + h)) * rowHeight + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${24 * column} ${height}" width="${24 * column}" height="${height}" font-family="system-ui, sans-serif" font-size="11">`,
    text(8, 22, board.title, 16),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

async function drawPanel(run: Run, panel: PanelJson, values: Values): Promise<string[]> {
  const { x, y, w, h } = panel.gridPos;
  const [left, top] = [x * column, 34 + y * rowHeight];
  if (panel.type === 'row') return [text(left + 8, top + 22, panel.title, 14)];
  const box = `<rect x="${left + 3}" y="${top + 3}" width="${w * column - 6}" height="${h * rowHeight - 6}" fill="none" stroke="${ink}" stroke-opacity="0.4"/>`;
  const area = { left: left + 50, top: top + 28, width: w * column - 64, height: h * rowHeight - 64 };
  const series = await seriesOf(run, panel, values);
  const parts = [box, text(left + 10, top + 18, panel.title, 12)];
  if (series.length === 0) return [...parts, text(area.left, area.top + 20, 'no data', 12)];
  if (panel.type === 'stat')
    return [...parts, text(left + 12, top + h * rowHeight * 0.65, lastOf(panel, series[0]!), 20)];
  if (panel.type === 'table') return [...parts, ...drawRows(panel, series, area)];
  if (panel.type === 'state-timeline') return [...parts, ...drawStates(run, panel, series, area)];
  return [...parts, ...drawLines(run, panel, series, area)];
}

async function seriesOf({ prometheus, from, to }: Run, { targets = [] }: PanelJson, values: Values): Promise<Drawn[]> {
  const all: Drawn[] = [];
  for (const { expr, legendFormat } of targets) {
    const found = await prometheus.queryRange(substituted(expr, values), from, to, 0.5);
    for (const { labels, values: points } of found) {
      const name = legendLabels(legendFormat).reduce(
        (sum, label) => sum.replace(`{{${label}}}`, labels[label] ?? ''),
        legendFormat,
      );
      all.push({ name, legend: legendFormat, labels, values: points });
    }
  }
  return all;
}

function drawLines({ from, to }: Run, panel: PanelJson, series: readonly Drawn[], area: Area): string[] {
  const shown = series.slice(0, 8);
  const finite = shown.flatMap(({ values }) => values.map(([, value]) => value)).filter(Number.isFinite);
  const most = Math.max(1e-9, ...finite);
  const least = Math.min(0, ...finite);
  const scale = (value: number): number => (isLogarithmic(panel) ? Math.log10(1 + Math.max(0, value)) : value);
  const x = (at: number): number => area.left + ((at - from) / (to - from)) * area.width;
  const y = (value: number): number => area.top + area.height * (1 - (scale(value) - least) / (scale(most) - least));
  const marks = isLogarithmic(panel)
    ? [0, 1, 10, 100, 1000].filter((mark) => mark <= most)
    : ticks(least, most, area.height / 30);
  return [
    ...marks.flatMap((mark) => [
      `<line x1="${area.left}" x2="${area.left + area.width}" y1="${round(y(mark))}" y2="${round(y(mark))}" stroke="${ink}" stroke-opacity="0.2"/>`,
      text(area.left - 6, y(mark) + 4, String(mark), 10, 'end'),
    ]),
    ...shown.flatMap((one, i) => {
      const look = lookOf(panel, one, i);
      const points = one.values.filter(([, value]) => Number.isFinite(value));
      const isApart = (k: number): boolean => k === 0 || points[k]![0] - points[k - 1]![0] > 1.5 * stepSeconds;
      const path = points
        .map(([at, value], k) => `${isApart(k) ? 'M' : 'L'}${round(x(at))} ${round(y(value))}`)
        .join('');
      const at = area.left + (i % 4) * (area.width / 4);
      const below = area.top + area.height + 14 + Math.floor(i / 4) * 12;
      return [
        `<path d="${path}" fill="none" stroke="${look.colour}"${look.isDashed ? ' stroke-dasharray="6 4"' : ''}/>`,
        `<rect x="${round(at)}" y="${below - 7}" width="8" height="8" fill="${look.colour}"/>`,
        text(at + 11, below, one.name.slice(0, Math.floor(area.width / 26)), 10),
      ];
    }),
  ];
}

function drawRows(panel: PanelJson, series: readonly Drawn[], { left, top }: Area): string[] {
  return series.map((one, i) => {
    const labels = Object.entries(one.labels).filter(([name]) => name !== '__name__' && name !== 'job');
    const cells = [...labels.map(([name, value]) => `${name}: ${value}`), lastOf(panel, one)];
    return text(left - 36, top + 14 + i * 16, cells.join(', '), 10);
  });
}

function drawStates({ from, to }: Run, panel: PanelJson, series: readonly Drawn[], area: Area): string[] {
  const height = Math.min(26, area.height / series.length);
  return series.flatMap(({ name, values }, i) => {
    const top = area.top + i * height;
    const bars = values.map(([at, value]) => {
      const left = area.left + ((at - from) / (to - from)) * area.width;
      const width = (stepSeconds / (to - from)) * area.width + 0.5;
      const colour = named[mappingOf(panel, value)?.color ?? 'green'] ?? ink;
      return `<rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height - 3)}" fill="${colour}" fill-opacity="0.6"/>`;
    });
    return [...bars, text(area.left + 4, top + height / 2 + 3, name, 10)];
  });
}

function lookOf({ fieldConfig }: PanelJson, { legend }: Drawn, i: number): { colour: string; isDashed: boolean } {
  const properties = fieldConfig?.overrides.find(({ matcher }) => matcher.options === legend)?.properties ?? [];
  const colour = properties.find(({ id }) => id === 'color')?.value as { fixedColor: string } | undefined;
  return {
    colour: named[colour?.fixedColor ?? ''] ?? colours[i % colours.length]!,
    isDashed: properties.some(({ id }) => id === 'custom.lineStyle'),
  };
}

function lastOf(panel: PanelJson, { values }: Drawn): string {
  const value = values.at(-1)![1];
  const unit = panel.fieldConfig?.defaults.unit ?? '';
  if (unit === 'percentunit') return `${Math.round(value * 100)} %`;
  return (
    mappingOf(panel, value)?.text ??
    `${Number(value.toPrecision(3))}${unit.startsWith('suffix:') ? ` ${unit.slice(7)}` : ''}`
  );
}

interface Defaults {
  readonly mappings?: readonly {
    readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>>;
  }[];
  readonly custom?: { readonly scaleDistribution?: { readonly type: string } };
}

const mappingOf = ({ fieldConfig }: PanelJson, value: number) =>
  (fieldConfig?.defaults as Defaults | undefined)?.mappings?.[0]?.options[String(value)];

const isLogarithmic = ({ fieldConfig }: PanelJson): boolean =>
  (fieldConfig?.defaults as Defaults | undefined)?.custom?.scaleDistribution?.type === 'symlog';

function text(x: number, y: number, value: string, size: number, anchor: 'start' | 'end' = 'start'): string {
  const safe = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${ink}" text-anchor="${anchor}">${safe}</text>`;
}

const round = (value: number): string => value.toFixed(1);
