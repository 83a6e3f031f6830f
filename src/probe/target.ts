// Whom the synthetic caller calls through: `udp:`, `tcp:` and `tls:` as configuration writes them, `ws://` and `wss://` as browsers do.
import { bracketed, formatSocketAddress, parseTarget, type SocketAddress } from '../config/addresses.ts';

export type ProbeTarget =
  | { readonly kind: 'sip'; readonly address: SocketAddress; readonly text: string; readonly hostPort: string }
  | { readonly kind: 'web'; readonly url: string; readonly text: string; readonly hostPort: string };

const forms = 'udp:HOST:PORT, tcp:HOST:PORT, tls:HOST:PORT, ws://HOST:PORT or wss://HOST:PORT';

/** `HOST:PORT` alone is UDP; `ws:HOST:PORT`, as an edge listens, is `ws://HOST:PORT`. Throws an Error of one line for anything else. */
export function probeTarget(text: string): ProbeTarget {
  const web = /^(wss?):(?:\/\/)?([^/].*)$/.exec(text);
  if (web !== null) return webTarget(`${web[1]}://${web[2]}`);
  const address = parseTarget(/^(udp|tcp|tls):/.test(text) ? text : `udp:${text}`);
  if (address === undefined) throw new Error(`${text} is not ${forms}`);
  const { host, port } = address;
  return { kind: 'sip', address, text: formatSocketAddress(address), hostPort: `${bracketed(host)}:${port}` };
}

function webTarget(text: string): ProbeTarget {
  if (!URL.canParse(text) || /[@#\s]/.test(text)) throw new Error(`${text} is not ${forms}`);
  const url = new URL(text);
  const port = url.port === '' ? (url.protocol === 'wss:' ? 443 : 80) : url.port;
  return { kind: 'web', url: url.href, text, hostPort: `${url.hostname}:${port}` };
}
