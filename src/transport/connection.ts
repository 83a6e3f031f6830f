// One TCP or TLS connection as a flow: framing, keep-alive answers, bounded writes, pauses, and its end.
// RFC 3261 §18, RFC 5626 §4.4.1.
import type { Socket } from 'node:net';
import type { FrameFault, FrameLimits, FrameSink } from '../sip/frame.ts';
import { StreamFramer } from '../sip/frame.ts';
import type { OpenConnection } from './connection-table.ts';
import { CorkedWrites } from './corked-writes.ts';
import type { Listener, TransportEvents } from './flow.ts';
import type { MessageTap } from './message-tap.ts';
import { ReadPause } from './read-pause.ts';
import type { StreamCounters } from './stream-counters.ts';

/** What a connection needs of those around it. */
export interface ConnectionContext {
  readonly listener: Listener;
  readonly counters: StreamCounters;
  readonly frameLimits: FrameLimits;
  readonly sendQueueBytes: number;
  /** None of them throws. */
  readonly events: TransportEvents;
  /** Who watches what is sent. */
  readonly tap: MessageTap;
  /** When reads of the whole listener may go on, in ms of `performance.now()`. */
  readonly pausedUntilMs: () => number;
}

export interface Peer {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly addressHash: number;
}

const pong = Buffer.from('\r\n');
/** Pongs of one chunk: a flood of pings is not answered by a flood of pongs. */
const mostPongs = 16;
/** How long the last bytes that we write may take after we have ended a connection. */
export const lingerMs = 1_000;

export class Connection implements OpenConnection, FrameSink<Buffer> {
  readonly id: number;
  readonly reliable = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly addressHash: number;
  readonly socket: Socket;
  closed = false;
  note: unknown = undefined;
  /** Since when no byte came. */
  quietSinceMs: number;
  /** Since when a message is incomplete; 0 for none. */
  partialSinceMs = 0;
  /** When what is left of it is destroyed; 0 while it lives. */
  destroyAtMs = 0;
  paused = false;
  private readonly readPause: ReadPause;
  private readonly writes: CorkedWrites;
  private readonly context: ConnectionContext;
  private readonly framer: StreamFramer<Buffer>;
  private pings = 0;

  constructor(context: ConnectionContext, socket: Socket, peer: Peer, nowMs: number) {
    this.context = context;
    this.socket = socket;
    this.id = peer.id;
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.addressHash = peer.addressHash;
    this.quietSinceMs = nowMs;
    this.readPause = new ReadPause(this, socket);
    this.writes = new CorkedWrites(socket);
    this.framer = new StreamFramer(context.frameLimits, this, Buffer.allocUnsafeSlow);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    // The peer sends no more, and most likely has gone: what is written leaves, new sends take a new connection.
    socket.once('end', () => this.end());
  }

  get listener(): Listener {
    return this.context.listener;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    const counters = this.context.counters;
    if (this.closed || this.socket.writableLength + size > this.context.sendQueueBytes) {
      counters.sendDrops++;
      return false;
    }
    this.write(Buffer.from(bytes.subarray(start, end)));
    counters.sentMessages++;
    counters.sentBytes += size;
    if (this.context.tap.isOn) this.context.tap.sent(this, bytes, start, end);
    return true;
  }

  pauseReads(ms: number): void {
    if (!this.closed) this.readPause.begin(ms);
  }

  /** Takes no more messages either way; what was sent leaves, then the connection ends. */
  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.framer.stop();
    this.destroyAtMs = performance.now() + lingerMs;
    // Reading goes on, because unread bytes would make the kernel reset the connection before our last bytes arrive.
    this.socket.resume();
    this.socket.end();
  }

  /** The socket is gone. */
  stop(): void {
    this.closed = true;
    this.framer.stop();
  }

  onMessage(bytes: Buffer, start: number, end: number): void {
    this.context.counters.receivedMessages++;
    this.partialSinceMs = 0;
    this.context.events.onMessage(this, bytes, start, end);
    if (this.closed) this.framer.stop();
  }

  onPing(): void {
    this.pings++;
  }

  onFault(fault: FrameFault, bytes: Buffer, start: number, end: number): void {
    this.context.counters.streamFaults++;
    this.context.events.onStreamFault(this, fault, bytes, start, end);
    this.end();
  }

  private take(chunk: Buffer): void {
    this.context.counters.receivedBytes += chunk.length;
    if (this.closed) return;
    const nowMs = performance.now();
    this.quietSinceMs = nowMs;
    this.framer.push(chunk);
    if (this.closed) return;
    if (!this.framer.partial) this.partialSinceMs = 0;
    else if (this.partialSinceMs === 0) this.partialSinceMs = nowMs;
    if (this.pings > 0) this.answerPings();
    const restMs = this.context.pausedUntilMs() - nowMs;
    if (restMs > 0) this.pauseReads(restMs);
  }

  // RFC 5626 §4.4.1: a CRLF for every CRLFCRLF. A peer that does not read its pongs gets none.
  private answerPings(): void {
    const count = Math.min(this.pings, mostPongs);
    this.pings = 0;
    if (this.socket.writableLength + 2 * count > this.context.sendQueueBytes) return;
    this.write(count === 1 ? pong : Buffer.alloc(2 * count, pong));
  }

  private write(bytes: Buffer): void {
    this.writes.begin();
    this.socket.write(bytes);
  }
}
