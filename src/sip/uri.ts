// URIs as text (RFC 3261 §19.1, RFC 3966, RFC 3986); uri-span.ts holds the grammar.
import { EQUALS, SEMICOLON } from './bytes.ts';
import { bytesOf, text } from './grammar.ts';
import { scanUri, type UriScheme, type UriSpan } from './uri-span.ts';

const AMPERSAND = 38;

export interface UriParam {
  /** In lower case, escapes undone. */
  readonly name: string;
  /** As written. */
  readonly value: string | undefined;
}

export interface Uri {
  readonly scheme: UriScheme;
  /** In lower case: the scheme as a name where `scheme` is `other`. */
  readonly schemeName: string;
  /** sip, sips: the user as written, escapes kept; tel: the number as written; others: undefined. */
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** In lower case, an IPv6 address in its brackets; '' where the scheme has no host. */
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number | undefined;
  readonly params: readonly UriParam[];
  /** As written; both absent from a tel URI. */
  readonly headers: readonly UriParam[];
  /** All that follows the scheme's colon, as written: `service:sos` of `urn:service:sos`. */
  readonly rest: string;
}

/** The URI that is the whole of bytes[start, end), or of a Latin-1 text; undefined where it is none. */
export function parseUri(bytes: Uint8Array | string, start = 0, end = bytes.length): Uri | undefined {
  const source = typeof bytes === 'string' ? bytesOf(bytes) : bytes;
  const span = scanUri(source, start, end);
  return span === undefined ? undefined : uriOf(source, span);
}

/** The parts of `span` as text. */
export function uriOf(bytes: Uint8Array, span: UriSpan): Uri {
  const opaque = span.scheme === 'urn' || span.scheme === 'other';
  return {
    scheme: span.scheme,
    schemeName: span.scheme === 'other' ? text(bytes, span.start, span.schemeEnd).toLowerCase() : span.scheme,
    user: opaque || span.userStart < 0 ? undefined : text(bytes, span.userStart, span.userEnd),
    password: span.passwordStart < 0 ? undefined : text(bytes, span.passwordStart, span.passwordEnd),
    host: text(bytes, span.hostStart, span.hostEnd).toLowerCase(),
    port: span.port < 0 ? undefined : span.port,
    params: span.paramsStart < 0 ? [] : pairs(bytes, span.paramsStart + 1, span.paramsEnd, SEMICOLON),
    headers: span.headersStart < 0 ? [] : pairs(bytes, span.headersStart, span.end, AMPERSAND),
    rest: text(bytes, span.schemeEnd + 1, span.end),
  };
}

function pairs(bytes: Uint8Array, start: number, end: number, separator: number): UriParam[] {
  const out: UriParam[] = [];
  let at = start;
  while (at < end) {
    let equals = -1;
    let stop = at;
    for (; stop < end && bytes[stop] !== separator; stop++) if (equals < 0 && bytes[stop] === EQUALS) equals = stop;
    out.push({
      name: unescapeUri(text(bytes, at, equals < 0 ? stop : equals)).toLowerCase(),
      value: equals < 0 ? undefined : text(bytes, equals + 1, stop),
    });
    at = stop + 1;
  }
  return out;
}

/** Undoes "%" HEX HEX once (RFC 4475 §3.1.1.3: never twice); each escape is one Latin-1 character. */
export function unescapeUri(escaped: string): string {
  if (!escaped.includes('%')) return escaped;
  return escaped.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Parameters that a URI of each scheme must share with the other if either has it (RFC 3261 §19.1.4). */
const decisive = ['user', 'ttl', 'method', 'maddr', 'transport'];

/**
 * Whether two URIs are equivalent by RFC 3261 §19.1.4: user and password with case, the rest without; parameters that
 * only one has are ignored unless they are decisive; headers must be the same. Other schemes: the same text.
 */
export function sameUri(a: Uri, b: Uri): boolean {
  if (a.schemeName !== b.schemeName) return false;
  if (a.scheme !== 'sip' && a.scheme !== 'sips') return a.rest === b.rest;
  if (part(a.user) !== part(b.user) || part(a.password) !== part(b.password)) return false;
  if (a.host !== b.host || a.port !== b.port) return false;
  for (const { name, value } of a.params) {
    const other = b.params.find((param) => param.name === name);
    if (other === undefined ? decisive.includes(name) : folded(value) !== folded(other.value)) return false;
  }
  if (b.params.some(({ name }) => decisive.includes(name) && !a.params.some((param) => param.name === name)))
    return false;
  if (a.headers.length !== b.headers.length) return false;
  const headers = (uri: Uri) => uri.headers.map(({ name, value }) => `${name}=${part(value)}`).sort();
  const others = headers(b);
  return headers(a).every((header, i) => header === others[i]);
}

/** Escapes undone; those of reserved characters stay, in upper case (RFC 3261 §19.1.4: %-escapes of them differ). */
function part(text: string | undefined): string | undefined {
  return text?.replace(/%([0-9A-Fa-f]{2})/g, (written, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : written.toUpperCase();
  });
}

const folded = (value: string | undefined): string | undefined => part(value)?.toLowerCase();
