import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CongestionClient } from '../../src/congestion/client.ts';
import { waitFor } from '../peers/wait.ts';
import { startClient, startFake, startSetting } from './client-setting.ts';
import { application, token } from './fake-orchestrator.ts';

describe('a client and its orchestrator', () => {
  it('registers, then reports at every interval, one message at a time with growing numbers', async () => {
    const { fake, client } = await startSetting({
      registration: { essential: false, priority: 3, maximum: { cpuCores: 2 } },
      state: () => ({ used: { cpuCores: 0.5 }, rates: { requestsPerSecond: 10 } }),
      pull: false,
    });
    await waitFor('four reports', () => fake.of('report').length >= 4);
    const [registration] = fake.of('register');
    expect(registration?.body).toMatchObject({ essential: false, priority: 3, maximum: { cpuCores: 2 } });
    expect(fake.of('report')[0]?.body).toMatchObject({
      session: fake.session,
      used: { cpuCores: 0.5 },
      validitySeconds: 5,
    });
    const numbers = fake.received.map(({ body }) => body.sequence);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const [first, , third, fourth] = fake.of('report').map(({ atMs }) => atMs);
    expect(fourth! - third!).toBeGreaterThan(80);
    expect(fourth! - first!).toBeLessThan(2000);
    expect(fake.mostAtOnce).toBe(1);
    expect(client.stats()).toMatchObject({ isConnected: true, session: fake.session, registrations: 1, pull: 'none' });
    expect(client.stats().lastSuccessAgeMs).toBeLessThan(2000);
  });

  it('gives each set of orders once, however often it is told', async () => {
    const { fake, client, given } = await startSetting();
    await waitFor('reports', () => fake.of('report').length >= 3);
    expect(given.map((orders) => orders?.sequence)).toEqual([1]);
    fake.change({ suspended: true });
    await waitFor('the new ones', () => given.length === 2);
    expect(client.orders).toMatchObject({ sequence: 2, suspended: true });
    await waitFor('reports', () => fake.of('report').length >= 6);
    expect(given.length).toBe(2);
  });

  it('tells how much may be used', async () => {
    const { fake, client } = await startSetting();
    expect(client.allowed).toEqual({});
    await waitFor('orders', () => client.orders);
    expect(client.allowed.cpuCores).toBe(1.6);
    const notice = {
      id: 'n',
      kind: 'start-load-shedding',
      target: { cpuCores: 1 },
      deadlineSeconds: 5,
      cause: 'test',
    } as const;
    fake.change({ notices: [notice] });
    await waitFor('the target', () => client.allowed.cpuCores === 1);
  });

  it('asks for more, and notifies', async () => {
    const { fake, client } = await startSetting();
    expect(await client.request({ cpuCores: 1 })).toBeUndefined();
    await waitFor('registered', () => client.stats().isConnected);
    expect(await client.request({ cpuCores: 1 })).toMatchObject({ outcome: 'granted', granted: { cpuCores: 1 } });
    expect(await client.notify({ kind: 'low-utilisation', unused: { cpuCores: 1 } })).toBe(true);
    const soon = {
      kind: 'pre-congestion',
      resource: 'cpuCores',
      utilisationRatio: 0.9,
      secondsToThreshold: 4,
    } as const;
    expect(await client.notify(soon)).toBe(true);
    expect(fake.of('notify').map(({ body }) => body)).toMatchObject([{ kind: 'low-utilisation' }, soon]);
  });

  it('of several messages of one kind the newest goes', async () => {
    const { fake, client } = await startSetting({ reportMs: 60_000 });
    await waitFor('a report', () => fake.of('report').length === 1 && client.stats().reports === 1);
    const answers = await Promise.all([1, 2, 3].map((cpuCores) => client.request({ cpuCores })));
    expect(answers.at(-1)).toMatchObject({ granted: { cpuCores: 3 } });
    expect(fake.of('request').length).toBeLessThanOrEqual(2);
    expect(fake.mostAtOnce).toBeLessThanOrEqual(2);
  });

  it('reports at once where it is urgent, and not more than ten times a second', async () => {
    const { fake, client } = await startSetting({ reportMs: 60_000, pull: false });
    await waitFor('a report', () => client.stats().reports === 1);
    const startedMs = performance.now();
    client.urgent();
    await waitFor(
      'another',
      () => {
        client.urgent();
        return fake.of('report').length === 4;
      },
      10_000,
      1,
    );
    expect(performance.now() - startedMs).toBeGreaterThan(280);
  });

  it('registers anew where that has changed', async () => {
    let priority = 1;
    const { fake, client } = await startSetting({ registration: () => ({ priority }) });
    await waitFor('registered', () => client.stats().isConnected);
    priority = 7;
    client.register();
    await waitFor('another', () => fake.of('register').length === 2);
    expect(fake.of('register')[1]?.body).toMatchObject({ priority: 7 });
    await waitFor('reports of the new session', () => fake.of('report').at(-1)?.body.session === fake.session);
    expect(client.stats().failures.session).toBe(0);
  });

  it('leaves when it is closed, and is quiet then', async () => {
    const { fake, client, given } = await startSetting();
    await waitFor('orders', () => given.length === 1);
    await Promise.all([client.close(), client.close()]);
    expect(fake.of('leave').length).toBe(1);
    const before = fake.received.length;
    fake.change();
    expect(await client.request({ cpuCores: 1 })).toBeUndefined();
    client.urgent();
    expect(fake.received.length).toBe(before);
    expect(given.length).toBe(1);
  });

  it('below a path of its own', async () => {
    const fake = await startFake();
    fake.basePath = '/host-1/congestion';
    const { client } = startClient(`${fake.url}/host-1/congestion/`);
    await waitFor('a report', () => client.stats().reports > 0);
    expect(client.stats().isConnected).toBe(true);
  });
});

