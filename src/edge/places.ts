// Our own addresses: which listener a URI of ours names, and from which listener to send somewhere.
import type { Uri } from '../sip/uri.ts';
import type { InterfaceName, Listener, TransportName } from '../transport/flow.ts';

export class Places {
  readonly listeners: readonly Listener[];
  private readonly byAddress = new Map<string, Listener>();

  constructor(listeners: readonly Listener[]) {
    this.listeners = listeners;
    for (const listener of listeners) {
      for (const host of [listener.advertisedHost, bracketed(listener.host)]) {
        for (const port of [listener.advertisedPort, listener.port]) {
          this.add(`${listener.transport}:${host.toLowerCase()}:${port}`, listener);
          this.add(`any:${host.toLowerCase()}:${port}`, listener);
        }
      }
    }
  }

  private add(key: string, listener: Listener): void {
    if (!this.byAddress.has(key)) this.byAddress.set(key, listener);
  }

  /** The listener that a sip or sips URI names by host and port, and by transport where the URI tells it. */
  listenerOf(uri: Uri): Listener | undefined {
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined;
    const transport = transportOf(uri);
    const port = uri.port ?? (transport === 'tls' ? 5061 : 5060);
    return this.byAddress.get(`${transport ?? 'any'}:${uri.host}:${port}`);
  }

  /**
   * The listener of an interface from which a numeric address is reached: of its family, and one bound to the loopback only
   * for addresses of the loopback, where there is a choice.
   */
  towards(interfaceName: InterfaceName, transport: TransportName, address: string): Listener | undefined {
    const family = address.includes(':') ? 6 : 4;
    const fitting = this.listeners.filter(
      (l) => l.interfaceName === interfaceName && l.transport === transport && l.family === family,
    );
    return fitting.find((l) => isLoopback(l.host) === isLoopback(address)) ?? fitting[0];
  }
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** The transport that a URI asks for (RFC 3261 §19.1.1); undefined where it leaves the choice. */
export function transportOf(uri: Uri): TransportName | undefined {
  const value = uri.params.find((param) => param.name === 'transport')?.value?.toLowerCase();
  if (value === 'udp' || value === 'tls') return value;
  if (value === 'tcp') return uri.scheme === 'sips' ? 'tls' : 'tcp';
  return uri.scheme === 'sips' ? 'tls' : undefined;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host:port` of a listener as Via and URIs of ours carry it. */
export function hostPort(listener: Listener): string {
  return `${listener.advertisedHost}:${listener.advertisedPort}`;
}

/** A numeric host without the brackets of an IPv6 reference; undefined for a name. */
export function numericHost(host: string): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host : undefined;
}
