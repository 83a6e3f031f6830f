// The client of an orchestrator, for any application (`surgegate/congestion`): registers, reports, obeys. It speaks one message at a
// time, so that its sequence numbers arrive in order; nothing that the orchestrator does or fails to do throws into the application.
import type * as z from 'zod';
import { allowedUse } from './allowed-use.ts';
import type { Amounts } from './amounts.ts';
import { notificationSchema, registrationSchema, reportSchema, resourceRequestSchema } from './application-messages.ts';
import { type CallbackListener, listenForCallbacks } from './client-callback.ts';
import { Connection } from './client-connection.ts';
import { ClientLedger } from './client-ledger.ts';
import type { ClientOptions, ClientStats, NotificationInput } from './client-options.ts';
import { Outbox } from './client-outbox.ts';
import { Puller } from './client-pull.ts';
import { type ClientSettings, clientSettings } from './client-settings.ts';
import { isConnected, nextMessage } from './client-state.ts';
import { type Orders, ordersSchema, type RequestAnswer, requestAnswerSchema } from './orders.ts';
import { Pause } from './pause.ts';
import type { RouteId } from './routes.ts';

export class CongestionClient {
  private readonly options: ClientOptions;
  private readonly settings: ClientSettings;
  private readonly ledger: ClientLedger;
  private readonly connection: Connection;
  private readonly puller: Puller;
  private readonly outbox = new Outbox();
  private readonly pause: Pause;
  private readonly running: Promise<void>;
  private listener: CallbackListener | undefined;
  private closing: Promise<void> | undefined;
  private sequence = 0;
  private registrations = 0;
  private reports = 0;

  /** Begins at once. Throws an Error of one line where an option is not as it must be. */
  constructor(options: ClientOptions) {
    this.options = options;
    this.settings = clientSettings(options);
    const { isUnref } = this.settings;
    this.ledger = new ClientLedger(options, this.settings);
    this.connection = new Connection(this.settings);
    this.pause = new Pause(isUnref);
    this.puller = new Puller({
      connection: this.connection,
      take: (text) => this.ledger.pushed(text),
      lastSequence: () => this.ledger.state.lastSequence,
      onWay: (way) => this.ledger.tell({ what: 'pull', way }),
      onBreak: () => this.urgent(),
      onContact: () => {
        this.ledger.step({ type: 'contact', nowMs: performance.now() });
        this.pause.wake();
      },
      isUnref,
    });
    this.running = this.run();
  }

  /** The last valid orders; undefined: there are none, or they have expired. */
  get orders(): Orders | undefined {
    return this.ledger.orders;
  }

  /** How much may be used under these orders; a resource that is left out has no bound. */
  get allowed(): Amounts {
    return allowedUse(this.orders);
  }

  /** Asks for so much more. undefined: not connected, no answer, or a newer request took its place. */
  async request(wanted: Amounts): Promise<RequestAnswer | undefined> {
    return (await this.put('request', 'request', { wanted })) as RequestAnswer | undefined;
  }

  /** Whether the orchestrator has taken it. */
  async notify(notification: NotificationInput): Promise<boolean> {
    return (await this.put(notification.kind, 'notify', notification)) !== undefined;
  }

  /** Reports as soon as may be: 100 ms after the last report, and not before a wait after failures is over. */
  urgent(): void {
    this.ledger.step({ type: 'urgent', nowMs: performance.now() });
    this.pause.wake();
  }

  /** Registers anew, because what is registered has changed. */
  register(): void {
    this.ledger.step({ type: 'register-again' });
    this.pause.wake();
  }

  stats(): ClientStats {
    const { state, failures, ignored, taken } = this.ledger;
    return {
      isConnected: isConnected(state),
      session: state.session?.id,
      lastSuccessAgeMs: state.succeededMs === undefined ? undefined : performance.now() - state.succeededMs,
      pull: this.puller.way,
      registrations: this.registrations,
      reports: this.reports,
      failures: { ...failures },
      ordersTaken: taken,
      ordersIgnored: { ...ignored },
    };
  }

