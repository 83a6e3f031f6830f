// The load of a server that carries SIP for us, in the words of the Monitor. It falls behind before its application does, which then sees
// fewer calls and not more: so its processor, its delay and the queues of its sockets count as ours.
import type { HostSample, KernelSample } from '../../control/load-sample.ts';
import type { Surroundings } from '../../edge/sampler.ts';
import type { InterfaceName, Listener } from '../../transport/flow.ts';
import type { StackAddress, StackLoad } from './link.ts';
import { isAt } from './stack-listeners.ts';

export interface StackSockets {
  readonly listeners: readonly Listener[];
  /** Of the server, in the order of `StackLoad.kernel`. */
  readonly addresses: readonly StackAddress[];
  /** What a queue of its sockets holds, as the kernel counts it, bytes. */
  readonly roomBytes: number;
}

/** The worse of both, of what both have. `own`: this process. */
export function withStackLoad(own: HostSample, load: StackLoad, sockets: StackSockets): Surroundings {
  return {
    host: {
      ...own,
      loopUtilisation: Math.max(own.loopUtilisation, Math.min(1, load.cpuRatio ?? 0)),
      loopDelayMs: Math.max(own.loopDelayMs, load.lagMs),
    },
    kernel: kernelOf(load, sockets),
  };
}

function kernelOf(
  load: StackLoad,
  { listeners, addresses, roomBytes }: StackSockets,
): ReadonlyMap<InterfaceName, KernelSample> {
  const samples = new Map<InterfaceName, KernelSample>();
  addresses.forEach((address, i) => {
    const seen = load.kernel[i];
    // what waits in a connection is no queue of datagrams
    if (seen === undefined || address.protocol !== 'udp') return;
    for (const { interfaceName } of listeners.filter((one) => isAt(one, address))) {
      const before = samples.get(interfaceName);
      samples.set(interfaceName, {
        receiveQueueRatio: Math.max(before?.receiveQueueRatio ?? 0, Math.min(1, seen.queuedBytes / roomBytes)),
        drops: (before?.drops ?? 0) + seen.drops,
      });
    }
  });
  return samples;
}
