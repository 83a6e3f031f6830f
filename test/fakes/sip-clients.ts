// Client transactions of the double (RFC 3261 §17.1): a Via of ours on top, requests repeated until an answer, ACK and CANCEL.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { SipSockets } from './sip-sockets.ts';
import {
  addressUri,
  copyOf,
  cseqMethod,
  header,
  methodOf,
  type Place,
  parameter,
  prepend,
  printSip,
  type SipText,
  statusOf,
  uriOf,
  values,
} from './sip-text.ts';
import type { Timers } from './timers.ts';

/** RFC 3261 §17.1.1.1, ms. */
export const t1Ms = 500;
export const t2Ms = 4_000;
export const giveUpMs = 64 * t1Ms;

export const newTag = (): string => randomBytes(7).toString('hex');

export interface ClientTransaction {
  readonly id: string;
  readonly request: SipText;
  readonly to: Place;
  /** As it went out. */
  readonly sent: SipText;
  status: number;
  /** Sends a CANCEL once a provisional response has come (RFC 3261 §9.1). */
  cancel(): void;
  /** Is not sent again; what still comes is taken. */
  giveUp(): void;
}

export interface Clients {
  /**
   * Sends a request with a Via of ours on top; undefined where no socket leads there. `onResponse` gets every response, 2xx to an
   * INVITE each time they come; `undefined`: none came in time.
   */
  request(
    request: SipText,
    to: Place,
    onResponse: (response: SipText | undefined) => void,
  ): ClientTransaction | undefined;
  /** Once and without a transaction: an ACK to a 2xx. */
  forward(request: SipText, to: Place): void;
  onResponse(response: SipText): void;
  count(): number;
}

/** `firstMs`: T1, after which a request is sent again. */
export function startClients(sockets: () => SipSockets, timers: Timers, firstMs = t1Ms): Clients {
  const clients = new Map<string, { one: ClientTransaction; onResponse(response: SipText): void }>();

  const onResponse = (response: SipText): void => {
    const via = header(response, 'via');
    const held = clients.get(`${parameter(via, 'branch')}|${cseqMethod(response)}`);
    held?.onResponse(response);
  };

  /** RFC 3261 §17.1.1.3, §9.1: of the request that it belongs to, with the same branch. */
  const companion = (sent: SipText, place: Place, method: 'ACK' | 'CANCEL', to: string): SipText => ({
    // Differs from RFC 3261 §9.1 and §17.1.1.3: the server puts the next hop where the Request-URI belongs (measured)
    start: `${method} ${uriTo(place)} SIP/2.0`,
    headers: [
      ['Via', header(sent, 'via')],
      ...values(sent, 'route').map((value): [string, string] => ['Route', value]),
      ['From', header(sent, 'from')],
      ['To', to],
      ['Call-ID', header(sent, 'call-id')],
      ['CSeq', `${header(sent, 'cseq').split(/\s+/)[0]} ${method}`],
    ],
    body: '',
  });

  const withVia = (request: SipText, to: Place, branch: string): SipText | undefined => {
    const local = sockets().localFor(to);
    if (local === undefined) return undefined;
    const sent = copyOf(request);
    const host = local.host.includes(':') ? `[${local.host}]` : local.host;
    const rport = to.protocol === 'udp' ? ';rport' : '';
    prepend(sent, 'Via', `SIP/2.0/${to.protocol.toUpperCase()} ${host}:${local.port}${rport};branch=${branch}`);
    return sent;
  };

  return {
    onResponse,
    count: () => clients.size,
    request(request, to, onResponse) {
      const method = methodOf(request);
      const branch = `z9hG4bK${newTag()}`;
      const sent = withVia(request, to, branch);
      if (sent === undefined) return undefined;
      const text = printSip(sent);
      let isCancelled = false;
      let isGivenUp = false;
      const cancelNow = (): void => {
        const cancel = companion(sent, to, 'CANCEL', header(sent, 'to'));
        clients.set(`${branch}|CANCEL`, { one, onResponse: () => {} });
        sockets().send(to, printSip(cancel));
      };
      const one: ClientTransaction = {
        ...{ id: randomUUID(), request, to, sent, status: 0 },
        cancel() {
          if (isCancelled || one.status >= 200) return;
          isCancelled = true;
          if (one.status >= 100) cancelNow();
        },
        giveUp() {
          isGivenUp = true;
        },
      };
      clients.set(`${branch}|${method}`, {
        one,
        onResponse(response) {
          const status = statusOf(response);
          const before = one.status;
          if (before < 200) one.status = status;
          if (method === 'INVITE' && status >= 300)
            sockets().send(to, printSip(companion(sent, to, 'ACK', header(response, 'to'))));
          if (before === 0 && status < 200 && isCancelled) cancelNow();
          if (before < 200 || (method === 'INVITE' && status >= 200 && status < 300)) onResponse(response);
        },
      });
      const repeat = (waitMs: number): void => {
        timers.after(waitMs, () => {
          if (isGivenUp || one.status >= (method === 'INVITE' ? 100 : 200)) return;
          sockets().send(to, text);
          repeat(method === 'INVITE' ? waitMs * 2 : Math.min(waitMs * 2, t2Ms));
        });
      };
      if (to.protocol === 'udp') repeat(firstMs);
      timers.after(giveUpMs, () => {
        if (isGivenUp) return;
        if (one.status < 100 || (method !== 'INVITE' && one.status < 200)) onResponse(undefined);
      });
      sockets().send(to, text);
      return one;
    },
    forward(request, to) {
      // RFC 3261 §16.11: an ACK that comes again goes with the same branch
      const branch = createHash('sha1').update(header(request, 'via')).digest('hex').slice(0, 20);
      const sent = withVia(request, to, `z9hG4bK.${branch}`);
      if (sent !== undefined) sockets().send(to, printSip(sent));
    },
  };
}

const uriTo = ({ protocol, host, port }: Place): string =>
  `sip:${host.includes(':') ? `[${host}]` : host}:${port}${protocol === 'tcp' ? ';transport=tcp' : ''}`;

/** RFC 3261 §16.6 step 6, §16.7: where a request goes that has a Route, else by its Request-URI. */
export const nextUri = (request: SipText): string => {
  const route = header(request, 'route');
  return route === '' ? uriOf(request) : addressUri(route);
};
