import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { startSetting, tokens } from './setting.ts';

/** Of the fake desk when it starts. */
const first = 42;
const orders = (after: number, waitSeconds: number): string =>
  `GET /v1/applications/edge/orders?after=${after}&waitSeconds=${waitSeconds}`;

describe('orders', () => {
  it('without `after` they come at once', async () => {
    const { ask } = await startSetting();
    expect(await ask('GET /v1/applications/edge/orders?waitSeconds=30', { who: 'edge' })).toMatchObject({
      status: 200,
      json: { sequence: first },
    });
  });

  it('that are known are not sent again', async () => {
    const { ask } = await startSetting();
    expect(await ask(orders(first, 0), { who: 'edge' })).toMatchObject({ status: 204, text: '' });
    expect((await ask(orders(first - 1, 30), { who: 'edge' })).status).toBe(200);
  });

  it('of another registration come at once, whatever number is known', async () => {
    const { ask } = await startSetting();
    expect((await ask(orders(5000, 30), { who: 'edge' })).status).toBe(200);
  });

  it('come as soon as they change', async () => {
    const { ask, desk } = await startSetting();
    const answer = ask(orders(first, 30), { who: 'edge' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    desk.change('web');
    desk.change('edge', { suspended: true });
    expect(await answer).toMatchObject({ status: 200, json: { sequence: first + 1, suspended: true } });
    expect(desk.listeners()).toBe(0);
  });

  it('are waited for no longer than was asked', async () => {
    const { ask, desk } = await startSetting();
    expect(await ask(orders(first, 0.05), { who: 'noc' })).toMatchObject({ status: 204 });
    expect(desk.listeners()).toBe(0);
  });

  it('are not there any more when the application has left meanwhile', async () => {
    const { ask, desk } = await startSetting();
    const answer = ask(orders(first, 0.2), { who: 'edge' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    desk.leave('edge');
    expect((await answer).status).toBe(404);
  });

  it('are not waited for when the caller has gone', async () => {
    const { api, desk } = await startSetting();
    const socket = connect(Number(api.address.split(':')[1]), '127.0.0.1');
    socket.write(`${orders(first, 30)} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokens.edge}\r\n\r\n`);
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    socket.destroy();
    await vi.waitFor(() => expect(desk.listeners()).toBe(0));
  });

  it('who waits too often loses his oldest wait, and others none', async () => {
    const { ask, desk } = await startSetting({ limits: { waitsPerIdentity: 1 } });
    const other = ask(orders(first, 30), { who: 'noc' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    const oldest = ask(orders(first, 30), { who: 'edge' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(2));
    const newest = ask(orders(first, 30), { who: 'edge' });
    expect((await oldest).status).toBe(204);
    desk.change('edge');
    expect((await newest).status).toBe(200);
    expect((await other).status).toBe(200);
  });

  it('are not waited for by more than may in all', async () => {
    const { ask, desk } = await startSetting({ limits: { waits: 1 } });
    const waiting = ask(orders(first, 30), { who: 'noc' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    const refused = await ask(orders(first, 30), { who: 'edge' });
    expect(refused).toMatchObject({ status: 503, type: 'application/problem+json' });
    expect(refused.headers['retry-after']).toBe('5');
    desk.change('edge');
    expect((await waiting).status).toBe(200);
    expect(desk.listeners()).toBe(0);
  });

  it('waits end when the server closes', async () => {
    const { ask, api, desk } = await startSetting();
    const answer = ask(orders(first, 30), { who: 'edge' });
    await vi.waitFor(() => expect(desk.listeners()).toBe(1));
    await api.close();
    // an answer, or the end of the connection: but soon
    await answer.catch(() => undefined);
    expect(desk.listeners()).toBe(0);
  });
});
