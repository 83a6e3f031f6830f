// The calls of the last second and minute, and what has happened last, as text for a terminal.
import type { CallRates, HistoryJson } from './history-json.ts';
import { textTable } from './text-table.ts';
import { percent, rateText } from './text-values.ts';
import type { TimelineEntry } from './timeline-entry.ts';

const heads = ['CALLS', 'OFFERED', 'ADMITTED', 'REFUSED', 'COMPLETED'];

/** A row for each interface and one for priority and emergency calls, in the last second; '' before the first. */
export function callsText({ at, interfaces, priority }: HistoryJson): string {
  if (at.length === 0) return '';
  const rows = Object.entries(interfaces).map(([name, rates]) => callsRow(name, rates));
  rows.push([...callsRow('priority', priority), refusedText(priority)]);
  return textTable([...heads, 'LAST MINUTE'], rows, heads.slice(1));
}

function callsRow(name: string, { offered, admitted, refused, completed }: CallRates<readonly number[]>): string[] {
  const last = (column: readonly number[]): string => rateText(column.at(-1) ?? 0);
  return [name, last(offered), last(admitted), last(refused), last(completed), sparkline(offered)];
}

/** Priority calls should never be refused: says so, or how many were. */
function refusedText({ offered, refused }: CallRates<readonly number[]>): string {
  const sum = (column: readonly number[]): number => column.reduce((all, one) => all + one, 0);
  const asked = sum(offered);
  if (asked === 0) return '';
  const lost = sum(refused);
  return lost === 0 ? 'none refused' : `${percent(lost / asked)} REFUSED`;
}

const bars = '▁▂▃▄▅▆▇█';
const sparks = 30;

/** The last rows as bars, several to one; the highest is the full height. */
export function sparkline(column: readonly number[]): string {
  const each = Math.ceil(column.length / sparks);
  const most = Math.max(...column);
  if (!(most > 0)) return '';
  const groups: number[] = [];
  for (let end = column.length; end > 0; end -= each)
    groups.unshift(Math.max(...column.slice(Math.max(0, end - each), end)));
  return groups.map((value) => bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]).join('');
}

/** The newest first. */
export function eventsText(entries: readonly TimelineEntry[]): string {
  const rows = entries.map(({ at, severity, text, by }) => [
    at.slice(11, 19),
    severity === 'info' ? '' : severity,
    by === undefined ? text : `${text} (${by})`,
  ]);
  return rows.length === 0 ? '' : textTable(['EVENT', '', ''], rows);
}
