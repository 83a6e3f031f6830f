// The same tests over both ways of doing UDP and both families, over real sockets.
import dgram from 'node:dgram';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Flow } from '../../src/transport/flow.ts';
import type { UdpMode } from '../../src/transport/transport-options.ts';
import { openTransports } from '../../src/transport/transports.ts';
import type { Seen } from './open.ts';
import { open, send } from './open.ts';

interface Client {
  socket: dgram.Socket;
  received: string[];
  port: number;
  send(text: string): void;
}

async function client(host: string, to: number): Promise<Client> {
  const received: string[] = [];
  const socket = dgram.createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4_194_304 });
  socket.on('message', (bytes) => received.push(bytes.toString('latin1')));
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  onTestFinished(() => {
    socket.close();
  });
  return { socket, received, port: socket.address().port, send: (text) => socket.send(text, to, host) };
}

const modes: UdpMode[] = ['batched', 'plain'];

describe.each(modes)('UDP %s', (udp) => {
  describe.each(['127.0.0.1', '::1'])('on %s', (host) => {
    const listener = { interfaceName: 'south', transport: 'udp', host, port: 0 } as const;
    const opened = (onMessage?: Parameters<typeof open>[0]['onMessage']): Promise<Seen> =>
      open({ udp, listeners: [listener], ...(onMessage === undefined ? {} : { onMessage }) });
    const portOf = (seen: Seen): number => seen.transports.listeners[0]!.port;

    it('tells which way it is, and what it is bound to', async () => {
      const { transports, logs } = await opened();
      expect(transports.udp.mode).toBe(udp);
      expect(logs.filter((line) => line.startsWith(`info: UDP is ${udp}`))).toHaveLength(1);
      const [bound] = transports.listeners;
      expect(bound).toMatchObject({ id: 0, interfaceName: 'south', transport: 'udp', host });
      expect(bound?.port).toBeGreaterThan(0);
      expect(bound?.advertisedPort).toBe(bound?.port);
      expect(bound?.advertisedHost).toBe(host === '::1' ? '[::1]' : host);
      if (udp === 'batched') expect(transports.sockets()[0]?.fd).toBeGreaterThan(2);
    });

    it('gives a source one flow, with its address, and a hash of the address alone', async () => {
      const seen = await opened();
      const [one, two] = [await client(host, portOf(seen)), await client(host, portOf(seen))];
      for (const text of ['a', 'b', 'c']) one.send(text);
      two.send('d');
      await vi.waitFor(() => expect(seen.messages).toHaveLength(4));
      const flowOf = (text: string): Flow | undefined => seen.messages.find((message) => message.text === text)?.flow;
      expect(flowOf('a')).toMatchObject({ id: 0, remoteAddress: host, remotePort: one.port, reliable: false });
      expect(flowOf('a')).toBe(flowOf('b'));
      expect(flowOf('a')).toBe(flowOf('c'));
      expect(flowOf('d')?.remotePort).toBe(two.port);
      expect(flowOf('d')?.addressHash).toBe(flowOf('a')?.addressHash);
      expect(seen.transports.flowTo(seen.transports.listeners[0]!, host, one.port)).toBe(flowOf('a'));
      expect(seen.transports.flowById(0)).toBeUndefined();
    });

    it('answers every datagram of a burst of 1,000, in order', async () => {
      const seen = await opened();
      const peer = await client(host, portOf(seen));
      const texts = Array.from({ length: 1_000 }, (_, i) => `${i} ${'x'.repeat(i % 700)}`);
      for (const text of texts) peer.send(text);
      await vi.waitFor(() => expect(peer.received).toHaveLength(1_000), 5_000);
      expect(peer.received).toEqual(texts);
      expect(seen.messages.map(({ text }) => text)).toEqual(texts);
      const bytes = texts.reduce((sum, text) => sum + text.length, 0);
      await vi.waitFor(() =>
        expect(seen.transports.stats()[0]).toMatchObject({
          path: udp,
          receivedMessages: 1_000,
          sentMessages: 1_000,
          receivedBytes: bytes,
          sentBytes: bytes,
          sendDrops: 0,
          receiveFaults: 0,
        }),
      );
    });

    it('takes and sends the largest datagram, and refuses one byte more', async () => {
      const sent: boolean[] = [];
      const seen = await opened((flow, bytes, start, end) => {
        sent.push(flow.send(Buffer.alloc(65_508), 0, 65_508), flow.send(bytes, start, end), flow.send(bytes, 0, 0));
      });
      const peer = await client(host, portOf(seen));
      const text = `begin${'x'.repeat(65_507 - 8)}end`;
      peer.send('small before');
      peer.send(text);
      peer.send('small behind');
      await vi.waitFor(() => expect(peer.received).toEqual(['small before', text, 'small behind']));
      expect(sent).toEqual([false, true, false, false, true, false, false, true, false]);
      await vi.waitFor(() => expect(seen.transports.stats()[0]).toMatchObject({ sentMessages: 3, sendDrops: 6 }));
    });

    it('sends many large ones', async () => {
      const seen = await opened((flow) => {
        for (let i = 0; i < 20; i++) send(flow, `${i}${'y'.repeat(50_000)}`);
      });
      const peer = await client(host, portOf(seen));
      peer.send('go');
      await vi.waitFor(() =>
        expect(peer.received.map((text) => Number.parseInt(text, 10))).toEqual([...Array(20).keys()]),
      );
    });

    it('lets the caller reuse its bytes as soon as send returns', async () => {
      const seen = await opened((flow) => {
        const bytes = Buffer.from('AAAA....');
        flow.send(bytes, 0, 4);
        bytes.fill('B');
        flow.send(bytes, 0, 4);
        bytes.fill('C');
      });
      const peer = await client(host, portOf(seen));
      peer.send('go');
      await vi.waitFor(() => expect(peer.received).toEqual(['AAAA', 'BBBB']));
    });

    it('sends unasked, without waiting for a datagram', async () => {
      const seen = await opened();
      const peer = await client(host, portOf(seen));
      const flow = seen.transports.flowTo(seen.transports.listeners[0]!, host, peer.port);
      for (let i = 0; i < 200; i++) expect(send(flow, String(i))).toBe(true);
      await vi.waitFor(() => expect(peer.received).toEqual(Array.from({ length: 200 }, (_, i) => String(i))));
    });

    it('goes on serving when nobody listens where it sends, and when a datagram is empty', async () => {
      const seen = await opened();
      const gone = await client(host, portOf(seen));
      const dead = seen.transports.flowTo(seen.transports.listeners[0]!, host, gone.port);
      await new Promise<void>((resolve) => gone.socket.close(() => resolve()));
      gone.socket.close = () => gone.socket;
      const peer = await client(host, portOf(seen));
      for (let i = 0; i < 100; i++) {
        send(dead, 'nobody');
        peer.send('');
        peer.send('x');
      }
      await vi.waitFor(() => expect(peer.received).toHaveLength(100));
    });

    it('gives a dead flow for what cannot be reached', async () => {
      const { transports } = await opened();
      const [bound] = transports.listeners;
      for (const address of ['example.net', host === '::1' ? '127.0.0.1' : '::1', '', '1.2.3']) {
        const flow = transports.flowTo(bound!, address, 5060);
        expect(flow).toMatchObject({ id: 0, closed: true, remotePort: 5060 });
        expect(send(flow, 'x')).toBe(false);
      }
      for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
        expect(send(transports.flowTo(bound!, host, port), 'x')).toBe(false);
      }
    });

    it('survives a pipeline that throws, and reports it', async () => {
      const seen = await opened((flow, bytes, start, end) => {
        if (bytes[start] === 0x21) throw new Error('a bug');
        flow.send(bytes, start, end);
      });
      const peer = await client(host, portOf(seen));
      for (const text of ['1', '!', '2', '!', '3']) peer.send(text);
      await vi.waitFor(() => expect(peer.received).toEqual(['1', '2', '3']));
      expect(seen.internalErrors).toHaveLength(2);
    });

    it('closes with what it had to send, and then sends no more', async () => {
      const seen = await opened();
      const peer = await client(host, portOf(seen));
      const flow = seen.transports.flowTo(seen.transports.listeners[0]!, host, peer.port);
      send(flow, 'last words');
      await seen.transports.close();
      expect(flow.closed).toBe(true);
      expect(send(flow, 'too late')).toBe(false);
      await vi.waitFor(() => expect(peer.received).toEqual(['last words']));
      await seen.transports.close();
    });

    it('does not share an address, and frees what it had when one of several fails', async () => {
      const events = { onMessage() {}, onStreamFault() {}, onFlowClosed() {} };
      const seen = await opened();
      const port = portOf(seen);
      const shown = host === '::1' ? '[::1]' : host;
      for (const way of modes) {
        const second = openTransports({ udp: way, listeners: [{ ...listener, port }] }, events);
        await expect(second).rejects.toThrow(`udp:${shown}:${port} on south: address in use`);
      }
      await seen.transports.close();
      const twice = openTransports(
        {
          udp,
          listeners: [
            { ...listener, port },
            { ...listener, port },
          ],
        },
        events,
      );
      await expect(twice).rejects.toThrow('address in use');
      await (await openTransports({ udp, listeners: [{ ...listener, port }] }, events)).close();
    });
  });

  it('serves a wildcard of each family on one port', async () => {
    const listeners = [{ interfaceName: 'east', transport: 'udp', host: '0.0.0.0', port: 0 }] as const;
    const v4 = await open({ udp, listeners });
    const port = v4.transports.listeners[0]!.port;
    const v6 = await open({ udp, listeners: [{ ...listeners[0], host: '::', port }] });
    const [four, six] = [await client('127.0.0.1', port), await client('::1', port)];
    four.send('4');
    six.send('6');
    await vi.waitFor(() => expect([four.received, six.received]).toEqual([['4'], ['6']]));
    expect(v4.messages.map(({ flow }) => flow.remoteAddress)).toEqual(['127.0.0.1']);
    expect(v6.messages.map(({ flow }) => flow.remoteAddress)).toEqual(['::1']);
    expect(v4.transports.listeners[0]!.advertisedHost).not.toBe('0.0.0.0');
  });

  it('names the listener that cannot be bound', async () => {
    const at = (host: string): Promise<unknown> =>
      openTransports(
        { udp, listeners: [{ interfaceName: 'core', transport: 'udp', host, port: 5060 }] },
        { onMessage() {}, onStreamFault() {}, onFlowClosed() {} },
      );
    await expect(at('192.0.2.1')).rejects.toThrow('udp:192.0.2.1:5060 on core: no such address on this machine');
    await expect(at('sip.example.net')).rejects.toThrow('udp:sip.example.net:5060 on core: not a numeric address');
  });
});
