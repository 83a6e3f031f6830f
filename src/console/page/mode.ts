// The running mode and why: the badge, the bar on top, the title of the tab, and what a screen reader is told when it changes.
import type { Status } from '../../admin/status.ts';
import type { RunningMode } from '../../control/throttle.ts';
import { zoneName } from './clock.ts';
import { byId, element, setAttribute, setMark, setText } from './dom.ts';
import { clockTime, momentText, percent, span } from './format.ts';
import { causeWords, indicatorText, modes, modeTitle, orderedText } from './words.ts';

let told: RunningMode | undefined;

export function showMode(status: Status): void {
  const { mode } = status;
  const { shape, means } = modes[mode];
  setAttribute(document.body, 'data-mode', mode);
  setMark(byId('mode-badge'), shape, modeTitle(mode));
  setMark(byId('bar-mode'), shape, modeTitle(mode));
  document.title = `${modeTitle(mode)} – Surgegate`;
  const nowMs = Date.parse(status.at);
  const sinceMs = Date.parse(status.modeSince);
  setText(byId('mode-since'), `for ${span((nowMs - sinceMs) / 1000)}, since ${momentText(sinceMs, nowMs)}`);
  setText(byId('mode-means'), means + (status.controls.mode === null ? '' : orderedText(mode)));
  showCauses(status);
  const clock = byId('clock');
  setAttribute(clock, 'datetime', status.at);
  setText(clock, `${clockTime(nowMs)} ${zoneName()}`);
  setText(byId('edge'), `${location.host} · ${status.version}`);
  if (told !== undefined && told !== mode) {
    const causes = status.causes.map((one) => causeWords[one] ?? one);
    const why = causes.length === 0 ? '' : `, because of ${causes.join(', ')}`;
    setText(byId('announcer'), `Mode ${modeTitle(mode)}${why}. ${means}`);
  }
  told = mode;
}

function showCauses(status: Status): void {
  const chips = status.causes.map((cause) => {
    const worst = status.indicators.filter(({ name }) => name === cause).sort((a, b) => b.ratio - a.ratio)[0];
    if (worst === undefined) return causeWords[cause] ?? cause;
    return indicatorText(worst.name, percent(worst.ratio), worst.interface);
  });
  const others = status.indicators
    .filter(({ name, proposes }) => proposes !== 'L0' && !status.causes.includes(name))
    .map((one) => `${indicatorText(one.name, percent(one.ratio), one.interface)}: asks for ${one.proposes}`);
  const list = byId('causes');
  const all = [...chips, ...others];
  while (list.children.length > all.length) list.lastElementChild?.remove();
  all.forEach((text, i) => {
    const chip = list.children[i] ?? list.appendChild(element('li'));
    setText(chip, text);
    chip.classList.toggle('cause', i < chips.length);
  });
}
