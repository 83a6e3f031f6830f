// Flow tokens (RFC 5626 §5.3): the user part of a Path or Record-Route URI of ours that says which connection, or which
// address behind a NAT, leads back to a client. Sealed, so that nobody can aim the edge at an address of their choice.
import type { Flow, Listener } from '../transport/flow.ts';
import type { Marks } from './marks.ts';

/** Where a token leads. */
export interface FlowTarget {
  readonly listenerId: number;
  /** 0 for UDP, else the connection. */
  readonly flowId: number;
  readonly address: string;
  readonly port: number;
}

// token = "f" listener "-" flow "-" port "-" address with ":" as "_" "-" seal; listener, flow and port in base 36

export function flowToken(marks: Marks, flow: Flow): string {
  const body = `f${flow.listener.id.toString(36)}-${flow.id.toString(36)}-${flow.remotePort.toString(36)}-${flow.remoteAddress.replaceAll(':', '_')}`;
  return `${body}-${marks.seal('flow', body)}`;
}

/** What a token says, or undefined where it is not one of ours. */
export function readFlowToken(marks: Marks, token: string): FlowTarget | undefined {
  const match = /^f([0-9a-z]+)-([0-9a-z]+)-([0-9a-z]+)-([0-9a-fA-F._%]+)-([0-9a-f]{16})$/.exec(token);
  if (match === null) return undefined;
  if (marks.seal('flow', token.slice(0, -17)) !== match[5]) return undefined;
  return {
    listenerId: Number.parseInt(match[1]!, 36),
    flowId: Number.parseInt(match[2]!, 36),
    port: Number.parseInt(match[3]!, 36),
    address: match[4]!.replaceAll('_', ':'),
  };
}

/**
 * The flow that a token leads to; undefined where its connection is gone (RFC 5626 §5.3.1: 430 Flow Failed). A UDP flow is
 * an address, so it outlives a restart.
 */
export function flowOfTarget(
  target: FlowTarget,
  listeners: readonly Listener[],
  transports: {
    flowTo(listener: Listener, address: string, port: number): Flow;
    flowById(id: number): Flow | undefined;
  },
): Flow | undefined {
  const listener = listeners[target.listenerId];
  if (listener === undefined) return undefined;
  if (listener.transport === 'udp') return transports.flowTo(listener, target.address, target.port);
  const flow = transports.flowById(target.flowId);
  const isSame =
    flow !== undefined &&
    flow.listener.id === target.listenerId &&
    flow.remoteAddress === target.address &&
    flow.remotePort === target.port;
  return isSame ? flow : undefined;
}
