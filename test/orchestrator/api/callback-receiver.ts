// An application's callback: takes orders on a port of its own, as a test has it answer.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Orders } from '../../../src/congestion/orders.ts';

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly orders: Orders;
}

export interface Receiver {
  readonly port: number;
  readonly received: Received[];
  /** How it answers from now on. */
  answer: (response: ServerResponse, received: Received) => void;
}

export async function startReceiver(tls?: ServerOptions): Promise<Receiver> {
  const receiver = { port: 0, received: [] as Received[], answer: (response: ServerResponse) => void response.end() };
  const listener: RequestListener = async (request, response) => {
    const text = ((await request.setEncoding('utf8').toArray()) as string[]).join('');
    const received = {
      method: request.method,
      path: request.url,
      headers: request.headers,
      orders: JSON.parse(text) as Orders,
    };
    receiver.received.push(received);
    (receiver as Receiver).answer(response, received);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.port = (server.address() as AddressInfo).port;
  return receiver;
}
