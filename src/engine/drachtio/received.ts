// How and where a request came to the drachtio-server: it shows WebSocket as tcp or tls, and the time of day of its arrival.
import type { StackAddress } from './link.ts';

/** `udp/127.0.0.1:5060,tcp/[::1]:5060`; what is none is left out. */
export function readAddresses(text: string): StackAddress[] {
  return text.split(',').flatMap((one) => {
    const match = /^(udp|tcp|tls|wss|ws)\/\[?([^\]/]+?)\]?:(\d{1,5})$/.exec(one.trim());
    if (match === null) return [];
    return [{ protocol: match[1] as StackAddress['protocol'], host: match[2]!, port: Number(match[3]) }];
  });
}

/** `127.0.0.1:5060`, `::1:5060`; port 0 where there is none. */
export function splitHostPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port)) return { host: text, port: 0 };
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port };
}

/**
 * By the address it came in at where that is one of the server's own, which no sender can write; by the top Via else, where that
 * agrees with what is shown.
 */
export function transportOf(
  shown: string,
  receivedOn: { readonly host: string; readonly port: number },
  addresses: readonly StackAddress[],
  raw: string,
): StackAddress['protocol'] {
  if (shown === 'udp' || shown === 'ws' || shown === 'wss') return shown;
  const webSocket = shown === 'tls' ? 'wss' : 'ws';
  const stream = shown === 'tls' ? 'tls' : 'tcp';
  const known = addresses.find(
    ({ protocol, host, port }) =>
      port === receivedOn.port && host === receivedOn.host && (protocol === webSocket || protocol === stream),
  );
  if (known !== undefined) return known.protocol;
  return /\r\n(?:via|v)[ \t]*:[ \t]*SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*WSS?[ \t]/i.test(head(raw)) ? webSocket : stream;
}

/** The first Via stands at the top of what it sends; a body is not searched. */
function head(raw: string): string {
  const end = raw.indexOf('\r\n\r\n');
  return end < 0 ? raw : raw.slice(0, end);
}

const dayMs = 86_400_000;

/** From the server's time of day (UTC, `08:42:59.240294`) to `nowMs` of Date.now: minus half a day to half a day, ms; undefined for what is none. */
export function lagOf(timeOfDay: string, nowMs: number): number | undefined {
  const match = /^(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/.exec(timeOfDay);
  if (match === null) return undefined;
  const [, hours, minutes, seconds, fraction = ''] = match;
  const atMs =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000 + Number(`0.${fraction || '0'}`) * 1000;
  const since = (nowMs % dayMs) - atMs;
  return since - Math.round(since / dayMs) * dayMs;
}
