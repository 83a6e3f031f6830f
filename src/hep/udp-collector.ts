// HEP over UDP: a connected socket, so that the system tells of a collector that is not there (ICMP). While it is not, one packet
// a second finds out whether it is back.
import dgram from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Collector, CollectorOptions } from './collector.ts';

/** Largest payload of a datagram over IPv4; IPv6 takes a little more. */
const longestDatagram = 65_507;
const lookUpEveryTicks = 60;
const retryTicks = 5;

export class UdpCollector implements Collector {
  isUp = true;
  private readonly options: CollectorOptions;
  private socket: dgram.Socket | undefined;
  private address = '';
  private isConnected = false;
  private isClosed = false;
  private ticks = 0;
  private mayTry = true;
  /** Ticks since a packet went out without an error, that of the packet counted; 0: none did. */
  private triedTicks = 0;

  constructor(options: CollectorOptions) {
    this.options = options;
    void this.open();
  }

  get queuedBytes(): number {
    return this.isConnected ? (this.socket?.getSendQueueSize() ?? 0) : 0;
  }

  send(bytes: Buffer, length: number): void {
    const { counts, queueBytes } = this.options;
    if (length > longestDatagram) counts.dropped.size++;
    else if (!this.isConnected || !(this.isUp || this.mayTry)) counts.dropped.unreachable++;
    else if (this.queuedBytes + length > queueBytes) counts.dropped.queue++;
    else {
      this.mayTry = false;
      if (this.triedTicks === 0) this.triedTicks = 1;
      this.socket!.send(Buffer.from(bytes.subarray(0, length)), this.sendDone);
    }
  }

  tick(): void {
    // an error takes a moment to come back: so not at the first tick
    if (!this.isUp && this.isConnected && this.triedTicks >= 2) this.change(true, '');
    if (this.triedTicks > 0) this.triedTicks++;
    this.mayTry = true;
    this.ticks++;
    const isName = isIP(this.options.host) === 0;
    if (this.ticks % (this.isConnected ? lookUpEveryTicks : retryTicks) === 0 && (isName || !this.isConnected))
      void this.open();
  }

  close(): Promise<void> {
    this.isClosed = true;
    const { socket } = this;
    this.drop();
    return new Promise((resolve) => {
      if (socket === undefined) resolve();
      else socket.close(resolve);
    });
  }

  /** Opens the socket, and a new one where the name has a new address. */
  private async open(): Promise<void> {
    try {
      const { host, port } = this.options;
      const { address, family } = await lookup(host);
      if (this.isClosed || (address === this.address && this.isConnected)) return;
      this.drop()?.close();
      const socket = dgram.createSocket(family === 6 ? 'udp6' : 'udp4');
      this.socket = socket;
      this.address = address;
      socket.on('error', (error) => this.fail(socket, error));
      socket.connect(port, address, ((error?: Error) => {
        if (error) this.fail(socket, error);
        else if (this.socket === socket) this.isConnected = true;
      }) as () => void);
      socket.unref();
    } catch (error) {
      if (!this.isConnected) this.change(false, messageOf(error));
    }
  }

  private drop(): dgram.Socket | undefined {
    const { socket } = this;
    this.socket = undefined;
    this.isConnected = false;
    return socket;
  }

  private readonly sendDone = (error: Error | null, bytes: number): void => {
    const { counts } = this.options;
    if (error === null) {
      counts.sent++;
      counts.sentBytes += bytes;
    } else {
      counts.dropped.unreachable++;
      if (this.socket !== undefined) this.fail(this.socket, error);
    }
  };

  private fail(socket: dgram.Socket, error: Error): void {
    if (socket !== this.socket) return;
    this.triedTicks = 0;
    this.change(false, messageOf(error));
  }

  private change(isUp: boolean, reason: string): void {
    if (this.isUp === isUp || this.isClosed) return;
    this.isUp = isUp;
    this.options.onChange(isUp, reason);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
