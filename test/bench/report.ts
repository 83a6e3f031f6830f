// Prints what was measured as one table per question, each with its ratio against Kamailio in the same run.
import type { EnginesFigures } from './engines.ts';
import type { CallFigures, FloodFigures, MemoryFigures, RefusalFigures } from './scenarios.ts';
import type { ServerName } from './servers.ts';
import type { SurgeFigures } from './surge.ts';

export type PerServer<T> = Partial<Record<ServerName, T>>;

export interface Results {
  refusals?: PerServer<RefusalFigures>;
  latency?: PerServer<RefusalFigures>;
  calls?: PerServer<CallFigures>;
  /** At the highest rate of calls that was carried. */
  highest?: PerServer<CallFigures>;
  flood?: PerServer<FloodFigures>;
  memory?: PerServer<MemoryFigures>;
  surge?: SurgeFigures;
  engines?: EnginesFigures;
}

export type Row = readonly string[];

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Ratio against Kamailio; `better` says whether more or less is better, and the ratio is above 1 where we are better. */
function ratio(own: number | undefined, kamailio: number | undefined, better: 'more' | 'less'): string {
  if (own === undefined || kamailio === undefined || own === 0 || kamailio === 0) return '-';
  return `${(better === 'more' ? own / kamailio : kamailio / own).toFixed(2)}×`;
}

export function printReport(results: Results, print: (line: string) => void): void {
  const rows: Row[] = [
    ['what', 'surgegate', 'surgegate-plain', 'kamailio', 'kamailio-bare', 'ratio', 'ratio plain', 'ratio bare'],
  ];
  const add = <T>(
    what: string,
    figures: PerServer<T> | undefined,
    pick: (figure: T) => number,
    show: (value: number) => string,
    better: 'more' | 'less',
  ): void => {
    if (figures === undefined) return;
    const value = (name: ServerName) => (figures[name] === undefined ? undefined : pick(figures[name]));
    const text = (name: ServerName) => (value(name) === undefined ? '-' : show(value(name)!));
    rows.push([
      what,
      text('surgegate'),
      text('surgegate-plain'),
      text('kamailio'),
      text('kamailio-bare'),
      ratio(value('surgegate'), value('kamailio'), better),
      ratio(value('surgegate-plain'), value('kamailio'), better),
      ratio(value('surgegate'), value('kamailio-bare'), better),
    ]);
  };
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
  const megabytes = (value: number): string => `${value.toFixed(0)} MB`;
  add('refusals per second', results.refusals, (f) => f.refusedPerSecond, thousands, 'more');
  add('refusals per CPU second', results.refusals, (f) => f.refusedPerCpuSecond, thousands, 'more');
  add('at half load: refusals per second', results.latency, (f) => f.refusedPerSecond, thousands, 'more');
  add('at half load: answer p99', results.latency, (f) => f.p99Ms, ms, 'less');
  add('whole calls per second, fixed', results.calls, (f) => f.callsPerSecond, thousands, 'more');
  add('  completed', results.calls, (f) => f.completedRatio, percent, 'more');
  add(
    '  CPU per call',
    results.calls,
    (f) => f.cpuMicrosecondsPerCall,
    (v) => `${thousands(v)} µs`,
    'less',
  );
  add('  set-up time p99', results.calls, (f) => f.setUpP99Ms, ms, 'less');
  add('highest rate of whole calls', results.highest, (f) => f.callsPerSecond, thousands, 'more');
  add(
    '  CPU per call',
    results.highest,
    (f) => f.cpuMicrosecondsPerCall,
    (v) => `${thousands(v)} µs`,
    'less',
  );
  add('flood: refused per second', results.flood, (f) => f.floodRefusedPerSecond, thousands, 'more');
  add('flood: priority calls lost', results.flood, (f) => f.priorityLost, thousands, 'less');
  add('flood: 911 calls lost', results.flood, (f) => f.emergencyLost, thousands, 'less');
  add('memory after a million callers', results.memory, (f) => f.residentAfterMegabytes, megabytes, 'less');
  printTable(rows, print);
}

/** The first row is the heading. */
export function printTable(rows: readonly Row[], print: (line: string) => void): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  rows.forEach((row, i) => {
    print(
      `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`,
    );
    if (i === 0)
      print(
        `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`,
      );
  });
}
