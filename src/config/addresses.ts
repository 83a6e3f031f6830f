// The addresses of sockets as configuration writes them: `udp:127.0.0.1:5060`, `tls:[::1]:5061`, `sip.example.net:5060`.
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { OpenedTransport, TransportName } from '../transport/flow.ts';

/** Where a socket is bound, or something is reached. */
export interface SocketAddress {
  readonly transport: TransportName;
  /** Numeric without brackets; for a switch also a DNS name. */
  readonly host: string;
  /** 0 to 65535; 0 lets the kernel choose (listeners only). */
  readonly port: number;
}

/** Where a switch is reached. */
export interface TargetAddress extends SocketAddress {
  readonly transport: OpenedTransport;
}

/** A host, and a port where one was written. */
export interface HostPort {
  /** Numeric without brackets, or a DNS name. */
  readonly host: string;
  readonly port: number | undefined;
}

/** RFC 1123 §2.1: labels of letters, digits and inner hyphens, 1 to 63 each; the last label not all digits. */
const dnsName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i;

/** Reads `udp:HOST:PORT` with a numeric host, port 0 to 65535. Undefined for bad syntax. */
export function parseListen(text: string): SocketAddress | undefined {
  const parsed = parseSocketAddress(text);
  return parsed !== undefined && isIP(parsed.host) !== 0 ? parsed : undefined;
}

/** Reads `udp:HOST:PORT` with a numeric host or a DNS name, port 1 to 65535. Undefined for bad syntax. */
export function parseTarget(text: string): TargetAddress | undefined {
  const parsed = parseSocketAddress(text);
  return parsed !== undefined && parsed.port > 0 && isOpened(parsed) ? parsed : undefined;
}

/** Reads HOST, HOST:PORT, [IPv6] or [IPv6]:PORT; a bare IPv6 address without a port too. Undefined for bad syntax. */
export function parseHostPort(text: string): HostPort | undefined {
  if (isIPv6(text)) return text.includes('%') ? undefined : { host: text, port: undefined };
  const match = /^(\[[^\]]+\]|[^[\]:]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, written = '', digits] = match;
  const bracketed = written.startsWith('[');
  const host = bracketed ? written.slice(1, -1) : written;
  if (bracketed ? !isIPv6(host) || host.includes('%') : !isIPv4(host) && !dnsName.test(host)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65_535) return undefined;
  return { host, port };
}

/** `udp:127.0.0.1:5060`, `tls:[::1]:5061`. */
export function formatSocketAddress(address: SocketAddress): string {
  return `${address.transport}:${bracketed(address.host)}:${address.port}`;
}

/** An IPv6 address in brackets, as Via and URIs need it (RFC 3261 §25.1 IPv6reference); all else as it is. */
export function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function isOpened(address: SocketAddress): address is TargetAddress {
  return address.transport !== 'ws' && address.transport !== 'wss';
}

function parseSocketAddress(text: string): SocketAddress | undefined {
  const match = /^(udp|tcp|tls|wss?):(.+)$/.exec(text);
  if (match === null) return undefined;
  const parsed = parseHostPort(match[2]!);
  if (parsed?.port === undefined) return undefined;
  return { transport: match[1] as TransportName, host: parsed.host, port: parsed.port };
}
