// What becomes a WebSocket and what does not (RFC 7118 §4.1, RFC 6455 §4.2), over real sockets.
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isAllowedOrigin } from '../../src/transport/web-socket-handshake.ts';
import { makeCertificates } from './certificates.ts';
import { open, sip, tcpV4 } from './open.ts';
import { dial, portOf, statsOf } from './tcp-ends.ts';
import { browse, frame, handshake, soon, text, wsV4 } from './web-socket-ends.ts';

describe('an accepted handshake', () => {
  it('is answered with the subprotocol sip and no extension', async () => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    client.socket.write(handshake({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }));
    await soon(() => expect(client.text).toContain('\r\n\r\n'));
    expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
    expect(client.text).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
    expect(client.text).toContain('Sec-WebSocket-Protocol: sip\r\n');
    expect(client.text).not.toContain('Extensions');
    expect(statsOf(seen)).toMatchObject({ connections: 1, acceptedConnections: 1, failedHandshakes: 0 });
  });

  it('may offer other subprotocols before sip', async () => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    client.socket.write(handshake({ 'Sec-WebSocket-Protocol': 'msrp, sip' }));
    await soon(() => expect(client.text).toContain('Sec-WebSocket-Protocol: sip\r\n'));
  });

  it('may have the first message glued behind it', async () => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    client.socket.write(Buffer.concat([Buffer.from(handshake()), frame(text, sip('OPTIONS'))]));
    await soon(() => expect(seen.messages.map((one) => one.text)).toEqual([sip('OPTIONS')]));
  });

  it('may come byte by byte', async () => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    for (const byte of handshake()) {
      client.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await soon(() => expect(client.text).toMatch(/^HTTP\/1\.1 101 /));
  });

  it('comes over TLS too', async () => {
    const files = makeCertificates();
    onTestFinished(() => files.remove());
    const seen = await open({ listeners: [{ ...wsV4, transport: 'wss', tls: files }] });
    const { readFileSync } = await import('node:fs');
    const ca = readFileSync(files.ca);
    const browser = await browse(portOf(seen), { ca });
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(browser.messages).toEqual([{ text: sip('OPTIONS'), isBinary: false }]));
    expect(seen.messages[0]?.flow.listener.transport).toBe('wss');
    const page = tls.connect({ port: portOf(seen), host: '127.0.0.1', ca });
    let answer = '';
    page.on('data', (bytes) => {
      answer += bytes.toString();
    });
    page.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await soon(() => expect(answer).toMatch(/^HTTP\/1\.1 426 /));
    const plain = dial(portOf(seen));
    plain.socket.write(handshake());
    await soon(() => expect(plain.closed).toBe(true));
    await soon(() => expect(statsOf(seen)).toMatchObject({ connections: 1, failedHandshakes: 2 }));
  });
});

describe('what is refused', () => {
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';
  it.each<[string, string, number]>([
    ['no subprotocol', handshake({ 'Sec-WebSocket-Protocol': '' }), 400],
    ['another subprotocol', handshake({ 'Sec-WebSocket-Protocol': 'msrp, sips' }), 400],
    ['a page of elsewhere', handshake({ Origin: 'https://evil.example' }), 403],
    ['a page of nowhere, as a sandboxed frame', handshake({ Origin: 'null' }), 403],
    ['two origins', handshake({ Origin: 'http://localhost\r\nOrigin: https://evil.example' }), 403],
    ['POST with Upgrade', handshake({}, 'POST / HTTP/1.1'), 405],
    ['an upgrade to something else', handshake({ Upgrade: 'h2c' }), 400],
    ['no key', handshake({ 'Sec-WebSocket-Key': '' }), 400],
    ['a version that is none', handshake({ 'Sec-WebSocket-Version': '12' }), 400],
    ['a web page asked for', 'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n', 426],
    ['a form', post, 426],
    ['a second request behind the first', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2), 426],
    ['SIP without WebSocket', sip('OPTIONS'), 400],
    ['headers without end', handshake({ Cookie: 'x'.repeat(20_000) }), 431],
  ])('%s', async (_, request, status) => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    client.socket.write(request);
    await soon(() => expect(client.ended).toBe(true));
    expect(client.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(client.text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    await soon(() => expect(statsOf(seen)).toMatchObject({ connections: 0, failedHandshakes: 1 }));
    expect(seen.messages).toEqual([]);
    // others are served as before
    expect((await browse(portOf(seen))).socket.protocol).toBe('sip');
  });

  it('a handshake that takes longer than a message may', async () => {
    const seen = await open({ listeners: [wsV4], limits: { messageMs: 1_500, idleMs: 60_000 } });
    const silent = dial(portOf(seen));
    const slow = dial(portOf(seen));
    const drip = setInterval(() => slow.socket.write('a'), 20);
    onTestFinished(() => clearInterval(drip));
    slow.socket.write('GET /');
    const done = await browse(portOf(seen));
    await soon(() => expect([silent.closed, slow.closed]).toEqual([true, true]));
    expect(statsOf(seen)).toMatchObject({ connections: 1, failedHandshakes: 2 });
    expect(done.code).toBeUndefined();
  });

  it('a handshake that is not done when we end', async () => {
    const seen = await open({ listeners: [wsV4] });
    const client = dial(portOf(seen));
    client.socket.write('GET / HTTP/1.1\r\n');
    await soon(() => expect(statsOf(seen).acceptedConnections).toBe(1));
    await seen.transports.close();
    await soon(() => expect(client.closed).toBe(true));
  });
});

