// How the double proxies a request that an application has handed back (RFC 3261 §16), and what the application is told: as the real
// server was measured to do it, also where that is not what the RFC says.

import { type Clients, type ClientTransaction, nextUri } from './sip-clients.ts';
import type { SipSockets } from './sip-sockets.ts';
import {
  copyOf,
  header,
  longName,
  methodOf,
  type Place,
  placeOf,
  prepend,
  removeFirst,
  type SipText,
  setHeader,
  statusOf,
  uriOf,
} from './sip-text.ts';
import type { ServerTransaction, Transactions } from './sip-transactions.ts';
import type { Timers } from './timers.ts';

export interface ProxyParts {
  readonly sockets: SipSockets;
  readonly transactions: Transactions;
  readonly clients: Clients;
  readonly timers: Timers;
  readonly reliable: ReliableNumbers;
}

export interface ProxyOrder {
  readonly destinations: readonly string[];
  readonly isSimultaneous: boolean;
  readonly recordRoute: boolean;
  readonly followRedirects: boolean;
  /** For an INVITE; 0: none. The final time-out of the order has no effect on the server. */
  readonly provisionalTimeoutMs: number;
  readonly headers: SipText['headers'];
}

/** The server numbers reliable provisional responses itself, and puts the called party's number back into the PRACK (measured). */
export interface ReliableNumbers {
  toCaller(response: SipText): SipText;
  toCalled(prack: SipText): void;
}

export function reliableNumbers(): ReliableNumbers {
  const theirs = new Map<string, string>();
  const key = (message: SipText, number: string): string => `${header(message, 'call-id')}|${number}`;
  return {
    toCaller(response) {
      const number = header(response, 'rseq');
      if (number === '') return response;
      const copy = copyOf(response);
      const own = [...theirs].find(([at, one]) => one === number && at.startsWith(`${header(response, 'call-id')}|`));
      const given = own?.[0].split('|')[1] ?? String(100_000 + theirs.size);
      theirs.set(key(response, given), number);
      setHeader(copy, 'RSeq', given);
      return copy;
    },
    toCalled(prack) {
      const [given = '', ...rest] = header(prack, 'rack').split(/\s+/);
      const number = theirs.get(key(prack, given));
      if (number !== undefined) setHeader(prack, 'RAck', [number, ...rest].join(' '));
    },
  };
}

export interface ProxyEvents {
  /** A final response, before it goes upstream. */
  onFinal(response: SipText, from: Place): void;
  onDone(): void;
}

export interface ProxyRun {
  /** The caller has sent a CANCEL. */
  cancel(): void;
}

/** `2s`, `1500ms`, '' for none. */
export function timeoutMs(text: string): number {
  const found = /^(\d+)(ms|s)$/.exec(text);
  return found === null ? 0 : Number(found[1]) * (found[2] === 's' ? 1_000 : 1);
}

/** Whether the server itself listens there. */
export const isOurs = (sockets: SipSockets, place: Place | undefined): boolean =>
  place !== undefined &&
  sockets.locals.some(({ host, port }) => place.port === port && (host === place.host || place.host === 'localhost'));

/** Headers of an order that take the place of those of the request; the others are added to them, so that none can be taken out. */
const replaced = new Set(['from', 'to', 'max-forwards', 'subject', 'priority', 'user-agent']);
const ignored = new Set(['via', 'call-id', 'cseq', 'content-length', 'route']);

const routeOf = (request: SipText): Place | undefined => placeOf(header(request, 'route').replace(/^[^<]*<|>.*$/g, ''));

/** RFC 3261 §16.6: the copy for one destination. */
function copyFor(sockets: SipSockets, one: ServerTransaction, order: ProxyOrder, destination: string): SipText {
  const copy = copyOf(one.request);
  setHeader(copy, 'Max-Forwards', String(Math.max(Number(header(copy, 'max-forwards') || 70) - 1, 0)));
  if (isOurs(sockets, routeOf(copy))) removeFirst(copy, 'route');
  // only a Request-URI that names the server itself is replaced; otherwise the destination is just the next hop
  if (isOurs(sockets, placeOf(uriOf(copy)))) copy.start = `${methodOf(copy)} ${destination} SIP/2.0`;
  if (order.recordRoute && one.method !== 'REGISTER') prepend(copy, 'Record-Route', recordRoute(sockets, one));
  // RFC 3327, and a registrar that does not know it has to say so
  if (order.recordRoute && one.method === 'REGISTER') {
    copy.headers.push(['Require', 'path'], ['Path', recordRoute(sockets, one)]);
  }
  for (const [name, value] of order.headers) {
    if (replaced.has(longName(name))) setHeader(copy, name, value);
    else if (!ignored.has(longName(name))) copy.headers.push([name, value]);
  }
  return copy;
}

