// One WebSocket as a flow (RFC 7118): one SIP message in one WebSocket message, keep-alive in both manners, bounded writes,
// pauses, and its end.
import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { ConnectionContext, Peer } from './connection.ts';
import { lingerMs } from './connection.ts';
import type { OpenConnection } from './connection-table.ts';
import { CorkedWrites } from './corked-writes.ts';
import type { Listener } from './flow.ts';
import { ReadPause } from './read-pause.ts';

/** RFC 6455 §7.4.1: the server goes, or has waited long enough. */
const goingAway = 1001;
/** Head and mask of a control frame from a client (RFC 6455 §5.2). */
const controlFrameBytes = 6;
const pong = Buffer.from('\r\n');
/** Pongs that wait to leave: each costs far more memory than its two bytes. */
const mostPongs = 16;
const nothing = Buffer.alloc(0);

export class WebSocketConnection implements OpenConnection {
  readonly id: number;
  readonly reliable = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly addressHash: number;
  readonly socket: Socket;
  note: unknown = undefined;
  /** Since when no byte came. */
  quietSinceMs: number;
  /** Since when a message is incomplete; 0 for none. */
  partialSinceMs = 0;
  /** When what is left of it is destroyed; 0 while it lives. */
  destroyAtMs = 0;
  paused = false;
  private readonly context: ConnectionContext;
  private readonly webSocket: WebSocket;
  private readonly pingMs: number;
  private readonly readPause: ReadPause;
  private readonly writes: CorkedWrites;
  private pingedAtMs = 0;
  private isEnded = false;
  private waitingPongs = 0;
  /** Bytes that came and belong to no whole message or control frame. */
  private openBytes = 0;
  /** Of the chunk at hand. */
  private hasMessage = false;
  private controlBytes = 0;

  constructor(
    context: ConnectionContext,
    webSocket: WebSocket,
    socket: Socket,
    peer: Peer,
    pingMs: number,
    nowMs: number,
  ) {
    this.context = context;
    this.webSocket = webSocket;
    this.socket = socket;
    this.id = peer.id;
    this.remoteAddress = peer.address;
    this.remotePort = peer.port;
    this.addressHash = peer.addressHash;
    this.pingMs = pingMs;
    this.quietSinceMs = nowMs;
    this.readPause = new ReadPause(this, webSocket);
    this.writes = new CorkedWrites(socket);
    webSocket.on('message', (data) => this.take(data as Buffer));
    webSocket.on('ping', (data: Buffer) => this.noteControl(data));
    webSocket.on('pong', (data: Buffer) => this.noteControl(data));
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
    // after the listener of `webSocket`, which has cut the chunk into messages by then
    socket.on('data', (chunk: Buffer) => this.noteChunk(chunk));
  }

  get listener(): Listener {
    return this.context.listener;
  }

  get closed(): boolean {
    return this.isEnded || this.webSocket.readyState !== WebSocket.OPEN;
  }

  send(bytes: Uint8Array, start: number, end: number): boolean {
    const size = end - start;
    const { counters, sendQueueBytes, tap } = this.context;
    if (this.closed || this.webSocket.bufferedAmount + size > sendQueueBytes) {
      counters.sendDrops++;
      return false;
    }
    this.write(Buffer.from(bytes.subarray(start, end)));
    counters.sentMessages++;
    counters.sentBytes += size;
    if (tap.isOn) tap.sent(this, bytes, start, end);
    return true;
  }

  pauseReads(ms: number): void {
    if (!this.closed) this.readPause.begin(ms);
  }

  /**
   * RFC 7118 §6: pings the client that is silent; browsers answer by themselves. `dead` when it has been silent for as long
   * again.
   */
  keepAlive(nowMs: number): 'alive' | 'pinged' | 'dead' {
    if (nowMs - this.quietSinceMs < this.pingMs) return 'alive';
    if (this.pingedAtMs > this.quietSinceMs) return nowMs - this.pingedAtMs < this.pingMs ? 'alive' : 'dead';
    this.pingedAtMs = nowMs;
    this.webSocket.ping();
    return 'pinged';
  }

  /** Takes no more messages either way; what was sent leaves, then the connection ends. */
  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.destroyAtMs = performance.now() + lingerMs;
    this.webSocket.resume();
    this.webSocket.close(goingAway);
  }

  /** The socket is gone. */
  stop(): void {
    this.isEnded = true;
  }

  // RFC 7118 §5: one message, whole.
  private take(data: Buffer): void {
    this.hasMessage = true;
    if (this.closed) return;
    if (isKeepAlive(data)) return this.answerPing(data);
    const { counters, events } = this.context;
    counters.receivedMessages++;
    events.onMessage(this, data, 0, data.length);
  }

  // RFC 7118 §6, RFC 5626 §4.4.1: CRLF for CRLFCRLF, each in a WebSocket message of its own. A client that does not read its
  // pongs gets no more; for ping frames the library sees to that.
  private answerPing(data: Buffer): void {
    if (data.length < 2 * pong.length || this.waitingPongs >= mostPongs) return;
    this.waitingPongs++;
    this.write(pong, () => {
      this.waitingPongs--;
    });
  }

  private noteControl(data: Buffer): void {
    this.controlBytes += controlFrameBytes + data.length;
  }

  private noteChunk(chunk: Buffer): void {
    this.context.counters.receivedBytes += chunk.length;
    const nowMs = performance.now();
    this.quietSinceMs = nowMs;
    // what stands behind a whole message in its chunk is timed from the next chunk on
    this.openBytes = this.hasMessage ? 0 : Math.max(0, this.openBytes + chunk.length - this.controlBytes);
    this.hasMessage = false;
    this.controlBytes = 0;
    if (this.openBytes === 0) this.partialSinceMs = 0;
    else if (this.partialSinceMs === 0) this.partialSinceMs = nowMs;
    const restMs = this.context.pausedUntilMs() - nowMs;
    if (restMs > 0) this.pauseReads(restMs);
  }

  /** What came is no WebSocket frame, or too large; the close frame that says so has been sent. */
  private fail(error: NodeJS.ErrnoException): void {
    if (error.code?.startsWith('WS_ERR') === true && !this.isEnded) {
      const { counters, events } = this.context;
      counters.streamFaults++;
      events.onStreamFault(this, faultOf(error.code), nothing, 0, 0);
    }
    this.end();
  }

  private write(bytes: Buffer, onLeft?: () => void): void {
    this.writes.begin();
    // RFC 7118 §4.2: what is not UTF-8 goes as binary
    this.webSocket.send(bytes, { binary: !isUtf8(bytes) }, onLeft);
  }
}

/** Nothing but line ends: no SIP message. */
function isKeepAlive(data: Buffer): boolean {
  for (const byte of data) if (byte !== 13 && byte !== 10) return false;
  return true;
}

function faultOf(code: string): 'message-too-large' | 'not-sip' {
  return code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'message-too-large' : 'not-sip';
}
