// UDP by recvmmsg and sendmmsg: Node watches the socket, and the first datagram of a wake-up fetches the rest in
// batches; answers leave in batches (DESIGN.md §8).
import dgram from 'node:dgram';
import type { Address } from './address.ts';
import { parseAddress } from './address.ts';
import { batchSize, fitsDatagram, ReceiveBatch } from './datagram-batch.ts';
import type { Flow, Listener } from './flow.ts';
import type { Libc } from './libc.ts';
import { EAGAIN, EINTR, ENOBUFS, ENOMEM, MSG_DONTWAIT, SOL_UDP, UDP_SEGMENT } from './libc.ts';
import { bindUdp } from './libc-socket.ts';
import { SendBatch } from './send-batch.ts';
import type { UdpFlow, UdpSender } from './udp-flow.ts';
import { UdpFlowTable } from './udp-flow.ts';
import type { UdpCounters, UdpSocket, UdpSpec } from './udp-socket.ts';
import { newUdpCounters } from './udp-socket.ts';
import { scopeNumber } from './zone.ts';

/** Batches of one wake-up, after which other sockets and timers get their turn: 512 messages, about 3 ms. */
const batchesPerWakeUp = 8;
/** When the kernel's send buffer is full: how long until the next attempt, and how many of them. */
const retryMs = 1;
const retries = 20;

/** Receive batches are shared by the sockets of a family. */
const receiveBatches = new Map<4 | 6, ReceiveBatch>();

/** Rejects with the system's error text where the address cannot be bound. */
export async function openUdpBatched(libc: Libc, spec: UdpSpec): Promise<UdpSocket> {
  const bound = bindUdp(libc, spec);
  const watcher = dgram.createSocket({ type: spec.family === 4 ? 'udp4' : 'udp6', ipv6Only: spec.family === 6 });
  const socket = new BatchedSocket(libc, spec, bound.fd, bound.receiveBufferBytes, watcher, bound.host, bound.port);
  await new Promise<void>((resolve, reject) => {
    watcher.once('error', reject);
    watcher.bind({ fd: bound.fd }, () => {
      watcher.off('error', reject);
      resolve();
    });
  });
  return socket;
}

class BatchedSocket implements UdpSocket, UdpSender {
  readonly listener: Listener;
  readonly counters: UdpCounters = newUdpCounters();
  readonly fd: number;
  readonly receiveBufferBytes: number;
  closed = false;
  private readonly libc: Libc;
  private readonly receive: UdpSpec['receive'];
  private readonly watcher: dgram.Socket;
  private readonly table = new UdpFlowTable(this);
  private readonly incoming: ReceiveBatch;
  private readonly outgoing: SendBatch;
  private batchesLeft = batchesPerWakeUp;
  private wakeUpNoted = false;
  private receiving = false;
  private flushPlanned = false;
  /** Messages of `outgoing` before this one are sent. */
  private sent = 0;
  private retriesLeft = retries;
  private retryTimer: NodeJS.Timeout | undefined;

  constructor(
    libc: Libc,
    spec: UdpSpec,
    fd: number,
    receiveBufferBytes: number,
    watcher: dgram.Socket,
    host: string,
    port: number,
  ) {
    this.libc = libc;
    this.receive = spec.receive;
    this.fd = fd;
    this.receiveBufferBytes = receiveBufferBytes;
    this.watcher = watcher;
    this.listener = spec.listener(host, port);
    let incoming = receiveBatches.get(spec.family);
    if (incoming === undefined) {
      incoming = new ReceiveBatch(libc, spec.family);
      receiveBatches.set(spec.family, incoming);
    }
    this.incoming = incoming;
    const size = Buffer.alloc(4);
    const knowsTrains = libc.getsockopt(fd, SOL_UDP, UDP_SEGMENT, size, Buffer.from([4, 0, 0, 0])) >= 0;
    this.outgoing = new SendBatch(libc, spec.family, knowsTrains);
    watcher.on('message', (bytes, from) => this.wakeUp(bytes, from));
    watcher.on('error', () => {
      this.counters.receiveFaults++;
    });
  }

  flow(address: Address, port: number): Flow {
    return this.table.find(address, address.family === 6 ? scopeNumber(address.zone) : 0, port);
  }

