// UDP and TCP sockets that carry SIP messages as Latin-1 text, on ports from the kernel.
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { header, type Place, parseSip } from './sip-text.ts';

/** Where a message came in, and the way back. */
export interface Arrival {
  readonly local: Place;
  readonly remote: Place;
  /** To whom the message came from: over TCP on its connection. */
  reply(text: string): void;
}

export interface SipSockets {
  readonly locals: readonly Place[];
  /** False where no socket of ours speaks its protocol, or the host is a name. */
  send(to: Place, text: string): boolean;
  /** The one that requests to this place leave by. */
  localFor(to: Place): Place | undefined;
  close(): Promise<void>;
}

interface Opened {
  readonly local: Place;
  send(to: Place, text: string): void;
  close(): Promise<void>;
}

type OnMessage = (text: string, arrival: Arrival) => void;

/** RFC 3261 §18.3: over a stream Content-Length says where a message ends. Returns what is left. */
function takeMessages(kept: string, onText: (text: string) => void): string {
  let rest = kept.replace(/^(\r\n)+/, '');
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return rest;
    const head = parseSip(rest.slice(0, end + 4));
    const total = end + 4 + (head === undefined ? 0 : Number(header(head, 'content-length') || 0));
    if (rest.length < total) return rest;
    onText(rest.slice(0, total));
    rest = rest.slice(total).replace(/^(\r\n)+/, '');
  }
}

/**
 * Whether somebody on this machine may take what is sent there: false only for a port that no UDP socket has. For what a stack learns
 * from ICMP, which a Node socket is not told.
 */
export function mayTake({ protocol, host, port }: Place): boolean {
  const file = host.includes(':') ? '/proc/net/udp6' : '/proc/net/udp';
  if (protocol !== 'udp' || !/^127\.|^::1$/.test(host) || !existsSync(file)) return true;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`^ *\\d+: [0-9A-F]+:${hex} `, 'm').test(readFileSync(file, 'latin1'));
}

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

async function openUdp(host: string, port: number, onMessage: OnMessage): Promise<Opened> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_000_000 });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  socket.on('error', () => {});
  const local: Place = { protocol: 'udp', host, port: socket.address().port };
  let isOpen = true;
  const send = (to: Place, text: string): void => {
    if (isOpen) socket.send(bytesOf(text), to.port, to.host, () => {});
  };
  socket.on('message', (bytes, from) => {
    const remote: Place = { protocol: 'udp', host: from.address, port: from.port };
    onMessage(bytes.toString('latin1'), { local, remote, reply: (text) => send(remote, text) });
  });
  const close = (): Promise<void> => {
    isOpen = false;
    return new Promise((resolve) => socket.close(() => resolve()));
  };
  return { local, send, close };
}

async function openTcp(host: string, port: number, onMessage: OnMessage): Promise<Opened> {
  const connections = new Map<string, Socket>();
  const key = (to: { host: string; port: number }): string => `${to.host}:${to.port}`;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  const local: Place = { protocol: 'tcp', host, port: typeof bound === 'object' && bound ? bound.port : 0 };
  const adopt = (socket: Socket, remote: Place): void => {
    connections.set(key(remote), socket);
    let kept = '';
    const reply = (text: string): void => {
      if (!socket.destroyed) socket.write(bytesOf(text));
    };
    socket.on('data', (bytes) => {
      kept = takeMessages(kept + bytes.toString('latin1'), (text) => onMessage(text, { local, remote, reply }));
    });
    socket.on('error', () => {});
    socket.on('close', () => connections.delete(key(remote)));
  };
  server.on('connection', (socket) => {
    adopt(socket, { protocol: 'tcp', host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  });
  return {
    local,
    send(to, text) {
      let socket = connections.get(key(to));
      if (socket === undefined) {
        socket = createConnection({ host: to.host, port: to.port });
        adopt(socket, to);
      }
      socket.write(bytesOf(text));
    },
    async close() {
      for (const socket of connections.values()) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** `udp/127.0.0.1:0`, as drachtio writes them; port 0 is one from the kernel. */
export async function openSipSockets(listen: readonly string[], onMessage: OnMessage): Promise<SipSockets> {
  const opened: Opened[] = [];
  for (const one of listen) {
    const found = /^(udp|tcp)\/(.+):(\d+)$/.exec(one);
    if (found === null) throw new Error(`not an address to listen on: ${one}`);
    const [, protocol, printed = '', port] = found;
    const host = printed.replace(/^\[|\]$/g, '');
    opened.push(await (protocol === 'udp' ? openUdp : openTcp)(host, Number(port), onMessage));
  }
  const by = (to: Place): Opened | undefined =>
    /^[\d.]+$|:/.test(to.host)
      ? opened.findLast(
          ({ local }) => local.protocol === to.protocol && local.host.includes(':') === to.host.includes(':'),
        )
      : undefined;
  return {
    locals: opened.map(({ local }) => local),
    send(to, text) {
      const one = by(to);
      one?.send(to, text);
      return one !== undefined;
    },
    localFor: (to) => by(to)?.local,
    async close() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}
