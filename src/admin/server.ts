// HTTP for operators and for Prometheus: /metrics, /healthz, /readyz. Bound to loopback unless told otherwise.
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { problem, problemType } from './problem.ts';

export interface AdminOptions {
  /** Numeric host without brackets; port 0 lets the kernel choose. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly registry: Registry;
  /** Why traffic should not be sent here now: not listening, no switch up, draining. Empty: ready. */
  readonly ready: () => string[];
}

export interface Admin {
  /** `127.0.0.1:9464`, with the port that is bound. */
  readonly address: string;
  /** Answers what is under way, then closes the socket. */
  close(): Promise<void>;
}

/** Listens; rejects with an Error whose one line names the key and the reason. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const server = fastify({ forceCloseConnections: true, bodyLimit: 65_536, requestTimeout: 10_000 });

  server.get('/metrics', async (_request, reply) => {
    const text = await options.registry.metrics();
    return reply.header('content-type', options.registry.contentType).send(text);
  });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const reasons = options.ready();
    const status = reasons.length === 0 ? 'ready' : 'not ready';
    return reply.code(reasons.length === 0 ? 200 : 503).send({ status, reasons });
  });

  server.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}; GET /metrics, /healthz and /readyz are there.`;
    return reply
      .code(404)
      .type(problemType)
      .send(problem(404, 'Not Found', detail));
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    // What fails inside is for the log and not for the caller.
    const body = status < 500 ? problem(status, 'Bad Request', error.message) : problem(500, 'Internal Server Error');
    return reply.code(status).type(problemType).send(body);
  });

  const { host, port } = options.listen;
  try {
    await server.listen({ host, port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`admin.listen: cannot listen on ${bracketed(host)}:${port} (${reason})`);
  }
  const bound = server.server.address() as AddressInfo;
  return { address: `${bracketed(bound.address)}:${bound.port}`, close: () => server.close() };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
