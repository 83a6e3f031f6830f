// The link to a drachtio-server: one connection after the other, each a new one, until it is closed.
import { createLogLimit } from '../../log-limit.ts';
import { Connection, type Loss } from './connection.ts';
import { createLagClock, type LagClock } from './lag.ts';
import type { DrachtioLink, HeaderFields, LinkEvents, LinkOptions, StackAddress, StackLoad } from './link.ts';
import { createServerLoad, isOnThisHost, type ServerLoad } from './load.ts';
import { Outgoing } from './outgoing.ts';
import { answerDeadlineMs, type Incoming, Requests } from './requests.ts';
import type { SelfTestResult } from './self-test.ts';
import { createSelfTestRuns, type SelfTestRuns } from './self-test-runs.ts';
import type { SrfRequest, SrfResponse } from './srf.ts';
import { createStallWatch, type StallWatch } from './stall-watch.ts';

/** Before the first attempt after a loss, and by how much longer before each one after it. */
const firstRetryMs = 250;
const retryGrowth = 1.7;
const tickMs = 250;

/** ms. */
export interface LinkTimes {
  /** From the first packet of a connection until the server has accepted the secret and the routes. */
  readonly openMs: number;
  /** See `Requests`. */
  readonly answerDeadlineMs: number;
  /** Without a sign of life after a ping. */
  readonly mostSilentMs: number;
  /** Of the event loop: from here on the drachtio-server's messages pile up. */
  readonly stallMs: number;
}

export const linkTimes: LinkTimes = { openMs: 5_000, answerDeadlineMs, mostSilentMs: 15_000, stallMs: 1_000 };

/**
 * Resolves after the first attempt to connect, whether it succeeded or not: further ones follow. Never rejects.
 */
export async function openLink(
  options: LinkOptions,
  events: LinkEvents,
  times: LinkTimes = linkTimes,
): Promise<DrachtioLink> {
  const link = new Link(options, events, times);
  await link.firstAttempt;
  return link;
}

class Link implements DrachtioLink {
  readonly firstAttempt: Promise<void>;
  isUp = false;
  addresses: readonly StackAddress[] = [];
  version = '';
  missedRatio: number | undefined;
  private readonly options: LinkOptions;
  private readonly events: LinkEvents;
  private readonly times: LinkTimes;
  private readonly serverLoad: ServerLoad;
  private readonly lagClock: LagClock;
  private readonly selfTest: SelfTestRuns;
  private readonly stalls: StallWatch;
  private readonly ticker: NodeJS.Timeout;
  private readonly limit = createLogLimit({ intervalMs: 10_000, maxCauses: 100 });
  private connection: Connection;
  private outgoing: Outgoing | undefined;
  private requests: Requests | undefined;
  private retryMs = 0;
  private retryTimer: NodeJS.Timeout | undefined;
  private lastChange = '';
  /** By another client, as the last self-test saw it. */
  private isTakenFrom = false;
  private isClosing = false;
  private attemptEnded: () => void = () => {};
  private longestLagMs = 0;
  private handedOver = 0;

  constructor(options: LinkOptions, events: LinkEvents, times: LinkTimes) {
    this.options = { ...options, log: (level, text, fields) => this.logLimited(options.log, level, text, fields) };
    this.events = events;
    this.times = times;
    this.stalls = createStallWatch(tickMs, times.stallMs, performance.now());
    this.serverLoad = createServerLoad(this.options);
    this.lagClock = createLagClock(isOnThisHost(options.host));
    this.selfTest = createSelfTestRuns(this.options, (fault, result) => this.tested(fault, result));
    this.firstAttempt = new Promise((resolve) => {
      this.attemptEnded = resolve;
    });
    this.ticker = setInterval(() => this.tick(), tickMs);
    this.connection = this.connect();
  }

  get pending(): number {
    return (this.requests?.size ?? 0) + (this.outgoing?.size ?? 0);
  }

  async request(method: string, uri: string, fields: HeaderFields, timeoutMs: number): Promise<number> {
    return this.outgoing === undefined ? 0 : this.outgoing.request(method, uri, fields, timeoutMs);
  }

  load(nowMs: number): StackLoad {
    const lagMs = this.longestLagMs;
    this.longestLagMs = 0;
    return this.serverLoad.sample(this.addresses, lagMs, this.handedOver, nowMs);
  }

  async close(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    clearInterval(this.ticker);
    clearTimeout(this.retryTimer);
    this.selfTest.close();
    // Those that are still on their way are refused as they come.
    await this.connection.withdraw();
    this.requests?.refuseAll();
    await this.connection.close({ cause: 'closed', reason: 'closed' });
    this.serverLoad.close();
  }

