// A way to one neighbour for the probe: a UDP socket or a TCP connection of its own, and whole SIP messages as text.
import { createSocket } from 'node:dgram';
import { createConnection, type Socket } from 'node:net';
import { bracketed, type SocketAddress } from '../../config/addresses.ts';

export interface Channel {
  readonly transport: 'UDP' | 'TCP';
  /** Our side as a Via has it. */
  readonly sentBy: string;
  readonly isReliable: boolean;
  send(text: string): void;
  close(): void;
}

export interface ChannelEvents {
  /** What came: a datagram, or all of the connection so far. */
  readonly onText: (text: string) => void;
  /** Nothing more can come. */
  readonly onFailure: (reason: string) => void;
}

/** Opens one to `udp:` or `tcp:`. Rejects with one line where the name is not known or nobody listens. */
export function openChannel(to: SocketAddress, events: ChannelEvents): Promise<Channel> {
  return to.transport === 'udp' ? openUdp(to, events) : openTcp(to, events);
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
    socket.connect(port, host, () => {
      socket.removeListener('error', fail);
      resolve();
    });
  });
  socket.on('error', (error) => events.onFailure(reasonOf(error)));
  socket.on('message', (bytes) => events.onText(bytes.toString('latin1')));
  const own = socket.address();
  return {
    transport: 'UDP',
    sentBy: `${bracketed(own.address)}:${own.port}`,
    isReliable: false,
    send: (text) => {
      if (isOpen) socket.send(Buffer.from(text, 'latin1'), (error) => error && events.onFailure(reasonOf(error)));
    },
    close: () => {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

async function openTcp({ host, port }: SocketAddress, events: ChannelEvents): Promise<Channel> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const one = createConnection({ host, port, timeout: connectMs });
    one.once('error', (error) => reject(new Error(reasonOf(error))));
    one.once('timeout', () => {
      one.destroy();
      reject(new Error(`no connection in ${connectMs / 1000} s`));
    });
    one.once('connect', () => resolve(one));
  });
  socket.setTimeout(0);
  let text = '';
  socket.on('data', (bytes) => {
    text = (text + bytes.toString('latin1')).slice(-longest);
    events.onText(text);
  });
  socket.on('error', (error) => events.onFailure(reasonOf(error)));
  socket.on('close', () => events.onFailure('it closed the connection'));
  return {
    transport: 'TCP',
    sentBy: `${bracketed(socket.localAddress ?? '')}:${socket.localPort}`,
    isReliable: true,
    send: (message) => void socket.write(Buffer.from(message, 'latin1')),
    close: () => void socket.destroy(),
  };
}

const connectMs = 5000;
const longest = 65_536;

function reasonOf(error: Error & { code?: string }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it';
    default:
      return error.message;
  }
}
