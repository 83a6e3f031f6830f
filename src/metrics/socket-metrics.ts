// Metrics of the listeners: messages, bytes, losses, connections, certificates.
import { addCertificateMetrics } from './certificate-metrics.ts';
import { counter, type Families, gauge, type Labels } from './families.ts';

/** One listener as the transports see it; counts only rise, except `connections`. */
export interface SocketSample {
  readonly interfaceName: string;
  readonly transport: string;
  /** As written: `udp:127.0.0.1:5060`. */
  readonly listener: string;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly sendDrops: number;
  readonly receiveFaults: number;
  /** Datagrams that the kernel dropped because our receive buffer was full; undefined where it cannot be told. */
  readonly kernelDrops?: number | undefined;
  readonly connections: number;
  /** Connections ended by us before their time, by cause: `limit`, `slow`, `idle`, `handshake`, `connect`. */
  readonly closedConnections: Readonly<Record<string, number>>;
  /** Unix time when the certificate that it shows runs out; undefined: it shows none. */
  readonly certificateEndsUnixSeconds?: number | undefined;
}

export function addSocketMetrics(families: Families, sockets: () => readonly SocketSample[]): void {
  const labels = ['interface', 'transport', 'listener'];
  type Count = 'receivedMessages' | 'receivedBytes' | 'sentMessages' | 'sentBytes' | 'receiveFaults';
  const plain: [string, Count, string][] = [
    ['surgegate_socket_received_messages_total', 'receivedMessages', 'Datagrams or messages of a stream received'],
    ['surgegate_socket_received_bytes_total', 'receivedBytes', 'Bytes of the messages received'],
    ['surgegate_socket_sent_messages_total', 'sentMessages', 'Datagrams or messages of a stream sent'],
    ['surgegate_socket_sent_bytes_total', 'sentBytes', 'Bytes of the messages sent'],
    [
      'surgegate_socket_faults_total',
      'receiveFaults',
      'UDP: reads that failed; streams: connections closed because what came was not SIP',
    ],
  ];
  for (const [name, key, help] of plain) {
    counter(families, name, help, labels, (say) => {
      for (const socket of sockets()) say(labelsOf(socket), socket[key]);
    });
  }
  counter(
    families,
    'surgegate_socket_drops_total',
    'Messages lost at a socket. kernel: came faster than they were read, our receive buffer was full; send: the kernel, a full queue or a closed connection did not take them',
    [...labels, 'cause'],
    (say) => {
      for (const socket of sockets()) {
        say({ ...labelsOf(socket), cause: 'send' }, socket.sendDrops);
        if (socket.kernelDrops !== undefined) say({ ...labelsOf(socket), cause: 'kernel' }, socket.kernelDrops);
      }
    },
  );
  gauge(families, 'surgegate_socket_connections', 'Open connections: TCP, TLS and WebSocket', labels, (say) => {
    for (const socket of sockets()) if (socket.transport !== 'udp') say(labelsOf(socket), socket.connections);
  });
  counter(
    families,
    'surgegate_socket_closed_total',
    'Connections that were closed or not made, by cause. limit: too many; slow: a message took too long; idle: no traffic; handshake: TLS or WebSocket failed; connect: could not be opened',
    [...labels, 'cause'],
    (say) => {
      for (const socket of sockets()) {
        for (const [cause, count] of Object.entries(socket.closedConnections)) {
          if (socket.transport !== 'udp') say({ ...labelsOf(socket), cause }, count);
        }
      }
    },
  );
  addCertificateMetrics(families, () =>
    sockets().map((one) => ({ of: one.interfaceName, endsUnixSeconds: one.certificateEndsUnixSeconds })),
  );
}

function labelsOf(socket: SocketSample): Labels {
  return { interface: socket.interfaceName, transport: socket.transport, listener: socket.listener };
}
