// The drachtio-server behind an application, as far as the application can see it: it falls behind first, and hands over less and less.
import type { HostSample } from '../control/load-sample.ts';
import type { Surroundings } from '../edge/sampler.ts';

import { createLagClock, type LagClock } from '../engine/drachtio/lag.ts';
import type { StackAddress, StackLoad } from '../engine/drachtio/link.ts';
import { createServerLoad, isOnThisHost, type ServerLoad } from '../engine/drachtio/load.ts';
import { readAddresses } from '../engine/drachtio/received.ts';
import { withStackLoad } from '../engine/drachtio/stack-load.ts';
import { socketRoom } from '../start/socket-room.ts';
import type { Listener } from '../transport/flow.ts';
import type { SrfRequestLike } from './srf-request.ts';

type Log = (level: 'info' | 'warn' | 'error', text: string) => void;

export class ServerWatch {
  /** Of the last sample. */
  last: StackLoad | undefined;
  private readonly log: Log;
  private readonly listener: Listener;
  private readonly roomBytes = socketRoom();
  private load: ServerLoad | undefined;
  private lagClock: LagClock | undefined;
  private addresses: readonly StackAddress[] = [];
  private longestLagMs = 0;
  private handedOver = 0;

  /** `listener`: whose interface the server's sockets belong to. */
  constructor(listener: Listener, log: Log) {
    this.listener = listener;
    this.log = log;
  }

  /** Each request; the first tells where the server is. */
  note({ server, stackTime }: SrfRequestLike): void {
    this.handedOver++;
    if (this.load === undefined) {
      const host = server?.address?.replace(/^::ffff:/, '');
      if (host === undefined) return;
      this.addresses = readAddresses(server?.hostport ?? '');
      this.lagClock = createLagClock(isOnThisHost(host));
      this.load = createServerLoad({
        host,
        methods: [],
        metricsUrl: undefined,
        log: (level, text) => this.log(level, text),
      });
    }
    this.longestLagMs = Math.max(this.longestLagMs, this.lagClock?.lag(stackTime, Date.now()) ?? 0);
  }

  readonly around = (own: HostSample, nowMs: number): Surroundings => {
    const { addresses, longestLagMs, roomBytes } = this;
    this.longestLagMs = 0;
    this.last = this.load?.sample(addresses, longestLagMs, this.handedOver, nowMs);
    if (this.last === undefined) return { host: own, kernel: new Map() };
    const listeners = addresses.map(({ protocol, host, port }) => ({
      ...this.listener,
      transport: protocol,
      host,
      port,
    }));
    return withStackLoad(own, this.last, { listeners, addresses, roomBytes });
  };

  close(): void {
    this.load?.close();
  }
}
