// UDP by Node's dgram alone: what is left where libc cannot be called.
import dgram from 'node:dgram';
import type { Address } from './address.ts';
import { parseAddress } from './address.ts';
import { fitsDatagram } from './datagram-batch.ts';
import type { Flow, Listener } from './flow.ts';
import type { UdpFlow, UdpSender } from './udp-flow.ts';
import { UdpFlowTable } from './udp-flow.ts';
import type { UdpCounters, UdpSocket, UdpSpec } from './udp-socket.ts';
import { newUdpCounters } from './udp-socket.ts';
import { scopeNumber, zoneName } from './zone.ts';

/** Rejects with the system's error where the address cannot be bound. */
export async function openUdpPlain(spec: UdpSpec): Promise<UdpSocket> {
  const socket = dgram.createSocket({
    type: spec.family === 4 ? 'udp4' : 'udp6',
    ipv6Only: spec.family === 6,
    // Every address here is numeric: no resolver, and no turn of the event loop for it.
    lookup: (host, _options, callback) => callback(null, host, spec.family),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: spec.host, port: spec.port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return new PlainSocket(spec, socket);
}

class PlainSocket implements UdpSocket, UdpSender {
  readonly listener: Listener;
  readonly counters: UdpCounters = newUdpCounters();
  readonly fd: number | undefined = undefined;
  readonly receiveBufferBytes: number;
  closed = false;
  private readonly spec: UdpSpec;
  private readonly socket: dgram.Socket;
  private readonly table = new UdpFlowTable(this);

  constructor(spec: UdpSpec, socket: dgram.Socket) {
    this.spec = spec;
    this.socket = socket;
    const bound = socket.address();
    this.listener = spec.listener(bound.address, bound.port);
    socket.setRecvBufferSize(Math.min(spec.bufferBytes, 0x3fff_ffff));
    socket.setSendBufferSize(Math.min(spec.bufferBytes, 0x3fff_ffff));
    // Linux reports the double of what it grants (socket(7)).
    this.receiveBufferBytes = socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1);
    socket.on('message', (bytes, from) => this.take(bytes, from));
    socket.on('error', () => {
      this.counters.receiveFaults++;
    });
  }

  flow(address: Address, port: number): Flow {
    return this.table.find(address, address.family === 6 ? scopeNumber(address.zone) : 0, port);
  }

  sendTo(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || !fitsDatagram(start, end) || this.socket.getSendQueueSize() > this.spec.sendQueueBytes) {
      this.counters.sendDrops++;
      return false;
    }
    const zone = flow.scope === 0 ? '' : zoneName(flow.scope);
    const host = zone === '' ? flow.remoteAddress : `${flow.remoteAddress}%${zone}`;
    try {
      this.socket.send(Buffer.from(bytes.subarray(start, end)), flow.remotePort, host, this.sendDone);
      if (this.spec.tap.isOn) this.spec.tap.sent(flow, bytes, start, end);
      return true;
    } catch {
      // Port 0 is the one argument that dgram refuses by an exception.
      this.counters.sendDrops++;
      return false;
    }
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.closed = true;
    return new Promise((resolve) => this.socket.close(resolve));
  }

  private take(bytes: Buffer, from: dgram.RemoteInfo): void {
    const address = parseAddress(from.address);
    if (address === undefined) return;
    this.counters.receivedMessages++;
    this.counters.receivedBytes += bytes.length;
    if (bytes.length > 0) this.spec.receive(this.flow(address, from.port), bytes, 0, bytes.length);
  }

  private readonly sendDone = (error: Error | null, bytes: number): void => {
    if (error !== null) this.counters.sendDrops++;
    else {
      this.counters.sentMessages++;
      this.counters.sentBytes += bytes;
    }
  };
}
