// What happened, newest first, and what was ordered by hand, by whom and why.
import type { AuditEntry } from '../../admin/audit-entry.ts';
import type { Severity, TimelineEntry, TimelineKind } from '../../admin/timeline-entry.ts';
import { ask } from './api.ts';
import { edgeNowMs } from './clock.ts';
import { byId, element, type Shape, setText, shapeOf } from './dom.ts';
import { momentText } from './format.ts';

/** Lines that are shown at once. */
const mostShown = 200;

const kinds: Readonly<Record<TimelineKind, string>> = {
  mode: 'mode',
  indicator: 'indicators',
  gap: 'gaps',
  switch: 'switches',
  orchestrator: 'orchestrators',
  operator: 'operators',
  drain: 'drain',
  reload: 'reloads',
};

const shapeOfSeverity: Readonly<Record<Severity, Shape>> = {
  info: 'circle',
  warning: 'triangle',
  critical: 'octagon',
};

let shownKind = '';
let entries: TimelineEntry[] = [];

export function beginEvents(): void {
  // they scroll by themselves, so the keyboard has to reach them
  for (const id of ['event-list', 'audit-list', 'refusal-list']) byId(id).tabIndex = 0;
  const choice = byId<HTMLSelectElement>('event-kind');
  choice.append(element('option', { value: '' }, ['everything']));
  for (const [kind, text] of Object.entries(kinds)) choice.append(element('option', { value: kind }, [text]));
  choice.addEventListener('change', () => {
    shownKind = choice.value;
    drawAll();
  });
}

export async function loadEvents(): Promise<void> {
  const answer = await ask<{ entries: TimelineEntry[] }>('GET', `v1/events?limit=${mostShown}`);
  if ('fault' in answer) {
    byId('event-list').replaceChildren(element('li', { class: 'empty' }, [answer.fault.text]));
    return;
  }
  entries = answer.value.entries;
  drawAll();
}

export function addEvent(entry: TimelineEntry): void {
  entries = [entry, ...entries].slice(0, mostShown);
  if (!isShown(entry)) return;
  const list = byId('event-list');
  list.querySelector('.empty')?.remove();
  list.prepend(lineOf(entry));
  while (list.children.length > mostShown) list.lastElementChild?.remove();
}

const isShown = (entry: TimelineEntry): boolean => shownKind === '' || entry.kind === shownKind;

function drawAll(): void {
  const lines = entries.filter(isShown).map(lineOf);
  byId('event-list').replaceChildren(...(lines.length > 0 ? lines : [nothingYet('Nothing has happened yet.')]));
}

const nothingYet = (text: string): HTMLElement => element('li', { class: 'empty' }, [text]);

function lineOf({ at, kind, severity, text, by }: TimelineEntry): HTMLElement {
  return element(
    'li',
    { 'data-tone': severity === 'critical' ? 'bad' : severity === 'warning' ? 'warning' : 'quiet' },
    [
      timeOf(at),
      shapeOf(shapeOfSeverity[severity] ?? 'circle'),
      element('span', { class: 'what' }, [by === undefined ? text : `${text} (${by})`]),
      element('span', { class: 'kind' }, [kind]),
    ],
  );
}

const timeOf = (at: string): HTMLElement =>
  element('time', { datetime: at }, [momentText(Date.parse(at), edgeNowMs())]);

const actionWords: Readonly<Record<AuditEntry['action'], string>> = {
  override: 'held the mode at',
  'lift-override': 'let the mode go:',
  gap: 'placed the gap',
  'lift-gap': 'lifted the gap on',
  drain: 'drained the',
  'lift-drain': 'ended the drain of the',
  'drain-switch': 'drained',
  'lift-switch-drain': 'put back in service',
  shadow: 'turned shadow',
  'lift-shadow': 'let shadow go:',
};

export async function loadAudit(): Promise<void> {
  const answer = await ask<{ entries: AuditEntry[] }>('GET', 'v1/audit');
  const list = byId('audit-list');
  if ('fault' in answer) return setText(list, answer.fault.text);
  const lines = answer.value.entries.slice(0, mostShown).map((one) => {
    const what = `${actionWords[one.action] ?? one.action} ${one.subject}`;
    const until = one.until === undefined ? '' : ` until ${momentText(Date.parse(one.until), edgeNowMs())}`;
    const why = one.reason === '' ? [] : [element('q', {}, [one.reason])];
    return element('li', {}, [
      timeOf(one.at),
      shapeOf('person'),
      element('span', { class: 'what' }, [element('b', {}, [one.by]), ` ${what}${until} `, ...why]),
    ]);
  });
  list.replaceChildren(...(lines.length > 0 ? lines : [nothingYet('Nothing has been ordered by hand.')]));
}
