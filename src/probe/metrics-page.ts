// The page that Prometheus reads from the synthetic caller.
import { fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { type ListenAddress, listen } from '../http/listen.ts';
import { problem, problemOf, sendProblem } from '../http/problem.ts';

export interface MetricsPage {
  /** `127.0.0.1:9466`, with the port that is bound. */
  readonly address: string;
  close(): Promise<void>;
}

/** Rejects with an Error of one line where it cannot listen. */
export async function startMetricsPage(registry: Registry, where: ListenAddress): Promise<MetricsPage> {
  const server = fastify({ forceCloseConnections: true, bodyLimit: 1024, requestTimeout: 10_000 });
  server.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(text);
  });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}; there are: GET /metrics, /healthz.`;
    return sendProblem(reply, problem(404, detail));
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, request, reply) =>
    sendProblem(reply, problemOf(error, request.headers)),
  );
  const address = await listen(server, where, '--metrics');
  return { address, close: () => server.close() };
}
