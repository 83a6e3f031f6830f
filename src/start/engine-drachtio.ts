// The drachtio engine: a drachtio-server that somebody else runs has the sockets and the transactions.
import { readFileSync } from 'node:fs';
import { drachtioSecret } from '../config/drachtio-checks.ts';
import { listenerText } from '../edge/policy.ts';
import type { DrachtioLink, StackLoad } from '../engine/drachtio/link.ts';
import { openLink } from '../engine/drachtio/open-link.ts';
import { StackCalls } from '../engine/drachtio/stack-calls.ts';
import { StackEdge, stackMethods } from '../engine/drachtio/stack-edge.ts';
import { StackHealth } from '../engine/drachtio/stack-health.ts';
import { StackListeners } from '../engine/drachtio/stack-listeners.ts';
import { withStackLoad } from '../engine/drachtio/stack-load.ts';
import type { Log } from '../log.ts';
import type { Engine, EngineInput, RunningEngine } from './engine.ts';
import { socketRoom } from './socket-room.ts';

export function openDrachtio({ config, log }: EngineInput): Engine {
  const listeners = new StackListeners(config());
  return {
    flows: listeners,
    async begin(parts) {
      const { limits, drachtio } = config();
      const rules = () => ({ most: limits.transactions, failOver: config().drachtio.failOver });
      const calls = new StackCalls(parts, rules);
      const stack = new StackEdge(parts, calls, ({ protocol, receivedOn: { host, port }, raw }) => {
        const listener = listeners.at(protocol, host, port);
        if (listener === undefined) return undefined;
        const received = listeners.received[listener.id]!;
        received.messages++;
        received.bytes += raw.length;
        return listener;
      });
      let link: DrachtioLink | undefined;
      let losses = 0;
      let wasUp = false;
      let reason = 'not connected yet';
      const health = new StackHealth(
        parts,
        () => link,
        () => {
          const { intervalSeconds, timeoutMs } = config().health;
          return { intervalMs: intervalSeconds * 1000, timeoutMs };
        },
      );
      const { ca } = drachtio;
      link = await openLink(
        {
          host: drachtio.host.replace(/^\[|\]$/g, ''),
          port: drachtio.port,
          secret: drachtioSecret(drachtio),
          tls: drachtio.tls && ca !== undefined ? { ca: readFileSync(ca, 'utf8') } : drachtio.tls,
          methods: stackMethods,
          retryMaxDelayMs: drachtio.retryMaxDelayMs,
          selfTestMs: drachtio.selfTestSeconds * 1000,
          metricsUrl: drachtio.metricsUrl,
          log: (level, text, fields) => log[level](text, fields),
        },
        {
          onRequest: stack.onRequest,
          onChange(isUp, why) {
            reason = why;
            if (wasUp && !isUp) losses++;
            wasUp = isUp;
            log[isUp ? 'info' : 'error'](`the link to the drachtio-server is ${isUp ? 'up' : 'down'}`, { reason: why });
            if (isUp && link !== undefined) reportAddresses(listeners, link, log);
          },
        },
      );
      if (link.isUp) reportAddresses(listeners, link, log);
      return running({ stack, calls, listeners, link, health, losses: () => losses, reason: () => reason });
    },
  };
}

interface Running {
  readonly stack: StackEdge;
  readonly calls: StackCalls;
  readonly listeners: StackListeners;
  readonly link: DrachtioLink;
  readonly health: StackHealth;
  readonly losses: () => number;
  readonly reason: () => string;
}

function running({ stack, calls, listeners, link, health, losses, reason }: Running): RunningEngine {
  const roomBytes = socketRoom();
  let load: StackLoad | undefined;
  return {
    described: { engine: 'drachtio', server: link.version, connected: link.isUp },
    turn: () => stack.scan(),
    tick(nowMs) {
      health.tick(nowMs);
      calls.tick(nowMs);
    },
    transactions: () => ({ invite_server: calls.open, invite_client: calls.open }),
    get unfinished() {
      return calls.open;
    },
    isLingering: false,
    sample(own, nowMs) {
      load = link.load(nowMs);
      return withStackLoad(own, load, { listeners: listeners.listeners, addresses: link.addresses, roomBytes });
    },
    sockets: () =>
      listeners.listeners.map((listener) => ({
        interfaceName: listener.interfaceName,
        transport: listener.transport,
        listener: listenerText(listener),
        receivedMessages: listeners.received[listener.id]!.messages,
        receivedBytes: listeners.received[listener.id]!.bytes,
        sentMessages: 0,
        sentBytes: 0,
        sendDrops: 0,
        receiveFaults: 0,
        connections: 0,
        closedConnections: {},
      })),
    ready: () => (link.isUp ? [] : [`the drachtio-server: ${reason()}`]),
    drachtio: () => ({
      isUp: link.isUp,
      version: link.version,
      losses: losses(),
      pending: link.pending,
      cpuRatio: load?.cpuRatio,
      lagSeconds: (load?.lagMs ?? 0) / 1000,
      unseenPerSecond: load?.unseenPerSecond,
      missedRatio: link.missedRatio,
    }),
    // its connections are not ours
    stopAccepting: () => {},
    close: () => link.close(),
  };
}

/** What of our configuration and of the server's own do not go together: calls come in only where both have the same address. */
function reportAddresses(listeners: StackListeners, link: DrachtioLink, log: Log): void {
  const has = link.addresses.map(({ protocol, host, port }) => `${protocol}:${host}:${port}`);
  for (const one of listeners.missingFrom(link.addresses)) {
    log.error('an address of `listen` is none of the drachtio-server: nothing comes in there', {
      interface: one.interfaceName,
      listen: listenerText(one),
      has,
    });
  }
  for (const { protocol, host, port } of listeners.unnamed(link.addresses)) {
    log.warn('no interface has this address of the drachtio-server: what comes in there is refused', {
      address: `${protocol}:${host}:${port}`,
    });
  }
}
