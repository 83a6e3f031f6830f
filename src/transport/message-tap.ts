// The seam where messages can be watched as they enter and leave the sockets. Off, it costs the asking.
import type { Flow } from './flow.ts';

/** Nothing of it may throw, and none of the bytes may be kept. */
export interface MessageTap {
  /** Whether the rest is called at all; may change at any time. */
  readonly isOn: boolean;
  /** Before a message is handled. */
  received(flow: Flow, bytes: Buffer, start: number, end: number): void;
  /** After it: what was sent in between is what came of it at once. */
  handled(): void;
  /** A message was handed to its socket. */
  sent(flow: Flow, bytes: Uint8Array, start: number, end: number): void;
}

export const noTap: MessageTap = { isOn: false, received() {}, handled() {}, sent() {} };