  private connect(): Connection {
    const { log } = this.options;
    return new Connection(this.options, this.times.openMs, {
      onAccepted: () => this.accepted(),
      onUp: () => this.up(),
      onRequest: (request, response) => this.arrived(request, response),
      onCancel: (transaction) => this.requests?.cancel(transaction),
      onGone: (loss) => this.gone(loss),
      onUnreadable: (request, status) => log('warn', 'drachtio-srf cannot read a request', { request, status }),
      onRouteRefused: (method, reason) => {
        log('error', 'the drachtio-server does not hand over these requests', { method, reason });
      },
    });
  }

  private accepted(): void {
    const { connection } = this;
    this.addresses = connection.addresses;
    this.version = connection.version;
    this.outgoing = new Outgoing(connection);
    this.requests = new Requests({
      connection,
      outgoing: this.outgoing,
      addresses: connection.addresses,
      log: this.options.log,
      deadlineMs: this.times.answerDeadlineMs,
    });
  }

  private up(): void {
    this.retryMs = 0;
    this.isUp = true;
    this.isTakenFrom = false;
    this.change(true, `connected to drachtio-server ${this.version}`);
    this.selfTest.soon(this.addresses);
    this.attemptEnded();
  }

  private arrived(request: SrfRequest, response: SrfResponse): void {
    const lagMs = this.lagClock.lag(request.stackTime, Date.now());
    this.longestLagMs = Math.max(this.longestLagMs, lagMs);
    this.handedOver++;
    const one = this.requests!.add(request, response, lagMs, performance.now());
    if (this.selfTest.arrived(request.uri)) return void one.respond(480, 'Temporarily Unavailable', {});
    if (this.isClosing) return void one.respond(503, 'Service Unavailable', {});
    try {
      const promised: unknown = this.events.onRequest(one);
      if (promised instanceof Promise) promised.catch((error: unknown) => this.failed(one, error));
    } catch (error) {
      this.failed(one, error);
    }
  }

  private failed(one: Incoming, error: unknown): void {
    this.options.log('error', 'a request ended in an error', { method: one.method, err: error });
    one.respond(500, 'Server Internal Error', {});
  }

  private gone({ cause, reason }: Loss): void {
    this.isUp = false;
    this.missedRatio = undefined;
    this.selfTest.stop();
    this.requests?.dropAll();
    this.outgoing?.endAll();
    this.requests = undefined;
    this.outgoing = undefined;
    this.change(false, reason);
    this.attemptEnded();
    if (this.isClosing) return;
    if (cause === 'secret' || cause === 'stream')
      this.options.log('error', `the link to the drachtio-server: ${reason}`);
    const { retryMaxDelayMs } = this.options;
    // A refused secret stays refused until somebody has changed it.
    const nextMs = cause === 'secret' ? retryMaxDelayMs : Math.max(firstRetryMs, this.retryMs * retryGrowth);
    this.retryMs = Math.min(retryMaxDelayMs, nextMs);
    this.retryTimer = setTimeout(() => {
      this.connection = this.connect();
    }, this.retryMs);
  }

  private tick(): void {
    const nowMs = performance.now();
    const lateMs = this.stalls.look(nowMs);
    this.requests?.sweep(nowMs);
    if (!this.isUp) return;
    if (lateMs > 0) {
      this.options.log('warn', 'the event loop was late: requests of the drachtio-server waited', {
        lateMs: Math.round(lateMs),
      });
      // What the server has answered meanwhile is read after this.
      return this.selfTest.soon(this.addresses);
    }
    if (this.connection.silentMs(nowMs) > this.times.mostSilentMs) {
      void this.connection.close({
        cause: 'network',
        reason: `no sign of life within ${this.times.mostSilentMs} ms of a ping`,
      });
    }
  }

  private tested(fault: string, { arrived, taken }: SelfTestResult): void {
    this.missedRatio = arrived + taken === 0 ? undefined : taken / (arrived + taken);
    if (fault !== '') this.options.log('error', `the link to the drachtio-server: ${fault}`);
    const wasWrong = this.isTakenFrom;
    this.isTakenFrom = fault !== '';
    if (this.isTakenFrom) this.change(true, fault);
    else if (wasWrong) this.change(true, 'all calls of the self-test arrive here again');
  }

  private change(isUp: boolean, reason: string): void {
    const now = `${isUp} ${reason}`;
    if (now === this.lastChange) return;
    this.lastChange = now;
    this.events.onChange(isUp, reason);
  }

  /** Traffic can cause most of it. */
  private logLimited(log: LinkOptions['log'], level: 'info' | 'warn' | 'error', text: string, fields = {}): void {
    const suppressed = this.limit(text, performance.now());
    if (suppressed !== undefined) log(level, text, suppressed === 0 ? fields : { ...fields, suppressed });
  }
}
