// A small writer of line charts as SVG: axes, grid, legend, one or more panels below each other. Colours are of middle
// brightness, so that they can be read on a white and on a dark page; the background is left to the page.

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly colour: string;
  readonly isDashed?: boolean;
  readonly width?: number;
}

export interface Panel {
  readonly height: number;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly yMax: number;
  /** Names for 0, 1, 2 …: a scale of steps instead of numbers. */
  readonly yNames?: readonly string[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly panels: readonly Panel[];
  readonly xMin: number;
  readonly xMax: number;
  /** Powers on the horizontal axis; `xTicks` are then needed. */
  readonly isLogarithmic?: boolean;
  readonly xTicks?: readonly { readonly at: number; readonly text: string }[];
}

const width = 880;
const left = 64;
const right = 200;
const top = 44;
const gap = 26;
const ink = '#7a828c';
const faint = '#8b949e';

export function lineChart(chart: Chart): string {
  const bottom = 46;
  const panelsHeight = chart.panels.reduce((sum, panel) => sum + panel.height + gap, -gap);
  const height = top + panelsHeight + bottom;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${escaped(chart.title)}</title>`,
    text(left, 22, chart.title, { size: 15, weight: 600 }),
  ];
  let y = top;
  for (const [i, panel] of chart.panels.entries()) {
    parts.push(...panelParts(chart, panel, y, i === chart.panels.length - 1));
    y += panel.height + gap;
  }
  parts.push(text((left + width - right) / 2, height - 8, chart.xLabel, { anchor: 'middle' }), '</svg>');
  return `${parts.join('\n')}\n`;
}

function panelParts(chart: Chart, panel: Panel, y0: number, isLast: boolean): string[] {
  const x = (value: number): number => left + position(chart, value) * (width - left - right);
  const y = (value: number): number => y0 + panel.height * (1 - Math.min(1, Math.max(0, value / panel.yMax)));
  const parts: string[] = [];
  for (const tick of panel.yNames === undefined
    ? ticks(0, panel.yMax, panel.height / 30)
    : panel.yNames.map((_, i) => i)) {
    const label = panel.yNames?.[tick] ?? tick.toLocaleString('en-US');
    parts.push(grid(left, y(tick), width - right, y(tick)), text(left - 8, y(tick) + 4, label, { anchor: 'end' }));
  }
  for (const { at, text: label } of chart.xTicks ??
    ticks(chart.xMin, chart.xMax, 8).map((at) => ({ at, text: `${at}` }))) {
    parts.push(grid(x(at), y0, x(at), y0 + panel.height));
    if (isLast) parts.push(text(x(at), y0 + panel.height + 18, label, { anchor: 'middle' }));
  }
  const middle = y0 + panel.height / 2;
  parts.push(
    `<text x="14" y="${middle}" transform="rotate(-90 14 ${middle})" text-anchor="middle" fill="${ink}">${escaped(panel.yLabel)}</text>`,
  );
  for (const [i, line] of panel.lines.entries()) {
    const path = line.points.map(([px, py], k) => `${k === 0 ? 'M' : 'L'}${round(x(px))} ${round(y(py))}`).join('');
    const style = `stroke="${line.colour}" stroke-width="${line.width ?? 1.8}"${line.isDashed === true ? ' stroke-dasharray="5 4"' : ''}`;
    const legendY = y0 + 8 + i * 18;
    parts.push(
      `<path d="${path}" fill="none" stroke-linejoin="round" ${style}/>`,
      `<line x1="${width - right + 14}" y1="${legendY}" x2="${width - right + 38}" y2="${legendY}" ${style}/>`,
      text(width - right + 44, legendY + 4, line.name),
    );
  }
  return parts;
}

/** From 0 to 1 on the horizontal axis. */
function position({ xMin, xMax, isLogarithmic }: Chart, value: number): number {
  return isLogarithmic === true ? Math.log(value / xMin) / Math.log(xMax / xMin) : (value - xMin) / (xMax - xMin);
}

/** About `count` round numbers from `low` to `high`. */
export function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / Math.max(2, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough)!;
  const out: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1000; tick += step)
    out.push(Number(tick.toFixed(6)));
  return out;
}

interface TextOptions {
  readonly anchor?: 'middle' | 'end';
  readonly size?: number;
  readonly weight?: number;
}

function text(x: number, y: number, value: string, { anchor, size, weight }: TextOptions = {}): string {
  const extra = [
    anchor === undefined ? '' : ` text-anchor="${anchor}"`,
    size === undefined ? '' : ` font-size="${size}"`,
    weight === undefined ? '' : ` font-weight="${weight}"`,
  ].join('');
  return `<text x="${round(x)}" y="${round(y)}" fill="${ink}"${extra}>${escaped(value)}</text>`;
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${faint}" stroke-opacity="0.3"/>`;
}

const round = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

function escaped(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
