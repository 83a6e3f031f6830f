// The embedded test switch: a UAS on sockets of its own, with a stated capacity, so that the edge has something to
// protect where no real switch is at hand. Start here; what it answers is in switch-core.ts.
import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo, createServer, isIPv6, type Server, type Socket as TcpSocket } from 'node:net';
import { Registrar } from './registrar.ts';
import { scanLines } from './scan-lines.ts';
import { cutStream } from './stream-cut.ts';
import { SwitchCore } from './switch-core.ts';
import { type CallTreatment, noStats, type Peer, type SwitchStats } from './switch-types.ts';
import { WorkQueue } from './work-queue.ts';

export interface TestSwitchOptions {
  /** `udp:HOST:PORT` and `tcp:HOST:PORT`, numeric hosts, IPv6 in brackets, port 0 for any. */
  readonly listen: readonly string[];
  /** INVITEs per second that it can serve (work-queue.ts); default: no limit. */
  readonly capacityPerSecond?: number;
  /** From INVITE to 180, ms. Default 10. */
  readonly ringMs?: number;
  /** From 180 to 200, ms. Default 100. */
  readonly answerMs?: number;
  /** From 180 to 200 for a `slow` user, ms. Default 5,000. */
  readonly slowMs?: number;
  /** Treatment by user of the Request-URI, added to `busy`, `noanswer`, `slow` and `reject503`. */
  readonly treatments?: Readonly<Record<string, CallTreatment>>;
  readonly log?: (line: string) => void;
}

export interface TestSwitch {
  /** As `listen`, with the ports that the kernel gave. */
  readonly addresses: readonly string[];
  stats(): SwitchStats & { readonly openTransactions: number; readonly openDialogs: number; readonly bindings: number };
  close(): Promise<void>;
}

const RECEIVE_BUFFER_BYTES = 4_194_304;

/** Binds every address, then answers. Rejects when an address cannot be bound. */
export async function startTestSwitch(options: TestSwitchOptions): Promise<TestSwitch> {
  const log = options.log ?? (() => {});
  const stats = noStats();
  const registrar = new Registrar();
  const queue = new WorkQueue(options.capacityPerSecond ?? Number.POSITIVE_INFINITY);
  const timing = { ringMs: options.ringMs ?? 10, answerMs: options.answerMs ?? 100, slowMs: options.slowMs ?? 5000 };
  const treatments: Record<string, CallTreatment> = Object.assign(
    Object.create(null),
    { busy: 'busy', noanswer: 'noanswer', slow: 'slow', reject503: 'reject503' },
    options.treatments,
  );
  const core = new SwitchCore(timing, treatments, queue, registrar, stats);
  const closers: (() => Promise<void>)[] = [];
  const addresses: string[] = [];

  const take = (bytes: Buffer, peerOf: (scanned: NonNullable<ReturnType<typeof scanLines>>) => Peer): void => {
    if (bytes.length <= 4) return; // keep-alive (RFC 5626 §4.4.1)
    const scanned = scanLines(bytes);
    if (scanned === undefined) {
      if (stats.malformed++ === 0) log('a message that is not usable SIP came; further ones are only counted');
      return;
    }
    if (scanned.status === 0) core.onRequest(scanned, peerOf(scanned), performance.now());
  };

  try {
    for (const address of options.listen) {
      const { transport, host, port } = parseListen(address);
      const bound =
        transport === 'udp' ? await listenUdp(host, port, take, log) : await listenTcp(host, port, take, log);
      closers.push(bound.close);
      addresses.push(`${transport}:${hostPort(host, bound.port)}`);
    }
  } catch (error) {
    for (const close of closers) await close();
    throw error;
  }
  log(`test switch on ${addresses.join(', ')}`);
  return {
    addresses,
    stats: () => ({
      ...stats,
      openTransactions: core.invites.openTransactions,
      openDialogs: core.invites.openDialogs,
      bindings: registrar.size,
    }),
    close: async () => {
      core.invites.close();
      await Promise.all(closers.map((close) => close()));
    },
  };
}

interface Bound {
  readonly port: number;
  close(): Promise<void>;
}

type Take = (bytes: Buffer, peerOf: (scanned: NonNullable<ReturnType<typeof scanLines>>) => Peer) => void;

function parseListen(address: string): { transport: 'udp' | 'tcp'; host: string; port: number } {
  const match = /^(udp|tcp):(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d+)$/i.exec(address);
  if (match === null) throw new Error(`test switch: "${address}" is not udp:HOST:PORT or tcp:HOST:PORT`);
  return {
    transport: match[1]?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
    host: match[2] ?? match[3] ?? '',
    port: Number(match[4]),
  };
}

const hostPort = (host: string, port: number): string => (isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);

async function listenUdp(host: string, port: number, take: Take, log: (line: string) => void): Promise<Bound> {
  const socket: Socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.removeListener('error', reject);
      resolve();
    });
  });
  socket.on('error', (error) => log(`test switch udp: ${error.message}`));
  let closed = false;
  const ignore = (): void => {}; // a datagram that cannot be sent is a lost datagram
  const contactHost = hostPort(host, socket.address().port);
  socket.on('message', (bytes, remote) =>
    take(bytes, (scanned) => {
      const { port: sentByPort, rport } = scanned.topVia;
      // RFC 3261 §18.2.2, RFC 3581 §4: to the source address; to its port with rport, else to the port of sent-by.
      const toPort = rport ? remote.port : sentByPort || 5060;
      return {
        address: remote.address,
        port: remote.port,
        reliable: false,
        contactHost,
        localAddress: host,
        send: (answer) => {
          if (!closed) socket.send(answer, toPort, remote.address, ignore);
        },
      };
    }),
  );
  return {
    port: socket.address().port,
    close: () =>
      new Promise((resolve) => {
        closed = true;
        socket.close(() => resolve());
      }),
  };
}

async function listenTcp(host: string, port: number, take: Take, log: (line: string) => void): Promise<Bound> {
  const connections = new Set<TcpSocket>();
  const server: Server = createServer({ noDelay: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => log(`test switch tcp: ${error.message}`));
  const boundPort = (server.address() as AddressInfo).port;
  server.on('connection', (socket) => {
    connections.add(socket);
    const peer: Peer = {
      address: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
      reliable: true,
      contactHost: `${hostPort(host, boundPort)};transport=tcp`,
      localAddress: host,
      send: (answer) => {
        if (socket.writable) socket.write(answer);
      },
    };
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      const cut = cutStream(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      for (const message of cut.messages) take(message, () => peer);
      rest = cut.rest;
      if (cut.broken) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
  });
  return {
    port: boundPort,
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
