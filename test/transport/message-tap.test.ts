// Who watches the messages sees each that enters and leaves a socket, whatever its transport, and none while it is off.
import dgram from 'node:dgram';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Flow } from '../../src/transport/flow.ts';
import type { MessageTap } from '../../src/transport/message-tap.ts';
import type { ListenerOptions, UdpMode } from '../../src/transport/transport-options.ts';
import { open, sip, tcpV4 } from './open.ts';
import { dial, portOf } from './tcp-ends.ts';
import { browse, soon, wsV4 } from './web-socket-ends.ts';

/** Records what it is shown as `received INVITE`, `handled`, `sent INVITE`. */
function recorder() {
  const seen: string[] = [];
  const flows: Flow[] = [];
  const note = (what: string) => (flow: Flow, bytes: Uint8Array, start: number, end: number) => {
    flows.push(flow);
    seen.push(`${what} ${Buffer.from(bytes.subarray(start, end)).toString('latin1').split(' ')[0]} ${end - start}`);
  };
  const tap: MessageTap & { isOn: boolean } = {
    isOn: true,
    received: note('received'),
    handled: () => void seen.push('handled'),
    sent: note('sent'),
  };
  return { tap, seen, flows };
}

const udpV4: ListenerOptions = { interfaceName: 'south', transport: 'udp', host: '127.0.0.1', port: 0 };
const ways: [string, ListenerOptions, UdpMode | undefined][] = [
  ['batched UDP', udpV4, 'batched'],
  ['plain UDP', udpV4, 'plain'],
  ['TCP', tcpV4, undefined],
  ['WebSocket', wsV4, undefined],
];

/** A client that sends a text and tells how many answers came. */
async function clientOf({ transport }: ListenerOptions, port: number) {
  if (transport === 'ws') {
    const browser = await browse(port);
    return { send: (text: string) => browser.socket.send(text), answers: () => browser.messages.length };
  }
  if (transport === 'tcp') {
    const client = dial(port);
    return { send: (text: string) => client.socket.write(text), answers: () => client.text.split('CSeq').length - 1 };
  }
  const socket = dgram.createSocket('udp4');
  let count = 0;
  socket.on('message', () => count++);
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  return { send: (text: string) => socket.send(text, port, '127.0.0.1'), answers: () => count };
}

describe.each(ways)('%s', (_name, listener, udp) => {
  it('shows a message before it is handled, and what is sent, each once; off, nothing', async () => {
    const { tap, seen, flows } = recorder();
    const opened = await open({ listeners: [listener], tap, ...(udp && { udp }) });
    const client = await clientOf(listener, portOf(opened));
    client.send(sip('INVITE'));
    await soon(() => expect(client.answers()).toBe(1));
    const size = sip('INVITE').length;
    expect(seen).toEqual([`received INVITE ${size}`, `sent INVITE ${size}`, 'handled']);
    expect(flows[1]).toBe(flows[0]);
    expect(flows[0]).toBe(opened.messages[0]!.flow);
    tap.isOn = false;
    client.send(sip('BYE'));
    await soon(() => expect(client.answers()).toBe(2));
    expect(seen).toHaveLength(3);
  });

  it('does not show what could not be sent', async () => {
    const { tap, seen } = recorder();
    const tooLong = Buffer.alloc(16_777_216);
    const opened = await open({
      listeners: [listener],
      tap,
      ...(udp && { udp }),
      onMessage: (flow, bytes, start, end) => {
        expect(flow.send(tooLong, 0, tooLong.length)).toBe(false);
        flow.send(bytes, start, end);
      },
    });
    const client = await clientOf(listener, portOf(opened));
    client.send(sip('INVITE'));
    await soon(() => expect(client.answers()).toBe(1));
    expect(seen.filter((one) => one.startsWith('sent'))).toHaveLength(1);
  });
});

it('a fault in the pipeline still tells that the message was handled', async () => {
  const { tap, seen } = recorder();
  const opened = await open({
    listeners: [tcpV4],
    tap,
    onMessage() {
      throw new Error('a bug');
    },
  });
  dial(portOf(opened)).socket.write(sip('INVITE'));
  await soon(() => expect(opened.internalErrors).toHaveLength(1));
  expect(seen).toEqual([`received INVITE ${sip('INVITE').length}`, 'handled']);
});
