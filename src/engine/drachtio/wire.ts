// What goes over one control connection: frames in, messages out, pings. Throws nothing into a socket's handler; whatever the stream
// cannot be trusted with any more is told once by `onBroken`.
import type { Socket } from 'node:net';
import { FrameReader } from './frames.ts';
import type { WireProtocol } from './srf.ts';

/**
 * The server keeps what it reads in a ring of 12,228 bytes and reads up to 8,192 at once: a frame that fits into the difference can
 * never be overwritten by what follows it, however much comes at once.
 */
export const mostFrameBytes = 12_228 - 8_192;
/** The identifier and the bar that are put before each message, and the length before them. */
const frameHeadBytes = 37 + 6;
/** More that the server has not taken means that it does not read any more. */
const mostUnsentBytes = 4 * 2 ** 20;

export class MessageTooLong extends Error {}

export interface WireEvents {
  /** The message, after its identifier; `deliver` hands it to drachtio-srf, and throws what that throws. */
  onMessage(type: string, message: string, deliver: () => void): void;
  onBroken(reason: string): void;
}

export class Wire {
  private readonly wp: WireProtocol;
  private readonly socket: Socket;
  private readonly events: WireEvents;
  private readonly sendRaw: WireProtocol['send'];
  private readonly frames = new FrameReader();
  private readonly receive: (socket: Socket, text: string) => void;
  private isOpen = true;
  /** When the oldest ping without an answer was sent, ms of performance.now. */
  private pingedMs: number | undefined;
  /** Of the message sent last. */
  lastId = '';

  /** To be called in the turn in which drachtio-srf got the socket: it has put its handlers there, and nothing was read yet. */
  constructor(wp: WireProtocol, socket: Socket, events: WireEvents) {
    this.wp = wp;
    this.socket = socket;
    this.events = events;
    this.sendRaw = wp.send;
    this.receive = wp.listeners('msg')[0]!;
    wp.send = (to, message) => this.checkedSend(to, message);
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => this.read(chunk));
  }

  /** Returns its id. Throws MessageTooLong, or an Error where the connection is gone. */
  send(message: string): string {
    return this.wp.send(this.socket, message);
  }

  /** ms; 0 where every ping was answered. */
  silentMs(nowMs: number): number {
    return this.pingedMs === undefined ? 0 : nowMs - this.pingedMs;
  }

  /** Nothing that is read from here on is looked at. */
  close(): void {
    this.isOpen = false;
  }

  private checkedSend(to: Socket, message: string): string {
    const isPing = message === 'ping';
    if (to.destroyed || !to.writable) {
      // it comes out of a timer of drachtio-srf, where nobody would catch it
      if (isPing) return '';
      throw new Error('the connection to the drachtio-server is gone');
    }
    const bytes = Buffer.byteLength(message) + frameHeadBytes;
    if (bytes > mostFrameBytes)
      throw new MessageTooLong(`${bytes} bytes, at most ${mostFrameBytes} reach a drachtio-server`);
    if (to.writableLength > mostUnsentBytes) {
      this.broken(`it has not read ${to.writableLength} bytes that were sent to it`);
      if (isPing) return '';
      throw new Error('the drachtio-server does not read');
    }
    if (isPing) this.pingedMs ??= performance.now();
    this.lastId = this.sendRaw.call(this.wp, to, message);
    return this.lastId;
  }

  private read(chunk: Buffer): void {
    if (!this.isOpen) return;
    this.pingedMs = undefined;
    const fault = this.frames.push(chunk, (message) => this.take(message));
    if (fault !== '') this.broken(fault);
  }

  private take(message: string): boolean {
    // uuid|type|...
    const start = message.indexOf('|') + 1;
    const end = start === 0 ? -1 : typeEnd(message, start);
    const type = end < 0 ? '' : message.slice(start, end);
    if (type !== 'sip' && type !== 'response' && !type.startsWith('cdr:')) {
      this.broken(`no such type of message: ${JSON.stringify(message.slice(0, 60))}`);
      return false;
    }
    this.events.onMessage(type, message, () => this.receive(this.socket, message));
    return this.isOpen;
  }

  private broken(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.events.onBroken(reason);
  }
}

/** Types are short; what is longer is none. */
function typeEnd(message: string, start: number): number {
  const end = message.indexOf('|', start);
  return end - start > 16 ? -1 : end;
}
