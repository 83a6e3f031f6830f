// UDP by recvmmsg and sendmmsg: Node's loop watches the socket, each wake-up fetches what there is in batches, answers leave
// in batches (DESIGN.md §8). Differs from DESIGN.md §8: the loop watches through koffi and not through dgram, which would read
// one datagram by itself, into 64 kB of new memory, and knows nothing of datagrams that the kernel has joined (UDP_GRO).
import type { Address } from './address.ts';
import { batchSize, fitsDatagram, ReceiveBatch } from './datagram-batch.ts';
import type { Flow, Listener } from './flow.ts';
import type { Libc } from './libc.ts';
import { EAGAIN, EINTR, ENOBUFS, ENOMEM, MSG_DONTWAIT, SOL_UDP, UDP_GRO, UDP_SEGMENT } from './libc.ts';
import { bindUdp } from './libc-socket.ts';
import type { MessageTap } from './message-tap.ts';
import { SendBatch } from './send-batch.ts';
import type { UdpFlow, UdpSender } from './udp-flow.ts';
import { UdpFlowTable } from './udp-flow.ts';
import type { UdpCounters, UdpSocket, UdpSpec } from './udp-socket.ts';
import { newUdpCounters } from './udp-socket.ts';
import type { Watched } from './wake-ups.ts';
import { WakeUps } from './wake-ups.ts';
import { scopeNumber } from './zone.ts';

/** Messages of one wake-up, after which other sockets and timers get their turn: about 3 ms. */
const messagesPerWakeUp = 512;
/** The same in calls of recvmmsg, for those that fail or bring little. */
const mostBatches = 64;
/**
 * Where the kernel joins datagrams, fewer slots at a time: what they hold should still be in the processor's cache when it is
 * read, and a wake-up should not take much more than it may.
 */
const slotsOfJoined = 16;
/** How often a socket is looked at although nothing was heard of it. */
const checkMs = 1000;
/** When the kernel's send buffer is full: how long until the next attempt, and how many of them. */
const retryMs = 1;
const retries = 20;

/** Receive batches are shared by the sockets of a family. */
const receiveBatches = new Map<4 | 6, ReceiveBatch>();
/** One rhythm for all sockets: what one receives, another sends, and its answers come back to that one. */
const wakeUps = new WakeUps();

/** Rejects with the system's error text where the address cannot be bound. */
export async function openUdpBatched(libc: Libc, spec: UdpSpec): Promise<UdpSocket> {
  const bound = bindUdp(libc, spec);
  return new BatchedSocket(libc, spec, bound.fd, bound.receiveBufferBytes, bound.host, bound.port);
}

class BatchedSocket implements UdpSocket, UdpSender, Watched {
  readonly listener: Listener;
  readonly counters: UdpCounters = newUdpCounters();
  readonly fd: number;
  readonly receiveBufferBytes: number;
  closed = false;
  private readonly libc: Libc;
  private readonly receive: UdpSpec['receive'];
  private readonly tap: MessageTap;
  private watcher: { close(): void } | undefined;
  private readonly guard: NodeJS.Timeout;
  private hasWoken = false;
  /** Whether the last batch had several datagrams a slot. */
  private areJoined = false;
  private readonly table = new UdpFlowTable(this);
  private readonly incoming: ReceiveBatch;
  private readonly outgoing: SendBatch;
  private receiving = false;
  private flushPlanned = false;
  /** Messages of `outgoing` before this one are sent. */
  private sent = 0;
  private retriesLeft = retries;
  private retryTimer: NodeJS.Timeout | undefined;

  constructor(libc: Libc, spec: UdpSpec, fd: number, receiveBufferBytes: number, host: string, port: number) {
    this.libc = libc;
    this.receive = spec.receive;
    this.tap = spec.tap;
    this.fd = fd;
    this.receiveBufferBytes = receiveBufferBytes;
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
    // Joined datagrams are an offer to the kernel: what does not know them gives none.
    libc.setsockopt(fd, SOL_UDP, UDP_GRO, Buffer.from([1, 0, 0, 0]), 4);
    wakeUps.add(this);
    this.guard = setInterval(this.check, checkMs);
    this.guard.unref();
  }

