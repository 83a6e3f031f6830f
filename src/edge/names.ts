// Host names in Route and Request-URI, and of switches: RFC 3263 §4 with SRV and A or AAAA records, remembered for a minute.
// A request that waits for a name is kept by the edge and runs through the pipeline again; nothing blocks.
import { lookup, resolveSrv } from 'node:dns/promises';
import type { OpenedTransport } from '../transport/flow.ts';

export interface Resolved {
  readonly address: string;
  readonly port: number;
  readonly transport: OpenedTransport | undefined;
}

export interface Names {
  /** What is known of a name now; `pending` starts a look-up where none is under way. */
  find(host: string, port: number | undefined, transport: OpenedTransport | undefined): Resolved | 'pending' | 'failed';
  /** Calls back once no look-up of the host is under way; false where too many wait already. */
  whenKnown(host: string, callback: () => void): boolean;
}

const keepMs = 60_000;
const keepFailureMs = 5_000;
const maxNames = 10_000;
const maxWaiting = 1_000;

interface Entry {
  value: Resolved | 'pending' | 'failed';
  untilMs: number;
}

/** `nowMs`: a monotonic clock. Look-ups use the resolver of the system. */
export function createNames(nowMs: () => number): Names {
  const entries = new Map<string, Entry>();
  const waiting = new Map<string, (() => void)[]>();
  let waitingCount = 0;

  const finish = (key: string, host: string, value: Resolved | 'failed') => {
    entries.set(key, { value, untilMs: nowMs() + (value === 'failed' ? keepFailureMs : keepMs) });
    const callbacks = waiting.get(host) ?? [];
    waiting.delete(host);
    waitingCount -= callbacks.length;
    for (const callback of callbacks) callback();
  };

  return {
    find(host, port, transport) {
      const key = `${host} ${port ?? ''} ${transport ?? ''}`;
      const entry = entries.get(key);
      if (entry !== undefined && (entry.value === 'pending' || entry.untilMs > nowMs())) return entry.value;
      if (entries.size >= maxNames) entries.clear();
      entries.set(key, { value: 'pending', untilMs: 0 });
      resolve(host, port, transport).then(
        (found) => finish(key, host, found),
        () => finish(key, host, 'failed'),
      );
      return 'pending';
    },
    whenKnown(host, callback) {
      if (waitingCount >= maxWaiting) return false;
      waiting.set(host, [...(waiting.get(host) ?? []), callback]);
      waitingCount++;
      return true;
    },
  };
}

/**
 * RFC 3263 §4.1 and §4.2: with a port, or a numeric host, address records; else SRV, of the transport asked for or of UDP, TCP,
 * TLS in this order, the best by priority; without any, address records and the default port. Differs from RFC 3263 §4.1: NAPTR
 * is not asked, since the transport is told by the URI or by what listeners there are.
 */
export async function resolve(
  host: string,
  port: number | undefined,
  transport: OpenedTransport | undefined,
): Promise<Resolved> {
  const plain = host.startsWith('[') ? host.slice(1, -1) : host;
  const fallbackPort = transport === 'tls' ? 5061 : 5060;
  if (port !== undefined) return { address: (await lookup(plain)).address, port, transport };
  const services = transport === undefined ? (['udp', 'tcp', 'tls'] as const) : ([transport] as const);
  for (const one of services) {
    const name = one === 'tls' ? `_sips._tcp.${plain}` : `_sip._${one}.${plain}`;
    const records = await resolveSrv(name).catch(() => []);
    const best = records.toSorted((a, b) => a.priority - b.priority || b.weight - a.weight)[0];
    if (best !== undefined) return { address: (await lookup(best.name)).address, port: best.port, transport: one };
  }
  return { address: (await lookup(plain)).address, port: fallbackPort, transport };
}
