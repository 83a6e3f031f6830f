// The edge as an application of one orchestrator (DESIGN.md §5): registers with what calls take, reports, says what is coming, and
// holds the orders while they are valid. Whatever becomes of the orchestrator, calls do not wait for it.
import type { OrderedControl } from '../admin/control-json.ts';
import type { LinkNeeds } from '../config/orchestrator-link-schema.ts';
import { allowedUse } from '../congestion/allowed-use.ts';
import { type Amounts, byResource, greatest, isNothing, minus, times } from '../congestion/amounts.ts';
import type { CongestionClient } from '../congestion/client.ts';
import type { ClientChange, ClientOptions, RegistrationInput, ReportInput } from '../congestion/client-options.ts';
import type { Orders as CongestionOrders } from '../congestion/orders.ts';
import { amountsFor, boundaryOf } from '../control/boundary.ts';
import { initialOutlook, staysUnder, stepOutlook } from '../control/host-outlook.ts';
import type { RunningMode } from '../control/throttle.ts';
import type { Log } from '../log.ts';
import type { LinkView, OwnMessage } from '../metrics/link-view.ts';
import { type LinkOrders, linkOrders, noLinkOrders, orderedControls } from './link-orders.ts';
import type { OrderedAudit } from './ordered-audit.ts';

type Client = Pick<CongestionClient, 'notify' | 'request' | 'urgent' | 'stats' | 'close'>;

export interface LinkOptions {
  /** Label in logs and metrics. */
  readonly name: string;
  readonly settings: LinkNeeds;
  readonly log: Log;
  /** The clock of the samples, ms. */
  readonly now: () => number;
  /** For reports, made when one is due. */
  readonly report: () => ReportInput;
  /** What this process uses now. */
  readonly used: () => Amounts;
  readonly audit: OrderedAudit;
  /** Begins to speak with the orchestrator. */
  readonly connect: (options: Pick<ClientOptions, 'registration' | 'state' | 'onOrders' | 'onChange'>) => Client;
}

/** One sample of the edge. */
export interface LinkSample {
  /** Calls of all classes per second: in this sample, and over the last second. */
  readonly offeredPerSecond: number;
  readonly meanPerSecond: number;
  /** What the switches can take; Infinity: not known. */
  readonly usablePerSecond: number;
  readonly mode: RunningMode;
}

export class OrchestratorLink {
  private readonly options: LinkOptions;
  private readonly client: Client;
  private inForce: { readonly orders: CongestionOrders; readonly receivedMs: number } | undefined;
  private outlook = initialOutlook;
  private lastMode: RunningMode | undefined;
  private meanPerSecond = 0;
  private knownNotices: ReadonlySet<string> = new Set();
  private readonly messages: Record<OwnMessage, { sent: number; failed: number }> = {
    'pre-congestion': { sent: 0, failed: 0 },
    'low-utilisation': { sent: 0, failed: 0 },
    request: { sent: 0, failed: 0 },
  };

  constructor(options: LinkOptions) {
    this.options = options;
    this.client = options.connect({
      registration: registrationOf(options.settings),
      state: options.report,
      onOrders: (orders) => this.take(orders),
      onChange: (change) => this.tell(change),
    });
  }

  /** What is ordered now; nothing where there are no orders, or they have expired. */
  orders(): LinkOrders {
    if (this.inForce === undefined) return noLinkOrders;
    const { orders, receivedMs } = this.inForce;
    const { needs, minimumCallsPerSecond } = this.options.settings;
    const nowMs = this.options.now();
    const offeredPerSecond = this.meanPerSecond;
    return linkOrders(orders, { needs, minimumCallsPerSecond, offeredPerSecond, receivedMs, nowMs });
  }

  /** What operators have ordered through the orchestrator. */
  ordered(): readonly OrderedControl[] {
    return this.inForce === undefined ? [] : orderedControls(this.inForce.orders, this.inForce.receivedMs);
  }

