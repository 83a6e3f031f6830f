// Prints the scenario "surge": one table by offer and contestant, one of the step, one of the delay.
import { printTable, type Row } from './report.ts';
import { type Contestant, contestants, type SurgeFigures } from './surge.ts';

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const ms = (value: number): string => `${value.toFixed(1)} ms`;

export function printSurge(figures: SurgeFigures, print: (line: string) => void): void {
  const { rungs, step, delay, jain, capacityPerSecond } = figures;
  const named = contestants.filter((name) => rungs[name] !== undefined);
  const rows: Row[] = [
    ['offered', 'who', 'goodput', 'of capacity', 'deviation', 'switch: again', 'refused', 'priority', 'p50', 'p99'],
  ];
  for (const [i, { offered }] of (rungs[named[0]!] ?? []).entries()) {
    for (const name of named) {
      const one = rungs[name]![i]!;
      rows.push([
        `${offered}×`,
        name,
        `${one.goodputPerSecond.toFixed(1)}/s`,
        percent(one.ofCapacity),
        percent(one.deviation),
        `${one.switchRetransmissionsPerSecond.toFixed(0)}/s`,
        `${one.switchOverloadedPerSecond.toFixed(0)}/s`,
        `${one.priorityCompleted} of ${one.priorityOffered}`,
        ms(one.prioritySetUpP50Ms),
        ms(one.prioritySetUpP99Ms),
      ]);
    }
  }
  print(`A switch of ${capacityPerSecond} calls/s, 2 % of the calls are priority calls`);
  printTable(rows, print);
  const all = (show: (name: Contestant) => string | undefined): string[] => named.map((name) => show(name) ?? '-');
  print('From half of the capacity to ten times of it, and back');
  printTable(
    [
      ['', ...named],
      [
        'calls beyond capacity in the first second',
        ...all((name) => step[name]?.beyondCapacityInFirstSecond.toFixed(0)),
      ],
      ['control holds after', ...all((name) => (step[name] ? `${step[name].holdsAfterMs} ms` : undefined))],
      [
        'last refusal after the end',
        ...all((name) => (step[name] ? `${step[name].lastRefusalAfterMs} ms` : undefined)),
      ],
      ['Jain index of four neighbours', ...all((name) => jain[name]?.toFixed(4))],
    ],
    print,
  );
  if (delay.length === 0) return;
  print('Set-up time of priority calls past a switch that answers at once: what the edge adds');
  const own: Row[] = delay.map((one) => [
    one.offered === 0 ? 'idle' : `${one.offered}×`,
    `${one.priorityPerSecond}/s`,
    ms(one.p50Ms),
    ms(one.p99Ms),
  ]);
  printTable([['offered', 'priority', 'p50', 'p99'], ...own], print);
}
