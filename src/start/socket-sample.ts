// One listener's counts in the words of the metrics.
import { listenerText } from '../edge/policy.ts';
import type { SocketSample } from '../metrics/socket-metrics.ts';
import type { Listener } from '../transport/flow.ts';
import type { ListenerStats } from '../transport/listener-stats.ts';

export function socketSample(stats: ListenerStats, listener: Listener): SocketSample {
  return {
    interfaceName: stats.interfaceName,
    transport: stats.transport,
    listener: listenerText(listener),
    receivedMessages: stats.receivedMessages,
    receivedBytes: stats.receivedBytes,
    sentMessages: stats.sentMessages,
    sentBytes: stats.sentBytes,
    sendDrops: stats.sendDrops,
    receiveFaults: stats.receiveFaults,
    connections: stats.connections,
    certificateEndsUnixSeconds: stats.certificateEndsUnixSeconds,
    closedConnections: {
      limit: stats.refusedConnections,
      slow: stats.slowConnections,
      idle: stats.idleConnections,
      handshake: stats.failedHandshakes,
      connect: stats.failedConnects,
    },
  };
}
