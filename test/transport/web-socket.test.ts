// SIP messages on WebSockets (RFC 7118 §4.2, §5, §6), over real sockets.
import { describe, expect, it } from 'vitest';
import { open, send, sip } from './open.ts';
import { dial, peer, portOf, statsOf } from './tcp-ends.ts';
import { binary, browse, closing, frame, ping, rawClient, soon, text, wsV4 } from './web-socket-ends.ts';

const listeners = [wsV4];
const textsOf = (seen: { messages: { text: string }[] }): string[] => seen.messages.map((one) => one.text);

describe('a message', () => {
  it('is one WebSocket message, text or binary, and is answered in text', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS', 'ü'));
    browser.socket.send(Buffer.from(sip('INVITE'), 'latin1'));
    await soon(() => expect(browser.messages).toHaveLength(2));
    expect(textsOf(seen)).toEqual([Buffer.from(sip('OPTIONS', 'ü'), 'utf8').toString('latin1'), sip('INVITE')]);
    expect(browser.messages.map(({ isBinary }) => isBinary)).toEqual([false, false]);
    expect(statsOf(seen)).toMatchObject({ receivedMessages: 2, sentMessages: 2, path: 'stream', transport: 'ws' });
    expect(seen.messages[0]!.flow).toMatchObject({ reliable: true, closed: false, remoteAddress: '127.0.0.1' });
  });

  it('that is no UTF-8 comes and goes as binary, byte for byte', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    const bytes = sip('MESSAGE', '\xff\x00\xfe');
    browser.socket.send(Buffer.from(bytes, 'latin1'));
    await soon(() => expect(browser.messages).toEqual([{ text: bytes, isBinary: true }]));
  });

  it('needs no Content-Length', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    const bare = 'MESSAGE sip:a@b SIP/2.0\r\nCSeq: 1 MESSAGE\r\n\r\nhello';
    browser.socket.send(bare);
    await soon(() => expect(textsOf(seen)).toEqual([bare]));
  });

  it('may arrive byte by byte, and many at once', async () => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    for (const byte of frame(text, sip('OPTIONS', 'x'.repeat(200)))) {
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await soon(() => expect(textsOf(seen)).toEqual([sip('OPTIONS', 'x'.repeat(200))]));
    client.socket.write(Buffer.concat(Array.from({ length: 50 }, (_, i) => frame(binary, sip('INVITE', `${i}`)))));
    await soon(() =>
      expect(textsOf(seen).slice(1)).toEqual(Array.from({ length: 50 }, (_, i) => sip('INVITE', `${i}`))),
    );
  });

  it('may be in fragments, with pings between them', async () => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    const whole = sip('INVITE', 'body');
    client.socket.write(frame(text, whole.slice(0, 10), false));
    client.socket.write(frame(ping, 'here?'));
    client.socket.write(frame(0, whole.slice(10, 20), false));
    client.socket.write(frame(0, whole.slice(20)));
    await soon(() => expect(textsOf(seen)).toEqual([whole]));
    expect(client.text).toContain('\x8a\x05here?');
  });

  it('that is sent from a buffer leaves before the buffer is used again', async () => {
    const scratch = Buffer.alloc(2_000);
    const seen = await open({
      listeners,
      onMessage(flow) {
        for (const method of ['NOTIFY', 'MESSAGE']) {
          const length = scratch.write(sip(method), 'latin1');
          flow.send(scratch, 0, length);
        }
      },
    });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(browser.messages.map((one) => one.text)).toEqual([sip('NOTIFY'), sip('MESSAGE')]));
  });

  it('over the limit ends the connection with 1009, whether in one frame or in many', async () => {
    const seen = await open({ listeners, limits: { messageBytes: 2_000 } });
    const whole = await browse(portOf(seen));
    whole.socket.send(sip('MESSAGE', 'x'.repeat(3_000)));
    const parts = await browse(portOf(seen));
    for (let i = 0; i < 4; i++) parts.socket.send('x'.repeat(600), { fin: i === 3 });
    const fits = await browse(portOf(seen));
    fits.socket.send('x'.repeat(2_000));
    await soon(() => expect([whole.code, parts.code]).toEqual([1009, 1009]));
    await soon(() => expect(textsOf(seen)).toEqual(['x'.repeat(2_000)]));
    expect(seen.faults.map(({ fault }) => fault)).toEqual(['message-too-large', 'message-too-large']);
    await soon(() => expect(statsOf(seen)).toMatchObject({ receiveFaults: 2, connections: 1 }));
    expect(fits.code).toBeUndefined();
  });

  it.each<[string, Buffer, number]>([
    ['no mask', Buffer.from([0x81, 1, 65]), 1002],
    ['an opcode that is none', frame(3, 'x'), 1002],
    ['text that is no UTF-8', frame(text, '\xff'), 1007],
    ['compression that was not agreed', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
    ['a control frame in fragments', frame(ping, 'x', false), 1002],
    [
      'a thousand fragments',
      Buffer.concat([frame(text, 'a', false), ...Array(1_000).fill(frame(0, 'a', false))]),
      1008,
    ],
  ])('with %s ends the connection', async (_, bytes, code) => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    client.socket.write(bytes);
    await soon(() => expect(client.closed).toBe(true));
    const at = client.text.indexOf('\x88');
    expect(client.text.charCodeAt(at + 2) * 256 + client.text.charCodeAt(at + 3)).toBe(code);
    expect(seen.faults.map(({ fault }) => fault)).toEqual(['not-sip']);
    expect(seen.messages).toEqual([]);
    await soon(() => expect(seen.closed).toHaveLength(1));
  });
});