describe('the origin of a web page', () => {
  it.each<[string | undefined, readonly string[] | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, ['https://example.net'], true],
    [undefined, [], true],
    ['http://localhost:3000', undefined, true],
    ['https://LOCALHOST', undefined, true],
    ['http://127.0.0.1:8080', undefined, true],
    ['http://[::1]:8080', undefined, true],
    ['https://example.net', undefined, false],
    ['http://localhost.evil.example', undefined, false],
    ['http://evil.example/http://localhost', undefined, false],
    ['http://127.0.0.1.evil.example', undefined, false],
    ['file://', undefined, false],
    ['null', undefined, false],
    ['', undefined, false],
    ['https://example.net', ['https://example.net'], true],
    ['https://Example.NET', ['https://example.net'], true],
    ['http://example.net', ['https://example.net'], false],
    ['https://example.net:8443', ['https://example.net'], false],
    ['https://www.example.net', ['https://example.net'], false],
    ['http://localhost', ['https://example.net'], false],
    ['https://example.net', [], false],
    ['null', ['*'], true],
  ])('%j among %j', (origin, origins, isAllowed) => {
    expect(isAllowedOrigin(origin, origins)).toBe(isAllowed);
  });

  it('is in the log when it is refused', async () => {
    const webSocket = { origins: () => ['https://example.net'], pingMs: 30_000 };
    const seen = await open({ listeners: [{ ...wsV4, webSocket }] });
    await browse(portOf(seen), { origin: 'https://example.net' });
    expect(seen.logs).toEqual([]);
    await expect(browse(portOf(seen), { origin: 'http://localhost' })).rejects.toThrow(/403/);
    expect(seen.logs).toEqual([
      'warn: a web page was refused: its origin is not in interfaces.south.webSocket.origins',
    ]);
  });

  it('is compared with the list as it is at that moment', async () => {
    const origins: string[] = [];
    const seen = await open({ listeners: [{ ...wsV4, webSocket: { origins: () => origins, pingMs: 30_000 } }] });
    await expect(browse(portOf(seen), { origin: 'https://example.net' })).rejects.toThrow(/403/);
    origins.push('https://example.net');
    await browse(portOf(seen), { origin: 'https://example.net' });
  });
});

describe('limits on connections', () => {
  it('hold before the handshake, and with TCP together', async () => {
    const seen = await open({ listeners: [wsV4, tcpV4], limits: { connectionsPerAddress: 3 } });
    await browse(portOf(seen));
    dial(portOf(seen)).socket.write('GET / HTTP/1.1\r\n');
    dial(portOf(seen, 1));
    await soon(() => {
      const accepted = seen.transports.stats().map((stats) => stats.acceptedConnections);
      expect(accepted).toEqual([2, 1]);
    });
    await expect(browse(portOf(seen))).rejects.toThrow();
    const refused = dial(portOf(seen, 1));
    await soon(() => expect(refused.closed).toBe(true));
    expect(seen.transports.stats().map((stats) => stats.refusedConnections)).toEqual([1, 1]);
  });

  it('count a connection out when its handshake is refused or it closes', async () => {
    const seen = await open({ listeners: [wsV4], limits: { connections: 1 } });
    for (let i = 0; i < 3; i++) {
      const browser = await browse(portOf(seen));
      browser.socket.terminate();
      await soon(() => expect(statsOf(seen).connections).toBe(0));
      const page = dial(portOf(seen));
      page.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await soon(() => expect(page.closed).toBe(true));
      await soon(() => expect(statsOf(seen).failedHandshakes).toBe(i + 1));
    }
    expect(statsOf(seen).refusedConnections).toBe(0);
  });
});
