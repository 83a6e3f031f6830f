// One shape of counts for UDP, TCP, TLS and WebSocket listeners, as metrics want it.
import type { InterfaceName, Listener, TransportName } from './flow.ts';
import type { StreamCounters } from './stream-counters.ts';
import { newStreamCounters } from './stream-counters.ts';
import type { UdpCounters } from './udp-socket.ts';

/** Plain numbers of one listener, ever growing except `connections`. */
export interface ListenerStats {
  readonly id: number;
  readonly interfaceName: InterfaceName;
  readonly transport: TransportName;
  readonly family: 4 | 6;
  /** How UDP is read and written; `stream` for TCP, TLS and WebSocket. */
  readonly path: 'batched' | 'plain' | 'stream';
  readonly receivedMessages: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  /** Messages that the kernel, a full queue or a closed connection did not take. */
  readonly sendDrops: number;
  /** UDP: reads that failed. Streams: framing faults. */
  readonly receiveFaults: number;
  /** Open connections, those we opened included; under TLS and WebSocket those whose handshake is done. */
  readonly connections: number;
  readonly acceptedConnections: number;
  /** Closed at once because of a limit on connections. */
  readonly refusedConnections: number;
  readonly openedConnections: number;
  readonly failedConnects: number;
  readonly failedHandshakes: number;
  /** Closed because a message took too long. */
  readonly slowConnections: number;
  readonly idleConnections: number;
  /** Unix time when the certificate that it shows runs out; undefined: it shows none. */
  readonly certificateEndsUnixSeconds?: number | undefined;
}

const none = newStreamCounters();

export function udpStats(listener: Listener, path: 'batched' | 'plain', counters: UdpCounters): ListenerStats {
  const { streamFaults: _, ...connectionCounts } = none;
  return { ...head(listener), path, ...connectionCounts, ...counters };
}

export function streamStats(
  listener: Listener,
  counters: StreamCounters,
  certificateEndsUnixSeconds: number | undefined,
): ListenerStats {
  const { streamFaults, ...rest } = counters;
  return { ...head(listener), path: 'stream', ...rest, receiveFaults: streamFaults, certificateEndsUnixSeconds };
}

function head({ id, interfaceName, transport, family }: Listener) {
  return { id, interfaceName, transport, family };
}
