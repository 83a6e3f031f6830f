// What is not as it should be, above everything else: one line each, critical ones first.
import type { LinkStatus } from '../../admin/link-status.ts';
import type { Status } from '../../admin/status.ts';
import { byId, element, type Shape, setAttribute, setMark } from './dom.ts';
import { momentText, span } from './format.ts';
import { modeTitle } from './words.ts';

interface Alert {
  readonly tone: 'bad' | 'warning' | 'quiet';
  readonly text: string;
}

const shapeOfTone: Readonly<Record<Alert['tone'], Shape>> = { bad: 'octagon', warning: 'triangle', quiet: 'person' };

/** `priorityRefused`: of the last ten minutes; must be 0. */
export function showAlerts(status: Status, priorityRefused: number): void {
  const alerts = [...alarms(status, priorityRefused), ...ordered(status)];
  const list = byId('alerts');
  while (list.children.length > alerts.length) list.lastElementChild?.remove();
  alerts.forEach(({ tone, text }, i) => {
    const line = list.children[i] ?? list.appendChild(element('li'));
    setAttribute(line, 'data-tone', tone);
    setMark(line, shapeOfTone[tone], text);
  });
}

function alarms(status: Status, priorityRefused: number): Alert[] {
  const alerts: Alert[] = [];
  const bad = (text: string): unknown => alerts.push({ tone: 'bad', text });
  const warn = (text: string): unknown => alerts.push({ tone: 'warning', text });
  if (priorityRefused > 0) {
    const calls = Math.max(1, Math.round(priorityRefused));
    bad(`${calls} priority or emergency call${calls === 1 ? ' was' : 's were'} refused in the last ten minutes.`);
  }
  const down = status.switches.filter(({ state }) => state === 'down').map(({ name }) => name);
  if (down.length > 0)
    bad(`Down: ${down.join(', ')}${down.length === status.switches.length ? ': no call can be completed' : ''}.`);
  for (const { name } of status.switches.filter((one) => one.silent && one.state !== 'down'))
    bad(`Switch ${name} does not answer.`);
  if (status.drachtio?.up === false) bad('The drachtio-server is down: no requests come.');
  for (const one of status.orchestrators.filter(({ up }) => !up)) warn(linkText(one));
  for (const one of status.interfaces)
    for (const neighbour of one.neighbours.filter(({ complies }) => !complies))
      warn(`${neighbour.name || 'A source without a name'} on ${one.name} goes on after pushback.`);
  if (!status.controlEnabled) warn('Control is off: limits are told and not in force; gaps of operators are.');
  return alerts;
}

function linkText({ name, answeredSecondsAgo }: LinkStatus): string {
  const since = answeredSecondsAgo === null ? 'has never answered' : `has not answered for ${span(answeredSecondsAgo)}`;
  return `Orchestrator ${name} ${since}: local control goes on alone.`;
}

function ordered(status: Status): Alert[] {
  const nowMs = Date.parse(status.at);
  const { mode, drain, shadow, switches, ordered: others } = status.controls;
  const until = (endsAt: string): string => `until ${momentText(Date.parse(endsAt), nowMs)}`;
  const alerts: Alert[] = [];
  const tell = (text: string): unknown => alerts.push({ tone: 'quiet', text });
  if (status.shadow) {
    const text = 'Shadow: everything is decided and counted, and nothing is refused for load.';
    alerts.unshift({ tone: 'warning', text });
  }
  if (shadow !== null)
    tell(`Shadow is ${shadow.on ? 'on' : 'off'} ${until(shadow.endsAt)} by ${shadow.by}: ${shadow.reason}`);
  if (mode !== null) tell(`Mode held at ${modeTitle(mode.mode)} ${until(mode.endsAt)} by ${mode.by}: ${mode.reason}`);
  if (drain !== null) tell(`The edge is drained ${until(drain.endsAt)} by ${drain.by}: ${drain.reason}`);
  else if (status.draining) alerts.unshift({ tone: 'warning', text: 'Draining: ordinary new calls are refused.' });
  for (const one of switches) tell(`${one.name} is drained ${until(one.endsAt)} by ${one.by}: ${one.reason}`);
  for (const one of others.filter(({ kind }) => kind === 'drain'))
    tell(`The edge is drained ${until(one.endsAt)} by ${one.by} through ${one.orchestrator}.`);
  return alerts;
}
