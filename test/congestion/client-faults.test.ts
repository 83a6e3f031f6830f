// The orchestrator, or the application itself, is wrong or slow: no more comes of it than that orders end.
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../peers/wait.ts';
import { expectNothingUnhandled, startFake, startSetting } from './client-setting.ts';
import { json, problem, type Received } from './fake-orchestrator.ts';

expectNothingUnhandled();

const never = (): Promise<boolean> => new Promise(() => undefined);
const garbage: [string, (response: ServerResponse) => void][] = [
  ['no JSON', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"mode":')],
  ['other JSON', (response) => json(response, { mode: 'L9' })],
  ['null', (response) => json(response, null)],
  ['nothing', (response) => response.writeHead(204).end()],
  ['a megabyte', (response) => json(response, { text: 'x'.repeat(1_000_000) })],
  ['without end', (response) => flood(response)],
  [
    'a part of what it announced',
    (response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{');
      setTimeout(() => response.destroy(), 10);
    },
  ],
  ['half a header', (response) => response.socket?.end('HTTP/1.1 200 OK\r\ncontent-le')],
  ['another protocol', (response) => response.socket?.end('SSH-2.0-server\r\n')],
];

function flood(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
  response.on('close', () => clearInterval(timer));
}

describe('an orchestrator that answers wrongly', () => {
  it.each(garbage)('%s: that is counted, told once, and orders end; then all goes on', async (_what, answer) => {
    const { fake, client, given, changes } = await startSetting({ pull: false }, (one) => {
      one.orders = { ...one.orders, validitySeconds: 1 };
    });
    await waitFor('orders', () => given.length === 1);
    fake.misbehave = (_got, response) => {
      answer(response);
      return true;
    };
    await waitFor('the end of the orders', () => given.length === 2);
    expect(given[1]).toBeUndefined();
    expect(client.orders).toBeUndefined();
    const { failures } = client.stats();
    expect(failures.invalid + failures.unreachable + failures.timeout).toBeGreaterThan(1);
    const told = changes.filter(({ what }) => what === 'failed');
    expect(told.length).toBe(new Set(told.map((one) => 'kind' in one && one.kind)).size);
    fake.misbehave = undefined;
    await waitFor('orders again', () => client.orders);
    expect(client.stats()).toMatchObject({ isConnected: true, registrations: 1 });
    expect(changes.at(-1)).toMatchObject({ what: 'recovered' });
  });

  it.each([
    [301, 'status'],
    [401, 'refused'],
    [403, 'refused'],
    [429, 'busy'],
    [500, 'status'],
    [503, 'busy'],
  ] as const)('status %i is %s, and is not asked again at once', async (status, kind) => {
    const other = await startFake('other');
    const { fake, client, changes } = await startSetting({}, (one) => {
      one.misbehave = (_got, response) => {
        problem(response, status, 'about:blank', { location: `${other.url}/v1/applications/web` });
        return true;
      };
    });
    await waitFor('failures', () => client.stats().failures[kind] >= 2);
    expect(changes).toEqual([
      { what: 'failed', kind, detail: status < 400 ? `${status}` : `${status}: detail of ${status}` },
    ]);
    expect(fake.received.length).toBeLessThan(4);
    expect(other.received).toEqual([]);
  });

  it('waits as long as it is told to', async () => {
    const { fake } = await startSetting({}, (one) => {
      one.misbehave = (_got, response) => {
        if (one.received.length > 1) return false;
        problem(response, 429, 'urn:surgegate:problem:too-many-requests', { 'retry-after': '1' });
        return true;
      };
    });
    await waitFor('two registrations', () => fake.received.length >= 2);
    expect(fake.received[1]!.atMs - fake.received[0]!.atMs).toBeGreaterThan(980);
  });
});

describe('an orchestrator that is slow', () => {
  it('is asked one thing at a time, and its late answers do no harm', async () => {
    let slowest = 0;
    const { fake, client, given } = await startSetting({ pull: false }, (one) => {
      one.misbehave = async (got: Received, response) => {
        if (got.id === 'register') return false;
        slowest++;
        // longer than the client waits
        setTimeout(() => response.writable && json(response, one.current()), 700);
        return never();
      };
    });
    await waitFor('time-outs', () => client.stats().failures.timeout >= 2);
    expect(slowest).toBeGreaterThanOrEqual(2);
    // what was given up may still be handled when the next comes
    expect(fake.mostAtOnce).toBeLessThanOrEqual(2);
    expect(given.length).toBe(1);
  });

  it('whose answers take longer than a report interval is still one that works', async () => {
    const { client } = await startSetting({ pull: false }, (one) => {
      one.misbehave = () => new Promise((resolve) => setTimeout(() => resolve(false), 250));
    });
    await waitFor('reports', () => client.stats().reports >= 3);
    expect(client.stats().failures.timeout).toBe(0);
  });

  it('that answers nothing at all lets the application close', async () => {
    const { client, fake } = await startSetting({}, (one) => {
      one.misbehave = never;
    });
    await waitFor('a request', () => fake.received.length > 0);
    const startedMs = performance.now();
    await client.close();
    expect(performance.now() - startedMs).toBeLessThan(400);
  });

  it('what waits for it is answered with nothing', async () => {
    const { client, fake } = await startSetting();
    await waitFor('registered', () => client.stats().isConnected);
    fake.misbehave = never;
    expect(await client.request({ cpuCores: 1 })).toBeUndefined();
    expect(client.stats().failures.timeout).toBe(1);
  });
});

describe('an application that is wrong itself', () => {
  it('whose callbacks throw is still registered and renewed, and is told', async () => {
    const fail = (): never => {
      throw new Error('of the application');
    };
    const { fake, client } = await startSetting({ state: fail, onOrders: fail, onChange: fail, registration: fail });
    await waitFor('reports', () => fake.of('report').length >= 2);
    expect(client.stats().isConnected).toBe(true);
    expect(client.stats().failures.application).toBeGreaterThan(3);
  });

  it.each([
    { used: { cpuCores: Number.NaN } },
    { used: { cpuCores: -1 } },
    { mode: 'L7' },
    { buffers: [{ name: 'x', fillRatio: 2 }] },
    null,
    7,
  ])('whose state is %j renews its lease without it', async (state) => {
    const { fake, client, changes } = await startSetting({ state: () => state as never });
    await waitFor('reports', () => client.stats().reports >= 2);
    expect(client.stats().isConnected).toBe(true);
    expect(fake.of('report')[1]?.body.used).toBeUndefined();
    expect(changes.filter(({ what }) => what === 'failed').length).toBeLessThanOrEqual(1);
  });

  it('whose wishes are not valid is told by undefined', async () => {
    const { fake, client } = await startSetting();
    await waitFor('registered', () => client.stats().isConnected);
    expect(await client.request({ cpuCores: Number.NaN })).toBeUndefined();
    expect(fake.of('request')).toEqual([]);
  });
});
