// The requests of one call as text: INVITE, its ACK and CANCEL, ACK and BYE of the dialog (RFC 3261 §8.1.1, §9.1, §12.2.1, §13.2,
// §17.1.1.3), and our answer to what the other end asks in it (§8.2.6).
import { text } from '../sip/grammar.ts';
import type { Message } from '../sip/message.ts';
import type { CallPlan } from './call.ts';
import type { Channel } from './channel.ts';
import { sessionText } from './session-text.ts';

/** A request and the branch by which its answers are known. */
export interface RequestText {
  readonly text: string;
  readonly branch: string;
}

/** What a 2xx sets up. */
export interface DialogTexts {
  /** The To tag: which of several that picked up. */
  readonly tag: string;
  readonly ack: string;
  readonly bye: RequestText;
}

export interface CallRequests {
  readonly callId: string;
  readonly invite: RequestText;
  readonly cancel: string;
  /** Of a final response that is no 2xx. */
  ackOfRejection(response: Message): string;
  dialog(response: Message): DialogTexts;
}

/** `id`: no other call has it; letters and digits. */
export function callRequests(plan: CallPlan, channel: Channel, id: string): CallRequests {
  const transport = channel.isReliable ? `;transport=${channel.transport.toLowerCase()}` : '';
  const contact = `<sip:${userOf(plan.from)}@${channel.sentBy}${transport}>`;
  const branchOf = (letter: string): string => `z9hG4bK${id}${letter}`;
  const via = (branch: string): string => `Via: SIP/2.0/${channel.transport} ${channel.sentBy};branch=${branch};rport`;
  const head = ['Max-Forwards: 70', `From: <${plan.from}>;tag=${id}`, `Call-ID: ${id}`];
  const priority = plan.resourcePriority === undefined ? [] : [`Resource-Priority: ${plan.resourcePriority}`];
  const request = (method: string, uri: string, branch: string, lines: readonly string[], body = ''): string =>
    [
      `${method} ${uri} SIP/2.0`,
      ...[via(branch), ...head, ...lines, 'User-Agent: surgegate-probe', `Content-Length: ${body.length}`],
      ...['', body],
    ].join('\r\n');

  const branch = branchOf('i');
  const to = `To: <${plan.to}>`;
  const offer = [`Contact: ${contact}`, 'Allow: INVITE, ACK, CANCEL, BYE', 'Content-Type: application/sdp'];
  const invite = request(
    'INVITE',
    plan.to,
    branch,
    [to, 'CSeq: 1 INVITE', ...priority, ...offer],
    sessionText(channel.address),
  );
  return {
    callId: id,
    invite: { text: invite, branch },
    // RFC 3261 §9.1: the INVITE's branch, Request-URI, To and CSeq number
    cancel: request('CANCEL', plan.to, branch, [to, 'CSeq: 1 CANCEL', ...priority]),
    ackOfRejection: (response) =>
      request('ACK', plan.to, branch, [`To: ${written(response, response.to)}`, 'CSeq: 1 ACK', ...priority]),
    dialog(response) {
      const target = response.contacts[0]?.uri;
      const uri = target === undefined ? plan.to : text(response.bytes, target.start, target.end);
      // RFC 3261 §12.1.2: Record-Route in reverse order; who is a strict router (§12.2.1.1) is not served
      const routes = response.recordRoutes.map((route) => `Route: ${written(response, route)}`).reverse();
      const lines = [`To: ${written(response, response.to)}`, ...routes, ...priority];
      const tag = response.to.tag ?? '';
      const own = tag.replaceAll(/[^a-z0-9]/gi, '');
      const byeBranch = branchOf(`b${own}`);
      const ack = request('ACK', uri, branchOf(`a${own}`), [...lines, 'CSeq: 1 ACK']);
      const bye = request('BYE', uri, byeBranch, [...lines, 'CSeq: 2 BYE']);
      return { tag, ack, bye: { text: bye, branch: byeBranch } };
    },
  };
}

/** An answer without a body; the dialog's To tag is there already. */
export function answerText(request: Message, status: string): string {
  const copied = request.headers.filter(({ name }) => ['via', 'from', 'to', 'call-id', 'cseq'].includes(name));
  const lines = copied.map(({ lineStart, lineEnd }) => text(request.bytes, lineStart, lineEnd));
  return `SIP/2.0 ${status}\r\n${lines.join('')}Content-Length: 0\r\n\r\n`;
}

/** The value of a header, of several of one name the values with commas between them; undefined where there is none. */
export function headerText({ bytes, headers }: Message, name: string): string | undefined {
  const values = headers.filter((header) => header.name === name);
  if (values.length === 0) return undefined;
  return values.map(({ valueStart, valueEnd }) => text(bytes, valueStart, valueEnd)).join(', ');
}

function written({ bytes }: Message, { start, end }: { readonly start: number; readonly end: number }): string {
  return text(bytes, start, end);
}

function userOf(uri: string): string {
  return /^sips?:([^@]+)@/.exec(uri)?.[1] ?? 'surgegate';
}
