// What `npm run sim` prints: for the yardstick goodput over what is offered, for every scenario a row for each controller.
import { isFloor } from './contestants.ts';
import type { JobResult } from './job.ts';
import type { Scenario } from './scenario-parts.ts';

/** Columns as wide as their widest cell, the first to the left, the rest to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '))
    .join('\n');
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;
const seconds = (value: number | undefined): string => (value === undefined ? 'never' : `${value.toFixed(1)} s`);
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Goodput in calls per second: a row for each controller, a column for each rate offered. */
export function goodputTable(results: readonly JobResult[]): string {
  const labels = [...new Set(results.map((one) => one.label))];
  const names = [...new Set(results.map((one) => one.contestant))].filter((name) => !isFloor(name));
  return table([
    ['goodput, calls/s, at', ...labels],
    ...names.map((name) => [
      name,
      ...labels.map((label) => {
        const one = results.find((result) => result.contestant === name && result.label === label);
        return one === undefined ? '-' : one.figures.goodputPerSecond.toFixed(1);
      }),
    ]),
  ]);
}

export function figuresTable(scenario: Scenario, results: readonly JobResult[]): string {
  const head = ['', 'goodput/s', 'of possible', 'deviation', 'priority', 'in edge', 'set-up: p50', 'p99', 'all p99'];
  if (scenario.isSurge) head.push('holds after', 'excess', 'release');
  head.push('wrongly refused');
  if (scenario.equals.length > 0) head.push('Jain');
  if (scenario.bystanders.length > 0) head.push('bystanders');
  if (scenario.name === 'registration-storm') head.push('registered');
  const rows = results.map((result) => {
    const row = controllerRow(scenario, result);
    // a floor tells nothing but what priority calls take
    return isFloor(result.contestant) ? row.map((cell, i) => (i === 0 || told.includes(head[i]!) ? cell : '')) : row;
  });
  return table([head, ...rows]);
}

/** What is told of a floor. */
const told: readonly string[] = ['priority', 'in edge', 'set-up: p50', 'p99'];

function controllerRow(
  scenario: Scenario,
  { contestant, figures, bystanderRatio, registered }: JobResult,
): readonly string[] {
  const row = [
    contestant,
    figures.goodputPerSecond.toFixed(1),
    // most votes find all lines busy whatever an edge does
    scenario.name === 'televote' ? '-' : percent(figures.goodputRatio),
    percent(figures.deviationRatio),
    percent(figures.priorityRatio),
    ms(figures.priorityEdgeMs),
    ms(figures.prioritySetUpMedianMs),
    ms(figures.prioritySetUpMs),
    ms(figures.setUpMs),
  ];
  if (scenario.isSurge)
    row.push(seconds(figures.onsetSeconds), seconds(figures.excessSeconds), seconds(figures.releaseSeconds));
  row.push(
    figures.wronglyRefused === 0 ? 'none' : `${figures.wronglyRefused} (${percent(figures.wronglyRefusedRatio)})`,
  );
  if (scenario.equals.length > 0) row.push(figures.jain.toFixed(3));
  if (bystanderRatio !== undefined) row.push(percent(bystanderRatio));
  if (scenario.name === 'registration-storm') row.push(registrationText(registered));
  return row;
}

/** How many devices are registered at the end, and how long nine in ten of those took. */
function registrationText(registered: readonly number[]): string {
  const total = registered.reduce((sum, value) => sum + value, 0);
  let soFar = 0;
  const second = registered.findIndex((value) => {
    soFar += value;
    return soFar >= 0.9 * total;
  });
  return `${total} (90 % by ${second} s)`;
}
