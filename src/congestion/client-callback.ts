// Where the orchestrator brings orders to by itself: POST with a bearer token and the orders as JSON, answered 204.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearerToken, challenge, isSameHash, secretHash } from '../http/bearer.ts';
import { mostAnswerBytes } from './client-connection.ts';
import type { NotTaken } from './client-ledger.ts';

export interface CallbackListener {
  readonly url: string;
  close(): void;
}

export interface CallbackListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** The text of the body; returns the sequence number of the orders, or why they were not taken: 409 has the sender try again. */
  readonly take: (text: string) => number | NotTaken;
  readonly isUnref: boolean;
}

/** Rejects with an Error of one line where it cannot listen. */
export async function listenForCallbacks(options: CallbackListenerOptions): Promise<CallbackListener> {
  const { host, port, take, isUnref } = options;
  const hash = secretHash(options.token);
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      const given = bearerToken(request.headers.authorization);
      if (given === undefined || !isSameHash(hash, secretHash(given))) {
        response.setHeader('www-authenticate', challenge(given !== undefined));
        return end(response, 401);
      }
      if (request.method !== 'POST') return end(response, 405);
      receive(request, (text) => end(response, text === undefined ? 413 : statusOf(take(text))));
    },
  );
  server.maxConnections = 16;
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`cannot listen on ${host}:${port} (${error.message})`)));
    server.listen({ host, port }, resolve);
  });
  server.on('error', () => undefined);
  if (isUnref) server.unref();
  const bound = server.address() as AddressInfo;
  const name = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  return {
    url: `http://${name}:${bound.port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const statusOf = (taken: number | NotTaken): number =>
  taken === 'session' ? 409 : typeof taken === 'number' ? 204 : 400;

/** undefined: longer than allowed. Not called where the sender gives up. */
function receive(request: IncomingMessage, done: (text: string | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostAnswerBytes) chunks.push(chunk);
    else if (bytes - chunk.length <= mostAnswerBytes) done(undefined);
  });
  request.on('end', () => {
    if (bytes <= mostAnswerBytes) done(Buffer.concat(chunks).toString('utf8'));
  });
}

/** What is not wanted is not read to its end. */
function end(response: ServerResponse, status: number): void {
  if (status !== 204) response.setHeader('connection', 'close');
  response.writeHead(status).end();
}
