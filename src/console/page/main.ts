// The console: one page of what the edge sees, has learned, and does about it, live. Read this first; each part fills its own section.
import type { Status } from '../../admin/status.ts';
import { showAlerts } from './alerts.ts';
import { ask } from './api.ts';
import { edgeNowMs, setClock } from './clock.ts';
import { afterToken, beginControls, checkToken, showControls } from './controls.ts';
import { byId, setText } from './dom.ts';
import { addEvent, beginEvents, loadAudit, loadEvents } from './events.ts';
import { clockTime, span } from './format.ts';
import { showLinks } from './links.ts';
import { openLive } from './live.ts';
import { showMode } from './mode.ts';
import { afterOrders } from './orders.ts';
import { showPanels } from './panels.ts';
import { beginRefusals, searchRefusals } from './refusals.ts';
import { priorityCount, showTiles } from './tiles.ts';
import { takeTokenOfAddress } from './token.ts';
import { Traffic } from './traffic.ts';

takeTokenOfAddress();
const traffic = new Traffic();
let lostAtMs: number | undefined;
let whyLost = '';
let hasBegun = false;

beginControls();
beginEvents();
afterOrders(() => void loadAudit());
afterToken(() => void searchRefusals());

openLive({
  begun() {
    if (lostAtMs !== undefined) setText(byId('announcer'), 'The connection to the edge is back.');
    lostAtMs = undefined;
    setConnection('live', 'Live');
    byId('lost').hidden = true;
    void load();
  },
  lost() {
    lostAtMs ??= edgeNowMs();
    setConnection('lost', 'Connection lost');
    whyLost = '';
    tellLost();
    void askWhyLost();
  },
  status: show,
  row(row) {
    traffic.append(row);
    showTiles(traffic.fine);
  },
  entry(entry) {
    addEvent(entry);
    if (entry.kind === 'operator') void loadAudit();
  },
});
setInterval(tellLost, 1000);

async function load(): Promise<void> {
  await Promise.all([traffic.load(), loadEvents(), loadAudit(), checkToken(), searchRefusals()]);
  showTiles(traffic.fine);
}

function show(status: Status): void {
  setClock(status.at);
  if (!hasBegun) {
    hasBegun = true;
    beginRefusals(status.interfaces.map(({ name }) => name));
  }
  showMode(status);
  showAlerts(status, priorityCount(traffic.fine).refused);
  showPanels(status);
  showLinks(status);
  showControls(status);
}

function setConnection(state: 'live' | 'lost', text: string): void {
  document.body.dataset.connection = state;
  setText(byId('connection'), text);
}

/** No stream tells why there is none. */
async function askWhyLost(): Promise<void> {
  const answer = await ask<Status>('GET', 'v1/status');
  const isThere = !('fault' in answer) || answer.fault.status > 0;
  whyLost = isThere ? ' It answers, but not with a stream: it may be starting, or too many consoles are open.' : '';
}

function tellLost(): void {
  if (lostAtMs === undefined) return;
  const box = byId('lost');
  box.hidden = false;
  const picture = hasBegun ? ` What is below is the picture of ${clockTime(lostAtMs)}.` : '';
  // told once by a screen reader: how long it lasts stands in the bar
  setText(box, `The connection to the edge is lost.${whyLost}${picture} The page comes back by itself.`);
  setText(byId('connection'), `Lost for ${span((edgeNowMs() - lostAtMs) / 1000)}`);
}
