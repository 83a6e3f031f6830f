// TCP over real sockets: framing on the wire, limits, time-outs, and connections that we open.
import net from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Flow } from '../../src/transport/flow.ts';
import { openTransports } from '../../src/transport/transports.ts';
import type { Seen } from './open.ts';
import { open, send, sip, tcpV4 } from './open.ts';

interface Client {
  socket: net.Socket;
  readonly text: string;
  readonly ended: boolean;
  readonly closed: boolean;
}

function dial(port: number, host = '127.0.0.1', allowHalfOpen = false): Client {
  const client = {
    socket: net.connect({ port, host, allowHalfOpen, noDelay: true }),
    text: '',
    ended: false,
    closed: false,
  };
  client.socket.on('data', (bytes) => {
    client.text += bytes.toString('latin1');
  });
  client.socket.on('end', () => {
    client.ended = true;
  });
  client.socket.on('close', () => {
    client.closed = true;
  });
  client.socket.on('error', () => {});
  onTestFinished(() => {
    client.socket.destroy();
  });
  return client;
}

/** A listening socket of the test, with what came to it. */
async function peer(onConnection: (socket: net.Socket) => void = () => {}) {
  const got = { connections: 0, text: '', port: 0, sockets: [] as net.Socket[] };
  const server = net.createServer((socket) => {
    got.connections++;
    got.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      got.text += bytes.toString('latin1');
    });
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  got.port = (server.address() as net.AddressInfo).port;
  onTestFinished(() => {
    for (const socket of got.sockets) socket.destroy();
    server.close();
  });
  return got;
}

const portOf = (seen: Seen, index = 0): number => seen.transports.listeners[index]!.port;
const statsOf = (seen: Seen) => seen.transports.stats()[0]!;

