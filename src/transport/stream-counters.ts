// Counts of one TCP, TLS or WebSocket listener and of the connections that belong to it.

/** Ever-growing, except `connections`. */
export interface StreamCounters {
  receivedMessages: number;
  receivedBytes: number;
  sentMessages: number;
  sentBytes: number;
  sendDrops: number;
  streamFaults: number;
  connections: number;
  acceptedConnections: number;
  refusedConnections: number;
  openedConnections: number;
  failedConnects: number;
  failedHandshakes: number;
  slowConnections: number;
  idleConnections: number;
}

export function newStreamCounters(): StreamCounters {
  return {
    receivedMessages: 0,
    receivedBytes: 0,
    sentMessages: 0,
    sentBytes: 0,
    sendDrops: 0,
    streamFaults: 0,
    connections: 0,
    acceptedConnections: 0,
    refusedConnections: 0,
    openedConnections: 0,
    failedConnects: 0,
    failedHandshakes: 0,
    slowConnections: 0,
    idleConnections: 0,
  };
}
