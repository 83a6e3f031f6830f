// A SIP client on a WebSocket as a test drives it by hand (RFC 7118): sends texts as they are and keeps what comes.
import { WebSocket } from 'ws';
import type { Lab } from './lab-test.ts';
import { waitFor } from './wait.ts';

export interface WebSocketOptions {
  readonly origin?: string;
  /** Default `sip`; empty for none. */
  readonly protocols?: readonly string[];
  readonly onMessage?: (text: string, reply: (text: string) => void) => void;
}

export interface WebClient {
  readonly socket: WebSocket;
  readonly received: readonly string[];
  /** What a client writes that does not know its address (RFC 7118 Appendix B.1). */
  readonly host: string;
  readonly transport: 'WS' | 'WSS';
  send(text: string | Uint8Array): void;
  /** The first message that matches and was not taken before. */
  next(pattern: RegExp, limitMs?: number): Promise<string>;
}

let serial = 0;

/** Opens the connection; rejects with the HTTP status that refused it: `Unexpected server response: 403`. */
export async function openWebClient(lab: Lab, url: string, options: WebSocketOptions = {}): Promise<WebClient> {
  const { origin, protocols = ['sip'], onMessage } = options;
  // certificates of tests are made by openssl for the occasion
  const socket = new WebSocket(url, [...protocols], {
    perMessageDeflate: false,
    rejectUnauthorized: false,
    ...(origin === undefined ? {} : { origin }),
  });
  lab.onEnd(() => socket.terminate());
  const received: string[] = [];
  const taken = new Set<number>();
  const send = (text: string | Uint8Array): void => socket.send(text);
  socket.on('message', (data, isBinary) => {
    const text = (data as Buffer).toString(isBinary ? 'latin1' : 'utf8');
    received.push(text);
    onMessage?.(text, send);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return {
    socket,
    received,
    host: `client${++serial}-${process.pid}.invalid`,
    transport: url.startsWith('wss:') ? 'WSS' : 'WS',
    send,
    next: (pattern, limitMs = 20_000) =>
      waitFor(
        `a message that matches ${pattern}`,
        () => {
          const at = received.findIndex((text, i) => !taken.has(i) && pattern.test(text));
          if (at >= 0) taken.add(at);
          return received[at];
        },
        limitMs,
        5,
      ),
  };
}
