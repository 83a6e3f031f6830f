// Our own addresses: which listener a URI of ours names, and from which listener to send somewhere.
import { networkInterfaces } from 'node:os';
import { isLoopback, parseAddress } from '../admission/cidr.ts';
import { equalsIgnoreCase } from '../sip/bytes.ts';
import { type Uri, uriOf } from '../sip/uri.ts';
import type { UriSpan } from '../sip/uri-span.ts';
import type { InterfaceName, Listener, TransportName } from '../transport/flow.ts';
import { defaultPort } from '../transport/flow.ts';
import type { Transports } from '../transport/transports.ts';
import { OwnLines } from './own-lines.ts';

/** The listeners there are, and flows between them and others. */
export type Flows = Pick<Transports, 'listeners' | 'flowTo' | 'flowById'>;

export class Places {
  readonly listeners: readonly Listener[];
  /** Of each listener, by its id. */
  readonly lines: readonly OwnLines[];
  /** How URIs may name a listener; what stands first counts. */
  private readonly named: { readonly host: string; readonly port: number; readonly listener: Listener }[] = [];
  /** Where messages reach us: transport, `addressKey`, port. */
  private readonly doors = new Set<string>();

  constructor(listeners: readonly Listener[]) {
    this.listeners = listeners;
    this.lines = listeners.map((listener) => new OwnLines(listener));
    const machine = Object.values(networkInterfaces()).flatMap((all) => all?.map((one) => one.address) ?? []);
    for (const listener of listeners) {
      const { transport, host, port } = listener;
      const isAny = isUnspecified(addressKey(host));
      if (isAny) this.doors.add(`${transport} any ${port}`);
      for (const address of isAny ? machine : [host]) this.addDoor(transport, address, port);
      this.addDoor(transport, numericHost(listener.advertisedHost) ?? '', listener.advertisedPort);
      for (const host of [listener.advertisedHost, bracketed(listener.host)]) {
        for (const port of [listener.advertisedPort, listener.port]) {
          this.named.push({ host: host.toLowerCase(), port, listener });
        }
      }
    }
  }

  private addDoor(transport: TransportName, address: string, port: number): void {
    this.doors.add(`${transport} ${addressKey(address)} ${port}`);
  }

  /** The listener that a sip or sips URI names by host and port, and by transport where the URI tells it. */
  listenerOf(uri: Uri): Listener | undefined {
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') return undefined;
    const transport = transportOf(uri);
    const port = uri.port ?? defaultPort(transport);
    for (const one of this.named)
      if (one.port === port && one.host === uri.host && fits(one.listener, transport)) return one.listener;
    return undefined;
  }

  /** The same for a URI as it lies in bytes. */
  listenerAt(bytes: Uint8Array, span: UriSpan): Listener | undefined {
    if (span.scheme !== 'sip' && span.scheme !== 'sips') return undefined;
    const mayTellTransport = span.paramsEnd - span.paramsStart >= ';transport=x'.length;
    if (span.scheme === 'sips' || mayTellTransport) return this.listenerOf(uriOf(bytes, span));
    const port = span.port < 0 ? 5060 : span.port;
    for (const one of this.named)
      if (one.port === port && equalsIgnoreCase(bytes, span.hostStart, span.hostEnd, one.host)) return one.listener;
    return undefined;
  }

  /** Whether a URI as it lies in bytes names a listener of ours. */
  readonly names = (bytes: Uint8Array, span: UriSpan): boolean => this.listenerAt(bytes, span) !== undefined;

  /**
   * Whether what is sent to a numeric address and port arrives at a listener of ours, however the address is spelt; also
   * where a listener is bound to every address of the machine. True for what is no address.
   */
  isOurs(transport: TransportName, address: string, port: number): boolean {
    const key = addressKey(address);
    if (key === undefined || isUnspecified(key) || this.doors.has(`${transport} ${key} ${port}`)) return true;
    return key.startsWith(loopbackKey) && this.doors.has(`${transport} any ${port}`);
  }

  /**
   * The listener of an interface from which a numeric address is reached: of its family, and one bound to the loopback only
   * for addresses of the loopback, where there is a choice.
   */
  towards(interfaceName: InterfaceName, transport: TransportName, address: string): Listener | undefined {
    const family = address.includes(':') ? 6 : 4;
    const isNear = isLoopback(address);
    let fitting: Listener | undefined;
    for (const one of this.listeners) {
      if (one.interfaceName !== interfaceName || one.transport !== transport || one.family !== family) continue;
      if (isLoopback(one.host) === isNear) return one;
      fitting ??= one;
    }
    return fitting;
  }
}

function fits(listener: Listener, transport: TransportName | undefined): boolean {
  if (transport === undefined || listener.transport === transport) return true;
  return transport === 'ws' && listener.transport === 'wss';
}

/** Equal for all spellings of one address; undefined for what is none. */
function addressKey(address: string): string | undefined {
  return parseAddress(address)
    ?.map((group) => group.toString(16))
    .join(':');
}

/** How an address of 127.0.0.0/8 begins as `addressKey` writes it; a listener on every address has them all. */
const loopbackKey = '0:0:0:0:0:ffff:7f';

/** 0.0.0.0 and ::, which on most systems lead to the machine itself. */
function isUnspecified(key: string | undefined): boolean {
  return key === '0:0:0:0:0:0:0:0' || key === '0:0:0:0:0:ffff:0:0';
}

/** The transport that a URI asks for (RFC 3261 §19.1.1); undefined where it leaves the choice. */
export function transportOf(uri: Uri): TransportName | undefined {
  const value = uri.params.find((param) => param.name === 'transport')?.value?.toLowerCase();
  // §26.2.2: sips is never sent in the clear, whatever its transport says
  if (uri.scheme === 'sips') return value === 'ws' || value === 'wss' ? 'wss' : 'tls';
  return isTransport(value) ? value : undefined;
}

function isTransport(value: string | undefined): value is TransportName {
  return value === 'udp' || value === 'tcp' || value === 'tls' || value === 'ws' || value === 'wss';
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A numeric host without the brackets of an IPv6 reference; undefined for a name. */
export function numericHost(host: string): string | undefined {
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? host : undefined;
}
