// Which sockets a configuration asks for, and one that it does not: where the core listens on the loopback only and a switch is
// elsewhere, a core listener at our address towards that switch, so that pointing `switches` at it is all there is to do.
import { createSocket } from 'node:dgram';
import { isLoopback } from '../admission/cidr.ts';
import type { Config } from '../config/schema.ts';
import type { SwitchTarget } from '../edge/switches.ts';
import { interfaceNames } from '../metrics/counters.ts';
import { isSecure, isWebSocket } from '../transport/flow.ts';
import type { ListenerOptions, TransportLimits } from '../transport/transport-options.ts';

/** `current`: the configuration in force later, of which the origins of web pages are those that count. */
export function listenerOptions(
  config: Config,
  ways: readonly LocalWay[],
  current: () => Config = () => config,
): ListenerOptions[] {
  const out: ListenerOptions[] = [];
  for (const interfaceName of interfaceNames) {
    const one = config.interfaces[interfaceName];
    if (one === undefined) continue;
    const { advertise, tls, webSocket } = one;
    for (const { transport, host, port } of one.listen) {
      out.push({
        interfaceName,
        transport,
        host,
        port,
        ...(advertise && { advertise }),
        ...(isSecure(transport) && tls && { tls }),
        ...(isWebSocket(transport) && {
          webSocket: {
            origins: () => current().interfaces[interfaceName]?.webSocket.origins,
            pingMs: webSocket.pingSeconds * 1000,
          },
        }),
      });
    }
  }
  for (const { target, address } of ways) {
    const core = config.interfaces.core;
    const same = core.listen.filter(
      (l) => l.transport === target.transport && l.host.includes(':') === address.includes(':'),
    );
    const isThere = out.some(
      (l) =>
        l.interfaceName === 'core' && l.transport === target.transport && (l.host === address || !isLoopback(l.host)),
    );
    if (same.length === 0 || isThere || !same.every((l) => isLoopback(l.host))) continue;
    out.push({
      interfaceName: 'core',
      transport: target.transport,
      host: address,
      port: same[0]!.port,
      ...(target.transport === 'tls' && core.tls && { tls: core.tls }),
    });
  }
  return out;
}

/** Our address on the way to a switch. */
export interface LocalWay {
  readonly target: SwitchTarget;
  readonly address: string;
}

/** Our addresses towards the switches that are not on the loopback, as the routing table has them; nothing is sent. */
export async function waysTo(targets: readonly SwitchTarget[]): Promise<LocalWay[]> {
  const ways = await Promise.all(targets.filter((target) => !isLoopback(target.address)).map(wayTo));
  return ways.filter((way) => way !== undefined);
}

function wayTo(target: SwitchTarget): Promise<LocalWay | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(target.address.includes(':') ? 'udp6' : 'udp4');
    const end = (way: LocalWay | undefined) => {
      socket.close();
      resolve(way);
    };
    socket.once('error', () => end(undefined));
    socket.connect(target.port, target.address, () => end({ target, address: socket.address().address }));
  });
}

export function transportLimits(config: Config): TransportLimits {
  const { limits } = config;
  return {
    messageBytes: limits.messageBytes,
    headers: limits.headers,
    connections: limits.connections,
    connectionsPerAddress: limits.connectionsPerAddress,
    idleMs: limits.idleSeconds * 1000,
    messageMs: limits.messageSeconds * 1000,
    sendQueueBytes: limits.sendQueueBytes,
    receiveBufferBytes: limits.receiveBufferBytes,
    connectMs: limits.connectSeconds * 1000,
  };
}
