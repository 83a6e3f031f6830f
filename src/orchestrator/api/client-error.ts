// What is not even HTTP, or comes too slowly, is answered with a problem document too, and the connection closed.
import type { Socket } from 'node:net';
import { problem, problemType } from '../../http/problem.ts';

const known: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: [431, 'The header fields are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too large.'],
};

/** For node's `clientError`. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] = known[error.code ?? ''] ?? [400, 'This is not HTTP/1.1.'];
  const body = problem(status, detail);
  const text = JSON.stringify(body);
  if (socket.writable) {
    const head = `HTTP/1.1 ${status} ${body.title}\r\nconnection: close\r\ncontent-type: ${problemType}\r\n`;
    socket.write(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }
  socket.destroySoon();
}
