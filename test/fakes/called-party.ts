// A called party on a UDP socket that answers as a test says.
import { type Datagrams, openDatagrams } from '../peers/datagram.ts';
import { header, methodOf, parameter, parseSip, printSip, type SipText, values } from './sip-text.ts';

export interface CalledParty {
  readonly uri: string;
  readonly port: number;
  /** Requests as they came, retransmissions too. */
  readonly requests: SipText[];
  /** Of one method. */
  got(method: string): SipText[];
  close(): void;
}

/** `180 Ringing` and the like as a response to `request`. */
export function responseTo(request: SipText, status: string, own: SipText['headers'] = [], toTag = 'called'): string {
  const copied = ['via', 'from', 'call-id', 'cseq', 'record-route'].flatMap((name) =>
    values(request, name).map((value): [string, string] => [name, value]),
  );
  const to = header(request, 'to');
  const tag = status.startsWith('100') || parameter(to, 'tag') !== undefined ? '' : `;tag=${toTag}`;
  return printSip({ start: `SIP/2.0 ${status}`, headers: [...copied, ['To', `${to}${tag}`], ...own], body: '' });
}

/** `script` says what to answer to each request, in order, each with `more`; an ACK is never answered. */
export async function openCalledParty(
  script: (request: SipText) => readonly string[],
  more: SipText['headers'] = [],
): Promise<CalledParty> {
  const requests: SipText[] = [];
  const socket: Datagrams = await openDatagrams('127.0.0.1', 0, (text, reply) => {
    const request = parseSip(text);
    if (request === undefined || methodOf(request) === '') return;
    requests.push(request);
    if (methodOf(request) === 'ACK') return;
    const contact: SipText['headers'] = [['Contact', `<sip:called@127.0.0.1:${socket.port}>`]];
    for (const status of script(request)) reply(responseTo(request, status, [...contact, ...more]));
    const invite = requests.find((one) => methodOf(one) === 'INVITE');
    if (methodOf(request) === 'CANCEL' && invite !== undefined) reply(responseTo(invite, '487 Request Terminated'));
  });
  return {
    uri: `sip:127.0.0.1:${socket.port}`,
    port: socket.port,
    requests,
    got: (method) => requests.filter((one) => methodOf(one) === method),
    close: () => socket.close(),
  };
}
