// Header names without case and in their long form (RFC 3261 §7.3.3 and the registry of compact forms).
import { equalsIgnoreCase } from './bytes.ts';
import { text } from './grammar.ts';

const compact: Readonly<Record<string, string>> = {
  a: 'accept-contact', // RFC 3841
  b: 'referred-by', // RFC 3892
  c: 'content-type',
  d: 'request-disposition', // RFC 3841
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact', // RFC 3841
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info', // RFC 4474
  o: 'event', // RFC 6665
  r: 'refer-to', // RFC 3515
  s: 'subject',
  t: 'to',
  u: 'allow-events', // RFC 6665
  v: 'via',
  x: 'session-expires', // RFC 4028
  y: 'identity', // RFC 8224
};

const common = [
  ...Object.values(compact),
  'accept',
  'accept-encoding',
  'accept-language',
  'alert-info',
  'allow',
  'authorization',
  'call-info',
  'content-disposition',
  'cseq',
  'date',
  'diversion',
  'expires',
  'geolocation',
  'history-info',
  'max-breadth',
  'max-forwards',
  'mime-version',
  'min-se',
  'organization',
  'p-access-network-info',
  'p-asserted-identity',
  'p-charging-vector',
  'p-preferred-identity',
  'path',
  'priority',
  'privacy',
  'proxy-authorization',
  'proxy-require',
  'reason',
  'record-route',
  'remote-party-id',
  'replaces',
  'require',
  'resource-priority',
  'retry-after',
  'route',
  'server',
  'session-id',
  'user-agent',
];

/** Names by length and first letter, so that a common name costs one comparison and no new string. */
const known: string[][] = [];
for (const name of common) {
  const key = keyOf(name.length, name.charCodeAt(0));
  known[key] ??= [];
  known[key].push(name);
}

function keyOf(length: number, first: number): number {
  return (length << 5) | (first & 31);
}

/** The name that bytes[start, end) spells, in lower case; a compact form gives its long form. */
export function headerName(bytes: Uint8Array, start: number, end: number): string {
  if (end - start === 1) {
    const letter = text(bytes, start, end).toLowerCase();
    return compact[letter] ?? letter;
  }
  const candidates = known[keyOf(end - start, bytes[start]!)];
  if (candidates !== undefined) {
    for (const name of candidates) if (equalsIgnoreCase(bytes, start, end, name)) return name;
  }
  return text(bytes, start, end).toLowerCase();
}