  /** Deregisters, within the time of one answer. No callback is called any more. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.ledger.close();
    this.puller.end();
    this.outbox.clear();
    this.connection.abort();
    this.pause.wake();
    await this.running;
    this.listener?.close();
    if (this.ledger.state.session !== undefined) await this.connection.call('leave');
    await this.connection.close();
  }

  private async run(): Promise<void> {
    await this.listen();
    while (this.closing === undefined) {
      try {
        await this.next();
      } catch (error) {
        // what the application gave can be of any kind
        this.ledger.fault('application', String(error));
        this.ledger.failed('application', String(error));
      }
    }
  }

  private async next(): Promise<void> {
    const next = nextMessage(this.ledger.state, performance.now());
    if (next.send === 'registration') return this.sendRegistration();
    if (next.send === 'report') return this.sendReport();
    const other = next.ready ? this.outbox.take() : undefined;
    if (other === undefined) return this.pause.wait(next.waitMs);
    other.done(await this.sendOther(other.route, other.body));
  }

  private async listen(): Promise<void> {
    const { callback, isUnref } = this.settings;
    if (callback === undefined) return;
    try {
      this.listener = await listenForCallbacks({ ...callback, take: (text) => this.ledger.pushed(text), isUnref });
    } catch (error) {
      this.ledger.fault('listener', (error as Error).message);
    }
  }

  private async sendRegistration(): Promise<void> {
    const { settings, listener, ledger } = this;
    const { instance, validitySeconds, callback } = settings;
    const way = listener && { callback: { url: callback?.url ?? listener.url, token: callback?.token } };
    const lease = { instance, sequence: ++this.sequence, validitySeconds, ...way };
    const wish = ledger.guarded(settings.registration);
    const body = this.checked(registrationSchema, { ...wish, ...lease }) ?? lease;
    const sentMs = performance.now();
    const orders = await this.call('register', body, ordersSchema);
    if (orders === undefined) return;
    if (orders.application !== settings.application) return ledger.failed('invalid', 'orders of another application');
    this.registrations++;
    ledger.step({ type: 'registered', orders, sentMs, nowMs: performance.now() });
    if (this.options.pull !== false && this.closing === undefined) this.puller.begin();
  }

  private async sendReport(): Promise<void> {
    const { validitySeconds } = this.settings;
    const lease = { session: this.session, sequence: ++this.sequence, validitySeconds };
    const state = this.options.state === undefined ? {} : this.ledger.guarded(this.options.state);
    const body = this.checked(reportSchema, { ...state, ...lease }) ?? lease;
    const sentMs = performance.now();
    const orders = await this.call('report', body, ordersSchema);
    this.reports++;
    if (orders !== undefined) this.ledger.answered(orders, sentMs, true);
  }

  /** Resolves to the answer, or to undefined. */
  private async sendOther(route: 'request' | 'notify', given: object): Promise<unknown> {
    const message = { ...given, session: this.session, sequence: ++this.sequence };
    const body = this.checked(route === 'request' ? resourceRequestSchema : notificationSchema, message);
    if (body === undefined) return undefined;
    const sentMs = performance.now();
    if (route === 'request') {
      const answer = await this.call(route, body, requestAnswerSchema);
      return answer !== undefined && this.ledger.answered(answer.orders, sentMs, false) ? answer : undefined;
    }
    const orders = await this.call(route, body, ordersSchema);
    return orders !== undefined && this.ledger.answered(orders, sentMs, false) ? orders : undefined;
  }

  private get session(): string {
    return this.ledger.state.session?.id ?? '';
  }

  /** The answer; undefined where there is none that is right, which the ledger then knows. */
  private async call<T>(id: RouteId, body: unknown, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.connection.call(id, { body });
    if ('failure' in answer) {
      const { kind, status, detail, retryAfterMs } = answer.failure;
      // a session that is not known is a conflict, or nobody of our name is registered at all
      const isLost = id !== 'register' && (status === 409 || status === 404 || status === 410);
      this.failed(isLost ? 'session' : kind, detail, retryAfterMs);
      if (id === 'register' && status === 400) this.doWithoutCallback(detail);
      return undefined;
    }
    const read = schema.safeParse(answer.value);
    if (!read.success) this.failed('invalid', `the answer to ${id} is not of the congestion API`);
    return read.data;
  }

  /** An address that the orchestrator may not send to must not keep us from being registered. */
  private doWithoutCallback(detail: string): void {
    if (this.listener === undefined) return;
    this.listener.close();
    this.listener = undefined;
    this.ledger.fault('listener', detail);
  }

  private failed(...failure: Parameters<ClientLedger['failed']>): void {
    this.ledger.failed(...failure);
    this.outbox.clear();
    if (this.ledger.state.session === undefined) this.puller.end();
  }

  private put(kind: string, route: 'request' | 'notify', body: object): Promise<unknown> {
    if (this.closing !== undefined || !isConnected(this.ledger.state)) return Promise.resolve(undefined);
    const answer = this.outbox.put(kind, route, body);
    this.pause.wake();
    return answer;
  }

  /** The message, or undefined where what the application gave for it is not valid. */
  private checked(schema: z.ZodType, message: object): object | undefined {
    const [issue] = schema.safeParse(message).error?.issues ?? [];
    if (issue === undefined) return message;
    this.ledger.fault('application', `${issue.path.join('.')}: ${issue.message}`);
    return undefined;
  }
}
