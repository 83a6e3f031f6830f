// All sockets of the edge behind one door: opens the listeners, finds or makes the flow to an address, counts.
import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Address } from './address.ts';
import { addressHash, addressText, bracketed, parseAddress } from './address.ts';
import { advertisedHost } from './advertise.ts';
import { lingerMs } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import type { Flow, Listener, TransportEvents } from './flow.ts';
import { isSecure, isWebSocket } from './flow.ts';
import { guardEvents } from './guard-events.ts';
import type { Libc } from './libc.ts';
import { loadLibc } from './libc.ts';
import type { ListenerStats } from './listener-stats.ts';
import { streamStats, udpStats } from './listener-stats.ts';
import { noTap } from './message-tap.ts';
import type { StreamListener, StreamSpec } from './tcp.ts';
import { backlog, openStreams } from './tcp.ts';
import { readTlsFiles } from './tls-files.ts';
import type { ListenerOptions, TransportLimits, TransportOptions, UdpMode } from './transport-options.ts';
import { defaultPingMs, defaultTransportLimits } from './transport-options.ts';
import { openUdpBatched } from './udp-batched.ts';
import { openUdpPlain } from './udp-plain.ts';
import type { UdpSocket } from './udp-socket.ts';

export interface Transports {
  readonly listeners: readonly Listener[];
  /** How UDP is done, and why. */
  readonly udp: { readonly mode: UdpMode; readonly reason: string };
  /**
   * The flow to a numeric address. UDP: the cached flow. Streams: a live connection of the listener's interface and
   * transport to or from that address and port; else a new one, which takes sends at once and reports its failure
   * through `onFlowClosed`. An address that the listener cannot reach gives a flow that is closed from the start, and so does a
   * WebSocket that is not there.
   */
  flowTo(listener: Listener, address: string, port: number): Flow;
  /** A live connection by its id; undefined for 0 and for what is closed. */
  flowById(id: number): Flow | undefined;
  /** One entry a listener, in their order; a fresh copy. */
  stats(): ListenerStats[];
  /** One entry a listener, in their order, for the monitor; they stay the same for as long as they are open. */
  sockets(): ListenerSocket[];
  /** Reads no connection of the listener for so long, so that TCP slows its senders down; UDP is always drained. */
  pauseReads(listener: Listener, ms: number): void;
  /** No new inbound connections; everything else goes on. */
  stopAccepting(): void;
  /** Closes every socket; pending sends of streams get a second to leave. */
  close(): Promise<void>;
}

export interface ListenerSocket {
  readonly listener: Listener;
  /** Where it is known: batched UDP, and what Node still shows. */
  readonly fd: number | undefined;
  /** UDP: bytes of the receive buffer, as granted. Streams: connections that may wait to be accepted, as asked for. */
  readonly receiveRoom: number;
}

type Endpoint =
  | { readonly kind: 'udp'; readonly listener: Listener; readonly socket: UdpSocket }
  | {
      readonly kind: 'stream';
      readonly listener: Listener;
      readonly streams: StreamListener;
      readonly certificateEndsUnixSeconds: number | undefined;
    };

// Flow ids are unique within the process, whoever opens transports in it, and most likely not those of a process
// before it: a flow token (RFC 5626 §5.2) of an earlier life must not name a connection of this one.
let lastFlowId = randomInt(2 ** 30);
const nextId = (): number => ++lastFlowId;

/** Rejects with an Error of one line that names the listener: `udp:127.0.0.1:5060 on south: address in use`. */
export async function openTransports(options: TransportOptions, events: TransportEvents): Promise<Transports> {
  const limits: TransportLimits = { ...defaultTransportLimits, ...options.limits };
  const tap = options.tap ?? noTap;
  const guarded = guardEvents(events, tap);
  const table = new ConnectionTable(limits);
  const endpoints: Endpoint[] = [];
  // who wonders why a browser gets 403 finds it in the log
  const noteOrigin: StreamSpec['onForeignOrigin'] = ({ interfaceName }, origin) => {
    const key = `interfaces.${interfaceName}.webSocket.origins`;
    options.log?.('warn', `a web page was refused: its origin is not in ${key}`, { origin: origin.slice(0, 100) });
  };
  const shared = { limits, table, nextId, events: guarded, tap, onForeignOrigin: noteOrigin };
  const libc = options.udp === 'plain' ? 'so configured' : await loadLibc();
  try {
    for (const [id, wanted] of options.listeners.entries()) {
      try {
        endpoints.push(await openEndpoint(id, wanted, shared, libc));
      } catch (error) {
        const where = `${wanted.transport}:${bracketed(wanted.host)}:${wanted.port} on ${wanted.interfaceName}`;
        throw new Error(`${where}: ${openErrorText(error)}`, { cause: error });
      }
    }
  } catch (error) {
    table.stop();
    await Promise.all(endpoints.map(closeEndpoint));
    throw error;
  }
  const mode: UdpMode = typeof libc === 'string' ? 'plain' : 'batched';
  const udp = { mode, reason: typeof libc === 'string' ? libc : 'recvmmsg and sendmmsg through libc' };
  if (endpoints.some(({ kind }) => kind === 'udp')) {
    const unwanted = mode === 'plain' && options.udp !== 'plain';
    options.log?.(unwanted ? 'warn' : 'info', `UDP is ${mode}: ${udp.reason}`, { mode });
  }
  for (const endpoint of endpoints) reportBuffer(endpoint, limits, options);
  return assemble(endpoints, table, udp);
}

