// Opens transports for a test, records what they report, and closes them when the test is over.
import { onTestFinished } from 'vitest';
import type { Flow, StreamFault, TransportEvents } from '../../src/transport/flow.ts';
import type { MessageTap } from '../../src/transport/message-tap.ts';
import type { ListenerOptions, TransportLimits, UdpMode } from '../../src/transport/transport-options.ts';
import type { Transports } from '../../src/transport/transports.ts';
import { openTransports } from '../../src/transport/transports.ts';

export interface Seen {
  transports: Transports;
  messages: { flow: Flow; text: string }[];
  faults: { flow: Flow; fault: StreamFault; head: string }[];
  closed: { flow: Flow; error: Error | undefined }[];
  internalErrors: unknown[];
  logs: string[];
}

export interface Wanted {
  listeners?: readonly ListenerOptions[];
  limits?: Partial<TransportLimits>;
  udp?: UdpMode;
  tap?: MessageTap;
  /** What to do with a message after it is recorded; default: echo it. */
  onMessage?: TransportEvents['onMessage'];
  onStreamFault?: TransportEvents['onStreamFault'];
}

export const tcpV4: ListenerOptions = { interfaceName: 'south', transport: 'tcp', host: '127.0.0.1', port: 0 };

export async function open(wanted: Wanted): Promise<Seen> {
  const seen: Omit<Seen, 'transports'> = { messages: [], faults: [], closed: [], internalErrors: [], logs: [] };
  const transports = await openTransports(
    {
      listeners: wanted.listeners ?? [tcpV4],
      limits: wanted.limits,
      udp: wanted.udp,
      tap: wanted.tap,
      log: (level, text) => seen.logs.push(`${level}: ${text}`),
    },
    {
      onMessage(flow, bytes, start, end) {
        seen.messages.push({ flow, text: bytes.toString('latin1', start, end) });
        if (wanted.onMessage !== undefined) wanted.onMessage(flow, bytes, start, end);
        else flow.send(bytes, start, end);
      },
      onStreamFault(flow, fault, bytes, start, end) {
        seen.faults.push({ flow, fault, head: bytes.toString('latin1', start, end) });
        wanted.onStreamFault?.(flow, fault, bytes, start, end);
      },
      onFlowClosed: (flow, error) => seen.closed.push({ flow, error }),
      onInternalError: (error) => seen.internalErrors.push(error),
    },
  );
  onTestFinished(() => transports.close());
  return { ...seen, transports };
}

export function sip(method: string, body = ''): string {
  return `${method} sip:a@b SIP/2.0\r\nCSeq: 1 ${method}\r\nl: ${body.length}\r\n\r\n${body}`;
}

export function send(flow: Flow, text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  return flow.send(bytes, 0, bytes.length);
}
