// The bounds of WebSockets: how idle, how dead, how slow, how much waits, and pauses.
import { describe, expect, it, onTestFinished } from 'vitest';
import { open, send, sip } from './open.ts';
import { portOf, statsOf } from './tcp-ends.ts';
import { browse, frame, ping, pong, rawClient, soon, text, wsV4 } from './web-socket-ends.ts';

const listeners = [wsV4];
/** Handshakes of a busy machine are within it too; it is looked at every half second. */
const limits = { messageMs: 2_000 };
const pinging = (pingMs: number) => [{ ...wsV4, webSocket: { pingMs } }];

describe('limits', { timeout: 60_000 }, () => {
  it('the silent are pinged: who answers stays, who does not is gone', async () => {
    const seen = await open({ listeners: pinging(1_000), limits });
    const browser = await browse(portOf(seen));
    const dead = await rawClient(portOf(seen));
    await soon(() => expect(dead.closed).toBe(true));
    expect(dead.text).toBe('\x89\x00');
    await soon(() => expect(browser.pings).toBeGreaterThan(1));
    expect(browser.code).toBeUndefined();
    expect(statsOf(seen)).toMatchObject({ idleConnections: 1, connections: 1 });
    expect(seen.closed).toHaveLength(1);
  });

  it('hundreds at once are pinged, in parts', async () => {
    const seen = await open({ listeners: pinging(2_000) });
    const all = await Promise.all(Array.from({ length: 150 }, () => browse(portOf(seen))));
    await soon(() => expect(all.every(({ pings }) => pings > 0)).toBe(true), 25_000);
    await soon(() => expect(all.every(({ pings }) => pings > 1)).toBe(true), 25_000);
    expect(statsOf(seen)).toMatchObject({ connections: 150, idleConnections: 0 });
  });

  it('who sends is not pinged', async () => {
    const seen = await open({ listeners: pinging(1_000), limits });
    const busy = await browse(portOf(seen));
    const silent = await browse(portOf(seen));
    const sending = setInterval(() => busy.socket.send('\r\n\r\n'), 20);
    onTestFinished(() => clearInterval(sending));
    await soon(() => expect(silent.pings).toBeGreaterThan(2));
    expect(busy.pings).toBeLessThan(silent.pings);
  });

  it('the idle are ended, where they are not pinged before', async () => {
    const seen = await open({ listeners, limits: { idleMs: 2_000 } });
    const idle = await browse(portOf(seen));
    const alive = await browse(portOf(seen));
    const pings = setInterval(() => alive.socket.ping(), 50);
    onTestFinished(() => clearInterval(pings));
    await soon(() => expect(idle.code).toBe(1001));
    expect(alive.code).toBeUndefined();
    await soon(() => expect(statsOf(seen)).toMatchObject({ idleConnections: 1, connections: 1 }));
  });

  it('who begins a message and does not finish it is gone, however busily it drips and pings', async () => {
    const seen = await open({ listeners, limits: { messageMs: 2_000, idleMs: 60_000 } });
    const dripping = await rawClient(portOf(seen));
    const whole = frame(text, sip('OPTIONS', 'x'.repeat(5_000)));
    let at = 0;
    const drip = setInterval(() => dripping.socket.write(whole.subarray(at, ++at)), 20);
    const fragments = await rawClient(portOf(seen));
    fragments.socket.write(frame(text, 'a', false));
    const more = setInterval(() => {
      fragments.socket.write(frame(ping, 'here'));
      fragments.socket.write(frame(0, 'a', false));
    }, 20);
    const brisk = await rawClient(portOf(seen));
    const messages = setInterval(() => brisk.socket.write(frame(text, sip('OPTIONS'))), 20);
    const ponging = await rawClient(portOf(seen));
    const pongBytes = frame(pong, 'ab');
    let sent = 0;
    const halves = setInterval(() => {
      ponging.socket.write(pongBytes.subarray(sent % 2 === 0 ? 0 : 3, sent % 2 === 0 ? 3 : pongBytes.length));
      sent++;
    }, 20);
    const silent = await rawClient(portOf(seen));
    onTestFinished(() => {
      for (const timer of [drip, more, messages, halves]) clearInterval(timer);
    });
    await soon(() => expect([dripping.closed, fragments.closed]).toEqual([true, true]));
    expect([brisk.closed, ponging.closed, silent.closed]).toEqual([false, false, false]);
    expect(statsOf(seen).slowConnections).toBe(2);
  });

  it('a send is refused while the peer does not read', async () => {
    const seen = await open({ listeners, limits: { sendQueueBytes: 100_000 } });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS'));
    await soon(() => expect(browser.messages).toHaveLength(1));
    browser.socket.pause();
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
    browser.socket.resume();
    await soon(() => expect(browser.messages).toHaveLength(1 + taken));
    expect(send(flow, 'again')).toBe(true);
    await soon(() => expect(browser.messages.at(-1)?.text).toBe('again'));
  });

  it('a flood of pings is not answered without end', async () => {
    const seen = await open({ listeners, limits: { sendQueueBytes: 100_000 } });
    const client = await rawClient(portOf(seen));
    client.socket.pause();
    const many = Buffer.concat(Array(2_000).fill(frame(ping, 'x'.repeat(125))));
    for (let i = 0; i < 400 && !client.socket.destroyed; i++) {
      client.socket.write(many);
      await new Promise((resolve) => setImmediate(resolve));
    }
    client.socket.resume();
    await soon(() => expect(client.closed).toBe(true));
    await soon(() => expect(statsOf(seen).connections).toBe(0));
  });

  it('nor is a flood of CRLFCRLF: what comes at once, or is not read, gets a few', async () => {
    const seen = await open({ listeners });
    const client = await rawClient(portOf(seen));
    const many = 5_000;
    client.socket.write(Buffer.concat(Array(many).fill(frame(text, '\r\n\r\n'))));
    client.socket.write(frame(text, sip('OPTIONS')));
    await soon(() => expect(client.text).toContain('OPTIONS'));
    const pongs = client.text.split('\x81\x02\r\n').length - 1;
    expect(pongs).toBeGreaterThan(0);
    expect(pongs).toBeLessThan(many / 2);
    // later ones are answered again
    client.text = '';
    client.socket.write(frame(text, '\r\n\r\n'));
    await soon(() => expect(client.text).toBe('\x81\x02\r\n'));
  });

  it('nothing is read while it is paused', async () => {
    const seen = await open({ listeners });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS', '1'));
    await soon(() => expect(seen.messages).toHaveLength(1));
    const before = performance.now();
    seen.transports.pauseReads(seen.transports.listeners[0]!, 300);
    // the one that comes first is read, and pauses its connection
    browser.socket.send(sip('OPTIONS', '2'));
    await soon(() => expect(seen.messages).toHaveLength(2));
    browser.socket.send(sip('OPTIONS', '3'));
    await soon(() => expect(seen.messages).toHaveLength(3));
    expect(performance.now() - before).toBeGreaterThan(250);
    const since = performance.now();
    seen.messages[0]?.flow.pauseReads?.(300);
    browser.socket.send(sip('OPTIONS', '4'));
    await soon(() => expect(seen.messages).toHaveLength(4));
    expect(performance.now() - since).toBeGreaterThan(250);
  });

  it('a pause is not held against the client', async () => {
    const seen = await open({ listeners: pinging(600), limits: { messageMs: 1_000, idleMs: 1_000 } });
    const browser = await browse(portOf(seen));
    browser.socket.send(sip('OPTIONS', '1'));
    await soon(() => expect(seen.messages).toHaveLength(1));
    seen.messages[0]?.flow.pauseReads?.(2_500);
    browser.socket.send(sip('OPTIONS', '2'));
    await soon(() => expect(seen.messages).toHaveLength(2));
    expect(browser.code).toBeUndefined();
    expect(statsOf(seen)).toMatchObject({ slowConnections: 0, idleConnections: 0 });
  });
});
