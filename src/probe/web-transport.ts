// SIP over WebSocket (RFC 7118) for sip.js, by ws: its own transport wants the WebSocket of a browser, and does not say why one
// could not be opened.
import { type Core, type Emitter, EmitterImpl, type Transport, TransportState } from 'sip.js';
import { WebSocket } from 'ws';
import { reasonOf } from './channel.ts';

const connectMs = 5000;
/** How long the other side may take to agree to the end (RFC 6455 §7.1.1), ms. */
const closeMs = 1000;

export class WebTransport implements Transport {
  readonly protocol: string;
  readonly stateChange: Emitter<TransportState>;
  state: TransportState = TransportState.Disconnected;
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  private readonly url: string;
  private readonly changes = new EmitterImpl<TransportState>();
  private socket: WebSocket | undefined;

  constructor(_logger: Core.Logger, { url }: { readonly url: string }) {
    this.url = url;
    // RFC 7118 §5.2: the transport of Via
    this.protocol = url.startsWith('wss:') ? 'WSS' : 'WS';
    this.stateChange = this.changes;
  }

  /** Rejects with one line where it cannot be opened. */
  connect(): Promise<void> {
    this.change(TransportState.Connecting);
    return new Promise((resolve, reject) => {
      // RFC 7118 §4.1: the subprotocol is sip; ws refuses a server that does not agree to it
      const socket = new WebSocket(this.url, 'sip', { handshakeTimeout: connectMs, perMessageDeflate: false });
      this.socket = socket;
      let reason = 'it closed the connection';
      socket.on('error', (error) => {
        reason = reasonOf(error);
      });
      socket.on('open', () => {
        this.change(TransportState.Connected);
        this.onConnect?.();
        resolve();
      });
      // RFC 7118 §5.1: text or binary, a message each
      socket.on('message', (data: Buffer) => this.onMessage?.(data.toString('utf8')));
      socket.on('close', () => {
        const wasConnected = this.state === TransportState.Connected;
        const wasWanted = this.state === TransportState.Disconnecting;
        this.change(TransportState.Disconnected);
        if (wasConnected) this.onDisconnect?.(new Error(reason));
        else if (!wasWanted) reject(new Error(reason));
      });
    });
  }

  /** Resolves when what was sent is out and the connection closed. */
  disconnect(): Promise<void> {
    const { socket } = this;
    if (socket === undefined || this.state === TransportState.Disconnected) return Promise.resolve();
    this.change(TransportState.Disconnecting);
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.terminate(), closeMs);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.close();
    });
  }

  dispose(): Promise<void> {
    return this.disconnect();
  }

  isConnected(): boolean {
    return this.state === TransportState.Connected;
  }

  send(message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.isConnected()) return reject(new Error('the connection is closed'));
      this.socket!.send(message, (error) => (error ? reject(error) : resolve()));
    });
  }

  private change(state: TransportState): void {
    this.state = state;
    this.changes.emit(state);
  }
}
