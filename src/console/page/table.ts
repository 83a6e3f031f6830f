// Rows that are told anew each second: what is the same stays as it is, so that focus and selection survive.
import { element, type Shape, setAttribute, setMark, setText } from './dom.ts';

export type Cell =
  | string
  | { readonly number: string; readonly warns?: boolean }
  | { readonly shape: Shape; readonly text: string; readonly tone: Tone }
  | { readonly label: string; readonly about: string; readonly run: () => void }
  | { readonly none: true };

export type Tone = 'good' | 'warning' | 'bad' | 'quiet';

export interface Row {
  readonly key: string;
  /** A second level: a neighbour below its interface. */
  readonly isPart?: boolean;
  readonly cells: readonly Cell[];
}

/** `heads`: what a cell is called where the table is a list of cards, on a phone. */
export function fillRows(body: HTMLElement, heads: readonly string[], rows: readonly Row[], empty: string): void {
  const known = new Map<string, HTMLElement>();
  for (const one of body.children) known.set((one as HTMLElement).dataset.key ?? '', one as HTMLElement);
  const wanted = rows.map((row) => {
    const line = known.get(row.key) ?? newRow(row.key, heads);
    line.classList.toggle('part', row.isPart ?? false);
    row.cells.forEach((cell, i) => {
      const place = line.children[i];
      if (place !== undefined) fillCell(place as HTMLElement, cell);
    });
    return line;
  });
  if (wanted.length === 0) wanted.push(emptyRow(heads.length, empty));
  const keep = new Set(wanted);
  for (const one of [...body.children]) {
    if (keep.has(one as HTMLElement)) continue;
    // who had the focus there goes on from the heading, not from the top of the page
    if (one.contains(document.activeElement))
      body.closest('section')?.querySelector<HTMLElement>('h2[tabindex]')?.focus();
    one.remove();
  }
  wanted.forEach((line, i) => {
    if (body.children[i] !== line) body.insertBefore(line, body.children[i] ?? null);
  });
}

function newRow(key: string, heads: readonly string[]): HTMLElement {
  const cells = heads.map((head, i) =>
    i === 0 ? element('th', { scope: 'row', 'data-head': head }) : element('td', { 'data-head': head }),
  );
  return element('tr', { 'data-key': key }, cells);
}

function emptyRow(columns: number, text: string): HTMLElement {
  return element('tr', { 'data-key': '', class: 'empty' }, [element('td', { colspan: String(columns) }, [text])]);
}

function fillCell(place: HTMLElement, cell: Cell): void {
  if (typeof cell === 'string') return setText(place, cell);
  if ('none' in cell) return place.replaceChildren();
  if ('number' in cell) {
    place.classList.add('number');
    place.classList.toggle('warns', cell.warns ?? false);
    return setText(place, cell.number);
  }
  if ('shape' in cell) {
    setAttribute(place, 'data-tone', cell.tone);
    place.classList.add('state');
    return setMark(place, cell.shape, cell.text);
  }
  const button = place.querySelector('button') ?? element('button', { type: 'button', class: 'control small' });
  if (button.parentElement !== place) place.replaceChildren(button);
  setText(button, cell.label);
  setAttribute(button, 'aria-label', cell.about);
  button.onclick = cell.run;
}
