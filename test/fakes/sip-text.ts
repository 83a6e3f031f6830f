// A SIP message as text that can be looked into and changed: for doubles, where clarity counts and speed does not.

export interface SipText {
  /** Request or status line. */
  start: string;
  /** Names as written; `Via`, `Route` and `Record-Route` one value a line. */
  headers: [name: string, value: string][];
  body: string;
}

const compact: Readonly<Record<string, string>> = {
  ...{ v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', l: 'content-length' },
  ...{ c: 'content-type', k: 'supported', s: 'subject', e: 'content-encoding' },
};
const listed = new Set(['via', 'route', 'record-route']);

export function longName(name: string): string {
  const lower = name.trim().toLowerCase();
  return compact[lower] ?? lower;
}

/** Splits at commas outside quotes and angle brackets (RFC 3261 §7.3.1). */
export function splitValues(value: string): string[] {
  return (value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? []).map((one) => one.trim());
}

/** One char is one byte (Latin-1); undefined where there is no start line or no end of the headers. */
export function parseSip(text: string): SipText | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [start, ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  if (start === undefined || !/^SIP\/2\.0 \d{3} |^\S+ \S+ SIP\/2\.0$/.test(start)) return undefined;
  const headers: SipText['headers'] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return undefined;
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    for (const one of listed.has(longName(name)) ? splitValues(value) : [value]) headers.push([name, one]);
  }
  return { start, headers, body: text.slice(end + 4) };
}

/** Names that the server knows, as it writes them; others stay as they were written. */
const known: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...['Retry-After', 'Reason', 'Contact', 'Warning', 'Allow', 'Accept', 'Supported', 'Unsupported', 'User-Agent'],
    ...['Server', 'Resource-Priority', 'Accept-Resource-Priority'],
  ].map((name) => [name.toLowerCase(), name]),
);

/** With a Content-Length that is true, as the last header. */
export function printSip(message: SipText): string {
  const lines = message.headers.filter(([name]) => longName(name) !== 'content-length');
  const all = [...lines, ['Content-Length', String(message.body.length)] as const];
  const printed = all.map(([name, value]) => `${known[name] ?? name}: ${value}\r\n`);
  return `${message.start}\r\n${printed.join('')}\r\n${message.body}`;
}

/** Values of one header, `name` in its long form and lower case. */
export function values(message: SipText, name: string): string[] {
  return message.headers.filter(([own]) => longName(own) === name).map(([, value]) => value);
}

/** The first value, '' where there is none. */
export function header(message: SipText, name: string): string {
  return values(message, name)[0] ?? '';
}

export function removeFirst(message: SipText, name: string): void {
  const at = message.headers.findIndex(([own]) => longName(own) === name);
  if (at >= 0) message.headers.splice(at, 1);
}

/** In the place of the first of its name, else at the end. */
export function setHeader(message: SipText, name: string, value: string): void {
  const own = longName(name);
  const at = message.headers.findIndex(([one]) => longName(one) === own);
  message.headers = message.headers.filter(([one], i) => longName(one) !== own || i === at);
  if (at >= 0) message.headers[at] = [name, value];
  else message.headers.push([name, value]);
}

/** Before the first of its name, else after the Vias. */
export function prepend(message: SipText, name: string, value: string): void {
  const at = message.headers.findIndex(([one]) => longName(one) === longName(name));
  const afterVias = message.headers.findLastIndex(([one]) => longName(one) === 'via') + 1;
  message.headers.splice(at < 0 ? afterVias : at, 0, [name, value]);
}

export function copyOf(message: SipText): SipText {
  return { ...message, headers: message.headers.map(([name, value]) => [name, value]) };
}

/** Of a request; '' for a response. */
export function methodOf(message: SipText): string {
  return message.start.startsWith('SIP/2.0 ') ? '' : message.start.slice(0, message.start.indexOf(' '));
}

/** Of a response; 0 for a request. */
export function statusOf(message: SipText): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(message.start)?.[1] ?? 0);
}

export function uriOf(request: SipText): string {
  return request.start.split(' ')[1] ?? '';
}

export const cseqMethod = (message: SipText): string => header(message, 'cseq').split(/\s+/)[1] ?? '';

/** `;name=value` of a header value, outside its angle brackets; undefined where it is absent, '' where it has no value. */
export function parameter(value: string, name: string): string | undefined {
  const outside = value.replace(/<[^>]*>/g, '');
  const found = new RegExp(`;\\s*${name}\\s*(?:=\\s*([^;,\\s]+))?\\s*(?=;|$)`, 'i').exec(outside);
  return found === null ? undefined : (found[1] ?? '');
}

/** The URI in a name-addr or addr-spec. */
export const addressUri = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]!.trim();

export interface Place {
  readonly protocol: 'udp' | 'tcp';
  readonly host: string;
  readonly port: number;
}

/** Where a SIP URI leads to without a look-up; undefined where it is not a SIP URI. The host without brackets. */
export function placeOf(uri: string): Place | undefined {
  const found = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;>?]+)(?::(\d+))?(.*)$/i.exec(uri);
  if (found === null) return undefined;
  const [, host = '', port = '5060', rest = ''] = found;
  const protocol = /;transport=tcp(?:;|\?|$)/i.test(rest) ? 'tcp' : 'udp';
  return { protocol, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
