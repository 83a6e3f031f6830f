// The pictures of `npm run sim`: goodput over what is offered, and every scenario over time.
import { type ContestantName, isFloor } from './contestants.ts';
import type { JobResult } from './job.ts';
import { type Line, lineChart, type Panel } from './line-chart.ts';
import type { Scenario } from './scenario-parts.ts';

/** Told apart by people who do not tell red from green: Okabe and Ito's colours, somewhat darker where they were light. */
const colours: Readonly<Record<ContestantName, string>> = {
  surgegate: '#0090d8',
  'surgegate-learned': '#00a37a',
  none: '#8b949e',
  'kamailio-taildrop': '#d55e00',
  'kamailio-red': '#c79000',
  clearwater: '#cc6fa4',
  'on-off-retry-after': '#8f6ad9',
  'gaps-filled': '#8b949e',
  'priority-alone': '#8b949e',
};

/** Where nothing else was asked for they are shown all the same. */
function withoutFloors(all: readonly JobResult[]): readonly JobResult[] {
  const controllers = all.filter((one) => !isFloor(one.contestant));
  return controllers.length > 0 ? controllers : all;
}

const isOurs = (name: ContestantName): boolean => name.startsWith('surgegate');

/** Goodput in calls per second over the calls offered per second; both as measured. */
export function goodputPicture(scenario: Scenario, all: readonly JobResult[]): string {
  const results = withoutFloors(all);
  const names = [...new Set(results.map((one) => one.contestant))];
  const capacity = results[0]!.figures.capacityPerSecond;
  const lines: Line[] = names.map((name) => ({
    name,
    colour: colours[name],
    width: isOurs(name) ? 3 : 1.8,
    points: results
      .filter((one) => one.contestant === name)
      .map(({ figures }) => [figures.offeredPerSecond, figures.goodputPerSecond] as const),
  }));
  const offered = results.filter((one) => one.contestant === names[0]).map((one) => one.figures.offeredPerSecond);
  const xMin = Math.min(...offered);
  const xMax = Math.max(...offered);
  return lineChart({
    title: scenario.title,
    xLabel: 'offered, calls per second (multiples of capacity)',
    isLogarithmic: true,
    xMin,
    xMax,
    xTicks: results
      .filter((one) => one.contestant === names[0] && one.label !== '0.8×')
      .map(({ label, figures }) => ({ at: figures.offeredPerSecond, text: label })),
    panels: [
      {
        height: 300,
        yLabel: 'completed, calls per second',
        yMax: capacity * 1.1,
        lines: [
          ...lines.filter((one) => !one.name.startsWith('surgegate')),
          ...lines.filter((one) => one.name.startsWith('surgegate')),
          capacityLine(xMin, xMax, capacity),
        ],
      },
    ],
  });
}

function capacityLine(xMin: number, xMax: number, capacity: number): Line {
  const points = [[xMin, capacity] as const, [xMax, capacity] as const];
  return { name: 'capacity', colour: '#8b949e', isDashed: true, width: 1.2, points };
}

const modeNames = ['L0', 'L1', 'L2', 'L3'] as const;

/** Offered, completed and running mode over time, one value a second. */
export function timePicture(scenario: Scenario, all: readonly JobResult[]): string {
  const results = withoutFloors(all);
  const first = results[0]!;
  const over = (values: readonly number[]) => values.map((value, second) => [second + 0.5, value] as const);
  const ours = results.filter((one) => isOurs(one.contestant));
  const peers = results.filter((one) => !isOurs(one.contestant));
  const panels: Panel[] = [
    {
      height: 120,
      yLabel: 'offered /s',
      yMax: Math.max(...first.offered) * 1.08,
      lines: [{ name: 'offered (redials too)', colour: '#7a828c', points: over(first.offered) }],
    },
    {
      height: 220,
      yLabel: 'completed /s',
      yMax: Math.max(...first.capacity) * 1.15,
      lines: [
        ...[...peers, ...ours].map(({ contestant, goodput }) => ({
          name: contestant,
          colour: colours[contestant],
          width: isOurs(contestant) ? 2.4 : 1.3,
          points: over(goodput),
        })),
        { name: 'capacity', colour: '#8b949e', isDashed: true, width: 1.2, points: over(first.capacity) },
      ],
    },
  ];
  if (ours.length > 0)
    panels.push({
      height: 80,
      yLabel: 'mode',
      yMax: 3,
      yNames: modeNames,
      lines: ours.map(({ contestant, modes }) => ({
        name: contestant,
        colour: colours[contestant],
        points: steps(modes.map((mode) => modeNames.indexOf(mode))),
      })),
    });
  return lineChart({
    title: scenario.title,
    xLabel: 'time, seconds',
    xMin: 0,
    xMax: first.offered.length,
    panels,
  });
}

/** Right angles: a mode holds until it changes. */
function steps(values: readonly number[]): [number, number][] {
  return values.flatMap((value, second) => [
    [second, value] as [number, number],
    [second + 1, value] as [number, number],
  ]);
}
