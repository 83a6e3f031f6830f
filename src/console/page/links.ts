// Orchestrators that ration the host, what they let the edge use, and what it uses itself.
import type { LinkStatus } from '../../admin/link-status.ts';
import type { Status } from '../../admin/status.ts';
import type { Amounts } from '../../congestion/amounts.ts';
import { byId, element, setAttribute, setMark, setText } from './dom.ts';
import { bytes, percent, rate, span } from './format.ts';
import { modeTitle } from './words.ts';

export function showLinks(status: Status): void {
  const host = byId('links');
  const { orchestrators, process: own } = status;
  const names = new Set(orchestrators.map(({ name }) => name));
  for (const one of [...host.children]) if (!names.has((one as HTMLElement).dataset.name ?? '')) one.remove();
  for (const one of orchestrators) showLink(host, one);
  if (orchestrators.length === 0) setText(host, 'None is configured: this edge decides alone.');
  const late = Math.round(own.loopDelaySeconds * 1000);
  const use = `This process: event loop ${percent(own.loopUtilisation)}, late by ${late} ms; memory ${percent(own.memoryRatio)}.`;
  setText(byId('own-use'), use + drachtioText(status));
}

function drachtioText({ drachtio }: Status): string {
  if (drachtio === null || drachtio === undefined) return '';
  const cpu = drachtio.cpuRatio === null ? '' : `, processor ${percent(drachtio.cpuRatio)}`;
  return ` drachtio-server ${drachtio.version}: ${drachtio.up ? 'up' : 'DOWN'}, ${drachtio.pending} requests pending${cpu}.`;
}

function showLink(host: HTMLElement, one: LinkStatus): void {
  let box = [...host.children].find((child) => (child as HTMLElement).dataset.name === one.name) as
    | HTMLElement
    | undefined;
  if (box === undefined) {
    box = element('div', { class: 'link', 'data-name': one.name }, [element('h3', { class: 'state' }), element('dl')]);
    host.append(box);
  }
  const [title, list] = box.children;
  if (title === undefined || list === undefined) return;
  setAttribute(title, 'data-tone', one.up ? 'good' : 'warning');
  setMark(title, one.up ? 'circle' : 'triangle', `${one.name}: ${one.up ? 'reachable' : 'not reachable'}`);
  fill(list, [
    ['Host mode', one.mode === null ? 'no valid orders' : `${modeTitle(one.mode)}${one.exempt ? ', exempt' : ''}`],
    ['Boundary', one.boundaryPerSecond === null ? 'none' : `${rate(one.boundaryPerSecond)} new calls/s`],
    ['Gives up', percent(one.reductionRatio)],
    ['May use', amountsText(one.allowed)],
    ['Notices', String(one.notices)],
    ['Answered', one.answeredSecondsAgo === null ? 'never' : `${span(one.answeredSecondsAgo)} ago`],
  ]);
}

function fill(list: Element, pairs: readonly (readonly [string, string])[]): void {
  if (list.children.length === 0)
    list.append(...pairs.map(([term]) => element('div', {}, [element('dt', {}, [term]), element('dd')])));
  pairs.forEach(([, text], i) => {
    const place = list.children[i]?.lastElementChild;
    if (place) setText(place, text);
  });
}

function amountsText(amounts: Amounts): string {
  const parts: string[] = [];
  const { cpuCores, memoryBytes, diskBytes, diskBytesPerSecond, networkBytesPerSecond } = amounts;
  if (cpuCores !== undefined) parts.push(`${Math.round(cpuCores * 100) / 100} cores`);
  if (memoryBytes !== undefined) parts.push(`${bytes(memoryBytes)} memory`);
  if (diskBytes !== undefined) parts.push(`${bytes(diskBytes)} disk`);
  if (diskBytesPerSecond !== undefined) parts.push(`disk ${bytes(diskBytesPerSecond)}/s`);
  if (networkBytesPerSecond !== undefined) parts.push(`network ${bytes(networkBytesPerSecond)}/s`);
  return parts.length === 0 ? 'what it asks for' : parts.join(', ');
}
