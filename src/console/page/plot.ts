// One plot of calls per second over time: lines that differ in dash and weight as well as in colour, and bands behind them that say
// which running mode was in force.

import type { Values } from './columns.ts';
import { element, setAttribute, setText } from './dom.ts';
import { clockTime, rate, short } from './format.ts';
import { type ColourName, colour } from './theme.ts';
import uPlot from './uPlot.esm.js';

export interface Line {
  readonly label: string;
  readonly colour: ColourName;
  /** CSS pixels; default: 1.5. */
  readonly width?: number;
  readonly dash?: readonly number[];
  /** Whether the area below it is filled. */
  readonly isFilled?: boolean;
}

export interface PlotOptions {
  readonly title: string;
  /** CSS pixels. */
  readonly height: number;
  readonly lines: readonly Line[];
}

export interface PlotData {
  readonly at: readonly number[];
  /** 0 to 3 for each time. */
  readonly mode: Values;
  /** As `lines`. */
  readonly values: readonly Values[];
}

const syncKey = 'console';
/** Below it a logarithmic scale is linear, calls per second. */
const linearBelow = 1;

export class Plot {
  readonly figure: HTMLElement;
  private readonly options: PlotOptions;
  private readonly host = element('div', { class: 'canvas' });
  private readonly caption = element('figcaption');
  /** What time the legend tells of, where that is not now. */
  private readonly moment = element('span', { class: 'plot-moment' });
  private chart: uPlot | undefined;
  private data: PlotData = { at: [], mode: [], values: [] };
  private isLogarithmic = false;

  constructor(options: PlotOptions) {
    this.options = options;
    this.caption.append(element('span', { class: 'plot-title' }, [options.title]), this.moment);
    const about = `${options.title}. Left and right arrow keys read out single moments.`;
    this.host.setAttribute('role', 'img');
    this.host.setAttribute('tabindex', '0');
    this.host.setAttribute('aria-label', about);
    this.figure = element('figure', { class: 'plot' }, [this.caption, this.host]);
    new ResizeObserver(() => this.resize()).observe(this.host);
    this.host.addEventListener('keydown', (event) => this.stepCursor(event));
  }

  set(data: PlotData): void {
    this.data = data;
    if (this.chart === undefined) this.draw();
    else this.chart.setData(this.aligned());
    this.showLatest();
  }

  setLogarithmic(is: boolean): void {
    if (is === this.isLogarithmic) return;
    this.isLogarithmic = is;
    this.draw();
  }

  /** Anew, in the colours that hold now. */
  draw(): void {
    this.chart?.destroy();
    this.chart = undefined;
    if (this.host.clientWidth === 0) return;
    this.chart = new uPlot(this.chartOptions(), this.aligned(), this.host);
    this.markLegend();
    this.showLatest();
  }

  private aligned(): uPlot.AlignedData {
    return [this.data.at as number[], ...this.data.values.map((values) => values as (number | null)[])];
  }

  private resize(): void {
    const width = this.host.clientWidth;
    if (this.chart === undefined) this.draw();
    else if (width > 0 && width !== this.chart.width) this.chart.setSize({ width, height: this.options.height });
  }

