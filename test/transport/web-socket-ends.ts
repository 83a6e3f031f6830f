// WebSocket clients as a test sees them: one of the library, which does what browsers do, and one by hand, which does not.
import { onTestFinished, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { ListenerOptions } from '../../src/transport/transport-options.ts';
import { type Client, dial } from './tcp-ends.ts';

export const wsV4: ListenerOptions = { interfaceName: 'south', transport: 'ws', host: '127.0.0.1', port: 0 };

/** Waits long: other tests run at the same time. */
export const soon = (check: () => void, limitMs = 10_000): Promise<void> => vi.waitFor(check, limitMs);

export interface Browser {
  readonly socket: WebSocket;
  readonly messages: { readonly text: string; readonly isBinary: boolean }[];
  pings: number;
  /** Of the close frame. */
  code: number | undefined;
}

export async function browse(port: number, options: ClientOptions & { host?: string } = {}): Promise<Browser> {
  const { host = '127.0.0.1', ...rest } = options;
  const scheme = options.ca === undefined ? 'ws' : 'wss';
  const socket = new WebSocket(`${scheme}://${host}:${port}`, ['sip'], rest);
  const browser: Browser = { socket, messages: [], pings: 0, code: undefined };
  socket.on('message', (data, isBinary) => {
    browser.messages.push({ text: (data as Buffer).toString('latin1'), isBinary });
  });
  socket.on('ping', () => {
    browser.pings++;
  });
  socket.on('close', (code) => {
    browser.code = code;
  });
  onTestFinished(() => socket.terminate());
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return browser;
}

/** The request of RFC 7118 §4.1; `change`: header lines in place of those of the same name, '' leaves one out. */
export function handshake(change: Readonly<Record<string, string>> = {}, start = 'GET / HTTP/1.1'): string {
  const headers: Record<string, string> = {
    Host: 'sip-ws.example.com',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'sip',
    'Sec-WebSocket-Version': '13',
    ...change,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== '');
  return `${[start, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;
}

export const text = 1;
export const binary = 2;
export const closing = 8;
export const ping = 9;
export const pong = 10;

/** A frame of a client (RFC 6455 §5.2). `opcode` 0 goes on with a message; `isLast`: FIN. */
export function frame(opcode: number, payload: string, isLast = true): Buffer {
  const data = Buffer.from(payload, 'latin1');
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const length = data.length < 126 ? [0x80 | data.length] : [0x80 | 126, data.length >>> 8, data.length & 255];
  const masked = data.map((byte, i) => byte ^ mask[i % 4]!);
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...length]), mask, masked]);
}

/** A connection whose handshake is done, and that answers nothing by itself. */
export async function rawClient(port: number): Promise<Client> {
  const client = dial(port);
  client.socket.write(handshake());
  await soon(() => {
    if (!client.text.includes('\r\n\r\n')) throw new Error('no answer to the handshake');
  });
  client.text = '';
  return client;
}
