// Server-sent events (WHATWG HTML §9.2) to those who watch. One who does not read is closed: nothing is kept for him beyond a bound.
import type { ServerResponse } from 'node:http';

export const mostListeners = 20;
/** What may wait to be sent to one listener, bytes. */
const mostWaitingBytes = 262_144;
/** How long a listener may take nothing, ms. */
const mostSilentMs = 15_000;

interface Listener {
  readonly response: ServerResponse;
  /** Since when it takes nothing; undefined: it does. */
  fullSinceMs: number | undefined;
}

export class EventStreams {
  private readonly listeners = new Set<Listener>();
  private readonly now: () => number;
  private isClosed = false;

  /** `now`: a clock that never goes back, ms. */
  constructor(now: () => number) {
    this.now = now;
  }

  get size(): number {
    return this.listeners.size;
  }

  get isFull(): boolean {
    return this.isClosed || this.listeners.size >= mostListeners;
  }

  /** The head is written; `first`: what it is told at once. To be called only while it is not full. */
  add(response: ServerResponse, headers: Readonly<Record<string, string>>, first: readonly string[]): void {
    const listener: Listener = { response, fullSinceMs: undefined };
    this.listeners.add(listener);
    response.on('close', () => this.listeners.delete(listener));
    response.on('error', () => this.listeners.delete(listener));
    response.on('drain', () => {
      listener.fullSinceMs = undefined;
    });
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    for (const text of ['retry: 2000\n\n', ...first]) this.write(listener, text);
  }

  /** To all; `text` as `eventText` makes it. */
  send(text: string): void {
    for (const listener of this.listeners) this.write(listener, text);
  }

  /** Ends them all, and takes no others. Whoever does not read that is for the server to cut off. */
  close(): void {
    this.isClosed = true;
    for (const { response } of this.listeners) response.end();
  }

  private write(listener: Listener, text: string): void {
    const { response, fullSinceMs } = listener;
    const nowMs = this.now();
    const isLate = fullSinceMs !== undefined && nowMs - fullSinceMs > mostSilentMs;
    if (isLate || response.writableLength > mostWaitingBytes) {
      this.listeners.delete(listener);
      response.destroy();
      return;
    }
    if (!response.write(text)) listener.fullSinceMs ??= nowMs;
  }
}

/** One event; what is no text becomes JSON, which has no line breaks. */
export function eventText(event: 'status' | 'row' | 'entry', data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Keeps proxies from closing a stream on which nothing happens. */
export const heartbeat = ': still here\n\n';