describe('keep-alive (RFC 7118 §6)', () => {
  it('answers CRLFCRLF with CRLF, each a message of its own, and passes neither on', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    for (const keepAlive of ['\r\n\r\n', '\r\n', '', '\r\n\r\n']) browser.socket.send(keepAlive);
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(browser.messages).toHaveLength(3));
    expect(browser.messages.map((one) => one.text)).toEqual(['\r\n', '\r\n', sip('OPTIONS')]);
    expect(textsOf(seen)).toEqual([sip('OPTIONS')]);
    expect(statsOf(seen)).toMatchObject({ receivedMessages: 1, sentMessages: 1 });
  });

  it('leaves empty lines before a message to the parser', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    browser.socket.send(`\r\n\r\n${sip('OPTIONS')}`);
    await soon(() => expect(textsOf(seen)).toEqual([`\r\n\r\n${sip('OPTIONS')}`]));
  });

  it('answers the pings of the client', async () => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    client.socket.write(frame(ping, 'abc'));
    await soon(() => expect(client.text).toBe('\x8a\x03abc'));
  });
});

describe('a flow', () => {
  it('is found by its id and by its peer while it is there, and nothing is ever dialled', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(seen.messages).toHaveLength(1));
    const { flow } = seen.messages[0]!;
    const { transports } = seen;
    expect(transports.flowById(flow.id)).toBe(flow);
    expect(transports.flowTo(flow.listener, flow.remoteAddress, flow.remotePort)).toBe(flow);
    const server = await peer();
    const dead = transports.flowTo(flow.listener, '127.0.0.1', server.port);
    expect(dead.closed).toBe(true);
    expect(send(dead, sip('OPTIONS'))).toBe(false);
    expect(transports.flowTo(flow.listener, 'df7jal23ls0d.invalid', 5060).closed).toBe(true);

    browser.socket.close(1000);
    await soon(() => expect(seen.closed.map((one) => one.flow)).toEqual([flow]));
    expect(transports.flowById(flow.id)).toBeUndefined();
    expect(transports.flowTo(flow.listener, flow.remoteAddress, flow.remotePort).closed).toBe(true);
    expect(send(flow, sip('OPTIONS'))).toBe(false);
    expect(statsOf(seen).sendDrops).toBe(1);
    expect(server.connections).toBe(0);
    expect(browser.code).toBe(1000);
  });

  it('is closed for sends as soon as the client has said so', async () => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    client.socket.write(Buffer.concat([frame(text, sip('OPTIONS')), frame(closing, '\x03\xe8')]));
    await soon(() => expect(seen.messages).toHaveLength(1));
    await soon(() => expect(seen.messages[0]!.flow.closed).toBe(true));
    expect(send(seen.messages[0]!.flow, 'late')).toBe(false);
    // the client does not close its end of TCP: that is not waited for
    await soon(() => expect(seen.closed).toHaveLength(1));
  });

  it('ends without a word of the client', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(seen.messages).toHaveLength(1));
    browser.socket.terminate();
    await soon(() => expect(seen.closed).toHaveLength(1));
    expect(statsOf(seen).connections).toBe(0);
  });

  it('is told when we end (1001), also where the client does not answer', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    const deaf = await rawClient(portOf(seen));
    await seen.transports.close();
    await soon(() => expect([browser.code, deaf.closed]).toEqual([1001, true]));
    expect(deaf.text).toBe('\x88\x02\x03\xe9');
  });

  it('goes on when new ones are no longer accepted', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    seen.transports.stopAccepting();
    const late = dial(portOf(seen));
    await soon(() => expect(late.closed).toBe(true));
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(browser.messages).toHaveLength(1));
  });

  it('comes over IPv6', async () => {
    const seen = await open({ listeners: [{ ...wsV4, host: '::1' }] });
    const browser = await browse(portOf(seen), { host: '[::1]' });
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(seen.messages[0]?.flow.remoteAddress).toBe('::1'));
  });
});
