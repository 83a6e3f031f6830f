// The stream of the edge, kept open: says at once when it is lost, and comes back by itself.
import type { Status } from '../../admin/status.ts';
import type { TimelineEntry } from '../../admin/timeline-entry.ts';
import type { Tree } from './columns.ts';

export interface LiveHandlers {
  /** A stream begins, the first one too: what came in between has to be asked for. */
  begun(): void;
  lost(): void;
  status(status: Status): void;
  row(row: Tree): void;
  entry(entry: TimelineEntry): void;
}

/** A status comes each second: so long without anything, and the stream is dead whatever the socket says, ms. */
const silenceMs = 5000;
const retryMs = 1500;

export function openLive(handlers: LiveHandlers): void {
  let source: EventSource | undefined;
  let heardMs = 0;
  let isLive = false;

  const heard = (): void => {
    heardMs = performance.now();
    if (isLive) return;
    isLive = true;
    handlers.begun();
  };
  const on = <T>(name: string, act: (value: T) => void): void =>
    source?.addEventListener(name, (event) => {
      heard();
      act(JSON.parse((event as MessageEvent<string>).data) as T);
    });
  const open = (): void => {
    source = new EventSource('v1/stream');
    heardMs = performance.now();
    on<Status>('status', handlers.status);
    on<Tree>('row', handlers.row);
    on<TimelineEntry>('entry', handlers.entry);
    source.onerror = lose;
  };
  // not left to EventSource: it gives up for good after an answer other than 200
  const lose = (): void => {
    if (source === undefined) return;
    source.close();
    source = undefined;
    isLive = false;
    handlers.lost();
    setTimeout(open, retryMs);
  };
  setInterval(() => {
    if (source !== undefined && performance.now() - heardMs > silenceMs) lose();
  }, 1000);
  open();
}
