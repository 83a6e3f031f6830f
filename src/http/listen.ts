// Has a server listen, and says where.
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface ListenAddress {
  /** Numeric, without brackets. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
}

/** Returns `127.0.0.1:9464`, with the port that is bound. Rejects with an Error of one line that names `key` and the reason. */
export async function listen(server: FastifyInstance, { host, port }: ListenAddress, key: string): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${key}: cannot listen on ${bracketed(host)}:${port} (${reason})`);
  }
  const bound = server.server.address() as AddressInfo;
  return `${bracketed(bound.address)}:${bound.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
