// One answer of server-sent events (WHATWG HTML §9.2). What its reader does not take waits, but only the newest few of it and not
// for long: memory is bounded however slow he is.
import type { ServerResponse } from 'node:http';

export interface StreamRules {
  readonly keepAliveMs: number;
  readonly slowReaderMs: number;
  readonly retryMs: number;
  /** Events that may wait; the oldest goes first. */
  readonly mostWaiting: number;
}

export interface EventStream {
  send(event: string, id: string | number, data: unknown): void;
  end(): void;
}

/** `onClose`: once, whoever ends it. */
export function openEventStream(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  rules: StreamRules,
  onClose: () => void,
): EventStream {
  const waiting: string[] = [];
  let cut: NodeJS.Timeout | undefined;

  function write(text: string): void {
    if (response.writableEnded || response.destroyed) return;
    if (!response.write(text)) cut ??= setTimeout(() => response.destroy(), rules.slowReaderMs);
  }
  response.on('drain', () => {
    clearTimeout(cut);
    cut = undefined;
    while (cut === undefined && waiting.length > 0) write(waiting.shift()!);
  });
  const keepAlive = setInterval(() => {
    if (cut === undefined) write(': still here\n\n');
  }, rules.keepAliveMs);
  response.on('error', () => response.destroy());
  response.on('close', () => {
    clearInterval(keepAlive);
    clearTimeout(cut);
    onClose();
  });

  response.writeHead(200, { ...headers, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  write(`retry: ${rules.retryMs}\n\n`);
  return {
    send(event, id, data) {
      const text = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (cut === undefined) return write(text);
      waiting.push(text);
      if (waiting.length > rules.mostWaiting) waiting.shift();
    },
    end() {
      response.end();
      cut ??= setTimeout(() => response.destroy(), rules.slowReaderMs);
    },
  };
}
