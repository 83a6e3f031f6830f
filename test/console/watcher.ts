// One who watches over a real socket, as a browser does: reads the events of a stream, or takes nothing at all.
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { waitFor } from '../peers/wait.ts';

export interface Watcher {
  /** All that has come, head and body. */
  text(): string;
  /** Data of the events of that name, in their order. */
  events(name: string): unknown[];
  isClosed(): boolean;
  close(): void;
}

/** `address`: 127.0.0.1:PORT. Resolves when the head of the answer has come; `reads` false: takes nothing, and resolves at once. */
export async function watch(address: string, reads = true, path = '/v1/stream'): Promise<Watcher> {
  const socket: Socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.on('close', () => {
    isClosed = true;
  });
  socket.on('error', () => {});
  if (!reads) socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
  if (reads) await waitFor('the head of the stream', () => text.includes('\r\n\r\n'));
  return {
    text: () => text,
    events: (name) =>
      [...text.matchAll(/event: (\w+)\ndata: (.*)\n\n/g)]
        .filter(([, event]) => event === name)
        .map(([, , data]) => JSON.parse(data ?? '') as unknown),
    isClosed: () => isClosed,
    close: () => void socket.destroy(),
  };
}
