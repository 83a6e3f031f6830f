// All open connections, WebSockets too: found by id and by peer, bounded in all and per address, swept for the slow and the idle.
import type { Socket } from 'node:net';
import type { Flow, Listener } from './flow.ts';
import type { StreamCounters } from './stream-counters.ts';
import type { TransportLimits } from './transport-options.ts';

/** Sweeps come at a quarter of the shortest time-out, within these. */
const shortestSweepMs = 20;
const longestSweepMs = 1_000;
/** Connections that one turn of the event loop ends or pings: about 3 ms. */
const mostPerTurn = 100;

/** What the table needs to know of a connection; times are those of `performance.now()`. */
export interface OpenConnection extends Flow {
  readonly socket: Socket;
  /** Since when no byte came. */
  readonly quietSinceMs: number;
  /** Since when a message is incomplete; 0 for none. */
  readonly partialSinceMs: number;
  /** When what is left of it is destroyed; 0 while it lives. */
  readonly destroyAtMs: number;
  readonly paused: boolean;
  /** Takes no more messages either way; what was sent leaves, then the connection ends. */
  end(): void;
  /** The socket is gone. */
  stop(): void;
  /** Asked at every sweep, where there is a keep-alive of its own: `dead` where the peer has stopped to answer it. */
  keepAlive?(nowMs: number): 'alive' | 'pinged' | 'dead';
}

interface Entry {
  readonly connection: OpenConnection;
  readonly counters: StreamCounters;
}

export class ConnectionTable {
  private readonly limits: TransportLimits;
  private readonly byId = new Map<number, Entry>();
  private readonly byPeer = new Map<string, OpenConnection>();
  /** Inbound connections by address: raw ones, before TLS is up, too. */
  private readonly inboundByAddress = new Map<string, number>();
  private inbound = 0;
  private outbound = 0;
  private whenEmpty: (() => void) | undefined;
  private readonly sweeper: NodeJS.Timeout;

  constructor(limits: TransportLimits) {
    this.limits = limits;
    const shortest = Math.min(limits.idleMs, limits.messageMs) / 4;
    const everyMs = Math.max(shortestSweepMs, Math.min(longestSweepMs, shortest));
    this.sweeper = setInterval(() => this.sweep(performance.now()), everyMs);
    this.sweeper.unref();
  }

  /** Counts an inbound connection in; false when a limit forbids it. */
  admitInbound(address: string): boolean {
    const ofAddress = this.inboundByAddress.get(address) ?? 0;
    if (this.inbound >= this.limits.connections || ofAddress >= this.limits.connectionsPerAddress) return false;
    this.inbound++;
    this.inboundByAddress.set(address, ofAddress + 1);
    return true;
  }

  releaseInbound(address: string): void {
    this.inbound--;
    const ofAddress = (this.inboundByAddress.get(address) ?? 1) - 1;
    if (ofAddress > 0) this.inboundByAddress.set(address, ofAddress);
    else this.inboundByAddress.delete(address);
  }

  admitOutbound(): boolean {
    if (this.outbound >= this.limits.connections) return false;
    this.outbound++;
    return true;
  }

  releaseOutbound(): void {
    this.outbound--;
  }

  add(connection: OpenConnection, counters: StreamCounters): void {
    this.byId.set(connection.id, { connection, counters });
    this.byPeer.set(peerKey(connection.listener, connection.remoteAddress, connection.remotePort), connection);
    counters.connections++;
  }

  remove(connection: OpenConnection): void {
    const key = peerKey(connection.listener, connection.remoteAddress, connection.remotePort);
    if (this.byPeer.get(key) === connection) this.byPeer.delete(key);
    const entry = this.byId.get(connection.id);
    if (entry === undefined) return;
    this.byId.delete(connection.id);
    entry.counters.connections--;
    if (this.byId.size === 0) this.whenEmpty?.();
  }

  /** Resolves when no connection is left, or after so long. */
  drained(withinMs: number): Promise<void> {
    if (this.byId.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.whenEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  get(id: number): OpenConnection | undefined {
    const connection = this.byId.get(id)?.connection;
    return connection?.closed === false ? connection : undefined;
  }

  /** A live connection of the listener's interface and transport. */
  find(listener: Listener, address: string, port: number): OpenConnection | undefined {
    const connection = this.byPeer.get(peerKey(listener, address, port));
    return connection?.closed === false ? connection : undefined;
  }

  /** Ends every connection; they close one by one. */
  endAll(): void {
    for (const { connection } of this.byId.values()) connection.end();
  }

  destroyAll(): void {
    for (const { connection } of this.byId.values()) connection.socket.destroy();
  }

  stop(): void {
    clearInterval(this.sweeper);
  }

  /**
   * Time-outs and pings of thousands at once are taken in parts, so that they do not hold up the other sockets. The iterator of
   * a Map goes on where it was, whatever is deleted meanwhile.
   */
  private sweep(nowMs: number, rest: Iterator<Entry> = this.byId.values()): void {
    let done = 0;
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const { connection, counters } = next.value;
      if (this.attend(connection, counters, nowMs)) done++;
      if (done < mostPerTurn) continue;
      setImmediate(() => this.sweep(nowMs, rest));
      return;
    }
  }

  /** True where there was something to do. */
  private attend(connection: OpenConnection, counters: StreamCounters, nowMs: number): boolean {
    const { socket } = connection;
    if (socket.destroyed) return false;
    if (connection.destroyAtMs > 0) {
      if (nowMs < connection.destroyAtMs) return false;
      socket.destroy();
      return true;
    }
    // What we paused is not the peer's fault, and connecting has its own limit.
    if (connection.paused || socket.connecting) return false;
    if (connection.partialSinceMs > 0 && nowMs - connection.partialSinceMs >= this.limits.messageMs) {
      counters.slowConnections++;
      socket.destroy();
      return true;
    }
    if (nowMs - connection.quietSinceMs >= this.limits.idleMs) {
      counters.idleConnections++;
      connection.end();
      return true;
    }
    const state = connection.keepAlive?.(nowMs) ?? 'alive';
    if (state !== 'dead') return state === 'pinged';
    counters.idleConnections++;
    socket.destroy();
    return true;
  }
}

function peerKey(listener: Listener, address: string, port: number): string {
  return `${listener.interfaceName} ${listener.transport} ${address} ${port}`;
}
