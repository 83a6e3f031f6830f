// SIP messages out of what a channel brings: a datagram each, or cut out of a stream. What cannot be parsed is passed over.
import { StreamFramer } from '../sip/frame.ts';
import type { Message } from '../sip/message.ts';
import { parseMessage } from '../sip/parse.ts';

const limits = { messageBytes: 65_535, headerBytes: 65_535, headers: 256 };

/** Give it bytes as they come. The offsets of a message hold during `onMessage` only. `onFault`: the stream is no SIP. */
export function messageReader(
  isStream: boolean,
  onMessage: (message: Message) => void,
  onFault: (reason: string) => void,
): (bytes: Buffer) => void {
  const take = (bytes: Uint8Array, start: number, end: number): void => {
    const message = parseMessage(bytes, start, end);
    if (message.kind !== 'fault') onMessage(message);
  };
  if (!isStream) return (bytes) => take(bytes, 0, bytes.length);
  const sink = { onMessage: take, onPing: () => {}, onFault: (fault: string) => onFault(`it sends no SIP: ${fault}`) };
  const framer = new StreamFramer(limits, sink, (size) => Buffer.allocUnsafe(size));
  return (bytes) => framer.push(bytes);
}
