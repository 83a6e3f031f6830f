// Where sip.js's grammar and ours are known to differ, as data: what is taken out of generated messages before they are
// compared, and what explains that we accept a mutated one that sip.js refuses.
import type { Message } from '../../src/sip/message.ts';

interface TakenOut {
  readonly reason: string;
  /** In the Latin-1 text of a message. */
  readonly pattern: RegExp;
  readonly instead: string;
}

/** sip.js fails on these, or finds something else in them, though they are legal. */
export const takenOut: readonly TakenOut[] = [
  {
    reason: 'sip.js knows addresses with SIP URIs only; RFC 3261 §25.1 addr-spec has any absoluteURI',
    pattern: /\b(tel:[+0-9().-]+|urn:service:[a-z.]+)/gi,
    instead: 'sip:a@b',
  },
  {
    reason: 'sip.js decodes the escapes of a user as UTF-8 and fails on others; in RFC 3261 §25.1 they are any octets',
    pattern: /%[89a-f][0-9a-f]/gi,
    instead: '%41',
  },
  {
    reason: 'sip.js refuses the address "::"; RFC 4291 §2.2 has it',
    pattern: /\[::\]/g,
    instead: '[::1]',
  },
  {
    reason: 'the same in the value of received, without brackets',
    pattern: /received=::(?![0-9a-f:])/g,
    instead: 'received=::1',
  },
  {
    reason: 'sip.js takes the last of several Via values in one line for the top one; RFC 3261 §18.2.2 has the first',
    pattern: /\s*,(\s*SIP\s*\/\s*2\.0\s*\/)/g,
    instead: '\r\nVia:$1',
  },
  {
    reason: 'sip.js takes the value of maddr or of an extension for the host of Via',
    pattern: /;\s*(?:maddr|x[^\s;,=]*)\s*=\s*(?:\[[0-9a-f:.]*\]|[A-Za-z0-9.-]+)(?=[\s;,]|$)/g,
    instead: ';x',
  },
  {
    reason: 'sip.js takes a display name that begins with "*" for the "*" of a Contact',
    pattern: /^((?:contact|m)[ \t]*:\s*)\*(?!\r\n)/gim,
    instead: '$1x',
  },
  {
    reason: 'sip.js wants UTF-8 in a quoted string; a proxy passes on what other octets stand there',
    pattern: /[\x80-\xff]/g,
    instead: 'u',
  },
];

/** The text without what sip.js cannot compare; without Content-Length too, for lines are put in. */
export function tame(text: string): string {
  const bodyStart = text.indexOf('\r\n\r\n');
  const head = takenOut.reduce((out, known) => out.replace(known.pattern, known.instead), text.slice(0, bodyStart));
  return head.replace(/^(?:l|content-length)[ \t]*:\s*\d+(?:\r\n|$)/im, '') + text.slice(bodyStart);
}

interface Explanation {
  readonly reason: string;
  readonly applies: (text: string, m: Message) => boolean;
}

const addresses = (m: Message) => [m.from, m.to, ...m.contacts, ...m.recordRoutes];
const hosts = (text: string, m: Message) => [
  ...m.vias.flatMap((via) => [via.host, via.maddr ?? 'a', via.received ?? 'a']),
  ...addresses(m).map((a) => text.slice(a.uri.hostStart, a.uri.hostEnd)),
  m.uri === undefined ? 'a' : text.slice(m.uri.hostStart, m.uri.hostEnd),
];
const ipv4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
const legalValue = /^(?:"(?:[^"\\]|\\.)*"|[-.!%*_+`'~A-Za-z0-9]+|\[[0-9a-fA-F:.]+\])$/s;
function hasOddParam(text: string, start: number, end: number, isVia: boolean): boolean {
  const params = text.slice(start, end).match(/;(?:[^;",]|"(?:[^"\\]|\\.)*")*/gs) ?? [];
  return params.some((param) => {
    const equals = param.indexOf('=');
    if (equals < 0 || (isVia && /^;\s*received\s*$/i.test(param.slice(0, equals)))) return false;
    return !legalValue.test(param.slice(equals + 1).trim());
  });
}

/** Why we accept what sip.js refuses: each is a decision that stands in the sources. */
export const explanations: readonly Explanation[] = [
  {
    reason: 'another scheme than sip and sips',
    applies: (_, m) =>
      [...addresses(m).map((a) => a.uri.scheme), m.uri?.scheme].some((s) => s !== undefined && !/^sips?$/.test(s)),
  },
  {
    reason: 'what is taken out of generated messages',
    applies: (text) => takenOut.some((known) => text.search(known.pattern) >= 0),
  },
  {
    reason:
      'a host name with "_", or whose last label begins with a digit; or that ends in a dot; an IPv4 number with a leading zero',
    applies: (text, m) =>
      hosts(text, m).some(
        (host) => !host.includes(':') && (/_/.test(host) || (/(?:^|\.)\d[^.]*\.?$|\.$/.test(host) && !ipv4.test(host))),
      ),
  },
  {
    reason: 'a URI parameter whose name begins with lr: sip.js takes it for lr',
    applies: (text) => /;lr[^;>=\s?,]/i.test(text),
  },
  {
    reason: 'a leading zero in the dotted quad of an IPv6 address',
    applies: (text) => /[:.]0\d{1,2}(?:\.|\])/.test(text),
  },
  {
    reason: 'what Content-Type holds is not for a proxy to judge',
    applies: (_, m) => m.headers.some((header) => header.name === 'content-type'),
  },
  {
    reason: 'a transport whose name begins with that of another: sip.js takes it for the other',
    applies: (text) => /\/\s*(?:UDP|TCP|TLS|SCTP)[^\s]/i.test(text),
  },
  { reason: '"#" in a user', applies: (text) => text.includes('#') },
  {
    reason: 'a Call-ID that is not word [ "@" word ]',
    applies: (_, m) => !/^[^@;,=&$|^#]+(?:@[^@;,=&$|^#]+)?$/.test(m.callId),
  },
  {
    reason: 'a parameter value beyond token, host and quoted-string',
    applies: (text, m) =>
      addresses(m).some((a) => hasOddParam(text, a.paramsStart, a.end, false)) ||
      m.vias.some((via) => hasOddParam(text, via.paramsStart, via.end, true)),
  },
  { reason: 'a reason phrase of any characters', applies: (_, m) => /[^-\w.!~*'();/?:@&=+$, \t]/.test(m.reason) },
  {
    reason: 'no space after the status code (RFC 4475 §3.1.1.13)',
    applies: (text) => /^SIP\/2\.0 \d{3}\r\n/i.test(text),
  },
  {
    reason: 'a host for received, as RFC 2543 had it',
    applies: (_, m) => m.vias.some((via) => via.received !== undefined && !/^[\d.]+$|:/.test(via.received)),
  },
  { reason: 'empty lines before the start line', applies: (text) => /^[\r\n\0]/.test(text) },
];
