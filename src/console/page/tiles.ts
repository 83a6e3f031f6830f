// The figures that are read first: what is offered, what is completed of what the switches can do, what is refused, and whether
// priority calls get through.
import { type Columns, meanOfLast, total } from './columns.ts';
import { byId, element, setAttribute, setText } from './dom.ts';
import { grouped, missing, percent, rate, shareText } from './format.ts';

/** Calls of single seconds jump; so many rows make one figure. */
const meanRows = 3;

interface Tile {
  readonly name: string;
  readonly title: string;
}

const tiles: readonly Tile[] = [
  { name: 'offered', title: 'Offered' },
  { name: 'completed', title: 'Completed' },
  { name: 'refused', title: 'Refused' },
  { name: 'priority', title: 'Priority' },
];

const parts = new Map<string, { box: HTMLElement; figure: HTMLElement; unit: HTMLElement; note: HTMLElement }>();

export interface PriorityCount {
  readonly offered: number;
  readonly refused: number;
  readonly completed: number;
}

/** Of the last ten minutes. */
export function priorityCount(fine: Columns): PriorityCount {
  const sum = (what: string): number => Math.round(total(fine.column(`priority/${what}`)));
  return { offered: sum('offered'), refused: sum('refused'), completed: sum('completed') };
}

export function showTiles(fine: Columns): void {
  const now = (what: string): number | null => meanOfLast(fine.sum(new RegExp(`^interfaces/[^/]+/${what}$`)), meanRows);
  const offered = now('offered');
  const completed = now('completed');
  const refused = now('refused');
  const capacity = fine.sum(/^switches\/.*\/capacity$/).at(-1) ?? null;
  tell('offered', rate(offered), 'calls/s', `${rate(now('admitted'))} admitted`);
  const ofCapacity = capacity === null || completed === null ? null : completed / Math.max(1, capacity);
  const room = ofCapacity === null ? 'capacity not known yet' : `${percent(ofCapacity)} of capacity ${rate(capacity)}`;
  tell('completed', rate(completed), 'calls/s', room, ofCapacity ?? 0);
  const share = offered === null || refused === null ? null : shareText(refused, offered);
  tell('refused', rate(refused), 'calls/s', share === null ? 'nothing is offered' : `${share} of what is offered`);
  showPriority(priorityCount(fine));
}

/** A call that is not refused is on its way to its answer, so what is let through is told first, and what is answered beside it. */
function showPriority({ offered, refused, completed }: PriorityCount): void {
  const through = shareText(offered - refused, offered);
  const answered = `${grouped(Math.min(completed, offered))} of ${grouped(offered)} completed, ${grouped(refused)} refused in 10 min`;
  const note = offered === 0 ? 'no such call in 10 min' : answered;
  tell('priority', through ?? missing, through === null ? '' : 'let through', note);
  setAttribute(tileOf('priority').box, 'data-tone', refused > 0 ? 'bad' : offered > 0 ? 'good' : 'quiet');
}

function tell(name: string, figure: string, unit: string, note: string, ratio?: number): void {
  const tile = tileOf(name);
  setText(tile.figure, figure);
  setText(tile.unit, unit);
  setText(tile.note, note);
  if (ratio === undefined) return;
  const meter =
    tile.box.querySelector('progress') ??
    tile.box.appendChild(element('progress', { max: '100', 'aria-label': 'Completed, of capacity' }));
  meter.value = Math.min(100, Math.round(ratio * 100));
}

function tileOf(name: string): { box: HTMLElement; figure: HTMLElement; unit: HTMLElement; note: HTMLElement } {
  const known = parts.get(name);
  if (known !== undefined) return known;
  const figure = element('span', { class: 'figure' });
  const unit = element('span', { class: 'unit' });
  const note = element('p', { class: 'tile-note' });
  const title = element('h3', {}, [tiles.find((one) => one.name === name)?.title ?? name]);
  const box = element('div', { class: 'tile panel', id: `tile-${name}` }, [
    title,
    element('p', { class: 'reading' }, [figure, ' ', unit]),
    note,
  ]);
  byId('tiles').append(box);
  const made = { box, figure, unit, note };
  parts.set(name, made);
  return made;
}
