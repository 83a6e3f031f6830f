// Connections that we open, or use again (RFC 3261 §18, RFC 5626 §5.3).
import net from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { Flow } from '../../src/transport/flow.ts';
import { open, send, sip, tcpV4 } from './open.ts';
import { dial, peer, portOf, statsOf } from './tcp-ends.ts';

describe('flowTo', () => {
  it('opens one connection, queues what is sent until it is up, and uses it again', async () => {
    const to = await peer((socket) => socket.write(sip('OPTIONS', 'from the switch')));
    const seen = await open({ onMessage: () => {} });
    const [listener] = seen.transports.listeners;
    const flow = seen.transports.flowTo(listener!, '127.0.0.1', to.port);
    expect(flow).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: to.port, closed: false, reliable: true });
    for (const text of ['a', 'b', 'c']) expect(send(flow, text)).toBe(true);
    expect(seen.transports.flowTo(listener!, '127.0.0.1', to.port)).toBe(flow);
    await vi.waitFor(() => expect(to.text).toBe('abc'));
    await vi.waitFor(() => expect(seen.messages.map(({ text }) => text)).toEqual([sip('OPTIONS', 'from the switch')]));
    expect(seen.messages[0]?.flow).toBe(flow);
    expect(seen.transports.flowTo(listener!, '127.0.0.1', to.port)).toBe(flow);
    expect(seen.transports.flowById(flow.id)).toBe(flow);
    expect(to.connections).toBe(1);
    expect(statsOf(seen)).toMatchObject({ openedConnections: 1, acceptedConnections: 0, connections: 1 });
    to.sockets[0]?.end();
    await vi.waitFor(() => expect(seen.closed).toEqual([{ flow, error: undefined }]));
    expect(flow.closed).toBe(true);
    expect(seen.transports.flowById(flow.id)).toBeUndefined();
    const next = seen.transports.flowTo(listener!, '127.0.0.1', to.port);
    expect(next).not.toBe(flow);
    expect(next.id).not.toBe(flow.id);
    send(next, 'd');
    await vi.waitFor(() => expect(to.text).toBe('abcd'));
  });

  it('uses a connection that came in, on any listener of the interface, and on no other interface', async () => {
    const seen = await open({ listeners: [tcpV4, tcpV4, { ...tcpV4, interfaceName: 'east' }] });
    const client = dial(portOf(seen));
    client.socket.write(sip('REGISTER'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(1));
    const [one, two, east] = seen.transports.listeners;
    const at = client.socket.localPort!;
    expect(seen.transports.flowTo(one!, '127.0.0.1', at)).toBe(seen.messages[0]?.flow);
    expect(seen.transports.flowTo(two!, '127.0.0.1', at)).toBe(seen.messages[0]?.flow);
    const other = seen.transports.flowTo(east!, '127.0.0.1', at);
    expect(other).not.toBe(seen.messages[0]?.flow);
    await vi.waitFor(() => expect(seen.closed.map(({ flow }) => flow)).toEqual([other]));
  });

  it('reports a connection that cannot be made', async () => {
    const to = await peer();
    const seen = await open({});
    const gone = await peer();
    const [listener] = seen.transports.listeners;
    const free = await new Promise<number>((resolve) => {
      const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address() as net.AddressInfo;
        server.close(() => resolve(port));
      });
    });
    const flow = seen.transports.flowTo(listener!, '127.0.0.1', free);
    expect(send(flow, 'never')).toBe(true);
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1));
    expect(seen.closed[0]).toMatchObject({ flow, error: { code: 'ECONNREFUSED' } });
    expect(flow.closed).toBe(true);
    expect(send(flow, 'too late')).toBe(false);
    expect(statsOf(seen)).toMatchObject({ failedConnects: 1, connections: 0 });
    expect([to.connections, gone.connections]).toEqual([0, 0]);
  });

  it('gives a dead flow for what it cannot reach at all', async () => {
    const seen = await open({});
    const [listener] = seen.transports.listeners;
    const targets: [string, number][] = [
      ['::1', 5060],
      ['example.net', 5060],
      ['127.0.0.1', 0],
      ['127.0.0.1', 65_536],
      ['127.0.0.1', Number.NaN],
    ];
    for (const [address, port] of targets) {
      const flow: Flow = seen.transports.flowTo(listener!, address, port);
      expect(flow.closed).toBe(true);
      expect(send(flow, 'x')).toBe(false);
    }
  });

  it('bounds what waits for a connection', async () => {
    const to = await peer();
    const seen = await open({ limits: { sendQueueBytes: 1_000 } });
    const flow = seen.transports.flowTo(seen.transports.listeners[0]!, '127.0.0.1', to.port);
    const results = Array.from({ length: 15 }, () => send(flow, 'x'.repeat(100)));
    expect(results.filter((taken) => taken)).toHaveLength(10);
    await vi.waitFor(() => expect(to.text).toHaveLength(1_000));
  });
});