  flow(address: Address, port: number): Flow {
    return this.table.find(address, address.family === 6 ? scopeNumber(address.zone) : 0, port);
  }

  sendTo(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): boolean {
    const isTaken = this.put(flow, bytes, start, end);
    if (isTaken && this.tap.isOn) this.tap.sent(flow, bytes, start, end);
    return isTaken;
  }

  private put(flow: UdpFlow, bytes: Uint8Array, start: number, end: number): boolean {
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
    if (!this.receiving && !this.flushPlanned && !wakeUps.isLooking) {
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
    clearInterval(this.guard);
    wakeUps.delete(this);
    this.libc.close(this.fd);
    return Promise.resolve();
  }

  watch(): void {
    this.watcher ??= this.libc.watch(this.fd, this.wakeUp);
  }

  unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  look(): boolean {
    const before = this.counters.receivedMessages;
    const isMore = this.drain();
    wakeUps.looked(this, this.counters.receivedMessages - before);
    return isMore;
  }

  private readonly wakeUp = (): void => {
    this.hasWoken = true;
    const before = this.counters.receivedMessages;
    this.drain();
    wakeUps.woken(this, this.counters.receivedMessages - before);
  };

  /** Takes what there is, up to a wake-up's worth; true where more may be there. */
  private drain(): boolean {
    this.receiving = true;
    let isMore = true;
    const enough = this.counters.receivedMessages + messagesPerWakeUp;
    for (let batches = 0; batches < mostBatches && !this.closed; batches++) {
      this.incoming.prepare();
      const wanted = this.areJoined ? slotsOfJoined : batchSize;
      const before = this.counters.receivedMessages;
      const count = this.libc.recvmmsg(this.fd, this.incoming.address, wanted, MSG_DONTWAIT);
      if (count < 0) {
        // An error of an earlier send (ICMP) can come out here: it is taken off the socket by this, so go on.
        if (count === -EAGAIN) {
          isMore = false;
          break;
        }
        if (count !== -EINTR) this.counters.receiveFaults++;
        continue;
      }
      for (let k = 0; k < count && !this.closed; k++) this.takeSlot(k);
      this.areJoined = this.counters.receivedMessages - before > 2 * count;
      if (count < wanted) isMore = false;
      if (count < wanted || this.counters.receivedMessages >= enough) break;
    }
    this.receiving = false;
    if (!wakeUps.isLooking) this.flush();
    return isMore;
  }

  /** One datagram, or several of one size that the kernel joined. */
  private takeSlot(k: number): void {
    const { bytes } = this.incoming;
    const start = this.incoming.start(k);
    const end = start + this.incoming.length(k);
    const flow = this.incoming.flow(k, this.table);
    const size = this.incoming.segment(k);
    if (size === 0) return this.take(flow, bytes, start, end);
    for (let at = start; at < end && !this.closed; at += size) this.take(flow, bytes, at, Math.min(end, at + size));
  }

  /** The loop gives up a socket that it is told an error of (libuv, uv_poll): then what is there is found here. */
  private readonly check = (): void => {
    const { hasWoken } = this;
    const before = this.counters.receivedMessages;
    this.drain();
    this.hasWoken = false;
    if (hasWoken || this.watcher === undefined || this.counters.receivedMessages === before) return;
    this.unwatch();
    this.watch();
  };

  private take(flow: UdpFlow, bytes: Buffer, start: number, end: number): void {
    this.counters.receivedMessages++;
    this.counters.receivedBytes += end - start;
    if (end > start) this.receive(flow, bytes, start, end);
  }

  private readonly flushLater = (): void => {
    this.flushPlanned = false;
    this.flush();
  };

  private readonly retry = (): void => {
    this.retryTimer = undefined;
    this.flush();
  };

  flush(): void {
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
    for (const { flow, bytes } of datagrams) this.put(flow, bytes, 0, bytes.length);
    this.flush();
  }
}
