// The controls of the whole edge, and whether they may be used: without a token the page is there to look at.
import type { HeldJson } from '../../admin/control-json.ts';
import type { Status } from '../../admin/status.ts';
import { tokenFault } from './api.ts';
import { askFirst, say } from './dialog.ts';
import { byId, element, setText } from './dom.ts';
import { momentText, span } from './format.ts';
import { drainEdge, holdMode, liftDrain, liftMode, liftShadow, placeGap, turnShadow } from './orders.ts';
import { setToken, token } from './token.ts';
import { modeTitle } from './words.ts';

interface Control {
  readonly title: string;
  readonly state: HTMLElement;
  readonly act: HTMLButtonElement;
}

const controls = new Map<string, Control>();
let onToken = (): void => {};

/** Called when a token has been entered that is right: what may be read can be more than before. */
export function afterToken(act: () => void): void {
  onToken = act;
}

export function beginControls(): void {
  addControl('mode', 'Running mode');
  addControl('drain', 'The edge');
  addControl('shadow', 'Shadow');
  byId('place-gap').addEventListener('click', () => placeGap());
  byId('token').addEventListener('click', () => (token() === undefined ? askToken() : forgetToken()));
  allow();
}

export function showControls(status: Status): void {
  const { mode, drain, shadow } = status.controls;
  const held = ({ by, reason, endsAt, remainingSeconds }: HeldJson): string =>
    `until ${momentText(Date.parse(endsAt), Date.parse(status.at))} (${span(remainingSeconds)} more) by ${by}: ${reason}`;
  if (mode === null) tell('mode', 'as indicators and orchestrators say', 'Hold a mode', holdMode);
  else tell('mode', `held at ${modeTitle(mode.mode)} ${held(mode)}`, 'Let it go', liftMode);
  if (drain === null) tell('drain', status.draining ? 'is draining' : 'takes new calls', 'Drain the edge', drainEdge);
  else tell('drain', `drained ${held(drain)}`, 'End the drain', liftDrain);
  if (shadow !== null) tell('shadow', `${shadow.on ? 'on' : 'off'} ${held(shadow)}`, 'Let it go', liftShadow);
  else if (status.shadow)
    tell('shadow', 'on by configuration: nothing is refused for load', 'Turn shadow off', () => turnShadow(false));
  else tell('shadow', 'off: what is decided is carried out', 'Turn shadow on', () => turnShadow(true));
  allow();
}

/** Of every control on the page, those in tables too. */
function allow(): void {
  const isAllowed = token() !== undefined;
  for (const button of document.querySelectorAll<HTMLButtonElement>('button.control')) {
    if (button.disabled === isAllowed) button.disabled = !isAllowed;
    if (isAllowed) button.removeAttribute('aria-describedby');
    else button.setAttribute('aria-describedby', 'controls-note');
  }
  const note = isAllowed
    ? 'Each order asks for a reason, ends by itself, and is audited.'
    : 'Read only: to change something, enter the token that the edge printed at its start, or your own.';
  setText(byId('controls-note'), note);
  byId('read-only').hidden = isAllowed;
  setText(byId('token'), isAllowed ? 'Forget token' : 'Enter token');
}

function askToken(): void {
  askFirst({
    title: 'Enter a token',
    fields: [
      {
        name: 'token',
        label: 'Token',
        hint: 'admin.token, your own, or the one in the line `console` that the edge printed. It stays in this tab.',
        attributes: { type: 'password', autocomplete: 'off', maxlength: '512' },
      },
    ],
    consequence: () => 'With it this tab may place gaps, hold the mode and drain; every order is told with your name.',
    submit: 'Use this token',
    send: async (values) => {
      setToken(values.token);
      const fault = await tokenFault();
      if (fault === undefined) onToken();
      else setToken(undefined);
      allow();
      return fault;
    },
    done: () => 'The token is right: controls can be used.',
    returnTo: 'token',
  });
}

/** One that came with the address may be of an earlier start. */
export async function checkToken(): Promise<void> {
  if (token() === undefined) return;
  const fault = await tokenFault();
  if (fault === undefined || fault.status === 0) return;
  setToken(undefined);
  allow();
  say(`The token does not hold here. ${fault.text}`);
}

function forgetToken(): void {
  setToken(undefined);
  allow();
  say('The token is forgotten: this tab can only read.');
}

function addControl(name: string, title: string): void {
  const state = element('p', { class: 'control-state' });
  const act = element('button', { type: 'button', class: 'control', id: `control-${name}` });
  byId('control-list').append(element('div', { class: 'control-line' }, [element('h3', {}, [title]), state, act]));
  controls.set(name, { title, state, act });
}

function tell(name: string, state: string, label: string, run: () => void): void {
  const control = controls.get(name);
  if (control === undefined) return;
  setText(control.state, state);
  setText(control.act, label);
  control.act.onclick = run;
}
