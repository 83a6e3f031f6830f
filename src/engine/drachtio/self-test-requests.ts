// The requests of the self-test as they go to a drachtio-server's own SIP port, and what comes back, read no further than needed.
import { randomUUID } from 'node:crypto';

/** Of its Request-URI; what follows it nobody can guess, so that no other request passes for one of ours. */
const userPrefix = 'surgegate-self-test-';

export interface TestRequest {
  readonly user: string;
  readonly text: string;
  /** Acknowledges a final answer other than 2xx (RFC 3261 §17.1.1.3), given its To field. */
  ack(to: string): string;
  readonly cancel: string;
  readonly callId: string;
}

/** `server`, `ours`: `host:port`, IPv6 in brackets. */
export function testRequest(server: string, ours: string): TestRequest {
  const token = randomUUID();
  const user = userPrefix + token;
  const uri = `sip:${user}@${server}`;
  const text = (verb: string, to: string, more: readonly string[]) =>
    [
      `${verb} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ours};branch=z9hG4bK${token};rport`,
      `From: <sip:surgegate@${ours}>;tag=${token}`,
      `To: ${to}`,
      `Call-ID: ${token}`,
      `CSeq: 1 ${verb}`,
      // RFC 3261 §16.3: whoever gets it instead of us must not pass it on
      'Max-Forwards: 0',
      ...more,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  return {
    user,
    text: text('INVITE', `<${uri}>`, [`Contact: <sip:surgegate@${ours}>`, 'Subject: Surgegate self-test']),
    ack: (to) => text('ACK', to, []),
    cancel: text('CANCEL', `<${uri}>`, []),
    callId: token,
  };
}

/** The user of a Request-URI where it may be one of a self-test; undefined where it is not. */
export function testUser(uri: string): string | undefined {
  const start = 'sip:'.length;
  if (!uri.startsWith(userPrefix, start)) return undefined;
  const end = uri.indexOf('@', start);
  return end < 0 ? undefined : uri.slice(start, end);
}

export interface TestAnswer {
  readonly status: number;
  readonly callId: string;
  readonly method: string;
  readonly to: string;
}

export function readAnswer(datagram: Buffer): TestAnswer | undefined {
  const text = datagram.toString('latin1');
  const field = (name: string) => new RegExp(`\r\n${name}[ \t]*:[ \t]*([^\r\n]*)`, 'i').exec(text)?.[1] ?? '';
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
  if (Number.isNaN(status)) return undefined;
  const method = field('CSeq').split(/[ \t]+/)[1] ?? '';
  return { status, callId: field('(?:Call-ID|i)'), method, to: field('(?:To|t)') };
}
