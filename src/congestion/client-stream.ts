// Reads one stream of server-sent events to its end, bounded in what it holds (WHATWG HTML, §9.2).
import type { Readable } from 'node:stream';
import { createParser } from 'eventsource-parser';
import { mostAnswerBytes } from './client-connection.ts';
import type { PullResult } from './pull-state.ts';

/** A server says something at least every 15 s; after so long without a byte the connection is taken for dead, ms. */
const silenceMs = 45_000;
/** A stream that ends within this time was none, ms. */
const leastMs = 1000;

export interface StreamReader {
  /** Each event named `orders`; what makes the stream be given up, or undefined to go on. */
  readonly take: (data: string) => PullResult | undefined;
  readonly abort: () => void;
  readonly isUnref: boolean;
}

export async function readStream(body: Readable, { take, abort, isUnref }: StreamReader): Promise<PullResult> {
  const startedMs = performance.now();
  let verdict: PullResult | undefined;
  const parser = createParser({
    maxBufferSize: mostAnswerBytes,
    onEvent: ({ event, data }) => {
      if (event === 'orders') verdict ??= take(data);
    },
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') verdict = 'wrong';
    },
  });
  const decoder = new TextDecoder();
  const silence = setTimeout(abort, silenceMs);
  if (isUnref) silence.unref();
  body.on('error', () => undefined);
  try {
    for await (const chunk of body) {
      silence.refresh();
      parser.feed(decoder.decode(chunk as Buffer, { stream: true }));
      if (verdict !== undefined) return verdict;
    }
  } catch {
    // cut off: by the orchestrator, on the way, or by ourselves
  } finally {
    clearTimeout(silence);
    abort();
  }
  return performance.now() - startedMs < leastMs ? 'wrong' : 'worked';
}