  sendTo(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || !fitsDatagram(start, end)) {
      this.counters.sendDrops++;
      return false;
    }
    if (!this.outgoing.hasRoom(end - start)) {
      this.flush();
      if (!this.outgoing.hasRoom(end - start)) {
        this.counters.sendDrops++;
        return false;
      }
    }
    this.outgoing.add(flow, bytes, start, end);
    if (!this.receiving && !this.flushPlanned) {
      this.flushPlanned = true;
      process.nextTick(this.flushLater);
    }
    return true;
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.flush();
    this.closed = true;
    clearTimeout(this.retryTimer);
    return new Promise((resolve) => this.watcher.close(resolve));
  }

  /** Node has read one datagram. It reads up to 32 in a row by itself, so that this is called again in one wake-up. */
  private wakeUp(bytes: Buffer, from: dgram.RemoteInfo): void {
    if (!this.wakeUpNoted) {
      this.wakeUpNoted = true;
      setImmediate(this.nextWakeUp);
    }
    const address = parseAddress(from.address);
    if (address === undefined) return;
    this.receiving = true;
    this.take(this.flow(address, from.port) as UdpFlow, bytes, 0, bytes.length);
    while (this.batchesLeft > 0 && !this.closed) {
      const count = this.libc.recvmmsg(this.fd, this.incoming.address, batchSize, MSG_DONTWAIT);
      if (count < 0) {
        // An error of an earlier send (ICMP) can come out here: it is taken off the socket by this, so go on.
        this.batchesLeft--;
        if (count === -EAGAIN) break;
        if (count !== -EINTR) this.counters.receiveFaults++;
        continue;
      }
      for (let k = 0; k < count && !this.closed; k++) {
        const start = this.incoming.start(k);
        this.take(this.incoming.flow(k, this.table), this.incoming.bytes, start, start + this.incoming.length(k));
      }
      this.batchesLeft--;
      if (count < batchSize) break;
    }
    this.receiving = false;
    this.flush();
  }

  private take(flow: UdpFlow, bytes: Buffer, start: number, end: number): void {
    this.counters.receivedMessages++;
    this.counters.receivedBytes += end - start;
    if (end > start) this.receive(flow, bytes, start, end);
  }

  private readonly nextWakeUp = (): void => {
    this.wakeUpNoted = false;
    this.batchesLeft = batchesPerWakeUp;
  };

  private readonly flushLater = (): void => {
    this.flushPlanned = false;
    this.flush();
  };

  private readonly retry = (): void => {
    this.retryTimer = undefined;
    this.flush();
  };

  private flush(): void {
    const batch = this.outgoing;
    if (this.closed || this.retryTimer !== undefined) return;
    while (this.sent < batch.count) {
      const result = this.libc.sendmmsg(this.fd, batch.from(this.sent), batch.count - this.sent, MSG_DONTWAIT);
      if (result > 0) {
        for (let k = this.sent; k < this.sent + result; k++) {
          this.counters.sentBytes += batch.length(k);
          this.counters.sentMessages += batch.train(k);
        }
        this.sent += result;
        this.retriesLeft = retries;
      } else if (result === -EAGAIN || result === -ENOBUFS || result === -ENOMEM) {
        if (this.retriesLeft-- > 0) {
          this.retryTimer = setTimeout(this.retry, retryMs);
          return;
        }
        for (let k = this.sent; k < batch.count; k++) this.counters.sendDrops += batch.train(k);
        break;
      } else if (result !== -EINTR && batch.train(this.sent) > 1) {
        // This path takes no trains (its MTU, its device): never again from this socket, and these one by one.
        batch.segments = false;
        return this.sendApart(batch.takeApart(this.sent));
      } else if (result !== -EINTR) {
        // No route, a forbidden or broken address, an ICMP error of an earlier datagram: this one is lost, others not.
        this.counters.sendDrops++;
        this.sent++;
      }
    }
    batch.clear();
    this.sent = 0;
    this.retriesLeft = retries;
  }

  private sendApart(datagrams: readonly { readonly flow: UdpFlow; readonly bytes: Buffer }[]): void {
    this.sent = 0;
    for (const { flow, bytes } of datagrams) this.sendTo(flow, bytes, 0, bytes.length);
    this.flush();
  }
}