/** The server names its first address of the protocol, wherever the request came in. */
function recordRoute({ locals }: SipSockets, { arrival }: ServerTransaction): string {
  const { protocol, host, port } = locals.find((local) => local.protocol === arrival.local.protocol) ?? arrival.local;
  const printed = host.includes(':') ? `[${host}]` : host;
  return `<sip:${printed}:${port}${protocol === 'tcp' ? ';transport=tcp' : ''};lr>`;
}

export function startProxy(
  parts: ProxyParts,
  one: ServerTransaction,
  order: ProxyOrder,
  events: ProxyEvents,
): ProxyRun {
  const { sockets, transactions, clients, timers } = parts;
  one.isProxied = true;
  const branches = new Map<ClientTransaction, () => void>();
  const left = [...order.destinations];
  let best: SipText | undefined;
  let isDone = false;

  const end = (): void => {
    if (isDone) return;
    isDone = true;
    if (one.status < 200) {
      if (best !== undefined) transactions.relay(one, best);
      else transactions.respond(one, 408, 'Request Timeout', []);
    }
    events.onDone();
  };

  const branchEnded = (branch: ClientTransaction, response: SipText | undefined): void => {
    branches.get(branch)?.();
    branches.delete(branch);
    if (isDone) return;
    const status = response === undefined ? 0 : statusOf(response);
    if (response !== undefined && (best === undefined || rank(status) <= rank(statusOf(best)))) best = response;
    if (order.followRedirects && response !== undefined && status >= 300 && status < 400) {
      left.unshift(header(response, 'contact').replace(/^[^<]*<|>.*$/g, ''));
    }
    // Differs from RFC 3261 §16.7 step 5: a 6xx does not end the search
    if (!order.isSimultaneous && left.length > 0) return next();
    if (branches.size === 0) end();
  };

  const onResponse = (branch: ClientTransaction, to: Place, response: SipText | undefined): void => {
    if (response === undefined) return branchEnded(branch, undefined);
    const status = statusOf(response);
    if (status < 200) {
      if (status > 100 && one.status < 200) transactions.relay(one, parts.reliable.toCaller(response));
      return;
    }
    if (status < 300) transactions.relay(one, response);
    if (!isDone) events.onFinal(response, to);
    if (status >= 300) return branchEnded(branch, response);
    if (isDone) return;
    isDone = true;
    branches.get(branch)?.();
    branches.delete(branch);
    for (const other of branches.keys()) other.cancel();
    events.onDone();
  };

  const start = (destination: string): void => {
    const copy = copyFor(sockets, one, order, destination);
    const to = placeOf(destination);
    const branch: ClientTransaction | undefined =
      to === undefined
        ? undefined
        : clients.request(copy, to, (response) => branch !== undefined && onResponse(branch, to, response));
    // a name that does not resolve: the server neither goes on nor tells anybody (measured)
    if (branch === undefined) return;
    const { provisionalTimeoutMs } = order;
    if (provisionalTimeoutMs === 0 || one.method !== 'INVITE') return void branches.set(branch, () => {});
    const callOff = timers.after(provisionalTimeoutMs, () => {
      if (branch.status > 0 || !branches.has(branch)) return;
      // not cancelled: should it answer after all, that is taken
      branch.giveUp();
      branchEnded(branch, undefined);
    });
    branches.set(branch, callOff);
  };

  function next(): void {
    const destination = left.shift();
    if (destination !== undefined) start(destination);
  }

  if (order.isSimultaneous) for (const destination of left.splice(0)) start(destination);
  else next();
  return {
    cancel() {
      left.length = 0;
      transactions.respond(one, 487, 'Request Terminated', []);
      for (const branch of branches.keys()) branch.cancel();
    },
  };
}

/** RFC 3261 §16.7 step 6, as the server has it: a 6xx, what asks for something else of the caller, 4xx, 5xx, 3xx. */
function rank(status: number): number {
  if (status >= 600) return 0;
  if ([401, 407, 415, 420, 484].includes(status)) return 1;
  return 2 + [4, 5, 3].indexOf(Math.floor(status / 100));
}

/** Requests within proxied calls: by their Route, without the application. False where they are not for the proxy. */
export function proxyByRoute(parts: ProxyParts, one: ServerTransaction): boolean {
  const copy = copyOf(one.request);
  if (!isOurs(parts.sockets, routeOf(copy))) return false;
  removeFirst(copy, 'route');
  const to = placeOf(nextUri(copy));
  if (to === undefined) return false;
  if (one.method === 'ACK') {
    parts.clients.forward(copy, to);
    return true;
  }
  if (one.method === 'PRACK') parts.reliable.toCalled(copy);
  const branch = parts.clients.request(copy, to, (response) => {
    if (response === undefined) parts.transactions.respond(one, 408, 'Request Timeout', []);
    else if (statusOf(response) > 100) parts.transactions.relay(one, response);
  });
  if (branch === undefined) parts.transactions.respond(one, 503, 'Service Unavailable', []);
  return true;
}
