// A double of drachtio-server, as far as an application sees it: the control protocol to the byte, SIP over real sockets, and the
// traps that were measured on the real one. Answers nothing itself but what that does.
import type { TlsOptions } from 'node:tls';
import { freePort } from '../peers/ports.ts';
import { type Apps, openApps } from './drachtio-apps.ts';
import { type Counters, gaugesOf, metricsText, newCounters, openPage } from './drachtio-metrics.ts';
import { type ProxyFault, startStack } from './drachtio-stack.ts';
import { openSipSockets, type SipSockets } from './sip-sockets.ts';
import type { Place } from './sip-text.ts';
import { startTimers } from './timers.ts';

export interface FakeDrachtioOptions {
  host?: string;
  secret?: string;
  /** The control connection over TLS. */
  tls?: TlsOptions;
  /** Of applications; 0: from the kernel. */
  controlPort?: number;
  /** `udp/127.0.0.1:0`; default: UDP and TCP on one free port. */
  listen?: readonly string[];
  /** How old the gauges of the metrics page may be, ms. The real one: 30 s. */
  gaugesEveryMs?: number;
  /** Bytes that may wait for an application before its frames are torn. The real one: what its TCP buffers hold, about 8 MB. */
  tornAboveBytes?: number;
  /** How long a transaction is remembered, ms; the real one 64 s without and 32 s after a final response. */
  lifeMs?: number;
  /** T1 of requests that it sends, ms. The real one: 500, unless its configuration says otherwise. */
  t1Ms?: number;
}

export interface FakeDrachtio {
  readonly host: string;
  readonly controlPort: number;
  readonly secret: string;
  readonly metricsUrl: string;
  readonly locals: readonly Place[];
  /** Connections, phantoms and payloads; and the faults of the control side. */
  readonly apps: Apps;
  readonly counters: Counters;
  /** May be changed at any time. */
  proxyFault: ProxyFault;
  close(): Promise<void>;
}

const version = 'v0.9.10-double';

export async function startFakeDrachtio(options: FakeDrachtioOptions = {}): Promise<FakeDrachtio> {
  const { host = '127.0.0.1', secret = 'cymru', lifeMs = 64_000, t1Ms = 500 } = options;
  const printed = host.includes(':') ? `[${host}]` : host;
  const counters = newCounters();
  const timers = startTimers();
  const startedAt = Date.now();
  let sockets: SipSockets;

  const port = options.listen === undefined ? await freePort(host) : 0;
  const addresses = options.listen ?? [`udp/${printed}:${port}`, `tcp/${printed}:${port}`];
  const stack = startStack({
    sockets: () => sockets,
    apps: () => apps,
    proxyFault: () => server.proxyFault,
    ...{ timers, counters, lifeMs, t1Ms },
  });
  sockets = await openSipSockets(addresses, (text, arrival) => {
    counters.received++;
    if (!text.startsWith('SIP/2.0 ')) counters.requestsReceived++;
    stack.transactions.onMessage(text, arrival);
  });
  const hostPorts = sockets.locals.map((at) => `${at.protocol}/${printed}:${at.port}`).join(',');
  const apps = await openApps({
    ...{ host, secret, port: options.controlPort ?? 0, tls: options.tls },
    tornAboveBytes: options.tornAboveBytes ?? 8_000_000,
    greeting: () => `${hostPorts}|${version}|${hostPorts}`,
    onOrder: (app, order) => stack.order(app, order),
  });

  let gauges: Record<string, number> = {};
  const refresh = (): void => {
    gauges = gaugesOf(counters, apps.all.size, stack.transactions.count(), stack.clients.count());
    timers.after(options.gaugesEveryMs ?? 30_000, refresh);
  };
  refresh();
  const setProxyFault = (fault: ProxyFault): void => {
    server.proxyFault = fault;
  };
  const faults: Readonly<Record<string, () => void>> = {
    drop: () => apps.drop(),
    garbage: () => apps.sendGarbage(),
    hold: () => apps.hold(),
    release: () => apps.release(),
    mute: () => apps.mute(true),
    phantom: () => apps.addPhantom(['invite', 'options']),
    'proxy-ignored': () => setProxyFault('ignored'),
    'proxy-untold': () => setProxyFault('untold'),
  };
  const page = await openPage(
    host,
    () => metricsText(counters, gauges, startedAt),
    (name) => {
      faults[name]?.();
      return faults[name] !== undefined;
    },
  );

  const server: FakeDrachtio = {
    ...{ host, secret, counters, apps, controlPort: apps.port, metricsUrl: page.url, locals: sockets.locals },
    proxyFault: 'none',
    async close() {
      timers.clear();
      await Promise.all([apps.close(), sockets.close(), page.close()]);
    },
  };
  return server;
}
