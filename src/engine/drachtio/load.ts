// What can be seen of a drachtio-server from outside its protocol. It saturates before the applications that it serves, which then see
// less and less: the arrivals that it hands over are no measure of what comes.
import { networkInterfaces } from 'node:os';
import { isLoopback } from '../../admission/cidr.ts';
import type { LinkOptions, StackAddress, StackLoad } from './link.ts';
import { createServerMetrics } from './server-metrics.ts';
import { createServerProcess } from './server-process.ts';
import { createServerSockets } from './server-sockets.ts';

export interface ServerLoad {
  /** `handedOver`: requests since the start. */
  sample(addresses: readonly StackAddress[], lagMs: number, handedOver: number, nowMs: number): StackLoad;
  close(): void;
}

export function createServerLoad(options: Pick<LinkOptions, 'host' | 'methods' | 'metricsUrl' | 'log'>): ServerLoad {
  const tell = (text: string) => options.log('warn', text);
  const isHere = isOnThisHost(options.host);
  const sockets = isHere ? createServerSockets(tell) : undefined;
  const process = isHere ? createServerProcess(tell) : undefined;
  const { metricsUrl, methods } = options;
  const metrics = metricsUrl === undefined ? undefined : createServerMetrics(metricsUrl, methods, tell);
  return {
    sample(addresses, lagMs, handedOver, nowMs) {
      const kernel = sockets?.sample(addresses) ?? addresses.map(() => undefined);
      return {
        cpuRatio: process?.sample(sockets?.inode, nowMs),
        lagMs,
        kernel,
        unseenPerSecond: metrics?.sample(handedOver, nowMs),
      };
    },
    close() {
      sockets?.close();
      metrics?.close();
    },
  };
}

/** By its address; a name other than localhost is not looked up, and counts as another host. */
export function isOnThisHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare.toLowerCase() === 'localhost' || isLoopback(bare)) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === bare));
}