type Shared = Pick<StreamSpec, 'limits' | 'table' | 'nextId' | 'events' | 'tap' | 'onForeignOrigin'>;

async function openEndpoint(
  id: number,
  wanted: ListenerOptions,
  shared: Shared,
  libc: Libc | string,
): Promise<Endpoint> {
  const address = parseAddress(wanted.host);
  if (address === undefined) throw new Error('not a numeric address');
  const spec = {
    host: wanted.host,
    port: wanted.port,
    family: address.family,
    listener: (host: string, port: number): Listener => ({
      id,
      interfaceName: wanted.interfaceName,
      transport: wanted.transport,
      family: address.family,
      host,
      port,
      advertisedHost: advertisedHost(wanted.advertise?.host, host, networkInterfaces()),
      advertisedPort: wanted.advertise?.port ?? port,
    }),
  };
  if (wanted.transport === 'udp') {
    const { events, limits, tap } = shared;
    const { onMessage } = events;
    const udp = { ...spec, tap, bufferBytes: limits.receiveBufferBytes, sendQueueBytes: limits.sendQueueBytes };
    const socket =
      typeof libc === 'string'
        ? await openUdpPlain({ ...udp, receive: onMessage })
        : await openUdpBatched(libc, { ...udp, receive: onMessage });
    return { kind: 'udp', listener: socket.listener, socket };
  }
  if (isSecure(wanted.transport) && wanted.tls === undefined) throw new Error('no certificate is configured');
  const tls = isSecure(wanted.transport) ? readTlsFiles(wanted.tls!) : undefined;
  const webSocket = isWebSocket(wanted.transport) ? (wanted.webSocket ?? { pingMs: defaultPingMs }) : undefined;
  const streams = await openStreams({ ...spec, ...shared, tls, webSocket });
  return { kind: 'stream', listener: streams.listener, streams, certificateEndsUnixSeconds: tls?.endsUnixSeconds };
}

function assemble(endpoints: readonly Endpoint[], table: ConnectionTable, udp: Transports['udp']): Transports {
  return {
    listeners: endpoints.map(({ listener }) => listener),
    udp,
    flowTo(listener, text, port) {
      const endpoint = endpoints[listener.id];
      const address = parseAddress(text);
      const reachable = address?.family === listener.family && Number.isInteger(port) && port > 0 && port < 65_536;
      if (endpoint === undefined || !reachable) return deadFlow(listener, text, address, port);
      if (endpoint.kind === 'udp') return endpoint.socket.flow(address, port);
      const live = table.find(listener, addressText(address), port);
      return live ?? endpoint.streams.connect(text, port) ?? deadFlow(listener, text, address, port);
    },
    flowById: (id) => table.get(id),
    stats: () =>
      endpoints.map((endpoint) =>
        endpoint.kind === 'udp'
          ? udpStats(endpoint.listener, udp.mode, endpoint.socket.counters)
          : streamStats(endpoint.listener, endpoint.streams.counters, endpoint.certificateEndsUnixSeconds),
      ),
    sockets: () =>
      endpoints.map(({ listener, ...one }) =>
        one.kind === 'udp'
          ? { listener, fd: one.socket.fd, receiveRoom: one.socket.receiveBufferBytes }
          : { listener, fd: one.streams.fd, receiveRoom: backlog },
      ),
    pauseReads(listener, ms) {
      const endpoint = endpoints[listener.id];
      if (endpoint?.kind === 'stream') endpoint.streams.pauseReads(ms);
    },
    stopAccepting() {
      for (const endpoint of endpoints) if (endpoint.kind === 'stream') endpoint.streams.stopAccepting();
    },
    async close() {
      this.stopAccepting();
      table.endAll();
      await table.drained(lingerMs);
      table.destroyAll();
      await table.drained(lingerMs);
      await Promise.all(endpoints.map(closeEndpoint));
      table.stop();
    },
  };
}

function closeEndpoint(endpoint: Endpoint): Promise<void> {
  return endpoint.kind === 'udp' ? endpoint.socket.close() : endpoint.streams.close();
}

function deadFlow(listener: Listener, text: string, address: Address | undefined, port: number): Flow {
  return {
    id: 0,
    listener,
    remoteAddress: address === undefined ? text : addressText(address),
    remotePort: port,
    addressHash: address === undefined ? 0 : addressHash(address),
    reliable: listener.transport !== 'udp',
    closed: true,
    note: undefined,
    send: () => false,
  };
}

/** A flood needs the kernel's buffer; an operator should know when the kernel gave less. */
function reportBuffer(endpoint: Endpoint, limits: TransportLimits, options: TransportOptions): void {
  if (endpoint.kind !== 'udp' || endpoint.socket.receiveBufferBytes >= limits.receiveBufferBytes) return;
  const { interfaceName, host, port } = endpoint.listener;
  const grantedBytes = endpoint.socket.receiveBufferBytes;
  options.log?.(
    'warn',
    `udp:${bracketed(host)}:${port} on ${interfaceName} got a smaller receive buffer than asked for`,
    {
      grantedBytes,
      wantedBytes: limits.receiveBufferBytes,
    },
  );
}

function openErrorText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return 'address in use';
    case 'EADDRNOTAVAIL':
      return 'no such address on this machine';
    case 'EACCES':
      return 'permission denied';
    case 'EAFNOSUPPORT':
      return 'address family not supported on this machine';
    default:
      return message.split('\n')[0]!;
  }
}