  private chartOptions(): uPlot.Options {
    const grid = { stroke: colour('line'), width: 1 };
    const font = '11px system-ui, sans-serif';
    const axis = { stroke: colour('ink-2'), grid, ticks: { show: false }, font };
    return {
      width: this.host.clientWidth,
      height: this.options.height,
      padding: [8, 18, 0, 0],
      cursor: { sync: { key: syncKey }, drag: { setScale: false, x: false, y: false }, points: { size: 6 } },
      legend: { live: true, markers: { width: 0 } },
      scales: { y: this.isLogarithmic ? { distr: 4, asinh: linearBelow, range: upTo(2.5) } : { range: upTo(1.1) } },
      axes: [
        { ...axis, space: 64, size: 28, values: (_, times) => times.map(timeOf) },
        {
          ...axis,
          size: 44,
          space: 26,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5],
          values: (_, ticks) => ticks.map(short),
          ...(this.isLogarithmic && { splits: powers }),
        },
      ],
      series: [{ label: 'Time', value: (_, at) => (at === null ? '' : clockTime(at * 1000)) }, ...this.series()],
      hooks: {
        drawClear: [(chart) => this.drawModes(chart, 'bands')],
        draw: [(chart) => this.drawModes(chart, 'strips')],
        setCursor: [() => this.showLatest()],
      },
    };
  }

  /** Beside its name each line has a piece of itself. */
  private markLegend(): void {
    const rows = this.host.querySelectorAll<HTMLElement>('.u-legend .u-series:not(:first-child)');
    this.options.lines.forEach(({ colour: name, dash, width = 1.5 }, i) => {
      const style = rows[i]?.style;
      style?.setProperty('--own', `var(--${name})`);
      style?.setProperty('--own-style', dash === undefined ? 'solid' : (dash[0] ?? 0) < 4 ? 'dotted' : 'dashed');
      style?.setProperty('--own-width', `${Math.max(2, width)}px`);
    });
  }

  private series(): uPlot.Series[] {
    return this.options.lines.map((line) => ({
      label: line.label,
      stroke: colour(line.colour),
      width: line.width ?? 1.5,
      ...(line.dash && { dash: [...line.dash] }),
      ...(line.isFilled && { fill: `${colour(line.colour)}22` }),
      points: { show: false },
      value: (_: uPlot, value: number | null) => rate(value),
    }));
  }

  /** Modes above L0: behind the lines a faint band over the whole height; above them a strip that also those see who see no tint. */
  private drawModes(chart: uPlot, what: 'bands' | 'strips'): void {
    const { at, mode } = this.data;
    const { top, height } = chart.bbox;
    const strip = Math.round(3 * devicePixelRatio);
    for (let from = 0; from < at.length; ) {
      const level = mode[from] ?? 0;
      let to = from;
      while (to + 1 < at.length && (mode[to + 1] ?? 0) === level) to++;
      if (level > 0) {
        const left = chart.valToPos(at[from] ?? 0, 'x', true);
        const right = chart.valToPos(at[Math.min(to + 1, at.length - 1)] ?? 0, 'x', true);
        const own = colour(level === 1 ? 'l1' : level === 2 ? 'l2' : 'l3');
        const width = Math.max(1, right - left);
        chart.ctx.fillStyle = what === 'bands' ? `${own}1a` : own;
        chart.ctx.fillRect(left, top, width, what === 'bands' ? height : strip);
        if (what === 'strips' && width > 24 * devicePixelRatio) {
          chart.ctx.font = `600 ${Math.round(10 * devicePixelRatio)}px system-ui, sans-serif`;
          chart.ctx.textAlign = 'left';
          chart.ctx.textBaseline = 'top';
          chart.ctx.fillText(`L${level}`, left + 4 * devicePixelRatio, top + strip + 3 * devicePixelRatio);
        }
      }
      from = to + 1;
    }
  }

  /** The newest values in the legend where no moment is pointed at. */
  private showLatest(): void {
    const { chart } = this;
    const last = this.data.at.length - 1;
    if (chart === undefined || last < 0) return;
    const pointed = chart.cursor.idx ?? undefined;
    setText(this.moment, pointed === undefined ? '' : clockTime((this.data.at[pointed] ?? 0) * 1000));
    if (pointed === undefined) chart.setLegend({ idx: last });
    const said = this.options.lines.map(({ label }, i) => `${label} ${rate(this.data.values[i]?.[last])}`).join(', ');
    setAttribute(this.host, 'aria-label', `${this.options.title}, calls per second, now: ${said}`);
  }

  private stepCursor(event: KeyboardEvent): void {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    const { chart } = this;
    if (step === 0 || chart === undefined || this.data.at.length === 0) return;
    event.preventDefault();
    const last = this.data.at.length - 1;
    const index = Math.min(last, Math.max(0, (chart.cursor.idx ?? last) + step));
    chart.setCursor({ left: chart.valToPos(this.data.at[index] ?? 0, 'x'), top: 10 });
    const said = this.options.lines.map(({ label }, i) => `${label} ${rate(this.data.values[i]?.[index])}`).join(', ');
    setText(document.getElementById('announcer') ?? this.caption, `${timeOf(this.data.at[index] ?? 0)}: ${said}`);
  }
}

const timeOf = (seconds: number): string => {
  const text = clockTime(seconds * 1000);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
};

/** Room above the highest value, where the modes stand. */
const upTo =
  (factor: number) =>
  (_: uPlot, _least: number, most: number): [number, number] => [0, Math.max(5, (most ?? 0) * factor)];

function powers(chart: uPlot): number[] {
  const most = chart.scales.y?.max ?? 10;
  return [0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000].filter((value) => value <= most);
}