describe('options that are not as they must be', () => {
  const good = { url: 'http://127.0.0.1:1', application, token };
  it.each([
    [{ url: 'host:1' }, /url: host:1/],
    [{ url: [] }, /url/],
    [{ url: 'ftp://127.0.0.1' }, /url/],
    [{ application: 'a b' }, /application/],
    [{ token: 'a\nb' }, /token/],
    [{ reportMs: 5 }, /reportMs: 5 is not 100 to 60000/],
    [{ timeoutMs: Number.NaN }, /timeoutMs/],
    [{ tls: { key: 'no key', certificate: 'no certificate' } }, /tls: /],
    [{ tls: { key: 'alone' } }, /tls: key and certificate belong together/],
    [{ validitySeconds: 0 }, /validitySeconds/],
    [{ registration: { priority: 12 } }, /registration\.priority/],
    [{ callback: { listen: { port: 70_000 } } }, /callback\.listen\.port/],
    [{ callback: { listen: { port: 0 }, token: 'short' } }, /registration\.callback\.token/],
  ])('%j are an error of one line at the start', (options, reason) => {
    const construct = () => new CongestionClient({ ...good, ...options });
    expect(construct).toThrow(reason);
    expect(construct).toThrow(/^[^\n]*$/);
  });
});

it('does not keep a process alive where that is asked for, and does otherwise', async () => {
  const fake = await startFake();
  const program = (unref: boolean) => `
    import { CongestionClient } from './src/congestion/client.ts';
    const orders = () => process.stdout.write('orders ');
    new CongestionClient({ url: '${fake.url}', application: '${application}', token: '${token}', reportMs: 100, unref: ${unref}, onOrders: orders });
    setTimeout(() => process.stdout.write('end'), 700);
  `;
  const run = (unref: boolean) =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program(unref)]);
  const loose = run(true);
  let said = '';
  loose.stdout.on('data', (text) => {
    said += String(text);
  });
  const [code] = await once(loose, 'exit');
  expect({ code, said }).toEqual({ code: 0, said: 'orders end' });

  const held = run(false);
  let text = '';
  held.stdout.on('data', (more) => {
    text += String(more);
  });
  const before = fake.of('report').length;
  await waitFor('its end that is none', () => text.includes('end') && fake.of('report').length > before + 10);
  expect(held.exitCode).toBeNull();
  held.kill();
}, 30_000);
