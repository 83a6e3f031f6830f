// The embedded engine: our own sockets, transactions and timers.
import type { TimerToken } from '../edge/call.ts';
import { Calls } from '../edge/calls.ts';
import { Edge } from '../edge/edge.ts';
import { HealthChecks } from '../edge/health-checks.ts';
import { createStackBuffers } from '../monitor/stack-buffers.ts';
import { TimerWheel } from '../transaction/timer-wheel.ts';
import { openTransports } from '../transport/transports.ts';
import type { Engine, EngineInput } from './engine.ts';
import { listenerOptions, transportLimits, waysTo } from './listeners.ts';
import { socketSample } from './socket-sample.ts';

export const wheelMs = 10;

/** Rejects where an address cannot be listened at. */
export async function openEmbedded({ config: current, switches, log, now, hep }: EngineInput): Promise<Engine> {
  const config = current();
  let edge: Edge | undefined;
  let calls: Calls | undefined;
  const targets = switches.all.map((one) => one.target).filter((target) => target !== undefined);
  const transports = await openTransports(
    {
      listeners: listenerOptions(config, await waysTo(targets), current),
      limits: transportLimits(config),
      udp: config.udp,
      log: (level, text, fields) => log.limited(text, level, text, fields),
      tap: hep.tap,
    },
    {
      onMessage: (flow, bytes, start, end) => edge?.onMessage(flow, bytes, start, end),
      onStreamFault: (flow, fault, bytes, start, end) => edge?.onStreamFault(flow, fault, bytes, start, end),
      onFlowClosed: (flow) => calls?.onFlowClosed(flow),
    },
  );
  return {
    flows: transports,
    async begin(parts) {
      const wheel = new TimerWheel<TimerToken>(now(), wheelMs);
      const own = new Calls(parts, wheel, config.limits.transactions);
      const health = new HealthChecks(
        () => parts,
        parts.marks,
        () => {
          const { health, timers } = current();
          return { intervalMs: health.intervalSeconds * 1000, timeoutMs: health.timeoutMs, t1Ms: timers.t1Ms };
        },
      );
      const pipeline = new Edge(parts, own, health);
      const buffers = createStackBuffers(transports.sockets(), (message) => log.warn(message));
      calls = own;
      edge = pipeline;
      hep.source = pipeline;
      return {
        described: { udp: transports.udp.mode },
        turn(nowMs) {
          wheel.advance(nowMs, (token) => own.onTimer(token));
          pipeline.scan();
        },
        tick: (nowMs) => health.tick(nowMs),
        transactions: () => ({ invite_server: own.open, invite_client: own.openBranches }),
        get unfinished() {
          return own.unfinished;
        },
        get isLingering() {
          return own.open > 0;
        },
        sample: (host) => ({ host, kernel: buffers.sample() }),
        sockets: () => transports.stats().map((stats) => socketSample(stats, transports.listeners[stats.id]!)),
        ready: () => [],
        drachtio: () => undefined,
        stopAccepting: () => transports.stopAccepting(),
        close() {
          buffers.close();
          return transports.close();
        },
      };
    },
  };
}
