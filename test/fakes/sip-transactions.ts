// Server transactions of the double (RFC 3261 §17.2): retransmissions absorbed and answered, final responses repeated until the
// ACK.
import { randomUUID } from 'node:crypto';
import { giveUpMs, newTag, t1Ms, t2Ms } from './sip-clients.ts';
import type { Arrival } from './sip-sockets.ts';
import {
  copyOf,
  cseqMethod,
  header,
  longName,
  methodOf,
  parameter,
  parseSip,
  prepend,
  printSip,
  removeFirst,
  type SipText,
  statusOf,
} from './sip-text.ts';
import type { Timers } from './timers.ts';

export interface ServerTransaction {
  readonly id: string;
  readonly method: string;
  readonly request: SipText;
  /** On the wire, bytes. */
  readonly length: number;
  readonly arrival: Arrival;
  /** Of the responses that this server itself makes. */
  readonly tag: string;
  /** Status of the last response sent; 0: none yet. */
  status: number;
  /** Its ACK has come. */
  isConfirmed: boolean;
  /** It is proxied: then the server never repeats a response, not even for a retransmission of the request (measured). */
  isProxied: boolean;
  last: string;
}

export interface Transactions {
  /** A response to a server transaction as the far end gets it: its Vias, From, To, Call-ID and CSeq are put in. */
  respond(one: ServerTransaction, status: number, phrase: string, own: SipText['headers'], body?: string): SipText;
  /** A response to what was sent on for it, on its way back: without the Via that was put on top. */
  relay(one: ServerTransaction, response: SipText): void;
  byId(id: string): ServerTransaction | undefined;
  onMessage(text: string, arrival: Arrival): void;
  count(): number;
}

export interface TransactionEvents {
  /** New ones, and ACKs that belong to no transaction (`method` tells). */
  onRequest(one: ServerTransaction): void;
  onCancel(invite: ServerTransaction, cancel: ServerTransaction): void;
  onResponse(response: SipText): void;
  onRetransmission(): void;
  onBad(): void;
}

export function startTransactions(timers: Timers, events: TransactionEvents, lifeMs = giveUpMs): Transactions {
  const servers = new Map<string, ServerTransaction>();
  const ids = new Map<string, ServerTransaction>();

  /** RFC 3261 §17.2.3: branch, sent-by and method; an ACK belongs to its INVITE. */
  const keyOf = (request: SipText, method: string): string => {
    const via = header(request, 'via');
    return `${parameter(via, 'branch')}|${/^\S+\s+([^;\s]+)/.exec(via)?.[1]}|${method}`;
  };

  const forget = (key: string, one: ServerTransaction): void => {
    timers.after(lifeMs, () => {
      servers.delete(key);
      ids.delete(one.id);
    });
  };

  const send = (one: ServerTransaction, text: string, status: number): void => {
    if (one.status >= 200 && !(one.method === 'INVITE' && status < 300)) return;
    one.status = status;
    one.last = text;
    one.arrival.reply(text);
    // Differs from RFC 6026 §7.1: an INVITE that comes again after its 2xx was relayed is taken for a new one (measured)
    if (one.isProxied && status >= 200 && status < 300) servers.delete(keyOf(one.request, one.method));
    if (status < 200 || one.method !== 'INVITE' || one.isProxied) return;
    // Timers G and H, over reliable transports too for a 2xx (RFC 3261 §13.3.1.4, §17.2.1)
    const isRepeated = one.arrival.local.protocol === 'udp' || status < 300;
    const repeat = (waitMs: number, passedMs: number): void => {
      if (!isRepeated || passedMs >= giveUpMs) return;
      timers.after(waitMs, () => {
        if (one.isConfirmed || one.last !== text) return;
        one.arrival.reply(text);
        repeat(Math.min(waitMs * 2, t2Ms), passedMs + waitMs);
      });
    };
    repeat(t1Ms, 0);
  };

  const takeRequest = (request: SipText, length: number, arrival: Arrival): void => {
    const method = methodOf(request);
    const via = header(request, 'via');
    if (via === '' || header(request, 'call-id') === '' || cseqMethod(request) !== method) return events.onBad();
    const key = keyOf(request, method === 'ACK' ? 'INVITE' : method);
    const known = servers.get(key);
    if (known !== undefined && method === 'ACK' && known.status >= 300) {
      known.isConfirmed = true;
      return;
    }
    if (known !== undefined && method !== 'ACK') {
      events.onRetransmission();
      // the 100 itself is not repeated (measured)
      if (known.status > 100 && !known.isProxied) known.arrival.reply(known.last);
      return;
    }
    // RFC 3261 §18.2.1, RFC 3581 §4
    const { host, port } = arrival.remote;
    const rport = parameter(via, 'rport') === '' ? via.replace(/;\s*rport(?!=)/i, `;rport=${port}`) : via;
    const sentBy = /^\S+\s+(\[[^\]]*\]|[^:;\s]+)/.exec(via)?.[1]?.replace(/^\[|\]$/g, '');
    removeFirst(request, 'via');
    prepend(request, 'Via', sentBy === host ? rport : `${rport};received=${host}`);
    const one: ServerTransaction = {
      ...{ id: randomUUID(), method, request, length, arrival, tag: newTag() },
      ...{ status: 0, isConfirmed: false, isProxied: false, last: '' },
    };
    if (method !== 'ACK') {
      servers.set(key, one);
      ids.set(one.id, one);
      forget(key, one);
    }
    if (method === 'CANCEL') {
      const invite = servers.get(keyOf(request, 'INVITE'));
      if (invite === undefined) respond(one, 481, 'Call/Transaction Does Not Exist', []);
      else {
        respond(one, 200, 'OK', []);
        if (invite.status < 200) events.onCancel(invite, one);
      }
      return;
    }
    if (method === 'INVITE') respond(one, 100, 'Trying', []);
    events.onRequest(one);
  };

  const respond: Transactions['respond'] = (one, status, phrase, own, body = '') => {
    const { request } = one;
    const copied = request.headers.filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(longName(name)));
    const to = header(request, 'to');
    const tag = parameter(to, 'tag') !== undefined || status === 100 ? '' : `;tag=${one.tag}`;
    const records = status < 300 ? request.headers.filter(([name]) => longName(name) === 'record-route') : [];
    const skipped = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'content-length']);
    const response: SipText = {
      start: `SIP/2.0 ${status} ${phrase}`,
      headers: [...copied, ['To', `${to}${tag}`], ...records, ...own.filter(([name]) => !skipped.has(longName(name)))],
      body,
    };
    send(one, printSip(response), status);
    return response;
  };

  return {
    respond,
    relay(one, response) {
      send(one, printSip(withoutVia(response)), statusOf(response));
    },
    byId: (id) => ids.get(id),
    onMessage(text, arrival) {
      const message = parseSip(text);
      if (message === undefined) return events.onBad();
      if (statusOf(message) > 0) events.onResponse(message);
      else takeRequest(message, text.length, arrival);
    },
    count: () => servers.size,
  };
}

function withoutVia(response: SipText): SipText {
  const copy = copyOf(response);
  removeFirst(copy, 'via');
  return copy;
}
