// Both ends of a TCP connection as a test sees them: a client that dials us, and a server that we dial.
import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { Seen } from './open.ts';

export interface Client {
  socket: net.Socket;
  text: string;
  readonly ended: boolean;
  readonly closed: boolean;
}

export function dial(port: number, host = '127.0.0.1', allowHalfOpen = false): Client {
  const client = {
    socket: net.connect({ port, host, allowHalfOpen, noDelay: true }),
    text: '',
    ended: false,
    closed: false,
  };
  client.socket.on('data', (bytes) => {
    client.text += bytes.toString('latin1');
  });
  client.socket.on('end', () => {
    client.ended = true;
  });
  client.socket.on('close', () => {
    client.closed = true;
  });
  client.socket.on('error', () => {});
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client;
}

/** A listening socket of the test, with what came to it. */
export async function peer(onConnection: (socket: net.Socket) => void = () => {}) {
  const got = { connections: 0, text: '', port: 0, sockets: [] as net.Socket[] };
  const server = net.createServer((socket) => {
    got.connections++;
    got.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      got.text += bytes.toString('latin1');
    });
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  got.port = (server.address() as net.AddressInfo).port;
  onTestFinished(() => {
    for (const socket of got.sockets) socket.destroy();
    server.close();
  });
  return got;
}

export const portOf = (seen: Seen, index = 0): number => seen.transports.listeners[index]!.port;
export const statsOf = (seen: Seen) => seen.transports.stats()[0]!;
