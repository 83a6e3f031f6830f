import type { SecureContextOptions } from 'node:tls';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { examples } from '../../../src/congestion/examples.ts';
import type { CallbackOutcome } from '../../../src/orchestrator/api/api-options.ts';
import type { CallbackTiming } from '../../../src/orchestrator/api/callback.ts';
import { createCallbacks } from '../../../src/orchestrator/api/callbacks.ts';
import { clientOptions } from '../../../src/orchestrator/api/server-options.ts';
import { createAuthority } from './authority.ts';
import { startReceiver } from './callback-receiver.ts';
import { fakeDesk } from './fake-desk.ts';
import { startSetting } from './setting.ts';

const authority = createAuthority();

const quick: Partial<CallbackTiming> = { timeoutMs: 200, firstDelayMs: 5, longestDelayMs: 20 };

function start(timing = quick, tls?: SecureContextOptions) {
  const desk = fakeDesk('edge');
  const outcomes: CallbackOutcome[] = [];
  const log: unknown[][] = [];
  const callbacks = createCallbacks({
    ...{ desk, timing, tls, hostsOf: () => [], log: { limited: (...line) => log.push(line) } },
    onAttempt: (outcome) => outcomes.push(outcome),
  });
  onTestFinished(() => callbacks.stop());
  return { desk, callbacks, outcomes, log };
}

const registration = (url: string, sequence = 1, instance = 'instance-1') => ({
  ...{ instance, sequence, validitySeconds: 15, essential: true, priority: 5, maximum: {}, minimum: {} },
  callback: { url, token: 'callback-token-01' },
});

describe('orders are brought to the callback', () => {
  it('each time they change, with its token', async () => {
    const { desk, callbacks, outcomes } = start();
    const receiver = await startReceiver();
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/here?a=b`));
    desk.change('web');
    const orders = desk.change('edge');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]).toMatchObject({
      ...{ method: 'POST', path: '/here?a=b', orders },
      headers: { authorization: 'Bearer callback-token-01', 'content-type': 'application/json' },
    });
    await vi.waitFor(() => expect(outcomes).toEqual(['delivered']));
    desk.change('edge');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
  });

  it('only the newest of those that came while one was under way', async () => {
    const { desk, callbacks } = start({ ...quick, timeoutMs: 5000 });
    const receiver = await startReceiver();
    let release = (): void => {};
    receiver.answer = (response) => {
      release = () => void response.end();
    };
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/`));
    desk.change('edge');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    for (let i = 0; i < 10; i++) desk.change('edge');
    release();
    await vi.waitFor(() => expect(receiver.received.map(({ orders }) => orders.sequence)).toEqual([43, 53]));
  });

  it.each([500, 404, 401, 302])('again and again when it answers %d, until it takes them', async (status) => {
    const { desk, callbacks, outcomes, log } = start();
    const receiver = await startReceiver();
    const other = await startReceiver();
    receiver.answer = (response) => {
      const location = `http://127.0.0.1:${other.port}/`;
      response.writeHead(receiver.received.length < 4 ? status : 204, { location }).end();
    };
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/`));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes).toEqual(['failed', 'failed', 'failed', 'delivered']));
    expect(receiver.received.map(({ orders }) => orders.sequence)).toEqual([43, 43, 43, 43]);
    // a redirect is not followed
    expect(other.received).toEqual([]);
    expect(log[0]).toMatchObject(['callback edge', 'warn', expect.any(String), { reason: `answered ${status}` }]);
  });

  it('when it does not answer, or not to the end', async () => {
    const { desk, callbacks, outcomes } = start();
    const receiver = await startReceiver();
    receiver.answer = (response) => {
      const count = receiver.received.length;
      if (count === 2) response.write('half of an');
      if (count === 3) response.destroy();
      if (count === 4) response.end();
    };
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/`));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes).toEqual(['failed', 'failed', 'failed', 'delivered']), 5000);
  });

  it('is not stopped by an answer that never ends, or is long', async () => {
    const { desk, callbacks, outcomes } = start();
    const receiver = await startReceiver();
    receiver.answer = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(1000)), 1);
      response.on('close', () => clearInterval(timer));
    };
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/`));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(0), 5000);
  });

  it('when nobody listens there yet', async () => {
    const { desk, callbacks, outcomes } = start();
    callbacks.registered('edge', registration('http://127.0.0.1:1/'));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(3));
    expect(new Set(outcomes)).toEqual(new Set(['failed']));
  });
});

describe('the delay', () => {
  it('grows to its longest and stays there', async () => {
    const { desk, callbacks, outcomes } = start({ timeoutMs: 200, firstDelayMs: 1, longestDelayMs: 30 });
    const times: number[] = [];
    const receiver = await startReceiver();
    receiver.answer = (response) => {
      times.push(performance.now());
      response.writeHead(503).end();
    };
    callbacks.registered('edge', registration(`http://127.0.0.1:${receiver.port}/`));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(10), 5000);
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    // half of it is random
    for (const gap of gaps.slice(6)) expect(gap).toBeGreaterThan(13);
  });
});

