// A bare UDP endpoint that sends texts as they are and keeps what comes back: for what SIPp and Kamailio would not send.
import { createSocket, type Socket } from 'node:dgram';
import { waitFor } from './wait.ts';

export interface Datagrams {
  readonly host: string;
  readonly port: number;
  readonly received: string[];
  send(message: string | Uint8Array, port: number, host?: string): void;
  /** The first received message that matches, waiting for it; also those that came before. */
  next(pattern: RegExp, limitMs?: number): Promise<string>;
  close(): void;
}

/** `onMessage` sees every message as it comes and may reply to its sender. */
export async function openDatagrams(
  host = '127.0.0.1',
  port = 0,
  onMessage?: (text: string, reply: (text: string) => void) => void,
): Promise<Datagrams> {
  const socket: Socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_000_000 });
  const received: string[] = [];
  socket.on('message', (bytes, from) => {
    const text = bytes.toString('latin1');
    received.push(text);
    onMessage?.(text, (answer) => socket.send(Buffer.from(answer, 'latin1'), from.port, from.address));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  socket.on('error', () => {});
  let open = true;
  return {
    host,
    port: socket.address().port,
    received,
    send(message, toPort, toHost = host) {
      socket.send(typeof message === 'string' ? Buffer.from(message, 'latin1') : message, toPort, toHost);
    },
    next: (pattern, limitMs = 5_000) =>
      waitFor(`a message that matches ${pattern}`, () => received.find((text) => pattern.test(text)), limitMs, 5),
    close() {
      if (open) socket.close();
      open = false;
    },
  };
}

let serial = 0;

export interface RequestText {
  method?: string;
  uri?: string;
  host: string;
  port: number;
  user?: string;
  callId?: string;
  branch?: string;
  fromTag?: string;
  toTag?: string;
  cseq?: number;
  /** Further header lines, without line ends. */
  headers?: readonly string[];
  body?: string;
}

/** A well-formed request (RFC 3261 §8.1.1) from `host:port`; every identifier is new where it is not given. */
export function requestText(options: RequestText): string {
  const id = `${process.pid}-${++serial}-${Math.random().toString(36).slice(2)}`;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const method = options.method ?? 'INVITE';
  const body = options.body ?? '';
  return [
    `${method} ${options.uri ?? 'sip:5551234@example.test'} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${options.port};branch=${options.branch ?? `z9hG4bK${id}`};rport`,
    'Max-Forwards: 70',
    `From: <sip:${options.user ?? 'alice'}@example.test>;tag=${options.fromTag ?? `f${id}`}`,
    `To: <sip:5551234@example.test>${options.toTag === undefined ? '' : `;tag=${options.toTag}`}`,
    `Call-ID: ${options.callId ?? `${id}@${host}`}`,
    `CSeq: ${options.cseq ?? 1} ${method}`,
    `Contact: <sip:${options.user ?? 'alice'}@${host}:${options.port}>`,
    ...(options.headers ?? []),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

/** True when `host:port` answers one OPTIONS over UDP with 200 within `limitMs`; else undefined. */
export async function answersOptions(host: string, port: number, limitMs: number): Promise<true | undefined> {
  const socket = await openDatagrams(host);
  try {
    const printed = host.includes(':') ? `[${host}]` : host;
    const text = requestText({ method: 'OPTIONS', uri: `sip:${printed}:${port}`, host, port: socket.port });
    socket.send(text, port);
    await socket.next(/^SIP\/2\.0 200/, limitMs);
    return true;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}
