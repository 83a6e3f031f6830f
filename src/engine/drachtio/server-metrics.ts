// What a drachtio-server tells Prometheus of the requests that it has taken, against those that it handed over: the difference waits, or
// another application gets it. Of its numbers only the counters: its gauges are of up to 30 seconds ago.
import { request } from 'undici';

/** Between fetches, ms. */
const fetchMs = 5_000;
const timeoutMs = 2_000;
/** A page of it has some 40 kB. */
const mostBytes = 2 ** 20;

export interface ServerMetrics {
  /**
   * Requests per second that the server has taken beyond those handed over, between the last two fetches; undefined without two.
   * `handedOver` counts those since the start.
   */
  sample(handedOver: number, nowMs: number): number | undefined;
  close(): void;
}

/** `methods`: lower-case, those routed to us. `log` is told once where it cannot be fetched, and again after it could. */
export function createServerMetrics(
  url: string,
  methods: readonly string[],
  log: (text: string) => void,
): ServerMetrics {
  const abort = new AbortController();
  const names = new Set(methods.map((method) => method.toUpperCase()));
  let before: { atMs: number; taken: number; handedOver: number } | undefined;
  let unseen: number | undefined;
  let fetchedMs = Number.NEGATIVE_INFINITY;
  let handedOver = 0;
  let isFetching = false;
  let wasTold = false;

  async function refresh(nowMs: number): Promise<void> {
    isFetching = true;
    try {
      const taken = requestsIn(await fetchText(url, abort.signal), names);
      // the count of now: more may have come while it was fetched
      const now = { atMs: nowMs, taken, handedOver };
      const seconds = before === undefined ? 0 : (nowMs - before.atMs) / 1_000;
      // a server that came anew counts from 0
      if (before === undefined || taken < before.taken || seconds <= 0) unseen = undefined;
      else unseen = Math.max(0, (taken - before.taken - (handedOver - before.handedOver)) / seconds);
      before = now;
      wasTold = false;
    } catch (error) {
      before = undefined;
      unseen = undefined;
      if (!wasTold && !abort.signal.aborted) log(`${url}: ${(error as Error).message}: its metrics are not used`);
      wasTold = true;
    } finally {
      isFetching = false;
    }
  }

  return {
    sample(count, nowMs) {
      handedOver = count;
      if (!isFetching && nowMs - fetchedMs >= fetchMs) {
        fetchedMs = nowMs;
        void refresh(nowMs);
      }
      return unseen;
    },
    close: () => abort.abort(),
  };
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const answer = await request(url, {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    signal: AbortSignal.any([signal, AbortSignal.timeout(2 * timeoutMs)]),
  });
  if (answer.statusCode !== 200) {
    await answer.body.dump();
    throw new Error(`status ${answer.statusCode}`);
  }
  let text = '';
  for await (const chunk of answer.body) {
    text += String(chunk);
    if (text.length > mostBytes) throw new Error(`longer than ${mostBytes} bytes`);
  }
  return text;
}

/** The sum of drachtio_sip_requests_in_total over these methods, upper-case. */
export function requestsIn(page: string, methods: ReadonlySet<string>): number {
  let sum = 0;
  for (const [, method = '', count] of page.matchAll(
    /^drachtio_sip_requests_in_total\{[^}]*method="([^"]*)"[^}]*\} ([\d.eE+]+)/gm,
  )) {
    if (methods.has(method)) sum += Number(count);
  }
  return sum;
}