describe('a callback ends', () => {
  /** Until another one in the same state has gone on for some attempts. */
  async function longEnough(): Promise<void> {
    const other = start();
    other.callbacks.registered('edge', registration('http://127.0.0.1:1/'));
    other.desk.change('edge');
    await vi.waitFor(() => expect(other.outcomes.length).toBeGreaterThan(5));
  }

  it('with its registration', async () => {
    const { desk, callbacks, outcomes } = start();
    callbacks.registered('edge', registration('http://127.0.0.1:1/'));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(1));
    callbacks.left('edge');
    const count = outcomes.length;
    expect(desk.listeners()).toBe(0);
    desk.change('edge');
    await longEnough();
    expect(outcomes).toHaveLength(count);
  });

  it('when the lease has run out', async () => {
    const { desk, callbacks, outcomes } = start();
    callbacks.registered('edge', registration('http://127.0.0.1:1/'));
    desk.change('edge');
    await vi.waitFor(() => expect(outcomes.length).toBeGreaterThan(1));
    desk.leave('edge');
    const count = outcomes.length;
    await longEnough();
    expect(outcomes.length - count).toBeLessThanOrEqual(1);
  });

  it('gives way to the next one; a late registration changes nothing', async () => {
    const { desk, callbacks } = start();
    const [first, second, third] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const to = ({ port }: { port: number }, sequence: number, instance?: string): void =>
      callbacks.registered('edge', registration(`http://127.0.0.1:${port}/`, sequence, instance));
    to(first, 5);
    to(second, 6);
    to(first, 6);
    to(first, 4);
    desk.change('edge');
    await vi.waitFor(() => expect(second.received).toHaveLength(1));
    to(third, 1, 'instance-2');
    desk.change('edge');
    await vi.waitFor(() => expect(third.received).toHaveLength(1));
    // of the instance before it
    to(second, 6);
    desk.change('edge');
    await vi.waitFor(() => expect(third.received).toHaveLength(2));
    expect([first.received.length, second.received.length]).toEqual([0, 1]);
    expect(desk.listeners()).toBe(1);
  });
});

describe('over HTTP', () => {
  const body = (url: string, more: object = {}) => ({ ...examples.register.body, callback: { url }, ...more });

  it('a registration with a callback has orders pushed until the application leaves', async () => {
    const { ask, desk } = await startSetting();
    const receiver = await startReceiver();
    const url = `http://localhost:${receiver.port}/orders`;
    expect((await ask('PUT /v1/applications/edge', { who: 'edge', body: body(url) })).status).toBe(200);
    desk.change('edge');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
    expect(receiver.received[0]!.headers.authorization).toBeUndefined();
    expect((await ask('DELETE /v1/applications/edge', { who: 'edge' })).status).toBe(204);
    expect(desk.listeners()).toBe(0);
  });

  it.each(['by itself', 'by the end of its lease'])(
    'who left %s and comes with the same message again is new',
    async (how) => {
      const { ask, desk } = await startSetting();
      const receiver = await startReceiver();
      const url = `http://127.0.0.1:${receiver.port}/`;
      await ask('PUT /v1/applications/edge', { who: 'edge', body: body(url) });
      if (how === 'by itself') await ask('DELETE /v1/applications/edge', { who: 'edge' });
      else desk.leave('edge');
      await ask('PUT /v1/applications/edge', { who: 'edge', body: body(url) });
      desk.change('edge');
      await vi.waitFor(() => expect(receiver.received).toHaveLength(1));
      expect(desk.listeners()).toBe(1);
    },
  );

  it('one where orders may not be sent is a fault, and nothing is registered', async () => {
    const { ask, desk } = await startSetting();
    const answer = await ask('PUT /v1/applications/edge', { who: 'edge', body: body('http://192.0.2.1/') });
    expect(answer).toMatchObject({
      status: 400,
      json: {
        type: 'urn:surgegate:problem:invalid-message',
        faults: [{ key: 'callback.url', message: 'the value is not allowed; allowed: an address on the loopback' }],
      },
    });
    expect(desk.calls).toEqual([]);
  });

  it('the configuration may allow more', async () => {
    const credentials = [
      { role: 'application', name: 'edge', token: 'edge-token-0123456789', callbackHosts: ['192.0.2.1'] },
    ] as const;
    const { ask } = await startSetting({ credentials });
    expect((await ask('PUT /v1/applications/edge', { who: 'edge', body: body('http://192.0.2.1/') })).status).toBe(200);
    expect(
      (await ask('PUT /v1/applications/edge', { who: 'edge', body: body('http://192.0.2.2/', { sequence: 9 }) }))
        .status,
    ).toBe(400);
  });
});

it('under mutual TLS both show their certificates', async () => {
  const own = authority.issue('orchestrator', 'IP:127.0.0.1');
  const app = authority.issue('edge', 'DNS:localhost');
  const tls = clientOptions({ certificate: own.certificate, key: own.key, clientAuthority: authority.certificate });
  const { desk, callbacks, outcomes } = start(quick, tls);
  const receiver = await startReceiver({ ...app.pem, ca: authority.pem, requestCert: true, rejectUnauthorized: true });
  callbacks.registered('edge', registration(`https://localhost:${receiver.port}/`));
  desk.change('edge');
  await vi.waitFor(() => expect(outcomes).toEqual(['delivered']));
  expect(receiver.received).toHaveLength(1);
  const stranger = await startReceiver({ ...authority.stranger('localhost').pem });
  callbacks.registered('edge', registration(`https://localhost:${stranger.port}/`, 2));
  desk.change('edge');
  await vi.waitFor(() => expect(outcomes[1]).toBe('failed'));
  expect(stranger.received).toEqual([]);
});
