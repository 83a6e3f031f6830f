// Asks each peer that has a URL for its mode, or tells it ours, again and again; one question at a time, each with its time-out. What
// cannot be reached is said once, and its return.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { PeerReport } from '../congestion/north-messages.ts';
import { type ModeReport, modeReportSchema } from '../congestion/orders.ts';

export interface ExchangedPeer {
  readonly name: string;
  /** Of its congestion API, without /v1. */
  readonly url: string;
  readonly exchange: 'fetch' | 'push';
  /** What it has given us. */
  readonly token?: string | undefined;
  /** PEM: the authorities of its certificate. */
  readonly authority?: string | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface PeerExchangeOptions {
  /** Our own name, under which it knows us. */
  readonly name: string;
  readonly peers: readonly ExchangedPeer[];
  /** Our mode now. */
  readonly mode: () => ModeReport;
  /** A peer's mode, and for how long it holds. */
  readonly onAnswer: (peer: string, report: ModeReport, validityMs: number) => void;
  readonly log: {
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };
}

export interface PeerExchange {
  /** Asks all at once, as when our mode has changed; those that are being asked are asked again after it. */
  hurry(): void;
  /** Ends what is under way. */
  stop(): Promise<void>;
}

/** A mode report is a tenth of it. */
const mostAnswerBytes = 65_536;
/** What was said holds for so many intervals. */
const validIntervals = 3;

export function startPeerExchange(options: PeerExchangeOptions): PeerExchange {
  const loops = options.peers.map((peer) => startLoop(peer, options));
  return {
    hurry() {
      for (const loop of loops) loop.hurry();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function startLoop(peer: ExchangedPeer, options: PeerExchangeOptions): PeerExchange {
  const { timeoutMs, intervalMs } = peer;
  const validityMs = validIntervals * intervalMs + timeoutMs;
  const connect = { timeout: timeoutMs, ...(peer.authority === undefined ? {} : { ca: peer.authority }) };
  const agent = new Agent({ connect, connections: 1, maxResponseSize: mostAnswerBytes });
  const stopping = new AbortController();
  const instance = randomUUID();
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;
  let isAsking = false;
  let isHurried = false;
  let isUnreachable = false;

  async function turn(): Promise<void> {
    clearTimeout(timer);
    isAsking = true;
    isHurried = false;
    try {
      sequence += 1;
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]);
      const report = await ask(peer, ownReport(), options.name, agent, signal);
      if (isUnreachable) options.log.info('peer is reached again', { peer: peer.name });
      isUnreachable = false;
      options.onAnswer(peer.name, report, validityMs);
    } catch (error) {
      if (!isUnreachable && !stopping.signal.aborted)
        options.log.warn('peer cannot be asked; it counts as nothing', { peer: peer.name, reason: reasonOf(error) });
      isUnreachable = true;
    }
    isAsking = false;
    if (stopping.signal.aborted) return;
    timer = setTimeout(turn, isHurried ? 0 : intervalMs);
    timer.unref();
  }

  function ownReport(): PeerReport {
    const { mode, causes } = options.mode();
    return { instance, sequence, validitySeconds: Math.min(3600, Math.max(1, validityMs / 1000)), mode, causes };
  }

  void turn();
  return {
    hurry() {
      if (isAsking) isHurried = true;
      else if (!stopping.signal.aborted) void turn();
    },
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await agent.destroy();
    },
  };
}

/** Rejects with what went wrong. */
async function ask(
  { url, exchange, token }: ExchangedPeer,
  own: PeerReport,
  name: string,
  dispatcher: Agent,
  signal: AbortSignal,
): Promise<ModeReport> {
  const base = url.replace(/\/+$/, '');
  const headers = { accept: 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const answer =
    exchange === 'fetch'
      ? await request(`${base}/v1/mode`, { dispatcher, signal, headers })
      : await request(`${base}/v1/peers/${encodeURIComponent(name)}`, {
          dispatcher,
          signal,
          method: 'PUT',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(own),
        });
  if (answer.statusCode !== 200) {
    await answer.body.dump({ limit: mostAnswerBytes, signal });
    throw new Error(`it answers ${answer.statusCode}`);
  }
  const read = modeReportSchema.safeParse(await answer.body.json());
  if (!read.success) throw new Error('it answers with what is no mode report');
  return read.data;
}

/** One line; of an error of the network its code. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { code } = error as NodeJS.ErrnoException;
  return (error.message === '' ? (code ?? error.name) : error.message).split('\n')[0]!;
}
