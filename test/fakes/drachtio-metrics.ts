// The page that a drachtio-server shows to Prometheus, as far as the double counts. Its gauges are of up to 30 s ago, as there.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Counters {
  requestsIn: Map<string, number>;
  responsesOut: Map<string, number>;
  received: number;
  sent: number;
  requestsReceived: number;
  retransmittedRequests: number;
  badMessages: number;
}

export const newCounters = (): Counters => ({
  requestsIn: new Map(),
  responsesOut: new Map(),
  ...{ received: 0, sent: 0, requestsReceived: 0, retransmittedRequests: 0, badMessages: 0 },
});

export const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

/** `gauges` are those of the last refresh. */
export function metricsText(counters: Counters, gauges: Readonly<Record<string, number>>, startedAt: number): string {
  const lines = [
    'drachtio_build_info{version="double"} 1',
    `drachtio_time_started ${Math.floor(startedAt / 1_000)}`,
    ...[...counters.requestsIn].map(([method, n]) => `drachtio_sip_requests_in_total{method="${method}"} ${n}`),
    ...[...counters.responsesOut].map(([key, n]) => {
      const [method, code] = key.split('|');
      return `drachtio_sip_responses_out_total{method="${method}",code="${code}"} ${n}`;
    }),
    ...Object.entries(gauges).map(([name, n]) => `drachtio_${name} ${n}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function gaugesOf(counters: Counters, apps: number, servers: number, clients: number): Record<string, number> {
  return {
    app_connections: apps,
    sofia_server_txns: servers,
    sofia_client_txns: clients,
    sofia_msgs_recv: counters.received,
    sofia_msgs_sent: counters.sent,
    sofia_requests_recv_total: counters.requestsReceived,
    sofia_retransmitted_requests: counters.retransmittedRequests,
    sofia_bad_msgs: counters.badMessages,
  };
}

export interface Page {
  readonly url: string;
  close(): Promise<void>;
}

/** `GET /metrics`; `POST /fault/NAME` asks for a fault where the double runs as a process of its own. */
export async function openPage(host: string, text: () => string, onFault: (name: string) => boolean): Promise<Page> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const fault = /^\/fault\/(.+)$/.exec(request.url ?? '')?.[1];
    if (request.method === 'POST' && fault !== undefined) response.statusCode = onFault(fault) ? 204 : 404;
    else if (request.url === '/metrics') response.write(text());
    else response.statusCode = 404;
    response.end();
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
