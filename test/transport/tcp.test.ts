// TCP over real sockets: framing on the wire, and the end of it all.
import { describe, expect, it, vi } from 'vitest';
import { openTransports } from '../../src/transport/transports.ts';
import { open, send, sip, tcpV4 } from './open.ts';
import { dial, peer, portOf, statsOf } from './tcp-ends.ts';

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

  it('answers what came before the peer ended, and closes', async () => {
    const seen = await open({});
    const client = dial(portOf(seen), '127.0.0.1', true);
    client.socket.end(sip('OPTIONS', '1') + sip('OPTIONS', '2'));
    await vi.waitFor(() => expect(client.ended).toBe(true));
    expect(client.text).toBe(sip('OPTIONS', '1') + sip('OPTIONS', '2'));
    await vi.waitFor(() => expect(seen.closed).toHaveLength(1));
    const { flow } = seen.messages[0]!;
    expect(flow.closed).toBe(true);
    expect(send(flow, 'too late')).toBe(false);
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
