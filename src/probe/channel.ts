// A way to one neighbour: a UDP socket or a connection of its own, and bytes as they come.
import { createSocket } from 'node:dgram';
import { createConnection, isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { bracketed, type SocketAddress } from '../config/addresses.ts';

export interface Channel {
  readonly transport: 'UDP' | 'TCP' | 'TLS';
  /** Our side, numeric without brackets. */
  readonly address: string;
  /** Our side as a Via has it. */
  readonly sentBy: string;
  readonly isReliable: boolean;
  /** Text of Latin-1. */
  send(text: string): void;
  /** The process may end although this is open. */
  unref(): void;
  close(): void;
}

export interface ChannelEvents {
  /** A datagram, or what came next on the connection. */
  readonly onBytes: (bytes: Buffer) => void;
  /** A datagram was not taken, or the connection is gone. */
  readonly onFailure: (reason: string) => void;
}

/** Opens one to `udp:`, `tcp:` or `tls:`. Rejects with one line where the name is not known or nobody listens. */
export function openChannel(to: SocketAddress, events: ChannelEvents): Promise<Channel> {
  return to.transport === 'udp' ? openUdp(to, events) : openStream(to, events);
}

async function openUdp({ host, port }: SocketAddress, events: ChannelEvents): Promise<Channel> {
  const type = host.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket(type);
  let isOpen = true;
  // connected: what others send does not arrive, and a port that is closed is an error here
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close();
      reject(new Error(reasonOf(error)));
    };
    socket.once('error', fail);
    // what its type does not say: an error of this call comes to the callback, and not as an event
    socket.connect(port, host, (error?: Error) => {
      socket.removeListener('error', fail);
      if (error) fail(error);
      else resolve();
    });
  });
  socket.on('error', (error) => events.onFailure(reasonOf(error)));
  socket.on('message', (bytes) => events.onBytes(bytes));
  const own = socket.address();
  return {
    transport: 'UDP',
    address: own.address,
    sentBy: `${bracketed(own.address)}:${own.port}`,
    isReliable: false,
    send: (text) => {
      if (isOpen) socket.send(Buffer.from(text, 'latin1'), (error) => error && events.onFailure(reasonOf(error)));
    },
    unref: () => void (isOpen && socket.unref()),
    close: () => {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

async function openStream(to: SocketAddress, events: ChannelEvents): Promise<Channel> {
  const { host, port } = to;
  const isTls = to.transport === 'tls';
  const socket = await new Promise<Socket>((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const one = isTls ? connect({ host, port, ...name }) : createConnection({ host, port });
    one.setTimeout(connectMs);
    one.once('error', (error) => reject(new Error(reasonOf(error))));
    one.once('timeout', () => {
      one.destroy();
      reject(new Error(`no connection in ${connectMs / 1000} s`));
    });
    one.once(isTls ? 'secureConnect' : 'connect', () => resolve(one));
  });
  socket.setTimeout(0);
  socket.setNoDelay(true);
  let isOpen = true;
  const { localAddress = '', localPort } = socket;
  socket.on('data', (bytes) => events.onBytes(bytes));
  socket.on('error', (error) => isOpen && events.onFailure(reasonOf(error)));
  socket.on('close', () => isOpen && events.onFailure('it closed the connection'));
  return {
    transport: isTls ? 'TLS' : 'TCP',
    address: localAddress,
    sentBy: `${bracketed(localAddress)}:${localPort}`,
    isReliable: true,
    send: (message) => void socket.write(Buffer.from(message, 'latin1')),
    unref: () => void socket.unref(),
    close: () => {
      isOpen = false;
      // what was written last goes out before the end
      socket.end(() => socket.destroy());
    },
  };
}

const connectMs = 5000;

/** In words, one line. */
export function reasonOf(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host';
    case 'ETIMEDOUT':
      return 'it does not answer';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it';
    default:
      // of several addresses of a name the error has no message of its own
      return error.message.replaceAll(/\s*\n\s*/g, ' ') || error.code || 'it cannot be reached';
  }
}
