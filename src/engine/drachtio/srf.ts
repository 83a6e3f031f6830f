// drachtio-srf as far as it is used here: its own declarations lack most of it. `Agent` and `WireProtocol` are inside of it; they are
// named because what it leaves open cannot be closed from outside.
import type { Server, Socket } from 'node:net';
import DrachtioSrf from 'drachtio-srf';

export interface SrfRequest {
  readonly method: string;
  readonly uri: string;
  /** As it came, decoded as UTF-8. */
  readonly raw: string;
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number | string;
  readonly protocol: string;
  /** `host:port`, IPv6 without brackets. */
  readonly receivedOn?: string;
  /** UTC time of day, HH:MM:SS.us. */
  readonly stackTime: string;
  readonly stackTxnId: string;
  on(
    event: 'response',
    listener: (response: { readonly status: number; readonly source_address: string }) => void,
  ): void;
}

export interface SrfResponse {
  /** Throws where it has no such status, and what `WireProtocol.send` throws. */
  send(status: number, phrase: string, options: { headers: Record<string, string> }): void;
}

export interface AgentProxyOptions {
  readonly destination: readonly string[];
  readonly stackTxnId: string;
  readonly remainInDialog: boolean;
  readonly fullResponse: boolean;
  readonly followRedirects: boolean;
  readonly simultaneous: boolean;
  readonly provisionalTimeout: string;
  readonly finalTimeout: string;
  readonly headers: Record<string, string>;
}

/** What it keeps for one socket. */
export interface SocketState {
  readonly pendingRequests: Map<string, unknown>;
  readonly pendingSipRequests: Map<string, unknown>;
  readonly pendingNetworkInvites: Map<string, unknown>;
}

export interface WireProtocol {
  /** Returns the message's id, by which it is answered. */
  send(socket: Socket, message: string): string;
  listeners(event: 'msg'): ((socket: Socket, text: string) => void)[];
}

export interface Agent {
  readonly wp: WireProtocol;
  readonly mapServer: ReadonlyMap<Socket, SocketState>;
  /** `answer` for each final answer and at the end; its words begin with OK, or with NOK and the reason. */
  proxy(
    request: SrfRequest,
    options: AgentProxyOptions,
    answer: (words: readonly string[], raw: string | undefined, meta: { address: string; port: string }) => void,
  ): void;
}

export interface Srf {
  readonly app: { readonly client: Agent };
  use(handler: (request: SrfRequest, response: SrfResponse) => void): void;
  listen(options: { server: Server; secret: string; enablePing: boolean; pingInterval: number }): void;
  /** `addresses` are those that it tells others, `local` those of its sockets. */
  on(
    event: 'connect',
    listener: (error: Error | null, addresses: string, version: string | null, local: string | null) => void,
  ): void;
  on(event: 'error', listener: (error: Error) => void): void;
  request(
    uri: string,
    options: { method: string; headers: Record<string, string> },
    sent: (error: Error | null, request?: SrfRequest) => void,
  ): void;
}

export const createSrf = (): Srf => new (DrachtioSrf as unknown as new () => Srf)();
