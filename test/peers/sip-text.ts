// SIP messages of a client that a test drives by hand: what it sends in a dialog and out of one, and its answers.
import type { WebClient } from './web-socket.ts';

/** The values of a header, each line's commas taken apart where the header is a list of addresses in angle brackets. */
export function valuesOf(message: string, name: string): string[] {
  const lines = message.split('\r\n\r\n')[0]!.split('\r\n').slice(1);
  const own = lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return own.flatMap((line) =>
    line
      .slice(name.length + 1)
      .split(/,(?=\s*<)/)
      .map((value) => value.trim()),
  );
}

const firstOf = (message: string, name: string): string => valuesOf(message, name)[0] ?? '';
const uriOf = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value;

/** One end of a dialog (RFC 3261 §12). */
export interface Dialog {
  readonly local: string;
  readonly remote: string;
  readonly callId: string;
  readonly target: string;
  readonly routes: readonly string[];
  cseq: number;
}

let serial = 0;
const unique = (): string => `${process.pid}x${++serial}${Math.random().toString(36).slice(2, 8)}`;

export interface RequestOptions {
  readonly user: string;
  /** Request-URI, and To where `to` is not given. */
  readonly uri: string;
  readonly to?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** RFC 7118 §5: a WebSocket message needs none. */
  readonly withoutLength?: boolean;
}

/** A request out of any dialog, with the host and Contact of a client that does not know its address. */
export function newRequest(client: WebClient, method: string, options: RequestOptions): string {
  const id = unique();
  const { user, uri, to = uri, headers = [], body = '', withoutLength = false } = options;
  return text(client, method, uri, {
    from: `<sip:${user}@example.test>;tag=f${id}`,
    to: `<${to}>`,
    callId: `${id}@${client.host}`,
    cseq: 1,
    lines: [`Contact: <sip:${user}@${client.host};transport=ws>`, 'Supported: path, outbound', ...headers],
    body,
    withoutLength,
  });
}

/** The ACK of a 2xx, or another request of the dialog. */
export function inDialog(client: WebClient, method: string, dialog: Dialog): string {
  if (method !== 'ACK') dialog.cseq++;
  return text(client, method, dialog.target, {
    from: dialog.local,
    to: dialog.remote,
    callId: dialog.callId,
    cseq: dialog.cseq,
    lines: dialog.routes.map((route) => `Route: ${route}`),
    body: '',
    withoutLength: false,
  });
}

interface Parts {
  from: string;
  to: string;
  callId: string;
  cseq: number;
  lines: readonly string[];
  body: string;
  withoutLength: boolean;
}

function text(client: WebClient, method: string, uri: string, parts: Parts): string {
  const length = parts.withoutLength ? [] : [`Content-Length: ${Buffer.byteLength(parts.body)}`];
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${client.transport} ${client.host};branch=z9hG4bK${unique()}`,
    'Max-Forwards: 70',
    `From: ${parts.from}`,
    `To: ${parts.to}`,
    `Call-ID: ${parts.callId}`,
    `CSeq: ${parts.cseq} ${method}`,
    ...parts.lines,
    ...length,
    '',
    parts.body,
  ].join('\r\n');
}

/** An answer to `request`; the To tag is the same for one Call-ID. */
export function answerTo(request: string, status: string, ...headers: string[]): string {
  const copied = ['Via', 'Record-Route', 'From', 'Call-ID', 'CSeq'].flatMap((name) =>
    valuesOf(request, name).map((value) => `${name}: ${value}`),
  );
  const to = firstOf(request, 'To');
  const tag = /;tag=/.test(to) ? '' : `;tag=t${Buffer.from(firstOf(request, 'Call-ID')).toString('hex').slice(0, 24)}`;
  return [`SIP/2.0 ${status}`, ...copied, `To: ${to}${tag}`, ...headers, 'Content-Length: 0', '', ''].join('\r\n');
}

/** The dialog that a 2xx makes for who sent the INVITE: the route set backwards (RFC 3261 §12.1.2). */
export function dialogOfCaller(answer: string): Dialog {
  return {
    local: firstOf(answer, 'From'),
    remote: firstOf(answer, 'To'),
    callId: firstOf(answer, 'Call-ID'),
    target: uriOf(firstOf(answer, 'Contact')),
    routes: valuesOf(answer, 'Record-Route').reverse(),
    cseq: Number.parseInt(firstOf(answer, 'CSeq'), 10),
  };
}

/** The dialog of who was called: from the INVITE, and the 2xx that it answered (RFC 3261 §12.1.1). */
export function dialogOfCalled(invite: string, answer: string): Dialog {
  return {
    local: firstOf(answer, 'To'),
    remote: firstOf(invite, 'From'),
    callId: firstOf(invite, 'Call-ID'),
    target: uriOf(firstOf(invite, 'Contact')),
    routes: valuesOf(invite, 'Record-Route'),
    cseq: 100,
  };
}