describe('messages', () => {
  it.each(['127.0.0.1', '::1'])('come and go on %s', async (host) => {
    const seen = await open({ listeners: [{ ...tcpV4, host }] });
    const client = dial(portOf(seen), host);
    client.socket.write(sip('OPTIONS', 'hello'));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS', 'hello')));
    const [message] = seen.messages;
    expect(message?.flow).toMatchObject({ remoteAddress: host, reliable: true, closed: false });
    expect(message?.flow.remotePort).toBe(client.socket.localPort);
    expect(message?.flow.id).toBeGreaterThan(0);
    expect(seen.transports.flowById(message!.flow.id)).toBe(message?.flow);
    expect(statsOf(seen)).toMatchObject({
      path: 'stream',
      receivedMessages: 1,
      sentMessages: 1,
      receivedBytes: client.text.length,
      sentBytes: client.text.length,
      connections: 1,
      acceptedConnections: 1,
    });
  });

  it('survive any split and pipelining', async () => {
    const seen = await open({});
    const client = dial(portOf(seen));
    const texts = Array.from({ length: 200 }, (_, i) => sip('INFO', 'x'.repeat(i)));
    for (const byte of sip('OPTIONS', 'slow')) {
      client.socket.write(byte, 'latin1');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const stream = texts.join('');
    for (let i = 0; i < stream.length; i += 777) client.socket.write(stream.slice(i, i + 777));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS', 'slow') + stream));
    expect(seen.messages.map(({ text }) => text)).toEqual([sip('OPTIONS', 'slow'), ...texts]);
  });

  it('answers a ping with one CRLF and nothing else', async () => {
    const seen = await open({ onMessage: (flow) => send(flow, 'answer') });
    const client = dial(portOf(seen));
    client.socket.write('\r\n');
    client.socket.write(`${sip('INFO')}\r\n\r\n`);
    await vi.waitFor(() => expect(client.text).toBe('answer\r\n'));
    client.socket.write('\r\n\r\n'.repeat(10_000));
    await vi.waitFor(() => expect(client.text.length).toBeGreaterThan('answer\r\n'.length));
    client.socket.write(sip('INFO'));
    await vi.waitFor(() => expect(client.text.endsWith('answer')).toBe(true));
    expect(client.text.length).toBeLessThan(2_000);
  });

  it('lets a fault be answered before it closes', async () => {
    const seen = await open({
      limits: { messageBytes: 1_024, headers: 4 },
      onStreamFault: (flow) => send(flow, 'SIP/2.0 400 Bad\r\n\r\n'),
    });
    const cases: [string, string][] = [
      ['no-content-length', 'INFO sip:a SIP/2.0\r\n\r\n'],
      ['message-too-large', 'INFO sip:a SIP/2.0\r\nl: 5000\r\n\r\n'],
      ['too-many-headers', `INFO sip:a SIP/2.0\r\n${'a: b\r\n'.repeat(5)}`],
      ['not-sip', 'GET / HTTP/1.1\r\n'],
    ];
    for (const [fault, text] of cases) {
      const client = dial(portOf(seen));
      // More behind it, unread: the answer must arrive all the same.
      client.socket.write(text + 'x'.repeat(100_000));
      await vi.waitFor(() => expect(client.ended).toBe(true));
      expect(client.text).toBe('SIP/2.0 400 Bad\r\n\r\n');
      expect(seen.faults.at(-1)?.fault).toBe(fault);
      expect(text.startsWith(seen.faults.at(-1)?.head ?? '')).toBe(true);
      expect(seen.faults.at(-1)?.flow.closed).toBe(true);
    }
    await vi.waitFor(() => expect(seen.closed).toHaveLength(4));
    expect(statsOf(seen)).toMatchObject({ receiveFaults: 4, connections: 0 });
  });

  it('survives a pipeline that throws', async () => {
    const seen = await open({
      onMessage: (flow, bytes, start, end) => {
        if (bytes.toString('latin1', start, end).startsWith('INFO')) throw new Error('a bug');
        flow.send(bytes, start, end);
      },
    });
    const client = dial(portOf(seen));
    client.socket.write(sip('INFO') + sip('OPTIONS') + sip('INFO') + sip('OPTIONS'));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS').repeat(2)));
    expect(seen.internalErrors).toHaveLength(2);
  });
});

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
    expect(statsOf(seen)).toMatchObject({ idleConnections: 1, connections: 1 });
    expect(seen.closed).toHaveLength(1);
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

describe('the end', () => {
  it('stops accepting and keeps what it has', async () => {
    const seen = await open({});
    const client = dial(portOf(seen));
    client.socket.write(sip('OPTIONS', '1'));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS', '1')));
    seen.transports.stopAccepting();
    const late = dial(portOf(seen));
    await vi.waitFor(() => expect(late.closed).toBe(true));
    client.socket.write(sip('OPTIONS', '2'));
    await vi.waitFor(() => expect(client.text).toBe(sip('OPTIONS', '1') + sip('OPTIONS', '2')));
  });

  it('sends what waits, then closes every connection, those that do not answer too', async () => {
    const to = await peer();
    const seen = await open({});
    const polite = dial(portOf(seen));
    const deaf = dial(portOf(seen), '127.0.0.1', true);
    polite.socket.write(sip('OPTIONS'));
    await vi.waitFor(() => expect(statsOf(seen).connections).toBe(2));
    const flow = seen.transports.flowTo(seen.transports.listeners[0]!, '127.0.0.1', to.port);
    send(flow, 'last words');
    await vi.waitFor(() => expect(statsOf(seen).openedConnections).toBe(1));
    await seen.transports.close();
    expect(statsOf(seen).connections).toBe(0);
    await vi.waitFor(() => expect([polite.closed, deaf.ended, to.text]).toEqual([true, true, 'last words']));
  });

  it('says which listener cannot be bound', async () => {
    const seen = await open({});
    const port = portOf(seen);
    const again = openTransports(
      { listeners: [{ ...tcpV4, port }] },
      { onMessage() {}, onStreamFault() {}, onFlowClosed() {} },
    );
    await expect(again).rejects.toThrow(`tcp:127.0.0.1:${port} on south: address in use`);
  });
});
