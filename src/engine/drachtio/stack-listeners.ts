// Another stack's own addresses as the listeners of our interfaces: which interface a request came in by, and which of the
// addresses that configuration names the stack does not have.
import { bracketed } from '../../config/addresses.ts';
import type { Config } from '../../config/schema.ts';
import { interfaceNames } from '../../metrics/counters.ts';
import type { Flow, Listener } from '../../transport/flow.ts';
import type { StackAddress } from './link.ts';
import { wayTo } from './stack-flow.ts';

export class StackListeners {
  readonly listeners: readonly Listener[];
  /** Messages and bytes received, by listener id. */
  readonly received: readonly { messages: number; bytes: number }[];

  constructor({ interfaces }: Pick<Config, 'interfaces'>) {
    const listeners: Listener[] = [];
    for (const interfaceName of interfaceNames) {
      const one = interfaces[interfaceName];
      for (const { transport, host, port } of one?.listen ?? []) {
        listeners.push({
          id: listeners.length,
          interfaceName,
          transport,
          family: host.includes(':') ? 6 : 4,
          host,
          port,
          advertisedHost: one?.advertise === undefined ? bracketed(host) : bracketed(one.advertise.host),
          advertisedPort: one?.advertise?.port ?? port,
        });
      }
    }
    this.listeners = listeners;
    this.received = listeners.map(() => ({ messages: 0, bytes: 0 }));
  }

  /** Where a request came in; undefined for an address that no interface names. */
  at(protocol: StackAddress['protocol'], host: string, port: number): Listener | undefined {
    const here = this.listeners.filter((one) => one.host === host && one.port === port);
    return here.find((one) => one.transport === protocol) ?? here[0];
  }

  /** Those that are none of the stack's own addresses. */
  missingFrom(addresses: readonly StackAddress[]): Listener[] {
    return this.listeners.filter((one) => !addresses.some((address) => isAt(one, address)));
  }

  /** Those of the stack's addresses that no interface names: what comes in there is refused. */
  unnamed(addresses: readonly StackAddress[]): StackAddress[] {
    return addresses.filter((address) => !this.listeners.some((one) => isAt(one, address)));
  }

  readonly flowTo = (listener: Listener, address: string, port: number): Flow => wayTo(listener, address, port);

  /** Connections are the stack's own. */
  readonly flowById = (): Flow | undefined => undefined;
}

export function isAt(listener: Listener, { protocol, host, port }: StackAddress): boolean {
  return listener.transport === protocol && listener.host === host && listener.port === port;
}
