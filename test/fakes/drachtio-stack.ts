// The SIP side of the double: which application is handed a request, and what is done with its orders.
import { randomUUID } from 'node:crypto';
import type { Apps } from './drachtio-apps.ts';
import { type App, echo, handedOver, type Payload, proxied, type Received, response } from './drachtio-frames.ts';
import { type Counters, count } from './drachtio-metrics.ts';
import { isOurs, type ProxyRun, proxyByRoute, reliableNumbers, startProxy, timeoutMs } from './drachtio-proxy.ts';
import { type Clients, type ClientTransaction, newTag, startClients } from './sip-clients.ts';
import { mayTake, type SipSockets } from './sip-sockets.ts';
import {
  addressUri,
  copyOf,
  header,
  longName,
  methodOf,
  type Place,
  parameter,
  parseSip,
  placeOf,
  printSip,
  type SipText,
  setHeader,
  statusOf,
  uriOf,
} from './sip-text.ts';
import { type ServerTransaction, startTransactions, type Transactions } from './sip-transactions.ts';
import type { Timers } from './timers.ts';

/** A `proxy` is done and told; is taken and nothing happens; is done and nothing told. */
export type ProxyFault = 'none' | 'ignored' | 'untold';

export interface StackParts {
  readonly sockets: () => SipSockets;
  readonly apps: () => Apps;
  readonly timers: Timers;
  readonly counters: Counters;
  readonly proxyFault: () => ProxyFault;
  /** How long what belongs to a transaction is remembered, ms. */
  readonly lifeMs: number;
  /** T1 of its own requests, ms. */
  readonly t1Ms: number;
}

export interface Stack {
  readonly transactions: Transactions;
  readonly clients: Clients;
  /** A `sip` or `proxy` frame of an application. */
  order(app: App, order: Payload): void;
}

