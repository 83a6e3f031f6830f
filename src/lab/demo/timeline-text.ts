// The timeline as lines: one per second, one per event.
import type { DemoEvent } from './events.ts';
import type { Second } from './timeline.ts';

/** `applications`: whose processor time has a column. */
export function timelineHead(applications: readonly string[]): string {
  const cores = applications.map((name) => name.padStart(6)).join('');
  return `  time  host edge  offered/s  goodput/s  ordinary/s  refused/s     GETS  ${cores}   causes`;
}

export function secondText(one: Second, applications: readonly string[]): string {
  const cores = applications.map((name) => (one.cores[name]?.toFixed(2) ?? '-').padStart(6)).join('');
  const columns = [
    `${one.second + 1} s`.padStart(6),
    `${one.mode.padStart(4)} ${one.edgeMode.padStart(4)}`,
    grouped(one.offered).padStart(9),
    grouped(one.goodput).padStart(9),
    grouped(one.completed).padStart(10),
    grouped(one.refused).padStart(9),
    `${one.getsCompleted}/${one.getsOffered}`.padStart(7),
    cores,
  ];
  return `${columns.join('  ')}   ${causesText(one.causes)}`.trimEnd();
}

/** `beganMs`: when calls began. */
export function eventText({ atMs, who, what, text }: DemoEvent, beganMs: number): string {
  const at = `${((atMs - beganMs) / 1000).toFixed(1)} s`.padStart(8);
  return `${at}  * ${who}: ${wordsOf(what)}${text}`;
}

function wordsOf(what: DemoEvent['what']): string {
  switch (what) {
    case 'asked':
      return 'asked ';
    case 'complied':
      return 'has come down: ';
    case 'forced':
      return 'FORCED, ';
    case 'suspended':
      return 'DUMPED, ';
    case 'resumed':
    case 'lifted':
      return 'recovered: ';
    case 'mode':
    case 'limits':
    case 'self':
    case 'boundary':
      return '';
    default:
      return what satisfies never;
  }
}

/** The first, and how many there are besides. */
function causesText(causes: readonly string[]): string {
  const [first, ...others] = causes;
  if (first === undefined) return '';
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** 4003 → `4 003`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