  /** With every sample of the edge: tells the orchestrator at once what cannot wait for a report. */
  step(sample: LinkSample): void {
    this.meanPerSecond = sample.meanPerSecond;
    if (this.lastMode !== undefined && this.lastMode !== sample.mode) this.client.urgent();
    this.lastMode = sample.mode;
    const { settings, now } = this.options;
    const orders = this.inForce?.orders;
    const { needs, minimumCallsPerSecond } = settings;
    const boundary = boundaryOf(allowedUse(orders), needs, sample.meanPerSecond);
    const { state, preCongestion, keepPerSecond } = stepOutlook(this.outlook, {
      ...sample,
      boundaryPerSecond: boundary.callsPerSecond,
      minimumPerSecond: minimumCallsPerSecond,
      nowMs: now(),
    });
    this.outlook = state;
    if (orders === undefined) return;
    const { current } = orders.allocation;
    if (preCongestion !== undefined && boundary.resource !== undefined) {
      const notice = { kind: 'pre-congestion', resource: boundary.resource, ...preCongestion } as const;
      this.send('pre-congestion', this.client.notify(notice));
      const wanted = minus(this.wish(sample), current);
      if (!isNothing(wanted)) this.send('request', this.client.request(wanted));
    }
    if (keepPerSecond !== undefined) {
      // what is really used counts too: whoever limits memory by force must find no less than there is
      const kept = greatest(amountsFor(keepPerSecond, needs), times(this.options.used(), 1 / staysUnder));
      const unused = minus(
        byResource((name) => (kept[name] === undefined ? undefined : current[name])),
        kept,
      );
      if (!isNothing(unused)) this.send('low-utilisation', this.client.notify({ kind: 'low-utilisation', unused }));
    }
  }

  view(): LinkView {
    const stats = this.client.stats();
    const orders = this.inForce?.orders;
    return {
      name: this.options.name,
      isUp: stats.isConnected,
      answeredSecondsAgo: stats.lastSuccessAgeMs === undefined ? undefined : stats.lastSuccessAgeMs / 1000,
      mode: orders?.mode.mode,
      isExempt: orders?.exempt ?? false,
      allocation: orders?.allocation.current ?? {},
      allowed: allowedUse(orders),
      boundaryPerSecond: this.orders().boundary.callsPerSecond,
      reductionRatio: orders?.mode.attributes.reductionRatio ?? 0,
      notices: orders?.notices.length ?? 0,
      messages: { registration: { sent: stats.registrations }, report: { sent: stats.reports }, ...this.messages },
      failures: stats.failures,
    };
  }

  /** Deregisters, within the time of one answer. */
  close(): Promise<void> {
    return this.client.close();
  }

  /** Twice what comes or can be taken, as low utilisation leaves it, and no more than can be made use of. */
  private wish({ meanPerSecond, usablePerSecond }: LinkSample): Amounts {
    const { needs, maximumCallsPerSecond } = this.options.settings;
    return amountsFor(Math.min(maximumCallsPerSecond, 2 * Math.min(meanPerSecond, usablePerSecond)), needs);
  }

  private send(kind: OwnMessage, answer: Promise<unknown>): void {
    const count = this.messages[kind];
    void answer.then((taken) => {
      if (taken === undefined || taken === false) count.failed++;
      else count.sent++;
    });
  }

  private take(orders: CongestionOrders | undefined): void {
    const { now, audit } = this.options;
    this.inForce = orders === undefined ? undefined : { orders, receivedMs: now() };
    if (orders === undefined) return;
    audit.note(orders);
    this.tellNotices(orders);
  }

  private tellNotices({ notices, forced, suspended }: CongestionOrders): void {
    const { log, name } = this.options;
    const known = this.knownNotices;
    const say = (key: string, text: string, fields: object): string => {
      if (!known.has(key)) log.warn(text, { orchestrator: name, ...fields });
      return key;
    };
    this.knownNotices = new Set([
      ...notices.map(({ id, kind, target, deadlineSeconds, cause }) =>
        say(id, `the orchestrator says: ${kind}`, { target, deadlineSeconds, cause }),
      ),
      ...forced.map(({ resource, limit, cause }) =>
        say(`forced ${resource}`, 'the orchestrator has limited this process by force', { resource, limit, cause }),
      ),
      ...(suspended ? [say('suspended', 'the orchestrator says that this process is suspended', {})] : []),
    ]);
  }

  private tell(change: ClientChange): void {
    const { log, name: orchestrator } = this.options;
    switch (change.what) {
      case 'registered':
        return log.info('registered with the orchestrator', { orchestrator, session: change.session });
      case 'recovered':
        return log.info('the orchestrator answers again', { orchestrator, failures: change.failures });
      case 'failed':
        return log.limited(
          `orchestrator ${orchestrator} ${change.kind}`,
          'warn',
          'the orchestrator does not answer as it should',
          {
            orchestrator,
            kind: change.kind,
            detail: change.detail,
          },
        );
      case 'expired':
        return log.warn('the orders of the orchestrator have expired: local control goes on alone', { orchestrator });
      case 'pull':
        return log.debug('orders of the orchestrator come by', { orchestrator, way: change.way });
      default:
        return change satisfies never;
    }
  }
}

function registrationOf({
  needs,
  priority,
  minimumCallsPerSecond,
  maximumCallsPerSecond,
}: LinkNeeds): RegistrationInput {
  return {
    essential: true,
    priority,
    minimum: amountsFor(minimumCallsPerSecond, needs),
    maximum: amountsFor(maximumCallsPerSecond, needs),
    needsPerRequestPerSecond: needs.perCall,
  };
}
