// What the edge did over the last hour: a row a second for ten minutes, and one for each ten seconds of the hour.
import type { CallRates, HistoryJson, HistoryRow, SwitchRates } from '../admin/history-json.ts';
import { limit, rounded } from '../admin/limit-json.ts';
import { callKeys, callRates } from './call-rates.ts';
import { ColumnRing } from './column-ring.ts';

export const mostSeconds = 3600;
/** Up to here there is a row for each second. */
export const fineSeconds = 600;
const stepSeconds = 10;
const mostSetBackSeconds = 60;

/** In a row of ten seconds the least of these stands, of a mode the highest, and of all else the mean. */
const isLimit = (column: string): boolean => /^(boundary|ordinary)$| capacity$/.test(column);

interface Collected {
  /** When the ten seconds end. */
  readonly until: number;
  readonly columns: Map<string, { value: number; seconds: number }>;
}

export class History {
  private readonly fine = new ColumnRing(fineSeconds);
  private readonly coarse = new ColumnRing(mostSeconds / stepSeconds);
  private collected: Collected | undefined;
  private interfaces: readonly string[] = [];
  /** Those of the last hour. */
  private readonly switches = new Map<string, number>();

  /** Columns in memory, of both steps. */
  get columnCount(): number {
    return this.fine.columnCount + this.coarse.columnCount;
  }

  /**
   * Whether there is no row of this second yet, Unix time. While a clock that was set back a little catches up there is none; one that
   * was set back by more than a minute begins anew.
   */
  takes(at: number): boolean {
    if (this.fine.newest - at > mostSetBackSeconds) this.clear();
    return at > this.fine.newest;
  }

  /** A row that it takes. `seconds`: what the row stands for, more than 1 where the process was late. */
  add(row: HistoryRow, seconds = 1): void {
    const values = valuesOf(row);
    this.interfaces = Object.keys(row.interfaces);
    for (const name of Object.keys(row.switches)) this.switches.set(name, row.at);
    for (const [name, at] of this.switches) if (row.at - at >= mostSeconds) this.switches.delete(name);
    this.fine.add(row.at, values);
    this.collect(row.at, values, seconds);
  }

  /** `seconds` 10 to 3,600: how far back. */
  read(seconds: number): HistoryJson {
    const isFine = seconds <= fineSeconds;
    const ring = isFine ? this.fine : this.coarse;
    const places = ring.rowsAfter(this.fine.newest - seconds);
    const numbers = (name: string) => ring.read(name, places).map((value) => limit(value) ?? 0);
    const limits = (name: string) => ring.read(name, places).map(limit);
    const calls = (of: string) => callRates((key) => numbers(`${of} ${key}`));
    const switchRates = (name: string): SwitchRates<number[], (number | null)[]> => ({
      demand: numbers(`switch ${name} demand`),
      answered: numbers(`switch ${name} answered`),
      capacity: limits(`switch ${name} capacity`),
    });
    return {
      stepSeconds: isFine ? 1 : stepSeconds,
      at: places.map((place) => ring.timeAt(place)),
      mode: numbers('mode'),
      boundaryPerSecond: limits('boundary'),
      ordinaryCallsPerSecond: limits('ordinary'),
      interfaces: Object.fromEntries(this.interfaces.map((name) => [name, calls(`interface ${name}`)])),
      priority: calls('priority'),
      switches: Object.fromEntries([...this.switches.keys()].map((name) => [name, switchRates(name)])),
    };
  }

  private clear(): void {
    this.fine.clear();
    this.coarse.clear();
    this.collected = undefined;
    this.switches.clear();
  }

  private collect(at: number, values: ReadonlyMap<string, number>, seconds: number): void {
    const until = Math.ceil(at / stepSeconds) * stepSeconds;
    if (this.collected !== undefined && this.collected.until !== until) this.finish(this.collected);
    this.collected ??= { until, columns: new Map() };
    const { columns } = this.collected;
    for (const [name, value] of values) {
      if (Number.isNaN(value)) continue;
      const before = columns.get(name);
      if (before === undefined) columns.set(name, { value, seconds });
      else columns.set(name, joined(name, before, value, seconds));
    }
    if (at === until) this.finish(this.collected);
  }

  private finish({ until, columns }: Collected): void {
    this.coarse.add(until, new Map([...columns].map(([name, { value }]) => [name, value])));
    this.collected = undefined;
  }
}

function joined(name: string, before: { value: number; seconds: number }, value: number, seconds: number) {
  const all = before.seconds + seconds;
  if (name === 'mode') return { value: Math.max(before.value, value), seconds: all };
  if (isLimit(name)) return { value: Math.min(before.value, value), seconds: all };
  return { value: (before.value * before.seconds + value * seconds) / all, seconds: all };
}

function valuesOf(row: HistoryRow): Map<string, number> {
  const values = new Map<string, number>([
    ['mode', row.mode],
    ['boundary', row.boundaryPerSecond ?? Number.NaN],
    ['ordinary', row.ordinaryCallsPerSecond ?? Number.NaN],
  ]);
  const calls = (of: string, rates: CallRates<number>) => {
    for (const key of callKeys) values.set(`${of} ${key}`, rates[key]);
  };
  for (const [name, rates] of Object.entries(row.interfaces)) calls(`interface ${name}`, rates);
  calls('priority', row.priority);
  for (const [name, { demand, answered, capacity }] of Object.entries(row.switches)) {
    values.set(`switch ${name} demand`, demand);
    values.set(`switch ${name} answered`, answered);
    values.set(`switch ${name} capacity`, capacity ?? Number.NaN);
  }
  return values;
}

/** Of counts over `seconds`; three digits behind the point. */
export const rate = (count: number, seconds: number): number => rounded(count / seconds);
