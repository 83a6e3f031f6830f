// Where packets go: a HOMER collector over UDP, TCP or TLS. Sending never waits; what finds no room or no collector is dropped and
// counted.
import type { HepCounts } from './hep-counts.ts';
import { StreamCollector } from './stream-collector.ts';
import { UdpCollector } from './udp-collector.ts';

export interface Collector {
  /** Whether it took what was sent last, as far as that can be told: UDP tells little. */
  readonly isUp: boolean;
  readonly queuedBytes: number;
  /** Takes a copy of the first `length` bytes. */
  send(bytes: Buffer, length: number): void;
  /** Once a second. */
  tick(): void;
  /** What waits gets a second to leave. */
  close(): Promise<void>;
}

export interface CollectorOptions {
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** A name is looked up again once a minute (UDP), or for each connection. */
  readonly host: string;
  readonly port: number;
  readonly queueBytes: number;
  /** PEM, for `tls`; default: the authorities of Node. */
  readonly ca?: string | undefined;
  readonly counts: HepCounts;
  /** Called once for each change. */
  readonly onChange: (isUp: boolean, reason: string) => void;
}

export function openCollector(options: CollectorOptions): Collector {
  return options.transport === 'udp' ? new UdpCollector(options) : new StreamCollector(options);
}
