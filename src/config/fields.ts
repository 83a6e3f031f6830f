// The kinds of value a configuration key can have. Each knows its range and says it in the fault:
// "allowed: a whole number from 1 to 30 (seconds)".
import * as z from 'zod';
import {
  type HostPort,
  parseHostPort,
  parseListen,
  parseTarget,
  type SocketAddress,
  type TargetAddress,
} from './addresses.ts';
import { type Cidr, parseCidr } from './cidr.ts';

/** What a key holds, for the fault line, the JSON Schema and the table in README. */
export interface FieldMeta {
  unit?: string;
  /** The allowed values, in words. */
  allowed: string;
}

/** A whole number of `unit`, from `min` to `max`, both included. */
export function whole(unit: string, min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max} (${unit})`;
  const error = `allowed: ${allowed}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).meta({ unit, allowed });
}

/** A number of `unit`, from `min` to `max`, both included. */
export function real(unit: string, min: number, max: number) {
  const allowed = `a number from ${min} to ${max} (${unit})`;
  const error = `allowed: ${allowed}`;
  return z.number({ error }).min(min, { error }).max(max, { error }).meta({ unit, allowed });
}

export function flag() {
  const allowed = 'true or false';
  return z.boolean({ error: `allowed: ${allowed}` }).meta({ allowed });
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  const allowed = values.join(', ');
  return z.enum(values, { error: `allowed: ${allowed}` }).meta({ allowed });
}

/** A name that is safe as a metric label and in a log line: 1 to 63 letters, digits, `.`, `_`, `-`. */
export function name() {
  return pattern('1 to 63 letters, digits, ".", "_" or "-", a letter or digit first', /^[a-z0-9][a-z0-9._-]{0,62}$/i);
}

export function path() {
  return pattern('the path of a file or directory', /^[^\0]+$/);
}

/** Where one of our sockets is bound. */
export function listenAddress() {
  return parsed<SocketAddress>(
    'udp:, tcp:, tls:, ws: or wss:, then ADDRESS:PORT or [IPv6]:PORT, port 0 to 65535',
    parseListen,
  );
}

/** Where a switch is reached. */
export function targetAddress() {
  return parsed<TargetAddress>('udp:, tcp: or tls:, then HOST:PORT or [IPv6]:PORT, port 1 to 65535', parseTarget);
}

/** The origin of a web page as browsers say it (RFC 6454 §6.2): in lower case, without the usual port. */
export function origin() {
  return parsed<string>('"*", or http:// or https:// and HOST, HOST:PORT, [IPv6] or [IPv6]:PORT', (text) => {
    if (text === '*') return text;
    return /^https?:\/\/[^/?#@\s]+$/i.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
  });
}

export function hostPort() {
  return parsed<HostPort>('HOST, HOST:PORT, [IPv6] or [IPv6]:PORT', parseHostPort);
}

/** HOST:PORT of an HTTP listener. */
export function httpListen() {
  return parsed<{ host: string; port: number }>('ADDRESS:PORT or [IPv6]:PORT, port 0 to 65535', (text) => {
    const listen = parseListen(`tcp:${text}`);
    return listen === undefined ? undefined : { host: listen.host, port: listen.port };
  });
}

export function cidr() {
  return parsed<Cidr>('an IP address, or ADDRESS/BITS with no bits set after the prefix', parseCidr);
}

/** A list; with `min`, of at least so many. */
export function list<T extends z.ZodType>(item: T, min = 0) {
  const allowed = min === 0 ? 'a list' : `a list of at least ${min}`;
  const error = `allowed: ${allowed}`;
  return z.array(item, { error }).min(min, { error });
}

/** A mapping of exactly these keys. */
export function section<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `allowed: ${keys}` : `allowed: a mapping of ${keys}`),
  });
}

function pattern(allowed: string, expression: RegExp) {
  const error = `allowed: ${allowed}`;
  return z.string({ error }).regex(expression, { error }).meta({ allowed });
}

function parsed<T>(allowed: string, parse: (text: string) => T | undefined) {
  const error = `allowed: ${allowed}`;
  return z
    .string({ error })
    .meta({ allowed })
    .transform((text, context): T => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message: error, input: text });
      return z.NEVER;
    });
}
