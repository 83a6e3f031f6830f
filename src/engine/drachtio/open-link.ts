// The link to a drachtio-server: one connection after the other, each a new one, until it is closed.
import { createLogLimit } from '../../log-limit.ts';
import { Connection, type Loss } from './connection.ts';
import type { DrachtioLink, LinkEvents, LinkOptions, StackLoad } from './link.ts';
import { Outgoing } from './outgoing.ts';
import { lagOf } from './received.ts';
import { answerDeadlineMs, type Incoming, Requests } from './requests.ts';
import type { SrfRequest, SrfResponse } from './srf.ts';

/** Before the first attempt after a loss, and by how much longer before each one after it. */
const firstRetryMs = 250;
const retryGrowth = 1.7;
const tickMs = 250;
/** Without a sign of life after a ping, ms. */
const mostSilentMs = 15_000;

export async function openLink(options: LinkOptions, events: LinkEvents): Promise<DrachtioLink> {
  const link = new Link(options, events);
  await link.firstAttempt;
  return link;
}

class Link implements DrachtioLink {
  readonly firstAttempt: Promise<void>;
  addresses: DrachtioLink['addresses'] = [];
  version = '';
  private readonly options: LinkOptions;
  private readonly events: LinkEvents;
  private connection: Connection | undefined;
  private outgoing: Outgoing | undefined;
  private requests: Requests | undefined;
  private retryMs = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private readonly ticker: NodeJS.Timeout;
  private lastChange = '';
  private isClosed = false;
  private attemptEnded: () => void = () => {};
  private longestLagMs = 0;
  private readonly limit = createLogLimit({ intervalMs: 10_000, maxCauses: 100 });
  isUp = false;

  constructor(options: LinkOptions, events: LinkEvents) {
    this.options = { ...options, log: (level, text, fields) => this.logLimited(level, text, fields) };
    this.events = events;
    this.firstAttempt = new Promise((resolve) => {
      this.attemptEnded = resolve;
    });
    this.ticker = setInterval(() => this.tick(), tickMs);
    this.connect();
  }

  async request(
    method: string,
    uri: string,
    fields: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<number> {
    if (!this.isUp || this.outgoing === undefined) return 0;
    return this.outgoing.request(method, uri, fields, timeoutMs);
  }

  load(): StackLoad {
    const lagMs = this.longestLagMs;
    this.longestLagMs = 0;
    return { cpuRatio: undefined, lagMs, kernel: this.addresses.map(() => undefined), unseenPerSecond: undefined };
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.ticker);
    clearTimeout(this.retryTimer);
    this.requests?.refuseAll();
    await this.connection?.close({ cause: 'closed', reason: 'closed here' });
    this.attemptEnded();
  }

  private connect(): void {
    const connection = new Connection(this.options, {
      onUp: () => this.up(connection),
      onRequest: (request, response) => this.arrived(request, response),
      onGone: (loss) => this.gone(loss),
      onUnreadable: (request, status) => {
        this.options.log('warn', 'a request that drachtio-srf cannot read was answered', { request, status });
      },
      onRouteRefused: (method, reason) => {
        this.options.log('error', 'the drachtio-server does not hand over these requests', { method, reason });
      },
    });
    this.connection = connection;
  }

  private up(connection: Connection): void {
    this.addresses = connection.addresses;
    this.version = connection.version;
    const outgoing = new Outgoing(connection);
    this.outgoing = outgoing;
    this.requests = new Requests({
      connection,
      outgoing,
      addresses: () => this.addresses,
      log: this.options.log,
      deadlineMs: answerDeadlineMs,
    });
    this.retryMs = 0;
    this.isUp = true;
    this.change(true, `connected to drachtio-server ${connection.version}`);
    this.attemptEnded();
  }

  private arrived(request: SrfRequest, response: SrfResponse): void {
    const lagMs = Math.max(0, lagOf(request.stackTime, Date.now()) ?? 0);
    this.longestLagMs = Math.max(this.longestLagMs, lagMs);
    const one = this.requests!.add(request, response, lagMs, performance.now());
    try {
      const promised: unknown = this.events.onRequest(one);
      if (promised instanceof Promise) promised.catch((error: unknown) => this.failed(one, error));
    } catch (error) {
      this.failed(one, error);
    }
  }

  private failed(one: Incoming, error: unknown): void {
    this.options.log('error', 'a request ended in an error of ours', { method: one.method, err: error });
    one.respond(500, 'Server Internal Error', {});
  }

  private gone(loss: Loss): void {
    this.isUp = false;
    this.requests?.dropAll();
    this.outgoing?.endAll();
    this.requests = undefined;
    this.outgoing = undefined;
    this.change(false, loss.reason);
    this.attemptEnded();
    if (this.isClosed) return;
    const { retryMaxDelayMs } = this.options;
    // A refused secret stays refused until somebody has changed it.
    const grown = loss.cause === 'secret' ? retryMaxDelayMs : Math.max(firstRetryMs, this.retryMs * retryGrowth);
    this.retryMs = Math.min(retryMaxDelayMs, grown);
    this.retryTimer = setTimeout(() => this.connect(), this.retryMs);
  }

  private tick(): void {
    const nowMs = performance.now();
    this.requests?.sweep(nowMs);
    if (this.isUp && (this.connection?.silentMs(nowMs) ?? 0) > mostSilentMs) {
      void this.connection?.close({ cause: 'network', reason: `no answer to a ping for ${mostSilentMs} ms` });
    }
  }

  private change(isUp: boolean, reason: string): void {
    const now = `${isUp} ${reason}`;
    if (now === this.lastChange) return;
    this.lastChange = now;
    this.events.onChange(isUp, reason);
  }

  private logLimited(level: 'info' | 'warn' | 'error', text: string, fields: Record<string, unknown> = {}): void {
    const suppressed = this.limit(text, performance.now());
    if (suppressed === undefined) return;
    this.options.log(level, text, suppressed === 0 ? fields : { ...fields, suppressed });
  }
}
