// Runs the back half of the console: a row of history each second, the timeline from what changes, and both told to those who listen.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { AdminAccess } from '../admin/access.ts';
import type { AuditEntry } from '../admin/audit-entry.ts';
import type { Status } from '../admin/status.ts';
import { Changes } from '../console/changes.ts';
import { EventStreams, eventText, heartbeat } from '../console/event-streams.ts';
import { History } from '../console/history.ts';
import { LinkChanges } from '../console/link-changes.ts';
import { readPage } from '../console/page-files.ts';
import { addConsoleRoutes } from '../console/routes.ts';
import { RowMaker } from '../console/row-maker.ts';
import { operatorEntry } from '../console/texts.ts';
import { Timeline } from '../console/timeline.ts';
import type { OperatorControls } from '../control/operator-controls.ts';
import type { Throttle } from '../control/throttle.ts';
import type { Counters } from '../metrics/counters.ts';
import type { LinkView } from '../metrics/link-view.ts';
import type { LoopView } from '../metrics/loop-view.ts';

const rowMs = 1000;
/** Rows between two heartbeats: 15 s. */
const rowsOfBeat = 15;

/** Where the build puts the page; seen from src/ as from dist/. */
const pageFolder = fileURLToPath(new URL('../../dist/console/page', import.meta.url));

export interface ConsoleInput {
  readonly config: { readonly console: boolean };
  readonly version: string;
  readonly counters: Counters;
  /** The clock of the samples, ms. */
  readonly now: () => number;
  readonly warn: (message: string) => void;
  /** Health of a switch: `up`, `refusing`, `down`. */
  readonly stateOf: (switchName: string) => string;
  readonly isDraining: () => boolean;
  readonly controls: () => OperatorControls;
  readonly links: () => readonly LinkView[];
  /** Undefined before the first throttle, as the status is. */
  readonly view: () => LoopView | undefined;
  readonly status: () => Status | undefined;
}

export interface Console {
  /** With every throttle, and the one before it. */
  look(view: LoopView, before: Throttle | undefined): void;
  /** An operator's order. */
  ordered(entry: AuditEntry): void;
  /** `reason`: why it was refused; undefined: it was applied. */
  reloaded(reason?: string): void;
  /** With a token for our own page where none is configured. */
  access(configured: AdminAccess): AdminAccess;
  addTo(server: FastifyInstance): void;
  /** What a browser opens, the token in its fragment, which no browser sends; undefined where there is no page. */
  address(admin: string): string | undefined;
  close(): void;
}

/** `folder`: that of the page. */
export function startConsole(input: ConsoleInput, folder = pageFolder): Console {
  const { counters, now, config } = input;
  const history = new History();
  const timeline = new Timeline(Date.now);
  const streams = new EventStreams(now);
  const rows = new RowMaker(counters);
  const tell = timeline.add.bind(timeline);
  const changes = new Changes(tell);
  const linkChanges = new LinkChanges(tell);
  const page = config.console ? readPage(folder) : undefined;
  if (config.console && page === undefined)
    input.warn('the page of the console is not built: `npm run build` makes it');
  let pageToken: string | undefined;
  timeline.onEntry = (entry) => streams.send(eventText('entry', entry));
  timeline.add({ kind: 'reload', severity: 'info', text: `Surgegate ${input.version} started` });

  let lastMs = now();
  let beats = 0;
  const second = () => {
    linkChanges.look(input.links());
    if (++beats % rowsOfBeat === 0) streams.send(heartbeat);
    const view = input.view();
    const at = Math.floor(Date.now() / 1000);
    const nowMs = now();
    if (view !== undefined && nowMs > lastMs && history.takes(at)) {
      const seconds = (nowMs - lastMs) / 1000;
      lastMs = nowMs;
      const row = rows.row(view, input.links(), at, seconds);
      history.add(row, seconds);
      if (streams.size > 0) streams.send(eventText('row', row));
    }
    if (streams.size === 0) return;
    const status = input.status();
    if (status !== undefined) streams.send(eventText('status', status));
  };
  let timer: NodeJS.Timeout;
  // at the turn of each second, so that each has its row
  const schedule = () => {
    timer = setTimeout(
      () => {
        second();
        schedule();
      },
      rowMs + 5 - (Date.now() % rowMs),
    );
    timer.unref();
  };
  schedule();

  return {
    look({ sample, throttle, control }, before) {
      rows.note(sample);
      changes.look({
        throttle,
        before,
        causes: control.mode.causes,
        switches: new Map(sample.switches.map(({ name }) => [name, stateOf(name, control, input)])),
        controls: input.controls(),
        isDraining: input.isDraining(),
        nowMs: now(),
      });
    },
    ordered: (entry) => tell(operatorEntry(entry)),
    reloaded: (reason) =>
      tell(
        reason === undefined
          ? { kind: 'reload', severity: 'info', text: 'configuration reloaded' }
          : { kind: 'reload', severity: 'warning', text: `configuration not reloaded: ${reason}` },
      ),
    access(configured) {
      if (page !== undefined && configured.isLoopback && configured.tokens.length === 0)
        pageToken = randomBytes(24).toString('base64url');
      return { ...configured, pageToken };
    },
    addTo: (server) => addConsoleRoutes(server, { history, timeline, streams, status: input.status, page }),
    address(admin) {
      if (page === undefined) return undefined;
      return `http://${admin}/${pageToken === undefined ? '' : `#token=${pageToken}`}`;
    },
    close() {
      clearTimeout(timer);
      streams.close();
    },
  };
}

function stateOf(name: string, { switchControls }: LoopView['control'], input: ConsoleInput): string {
  const state = input.stateOf(name);
  return state !== 'down' && switchControls.get(name)?.capacity.isSilent ? 'silent' : state;
}
