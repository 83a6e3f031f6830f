// Over real sockets: what a listener that reads gets, and what becomes of one that does not.
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAdmin } from '../../src/admin/server.ts';
import { EventStreams, eventText, heartbeat, mostListeners } from '../../src/console/event-streams.ts';
import { History } from '../../src/console/history.ts';
import { addConsoleRoutes } from '../../src/console/routes.ts';
import { Timeline } from '../../src/console/timeline.ts';
import { optionsWith } from '../admin/options.ts';
import { waitFor } from '../peers/wait.ts';
import { watch } from './watcher.ts';

async function setUp(status: () => unknown = () => undefined) {
  const clock = { nowMs: 0 };
  const streams = new EventStreams(() => clock.nowMs);
  const parts = { history: new History(), timeline: new Timeline(() => 0), streams, status, page: undefined };
  const console = (server: Parameters<typeof addConsoleRoutes>[0]) => addConsoleRoutes(server, parts as never);
  const admin = await startAdmin(optionsWith({ console }), { host: '127.0.0.1', port: 0 });
  onTestFinished(() => admin.close());
  return { clock, streams, admin, address: admin.address };
}

const has = (streams: EventStreams, count: number) => waitFor(`${count} listeners`, () => streams.size === count);
const large = eventText('entry', 'x'.repeat(100_000));

describe('the stream', () => {
  it('begins with the status, and has each event once, in its order, with data that is one line', async () => {
    const { address, streams } = await setUp(() => ({ mode: 'L1' }));
    const one = await watch(address);
    await has(streams, 1);
    streams.send(eventText('entry', { text: 'two\nlines' }));
    streams.send(heartbeat);
    streams.send(eventText('row', { at: 1 }));
    await waitFor('the row', () => one.events('row').length === 1);
    expect([one.events('status'), one.events('entry'), one.events('row')]).toEqual([
      [{ mode: 'L1' }],
      [{ text: 'two\nlines' }],
      [{ at: 1 }],
    ]);
    expect(one.text()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(one.text()).toMatch(/\r\ncontent-type: text\/event-stream\r\n/i);
    expect(one.text()).toMatch(/\r\ncache-control: no-store\r\n/i);
    expect(one.text()).toMatch(/\r\ncontent-security-policy: default-src 'none'/i);
    expect(one.text()).toContain(heartbeat.trimEnd());
  });

  it('takes twenty listeners and refuses the next, until one has gone', async () => {
    const { address, streams } = await setUp();
    const all = await Promise.all(Array.from({ length: mostListeners }, () => watch(address)));
    await has(streams, mostListeners);
    const refused = await fetch(`http://${address}/v1/stream`);
    expect([refused.status, refused.headers.get('content-type'), refused.headers.get('retry-after')]).toEqual([
      503,
      'application/problem+json; charset=utf-8',
      '5',
    ]);
    expect(await refused.json()).toMatchObject({ title: 'Service Unavailable', detail: expect.stringContaining('20') });
    all[0]!.close();
    await has(streams, mostListeners - 1);
    expect((await watch(address)).text()).toMatch(/^HTTP\/1\.1 200/);
  });

  it('closes one that does not read, and no other; what it has kept for him is bounded', async () => {
    const { address, streams } = await setUp();
    const reader = await watch(address);
    const sleeper = await watch(address, false);
    await has(streams, 2);
    let sent = 0;
    await waitFor('the sleeper to be closed', () => {
      streams.send(large);
      sent++;
      return streams.size === 1;
    });
    // 256 KiB here; the rest is what the kernel's two buffers took
    expect(sent * large.length).toBeLessThan(64 * 1024 * 1024);
    await waitFor('the reader to have all', () => reader.events('entry').length === sent);
    expect([reader.isClosed(), sleeper.text()]).toEqual([false, '']);
  });

  it('closes one that takes nothing for a quarter of a minute, however little waits for him', async () => {
    const { address, streams, clock } = await setUp();
    await watch(address, false);
    await has(streams, 1);
    // so much that the kernel takes no more, and less than what is too much
    let response: { writableLength: number; writableNeedDrain: boolean } | undefined;
    for (const listener of (streams as unknown as { listeners: Set<{ response: typeof response }> }).listeners)
      response = listener.response;
    await waitFor('the kernel to be full', () => {
      if (response!.writableLength < 100_000) streams.send(large);
      return response!.writableNeedDrain && response!.writableLength >= 100_000;
    });
    const few = eventText('row', 1);
    clock.nowMs += 15_000;
    streams.send(few);
    expect(streams.size).toBe(1);
    clock.nowMs += 15_001;
    streams.send(few);
    expect(streams.size).toBe(0);
  });

  it('ends with the process, at once, also for one who does not read', async () => {
    const { address, streams, admin } = await setUp();
    const reader = await watch(address);
    await watch(address, false);
    await has(streams, 2);
    for (let i = 0; i < 2; i++) streams.send(large);
    const closed = admin.close();
    await closed;
    await waitFor('the reader to be told', () => reader.isClosed());
    expect(reader.events('entry').length).toBe(2);
    expect(streams.isFull).toBe(true);
  });

  it('is for GET alone', async () => {
    const { address, streams } = await setUp();
    expect((await fetch(`http://${address}/v1/stream`, { method: 'HEAD' })).status).toBe(404);
    expect(streams.size).toBe(0);
  });
});
