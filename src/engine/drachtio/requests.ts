// The requests that a drachtio-server has handed over and that await their answer: each gets one by its deadline, whatever happens to
// it in between. Those left when the connection is lost cannot be answered any more: the server has forgotten whose they were.
import type { Connection } from './connection.ts';
import { plainFields, plainText } from './header-fields.ts';
import type { HeaderFields, LinkOptions, ProxyOptions, ProxyOutcome, StackAddress, StackRequest } from './link.ts';
import type { Outgoing } from './outgoing.ts';
import { splitHostPort, transportOf } from './received.ts';
import type { SrfRequest, SrfResponse } from './srf.ts';

/**
 * For a request that nobody has answered by then, ms: half of what the server itself waits until it forgets an INVITE without a
 * word to anybody, and short of timer F of who sent another (RFC 3261 §17.1.2.2).
 */
export const answerDeadlineMs = 30_000;

export interface RequestsParts {
  readonly connection: Connection;
  readonly outgoing: Outgoing;
  readonly addresses: readonly StackAddress[];
  readonly log: LinkOptions['log'];
  readonly deadlineMs: number;
}

export class Requests {
  private readonly parts: RequestsParts;
  /** By transaction, in the order in which they came, which is that of their deadlines. */
  private readonly waiting: Waiting = new Map();

  constructor(parts: RequestsParts) {
    this.parts = parts;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** ms of performance.now. */
  add(request: SrfRequest, response: SrfResponse, lagMs: number, nowMs: number): Incoming {
    const one = new Incoming(this.parts, this.waiting, request, response, lagMs, nowMs + this.parts.deadlineMs);
    this.waiting.set(request.stackTxnId, one);
    return one;
  }

  /** drachtio-srf itself looks for the Call-ID, which requests may share. */
  cancel(transaction: string): void {
    this.waiting.get(transaction)?.cancelled();
  }

  /** Answers those that are due. */
  sweep(nowMs: number): void {
    for (const one of this.waiting.values()) {
      if (one.deadlineMs > nowMs) return;
      this.parts.log('error', 'a request was not answered in time', {
        method: one.method,
        waitedMs: this.parts.deadlineMs,
      });
      one.respond(408, 'Request Timeout', {});
      one.drop();
    }
  }

  refuseAll(): void {
    for (const one of [...this.waiting.values()]) {
      one.respond(503, 'Service Unavailable', {});
      one.drop();
    }
  }

  dropAll(): void {
    for (const one of [...this.waiting.values()]) one.drop();
  }
}

type Waiting = Map<string, Incoming>;

export class Incoming implements StackRequest {
  readonly method: string;
  readonly raw: string;
  readonly protocol: StackAddress['protocol'];
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly receivedOn: { readonly host: string; readonly port: number };
  readonly lagMs: number;
  readonly deadlineMs: number;
  private readonly parts: RequestsParts;
  private readonly waiting: Waiting;
  private readonly request: SrfRequest;
  private readonly response: SrfResponse;
  private state: 'waiting' | 'proxied' | 'over' = 'waiting';
  private wasCancelled = false;
  private readonly cancelListeners: (() => void)[] = [];

  constructor(
    parts: RequestsParts,
    waiting: Waiting,
    request: SrfRequest,
    response: SrfResponse,
    lagMs: number,
    deadlineMs: number,
  ) {
    this.parts = parts;
    this.waiting = waiting;
    this.request = request;
    this.response = response;
    this.lagMs = lagMs;
    this.deadlineMs = deadlineMs;
    this.method = request.method;
    this.raw = request.raw;
    this.sourceAddress = request.source_address;
    this.sourcePort = Number(request.source_port);
    this.receivedOn = splitHostPort(request.receivedOn ?? '');
    this.protocol = transportOf(request.protocol, this.receivedOn, parts.addresses, request.raw);
  }

  respond(status: number, phrase: string, fields: HeaderFields): boolean {
    if (this.state !== 'waiting' || this.parts.connection.state === undefined) return false;
    try {
      this.response.send(status, plainText(phrase), { headers: plainFields(fields) });
    } catch (error) {
      this.parts.log('error', 'an answer could not be sent', { status, reason: (error as Error).message });
      return this.respondBare(status);
    }
    if (status >= 200) this.drop();
    return true;
  }

  onCancel(listener: () => void): void {
    if (this.wasCancelled) listener();
    else this.cancelListeners.push(listener);
  }

  proxy(destinations: readonly string[], options: ProxyOptions): Promise<ProxyOutcome> {
    return new Promise((resolve) => {
      if (this.state !== 'waiting' || this.parts.connection.state === undefined) return resolve(nothing);
      try {
        this.parts.outgoing.proxy(this.request, destinations, options, (outcome, refused) => {
          if (refused !== '')
            this.parts.log('error', 'the drachtio-server does not proxy a request', { reason: refused });
          resolve(outcome);
        });
        this.state = 'proxied';
        this.waiting.delete(this.request.stackTxnId);
      } catch (error) {
        this.parts.log('error', 'a request could not be proxied', { reason: (error as Error).message });
        resolve(this.respond(500, 'Server Internal Error', {}) ? { status: 500, finals: [] } : nothing);
      }
    });
  }

  /** Nothing can be done with it any more. */
  drop(): void {
    this.state = 'over';
    this.waiting.delete(this.request.stackTxnId);
    this.cancelListeners.length = 0;
  }

  /** What it was to say cannot be sent, but it must not wait for ever. */
  private respondBare(status: number): boolean {
    if (status < 200) return false;
    this.drop();
    try {
      this.response.send(status >= 500 ? 503 : 500, '', { headers: {} });
      return true;
    } catch {
      return false;
    }
  }

  cancelled(): void {
    const listeners = [...this.cancelListeners];
    this.wasCancelled = true;
    this.drop();
    for (const listener of listeners) listener();
  }
}

const nothing: ProxyOutcome = { status: 0, finals: [] };
