// The bounds of TCP connections: how many, how idle, how slow, how much waits, and pauses.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { open, send, sip, tcpV4 } from './open.ts';
import { dial, portOf, statsOf } from './tcp-ends.ts';

describe('limits', () => {
  it('refuses connections over the limit of an address, and takes new ones when old ones end', async () => {
    const seen = await open({ limits: { connectionsPerAddress: 3 } });
    const clients = Array.from({ length: 5 }, () => dial(portOf(seen)));
    await vi.waitFor(() => expect(clients.filter(({ closed }) => closed)).toHaveLength(2));
    expect(statsOf(seen)).toMatchObject({ acceptedConnections: 3, refusedConnections: 2, connections: 3 });
    clients.find(({ closed }) => !closed)?.socket.destroy();
    await vi.waitFor(() => expect(statsOf(seen).connections).toBe(2));
    const late = dial(portOf(seen));
    late.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(late.text).toBe(sip('OPTIONS')));
  });

  it('counts the connections of all listeners together', async () => {
    const seen = await open({ listeners: [tcpV4, { ...tcpV4, host: '::1' }], limits: { connections: 3 } });
    const clients = [dial(portOf(seen)), dial(portOf(seen)), dial(portOf(seen, 1), '::1')];
    await vi.waitFor(() => expect(seen.transports.stats().map((stats) => stats.connections)).toEqual([2, 1]));
    const refused = [dial(portOf(seen)), dial(portOf(seen, 1), '::1')];
    await vi.waitFor(() => expect(refused.every(({ closed }) => closed)).toBe(true));
    expect(clients.some(({ closed }) => closed)).toBe(false);
  });

  it('ends the idle, and not those who ping', async () => {
    const seen = await open({ limits: { idleMs: 300 } });
    const idle = dial(portOf(seen));
    const alive = dial(portOf(seen));
    const pings = setInterval(() => alive.socket.write('\r\n\r\n'), 50);
    onTestFinished(() => clearInterval(pings));
    await vi.waitFor(() => expect(idle.closed).toBe(true), 3_000);
    expect(alive.closed).toBe(false);
    // the client may hear of the end before the server's own event of it
    await vi.waitFor(() => {
      expect(statsOf(seen)).toMatchObject({ idleConnections: 1, connections: 1 });
      expect(seen.closed).toHaveLength(1);
    });
    expect(seen.closed[0]?.error).toBeUndefined();
  });

  it('destroys who begins a message and does not finish it, however busily it drips', async () => {
    const seen = await open({ limits: { messageMs: 300, idleMs: 60_000 } });
    const slow = dial(portOf(seen));
    const drip = setInterval(() => slow.socket.write('a'), 20);
    onTestFinished(() => clearInterval(drip));
    slow.socket.write('INVITE sip:');
    const body = dial(portOf(seen));
    body.socket.write(sip('OPTIONS', 'x'.repeat(100)).slice(0, -1));
    const brisk = dial(portOf(seen));
    const whole = setInterval(() => brisk.socket.write(sip('OPTIONS')), 20);
    onTestFinished(() => clearInterval(whole));
    const silent = dial(portOf(seen));
    await vi.waitFor(() => expect([slow.closed, body.closed]).toEqual([true, true]), 3_000);
    expect([brisk.closed, silent.closed]).toEqual([false, false]);
    expect(statsOf(seen).slowConnections).toBe(2);
  });

  it('refuses a send when the peer does not read', async () => {
    const seen = await open({ limits: { sendQueueBytes: 100_000 } });
    const client = dial(portOf(seen));
    client.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(1));
    client.socket.pause();
    const { flow } = seen.messages[0]!;
    const big = Buffer.alloc(50_000, 'x');
    let taken = 0;
    while (flow.send(big, 0, big.length) && taken < 10_000) {
      taken++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(10_000);
    expect(flow.closed).toBe(false);
    expect(statsOf(seen).sendDrops).toBe(1);
    client.socket.resume();
    await vi.waitFor(() => expect(client.text.length).toBe(sip('OPTIONS').length + taken * big.length));
    expect(send(flow, 'again')).toBe(true);
    await vi.waitFor(() => expect(client.text.endsWith('again')).toBe(true));
  });

  it('reads nothing while it is paused', async () => {
    const seen = await open({});
    const client = dial(portOf(seen));
    client.socket.write(sip('OPTIONS', '1'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(1));
    const before = performance.now();
    seen.transports.pauseReads(seen.transports.listeners[0]!, 300);
    client.socket.write(sip('OPTIONS', '2'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(2));
    client.socket.write(sip('OPTIONS', '3'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(3), 3_000);
    expect(performance.now() - before).toBeGreaterThan(250);
    const since = performance.now();
    seen.messages[0]?.flow.pauseReads?.(300);
    client.socket.write(sip('OPTIONS', '4'));
    await vi.waitFor(() => expect(seen.messages).toHaveLength(4), 3_000);
    expect(performance.now() - since).toBeGreaterThan(250);
  });
});
