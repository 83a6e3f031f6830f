// "Why was this call refused?": the last refusals, searched by number or Call-ID, each with what was in force when it was decided.
import type { RefusalJson, RefusalsJson } from '../../admin/refusal-json.ts';
import type { Reason } from '../../admission/reasons.ts';
import { ask } from './api.ts';
import { edgeNowMs } from './clock.ts';
import { byId, element, setText } from './dom.ts';
import { clockTime, grouped, momentText, percent, rate } from './format.ts';
import { causeWords, indicatorText, modeTitle } from './words.ts';

/** Of a search; of what comes by itself. */
const mostFound = 100;
const mostRecent = 20;
/** While nothing is looked for and nobody reads, what comes is shown, ms. */
const refreshMs = 5000;

const reasons: readonly Reason[] = [
  ...([
    'share',
    'neighbour-share',
    'expired',
    'switch-capacity',
    'gap',
    'mode',
    'edge-rate',
    'interface-rate',
  ] as const),
  ...(['neighbour-rate', 'registration-rate', 'non-essential-rate', 'priority-cap', 'transactions-full'] as const),
  ...([
    'no-switch',
    'draining',
    'dialplan',
    'malformed',
    'loop',
    'too-many-hops',
    'penalised',
    'pushback-drop',
  ] as const),
];

let asked = 0;

export function beginRefusals(interfaces: readonly string[]): void {
  const form = byId<HTMLFormElement>('refusal-search');
  const choice = (name: string): HTMLSelectElement => form.elements.namedItem(name) as HTMLSelectElement;
  choice('reason').append(...reasons.map((reason) => element('option', { value: reason }, [reason])));
  choice('interface').append(...interfaces.map((name) => element('option', { value: name }, [name])));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void searchRefusals();
  });
  const refresh = (): void => {
    const list = byId('refusal-list');
    // nothing moves under somebody's pointer
    const isRead = list.matches(':hover') || list.scrollTop > 0 || list.querySelector('details[open], :focus') !== null;
    const isIdle = wanted().size === 0 && !isRead;
    if (isIdle && document.body.dataset.connection === 'live' && !document.hidden) void searchRefusals();
  };
  setInterval(refresh, refreshMs);
  document.addEventListener('visibilitychange', refresh);
}

function wanted(): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(byId<HTMLFormElement>('refusal-search')))
    if (typeof value === 'string' && value.trim() !== '') query.set(name, value.trim());
  return query;
}

export async function searchRefusals(): Promise<void> {
  const query = wanted();
  const isSearch = query.size > 0;
  const most = isSearch ? mostFound : mostRecent;
  query.set('limit', String(most));
  const own = ++asked;
  const answer = await ask<RefusalsJson>('GET', `v1/refusals?${query}`);
  // a later question has been asked meanwhile
  if (own !== asked) return;
  const note = byId('refusal-note');
  const list = byId('refusal-list');
  if ('fault' in answer) {
    setText(note, answer.fault.text);
    list.replaceChildren();
    return;
  }
  const { kept, seen, sampledRatio, entries } = answer.value;
  const part = sampledRatio < 1 ? `, of which one in ${Math.round(1 / sampledRatio)} is kept now` : '';
  const found = isSearch ? `${entries.length}${entries.length === most ? ' or more' : ''} found. ` : '';
  setText(
    note,
    `${found}The last ${grouped(kept)} of ${grouped(seen)} refusals are kept${part}. As of ${clockTime(edgeNowMs())}.`,
  );
  const none = isSearch ? 'No refusal that is kept matches.' : 'No call has been refused.';
  list.replaceChildren(...(entries.length > 0 ? entries.map(entryOf) : [element('li', { class: 'empty' }, [none])]));
}

function entryOf(one: RefusalJson): HTMLElement {
  const number = one.number === null ? 'number not shown' : one.number === '' ? 'no number' : one.number;
  const summary = element('summary', {}, [
    element('time', { datetime: one.at }, [momentText(Date.parse(one.at), edgeNowMs())]),
    element('span', { class: 'called' }, [number]),
    element('span', { class: 'reason' }, [one.shadow ? `${one.reason} (shadow)` : one.reason]),
    element('span', { class: 'from' }, [one.neighbour === '' ? one.interface : `${one.interface}, ${one.neighbour}`]),
    element('span', { class: 'answered' }, [answerOf(one)]),
  ]);
  const pairs = detailsOf(one).map(([term, text]) =>
    element('div', term === 'Indicators' ? { class: 'wide' } : {}, [
      element('dt', {}, [term]),
      element('dd', {}, [text]),
    ]),
  );
  const body = [element('p', { class: 'why' }, [sentenceOf(one)]), element('dl', {}, pairs)];
  return element('li', {}, [element('details', {}, [summary, ...body])]);
}

const sentenceOf = ({ method, shadow, why }: RefusalJson): string =>
  `${method} ${shadow ? 'would have been refused' : 'was refused'}: ${why}.`;

function answerOf({ status, decision, retryAfterSeconds }: RefusalJson): string {
  if (status === null) return `not answered (${decision})`;
  return retryAfterSeconds === null ? String(status) : `${status}, Retry-After ${retryAfterSeconds} s`;
}

function detailsOf(one: RefusalJson): [string, string][] {
  const { throttle } = one;
  const limit = (value: number | null): string => (value === null ? 'none' : `${rate(value)}/s`);
  const causes = throttle.causes.map((cause) => causeWords[cause] ?? cause).join(', ');
  const indicators = one.indicators.map(
    ({ name, ratio, proposes }) => `${indicatorText(name, percent(ratio), null)} (${proposes})`,
  );
  return [
    ['Answered', answerOf(one)],
    ['Class', one.class],
    ['From', `${one.interface}${one.neighbour === '' ? '' : `, ${one.neighbour}`}, ${one.source}`],
    ['Call-ID', one.callId],
    ['Mode then', `${modeTitle(throttle.mode)}${causes === '' ? '' : `: ${causes}`}`],
    ['Ordinary calls', limit(throttle.ordinaryCallsPerSecond)],
    ['Share of interface', limit(throttle.interfaceSharePerSecond)],
    ['Share of neighbour', limit(throttle.neighbourSharePerSecond)],
    ['Indicators', indicators.length === 0 ? 'none asked for more than L0' : indicators.join(', ')],
    ...(one.oneIn > 1 ? ([['Stands for', `${one.oneIn} refusals`]] as [string, string][]) : []),
  ];
}
