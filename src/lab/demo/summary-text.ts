// The end of the demo as text: two tables and the verdicts.
import type { ApplicationDeeds, DemoSummary, PhaseFigures } from './summary.ts';
import { grouped } from './timeline-text.ts';

export function summaryText({ phases, applications, modes, verdicts }: DemoSummary): string {
  return [
    ...table([phaseHead, ...phases.map(phaseRow)]),
    '',
    ...table([deedHead, ...applications.map(deedRow)]),
    '',
    `  modes of the host: L0${modes.map((mode) => ` → ${mode}`).join('')}`,
    '',
    ...verdicts.map(({ isGood, text }) => `  ${markOf(isGood)} ${text}`),
  ].join('\n');
}

function markOf(isGood: boolean | undefined): string {
  if (isGood === undefined) return '-  ';
  return isGood ? 'ok ' : 'NOT';
}

const phaseHead = [
  'phase',
  'offered',
  'goodput',
  'of capacity',
  'refused',
  'GETS offered',
  'completed',
  '',
  'set-up p99',
];

function phaseRow(one: PhaseFigures): string[] {
  const perSecond = (value: number): string => `${grouped(Math.round(value))}/s`;
  const percent = one.offered === 0 ? '-' : `${((one.completed / one.offered) * 100).toFixed(2)} %`;
  return [
    `${one.phase}, ${one.seconds} s`,
    perSecond(one.offeredPerSecond),
    perSecond(one.goodputPerSecond),
    `${(one.ofCapacity * 100).toFixed(0)} %`,
    perSecond(one.refusedPerSecond),
    String(one.offered),
    String(one.completed),
    percent,
    `${Math.round(one.setUpP99Ms)} ms`,
  ];
}

const deedHead = ['application', 'asked', 'came down', 'forced', 'dumped', 'recovered'];

function deedRow(one: ApplicationDeeds): string[] {
  const at = (seconds: number | undefined): string => (seconds === undefined ? '-' : `${seconds.toFixed(1)} s`);
  return [one.application, at(one.asked), at(one.complied), at(one.forced), at(one.dumped), at(one.recovered)];
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
