// What both ways of doing UDP (batched, plain) are given and give back.
import type { Address } from './address.ts';
import type { Flow, Listener } from './flow.ts';
import type { MessageTap } from './message-tap.ts';

export interface UdpSpec {
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Asked of the kernel for both directions. */
  readonly bufferBytes: number;
  /** Bytes that may wait for the kernel before `send` returns false. */
  readonly sendQueueBytes: number;
  /** Called when the address is bound, before the first message. */
  readonly listener: (host: string, port: number) => Listener;
  /** One datagram, valid during the call; does not throw. */
  readonly receive: (flow: Flow, bytes: Buffer, start: number, end: number) => void;
  /** Who watches what is sent. */
  readonly tap: MessageTap;
}

/** Ever-growing counts. */
export interface UdpCounters {
  receivedMessages: number;
  receivedBytes: number;
  sentMessages: number;
  sentBytes: number;
  sendDrops: number;
  receiveFaults: number;
}

export function newUdpCounters(): UdpCounters {
  return { receivedMessages: 0, receivedBytes: 0, sentMessages: 0, sentBytes: 0, sendDrops: 0, receiveFaults: 0 };
}

export interface UdpSocket {
  readonly listener: Listener;
  readonly counters: UdpCounters;
  readonly fd: number | undefined;
  readonly receiveBufferBytes: number;
  /** The flow to an address of the socket's family. */
  flow(address: Address, port: number): Flow;
  /** What waits to be sent is tried once more. */
  close(): Promise<void>;
}