export function startStack(parts: StackParts): Stack {
  const { sockets, apps, timers, counters, proxyFault, lifeMs } = parts;
  const owners = new Map<string, App>();
  const proxies = new Map<string, ProxyRun>();
  const requests = new Map<string, ClientTransaction>();
  const dialogs = new Map<string, App>();
  const reliable = reliableNumbers();

  const hand = (one: ServerTransaction, app: App, dialog = ''): void => {
    owners.set(one.id, app);
    timers.after(lifeMs, () => owners.delete(one.id));
    apps().send(app, handedOver(receivedAs(one, dialog === ''), one.id, dialog));
  };

  const dialogOf = (one: ServerTransaction): string =>
    `${header(one.request, 'call-id')};from-tag=${parameter(header(one.request, 'from'), 'tag') ?? ''}`;

  const onRequest = (one: ServerTransaction): void => {
    count(counters.requestsIn, one.method);
    const toTag = parameter(header(one.request, 'to'), 'tag');
    if (toTag !== undefined) {
      if (proxyByRoute({ sockets: sockets(), transactions, clients, timers, reliable }, one)) return;
      const app = dialogs.get(`${header(one.request, 'call-id')}|${toTag}`);
      if (app !== undefined) return hand(one, app, dialogOf(one));
      if (one.method === 'ACK') return;
      return void transactions.respond(one, 481, 'Call/Transaction Does Not Exist', []);
    }
    if (one.method === 'ACK') return;
    const app = apps().nextFor(one.method);
    if (app === undefined) return void transactions.respond(one, 503, 'Service Unavailable', []);
    hand(one, app);
  };

  const onCancel = (invite: ServerTransaction, cancel: ServerTransaction): void => {
    const proxy = proxies.get(invite.id);
    if (proxy !== undefined) return proxy.cancel();
    const app = owners.get(invite.id);
    const { status } = invite;
    transactions.respond(invite, 487, 'Request Terminated', []);
    // a dialog of its own only once there was a response with a tag
    const dialog = status > 100 ? dialogOf(invite) : '';
    if (app !== undefined) apps().send(app, handedOver(receivedAs(cancel, false), invite.id, dialog));
  };

  const answer = (app: App, order: Payload, message: SipText, id: string): void => {
    const one = transactions.byId(id);
    if (one === undefined || one.status >= 200 || proxies.has(id)) {
      return apps().send(app, response(order, 'NOK|Response not sent due to unknown transaction'));
    }
    const status = statusOf(message);
    const phrase = message.start.split(' ').slice(2).join(' ');
    const sent = transactions.respond(one, status, phrase, message.headers, message.body);
    count(counters.responsesOut, `${one.method}|${status}`);
    if (one.method === 'INVITE' && status < 300) dialogs.set(`${header(one.request, 'call-id')}|${one.tag}`, app);
    apps().send(app, echo(order, sent, one.arrival.remote, one.id, one.method === 'INVITE' ? dialogOf(one) : ''));
  };

  /** A request of an application's own outside a dialog: what it left out is filled in. */
  const originate = (app: App, order: Payload, message: SipText, proxyUri: string): void => {
    const to = placeOf(proxyUri === '' ? uriOf(message) : proxyUri);
    const local = to && sockets().localFor(to);
    if (to === undefined || local === undefined) {
      return apps().send(app, response(order, 'NOK|unable to send the request'));
    }
    // only where a proxy is named may it go to the server itself (measured)
    if (proxyUri === '' && isOurs(sockets(), to)) {
      return apps().send(app, response(order, 'NOK|can not send request to myself'));
    }
    const method = methodOf(message);
    const own = copyOf(message);
    const has = (name: string): boolean => own.headers.some(([one]) => longName(one) === name);
    const self = `sip:${local.host.includes(':') ? `[${local.host}]` : local.host}:${local.port}`;
    if (!has('max-forwards')) setHeader(own, 'Max-Forwards', '70');
    setHeader(own, 'From', `<${has('from') ? addressUri(header(own, 'from')) : self}>;tag=${newTag()}`);
    if (!has('to')) setHeader(own, 'To', `<${uriOf(message)}>`);
    if (!has('call-id')) setHeader(own, 'Call-ID', randomUUID());
    setHeader(own, 'CSeq', `1 ${method}`);
    if (!has('contact') && method === 'INVITE') setHeader(own, 'Contact', `<${self}>`);
    const sent = clients.request(own, to, (got) => {
      apps().send(app, handedOver(responseFrom(got ?? ownAnswer(own, '408 Request Timeout'), to), sent?.id ?? '', ''));
    });
    if (sent === undefined) return apps().send(app, response(order, 'NOK|unable to send the request'));
    requests.set(sent.id, sent);
    timers.after(lifeMs, () => requests.delete(sent.id));
    apps().send(app, echo(order, sent.sent, local, sent.id));
    // where nobody is, the server answers itself, from nowhere (measured): only its source tells this 503 from a switch's own
    if (mayTake(to)) return;
    sent.giveUp();
    apps().send(
      app,
      handedOver({ message: ownAnswer(own, '503 Service Unavailable'), from: nowhere, length: 0 }, sent.id, ''),
    );
  };

  const proxyOrder = (app: App, order: Payload): void => {
    const [id = '', stay, , redirects, forking, provisional = '', , ...destinations] = order.fields;
    const one = transactions.byId(id);
    if (proxyFault() === 'ignored') return;
    if (one === undefined || one.status >= 200 || proxies.has(id)) {
      return apps().send(app, response(order, `NOK|Unknown transaction id: ${id}`));
    }
    const tell = (text: string): void => {
      if (proxyFault() === 'none') apps().send(app, text);
    };
    const headers = parseSip(order.message)?.headers ?? [];
    const proxy = startProxy(
      { sockets: sockets(), transactions, clients, timers, reliable },
      one,
      {
        ...{ destinations, headers, isSimultaneous: forking === 'simultaneous' },
        ...{ recordRoute: stay === 'remainInDialog', followRedirects: redirects === 'followRedirects' },
        provisionalTimeoutMs: timeoutMs(provisional),
      },
      {
        onFinal: (got, from) => tell(proxied(order, got, from)),
        onDone: () => tell(response(order, 'OK|done')),
      },
    );
    proxies.set(id, proxy);
    timers.after(lifeMs, () => proxies.delete(id));
  };

  const onOrder = (app: App, order: Payload): void => {
    if (order.type === 'proxy') return proxyOrder(app, order);
    const message = parseSip(order.message);
    const [id = '', dialog = '', proxyUri = ''] = order.fields;
    if (message === undefined) return apps().send(app, response(order, 'NO|Invalid message format'));
    if (statusOf(message) > 0) return answer(app, order, message, id);
    if (methodOf(message) === 'CANCEL' && id !== '') {
      requests.get(id)?.cancel();
      return apps().send(app, response(order, 'OK'));
    }
    if (dialog !== '') return apps().send(app, response(order, 'NOK|unable to find dialog'));
    originate(app, order, message, proxyUri);
  };

  const clients = startClients(sockets, timers, parts.t1Ms);
  const transactions = startTransactions(
    timers,
    {
      onRequest,
      onCancel,
      onResponse: clients.onResponse,
      onRetransmission: () => void counters.retransmittedRequests++,
      onBad: () => void counters.badMessages++,
    },
    lifeMs,
  );
  return { transactions, clients, order: onOrder };
}

const receivedAs = ({ request, length, arrival }: ServerTransaction, isPlaced: boolean): Received => ({
  ...{ message: request, length, from: arrival.remote },
  on: isPlaced ? arrival.local : undefined,
});

const responseFrom = (message: SipText, from: Place): Received => ({ message, from, length: printSip(message).length });

const nowhere = { protocol: 'udp', host: '', port: 0 } as const;

/** What an application is handed of the server's own, where no response came (RFC 3261 §8.1.3.1). */
function ownAnswer(request: SipText, status: string): SipText {
  const headers = request.headers.filter(([name]) => ['from', 'to', 'call-id', 'cseq'].includes(longName(name)));
  return { start: `SIP/2.0 ${status}`, headers, body: '' };
}
