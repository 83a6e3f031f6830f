// HEP over TCP or TLS: packets one after the other, each with its length; the connection is made again after ever longer pauses.
import net from 'node:net';
import tls from 'node:tls';
import { CorkedWrites } from '../transport/corked-writes.ts';
import type { Collector, CollectorOptions } from './collector.ts';

const firstRetryMs = 250;
const longestRetryMs = 15_000;
const connectMs = 5_000;
/** A collector that takes nothing for so many ticks is given up. */
const mostStalledTicks = 10;
const lingerMs = 1_000;

export class StreamCollector implements Collector {
  isUp = false;
  private readonly options: CollectorOptions;
  private socket: net.Socket | undefined;
  private writes: CorkedWrites | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private failures = 0;
  private isClosed = false;
  private hasReported = false;
  private takenBytes = 0;
  private stalledTicks = 0;
  /** Packets that the system has not taken. */
  private waiting = 0;
  private written: () => void = () => {};

  constructor(options: CollectorOptions) {
    this.options = options;
    this.connect();
  }

  get queuedBytes(): number {
    return this.socket?.writableLength ?? 0;
  }

  send(bytes: Buffer, length: number): void {
    const { counts, queueBytes } = this.options;
    const { socket } = this;
    if (!this.isUp || socket === undefined) counts.dropped.unreachable++;
    else if (socket.writableLength + length > queueBytes) counts.dropped.queue++;
    else {
      this.writes?.begin();
      this.waiting++;
      socket.write(Buffer.from(bytes.subarray(0, length)), this.written);
      counts.sentBytes += length;
    }
  }

  /** The kernel would go on for a quarter of an hour with a collector that has vanished. */
  tick(): void {
    const { socket } = this;
    if (socket === undefined || !this.isUp) return;
    const taken = socket.bytesWritten - socket.writableLength;
    this.stalledTicks = socket.writableLength > 0 && taken === this.takenBytes ? this.stalledTicks + 1 : 0;
    this.takenBytes = taken;
    if (this.stalledTicks >= mostStalledTicks) socket.destroy(new Error('it takes nothing any more'));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.retryTimer);
    const { socket } = this;
    if (socket === undefined || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      if (this.isUp) socket.end();
      else socket.destroy();
    });
  }

  private connect(): void {
    const { host, port, transport, ca } = this.options;
    const to = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 };
    // SNI knows no addresses (RFC 6066 §3); the certificate is checked against `host` all the same
    const servername = net.isIP(host) === 0 ? host : '';
    const socket =
      transport === 'tls' ? tls.connect({ ...to, servername, ...(ca !== undefined && { ca }) }) : net.connect(to);
    this.socket = socket;
    // Node calls back without an error for what a destroyed socket did not write
    this.written = () => {
      if (socket.destroyed) return;
      this.waiting--;
      this.options.counts.sent++;
    };
    const deadline = setTimeout(() => socket.destroy(new Error(`not connected after ${connectMs} ms`)), connectMs);
    let reason = 'closed by the collector';
    socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(deadline);
      this.failures = 0;
      this.stalledTicks = 0;
      this.takenBytes = 0;
      this.writes = new CorkedWrites(socket);
      this.change(true, '');
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    // a collector says nothing; what it says all the same is not kept
    socket.resume();
    socket.once('close', () => {
      clearTimeout(deadline);
      this.writes = undefined;
      this.socket = undefined;
      this.options.counts.dropped.unreachable += this.waiting;
      this.waiting = 0;
      if (this.isClosed) return;
      this.change(false, reason);
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.failures++);
      this.retryTimer = setTimeout(() => this.connect(), waitMs);
      this.retryTimer.unref();
    });
  }

  /** The first attempt that fails is told too. */
  private change(isUp: boolean, reason: string): void {
    const isNews = this.isUp !== isUp || (!isUp && !this.hasReported);
    this.isUp = isUp;
    this.hasReported = !isUp;
    if (isNews && !this.isClosed) this.options.onChange(isUp, reason);
  }
}
