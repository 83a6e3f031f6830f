import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { examples } from '../../../src/congestion/examples.ts';
import { type EventReader, readEvents } from './event-reader.ts';
import type { FakeDesk } from './fake-desk.ts';
import { startSetting } from './setting.ts';

const path = '/v1/applications/edge/events';
const transition = examples.feed.result;

describe('the stream of orders', () => {
  it('begins with those in force and goes on with each change', async () => {
    const { api, desk } = await startSetting();
    const reader = await readEvents(api.address, path, { who: 'edge' });
    expect(reader.response.statusCode).toBe(200);
    expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const [now] = await reader.wait(1);
    expect(now).toEqual({ id: '42', event: 'orders', data: examples.events.result });
    expect(reader.text()).toMatch(/^retry: 3000\n\n/);
    desk.change('web');
    desk.change('edge', { suspended: true });
    const [, next] = await reader.wait(2);
    expect(next).toMatchObject({ id: '43', event: 'orders', data: { application: 'edge', suspended: true } });
  });

  it.each(['42', '9999', 'nonsense', '\u00ff'])('an event that was seen before is no matter: %s', async (id) => {
    const { api } = await startSetting();
    const reader = await readEvents(api.address, path, { who: 'edge', headers: { 'last-event-id': id } });
    expect((await reader.wait(1))[0]).toMatchObject({ id: '42' });
  });

  it('shows that it is still there', async () => {
    const { api } = await startSetting({ limits: { keepAliveMs: 10 } });
    const reader = await readEvents(api.address, path, { who: 'edge' });
    await vi.waitFor(() => expect(reader.text()).toContain('}\n\n: still here\n\n: still here\n\n'));
  });

  it('lets go of the desk when its reader has gone', async () => {
    const { api, desk } = await startSetting();
    const reader = await readEvents(api.address, path, { who: 'noc' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    reader.close();
    await vi.waitFor(() => expect(desk.listeners()).toBe(0));
  });

  it('of an application that is not registered is a 404, and of another a 403', async () => {
    const { ask } = await startSetting();
    expect((await ask('GET /v1/applications/web/events', { who: 'web' })).status).toBe(404);
    expect((await ask('GET /v1/applications/edge/events', { who: 'web' })).status).toBe(403);
  });

  it('ends when the server closes', async () => {
    const { api, desk } = await startSetting();
    const reader = await readEvents(api.address, path, { who: 'edge' });
    await reader.wait(1);
    await api.close();
    await vi.waitFor(() => expect(reader.closed()).toBe(true));
    expect(desk.listeners()).toBe(0);
  });
});

describe('the feed of changes of the mode', () => {
  it('begins with the last one and goes on with each', async () => {
    const { api, desk } = await startSetting();
    desk.transit({ ...transition, from: 'L0', to: 'L1', at: '2025-01-06T10:00:00.000Z' });
    const reader = await readEvents(api.address, '/v1/events', { who: 'east' });
    await reader.wait(1);
    desk.transit(transition);
    const [last, next] = await reader.wait(2);
    expect(last).toMatchObject({ id: '2025-01-06T10:00:00.000Z', event: 'transition', data: { to: 'L1' } });
    expect(next).toEqual({ id: transition.at, event: 'transition', data: transition });
  });

  it('is empty where nothing ever changed', async () => {
    const { api, desk } = await startSetting();
    const reader = await readEvents(api.address, '/v1/events', { who: 'noc' });
    await vi.waitFor(() => expect(reader.text()).toBe('retry: 3000\n\n'));
    desk.transit(transition);
    expect(await reader.wait(1)).toHaveLength(1);
  });
});

describe('streams are bounded', () => {
  it('who has too many loses his oldest', async () => {
    const { api, desk } = await startSetting({ limits: { streamsPerIdentity: 2 } });
    const readers: EventReader[] = [];
    for (let i = 0; i < 3; i++) readers.push(await readEvents(api.address, path, { who: 'edge' }));
    await vi.waitFor(() => expect(readers.map((reader) => reader.closed())).toEqual([true, false, false]));
    expect(desk.listeners()).toBe(2);
  });

  it('in all', async () => {
    const { api, ask, desk } = await startSetting({ limits: { streams: 1 } });
    const reader = await readEvents(api.address, path, { who: 'edge' });
    const refused = await ask('GET /v1/events', { who: 'noc' });
    expect(refused).toMatchObject({ status: 503, type: 'application/problem+json' });
    expect(refused.headers['retry-after']).toBe('5');
    reader.close();
    await vi.waitFor(() => expect(desk.listeners()).toBe(0));
    expect((await readEvents(api.address, '/v1/events', { who: 'noc' })).response.statusCode).toBe(200);
  });
});

describe('a reader that takes nothing', () => {
  const bulky = {
    notices: Array.from({ length: 64 }, (_, i) => ({
      ...examples.orders.result.notices[0]!,
      id: `${i}`,
      cause: 'c'.repeat(200),
    })),
  };

  /** More than the kernel takes for a connection: 25 MB. */
  async function changeOften(desk: FakeDesk): Promise<void> {
    for (let i = 0; i < 1000; i++) {
      desk.change('edge', bulky);
      await setImmediate();
    }
  }

  it('is cut, and nothing waits for it in between but the newest', async () => {
    const { api, desk } = await startSetting({ limits: { slowReaderMs: 200 } });
    const slow = await readEvents(api.address, path, { who: 'edge', isReading: false });
    const quick = await readEvents(api.address, path, { who: 'noc' });
    await changeOften(desk);
    await vi.waitFor(() => expect(desk.listeners()).toBe(1), 5000);
    await vi.waitFor(() => expect(quick.events().at(-1)?.id).toBe('1042'), 5000);
    slow.response.resume();
    await vi.waitFor(() => expect(slow.closed()).toBe(true));
  });

  it('that reads on in time gets the newest', async () => {
    const { api, desk } = await startSetting();
    const slow = await readEvents(api.address, path, { who: 'edge', isReading: false });
    await changeOften(desk);
    let text = '';
    slow.response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await vi.waitFor(() => expect(text).toContain('\nid: 1042\n'), 5000);
    expect(text.match(/^id: /gm)!.length).toBeLessThan(1000);
    expect(desk.listeners()).toBe(1);
  });
});
