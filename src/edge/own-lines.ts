// The lines that name a listener of ours, as bytes that are written for every request that is sent on.
import { Chunk } from '../sip/writer.ts';
import type { Listener } from '../transport/flow.ts';

const viaTransport = { udp: 'UDP', tcp: 'TCP', tls: 'TLS', ws: 'WS', wss: 'WSS' } as const;
// RFC 7118 §5.2: URIs know `ws` alone, also where it has TLS
const webSocket = ';transport=ws';
const uriTransport = { udp: '', tcp: ';transport=tcp', tls: ';transport=tls', ws: webSocket, wss: webSocket } as const;

/** `host:port` of a listener as Via and URIs of ours carry it. */
export function hostPort(listener: Listener): string {
  return `${listener.advertisedHost}:${listener.advertisedPort}`;
}

/** A Via line as far as the branch, which follows, and then the line end (RFC 3261 §16.6 step 8). */
export function viaHead(listener: Listener): string {
  return `Via: SIP/2.0/${viaTransport[listener.transport]} ${hostPort(listener)};branch=`;
}

export class OwnLines {
  readonly viaHead: Chunk;
  /** What follows the user part in a Record-Route or Path of ours, with the line end. */
  readonly routeTail: Chunk;

  constructor(listener: Listener) {
    this.viaHead = new Chunk(viaHead(listener));
    this.routeTail = new Chunk(`@${hostPort(listener)}${uriTransport[listener.transport]};lr>\r\n`);
  }
}
