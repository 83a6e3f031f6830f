// The plots: goodput against capacity, what is offered and refused, the priority lane, and each interface; and how long a time they show.

import { ask, type Fault } from './api.ts';
import { Columns, type Tree, type Values } from './columns.ts';
import { byId } from './dom.ts';
import { type Line, Plot } from './plot.ts';
import { onThemeChange } from './theme.ts';

const offered: Line = { label: 'Offered', colour: 'offered', dash: [2, 3] };
const admitted: Line = { label: 'Admitted', colour: 'admitted', dash: [8, 3] };
const refused: Line = { label: 'Refused', colour: 'refused', dash: [5, 2, 1, 2] };
const completed: Line = { label: 'Completed', colour: 'completed', width: 2.5 };
const capacity: Line = { label: 'Capacity', colour: 'capacity', width: 2, dash: [10, 5] };
const own = [offered, admitted, refused, completed];

const fineSeconds = 600;
const hourSeconds = 3600;
const hourStepMs = 10_000;

export class Traffic {
  /** A row a second, of ten minutes. */
  readonly fine = new Columns(fineSeconds);
  private readonly hour = new Columns(hourSeconds / 10);
  private shownSeconds = 300;
  private isLogarithmic = false;
  private readonly goodput = new Plot({
    title: 'Goodput against capacity, calls/s',
    height: 220,
    lines: [admitted, { ...completed, isFilled: true }, capacity],
  });
  private readonly demand = new Plot({ title: 'Offered and refused, calls/s', height: 220, lines: [offered, refused] });
  private readonly priority = new Plot({
    title: 'Priority and emergency calls, calls/s',
    height: 220,
    lines: [offered, refused, completed],
  });
  private readonly interfaces = new Map<string, Plot>();

  constructor() {
    byId('main-plots').append(this.goodput.figure, this.demand.figure, this.priority.figure);
    byId('span').addEventListener('change', (event) => {
      this.shownSeconds = Number((event.target as HTMLInputElement).value);
      void this.loadHour();
      this.draw();
    });
    byId('scale').addEventListener('change', (event) => {
      this.isLogarithmic = (event.target as HTMLInputElement).value === 'logarithmic';
      for (const plot of this.all()) plot.setLogarithmic(this.isLogarithmic);
    });
    onThemeChange(() => {
      for (const plot of this.all()) plot.draw();
    });
    setInterval(() => void this.loadHour(), hourStepMs);
  }

  /** All that the edge remembers. */
  async load(): Promise<Fault | undefined> {
    const answer = await ask<Tree>('GET', `v1/history?seconds=${fineSeconds}`);
    if ('fault' in answer) return answer.fault;
    this.fine.load(answer.value);
    await this.loadHour();
    this.draw();
    return undefined;
  }

  append(row: Tree): void {
    if (this.fine.append(row) && !this.isHourShown()) this.draw();
  }

  private isHourShown(): boolean {
    return this.shownSeconds > fineSeconds;
  }

  private async loadHour(): Promise<void> {
    if (!this.isHourShown()) return;
    const answer = await ask<Tree>('GET', `v1/history?seconds=${hourSeconds}`);
    if ('fault' in answer) return;
    this.hour.load(answer.value);
    this.draw();
  }

  private draw(): void {
    const from = this.isHourShown() ? this.hour : this.fine;
    const rows = this.isHourShown() ? from.length : this.shownSeconds;
    const cut = (values: Values): Values => values.slice(-rows);
    const at = from.at.slice(-rows);
    const mode = cut(from.column('mode'));
    const show = (plot: Plot, values: readonly Values[]): void => plot.set({ at, mode, values: values.map(cut) });
    const every = (what: string): Values => from.sum(new RegExp(`^interfaces/[^/]+/${what}$`));
    show(this.goodput, [every('admitted'), every('completed'), from.sum(/^switches\/.*\/capacity$/)]);
    show(this.demand, [every('offered'), every('refused')]);
    show(
      this.priority,
      ['offered', 'refused', 'completed'].map((what) => from.column(`priority/${what}`)),
    );
    for (const name of from.membersOf('interfaces')) {
      show(
        this.interfacePlot(name),
        ['offered', 'admitted', 'refused', 'completed'].map((what) => from.column(`interfaces/${name}/${what}`)),
      );
    }
  }

  private interfacePlot(name: string): Plot {
    const known = this.interfaces.get(name);
    if (known !== undefined) return known;
    const made = new Plot({ title: `${name}, calls/s`, height: 170, lines: own });
    made.setLogarithmic(this.isLogarithmic);
    this.interfaces.set(name, made);
    byId('interface-plots').append(made.figure);
    return made;
  }

  private all(): Plot[] {
    return [this.goodput, this.demand, this.priority, ...this.interfaces.values()];
  }
}
