// Orders that come by themselves: by stream, long poll and callback.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../peers/wait.ts';
import { startFake, startSetting } from './client-setting.ts';
import { eventOf, type FakeOrchestrator, json } from './fake-orchestrator.ts';

/** So that nothing comes with the answers to reports. */
const quiet = { reportMs: 60_000 } as const;
const streaming = (fake: FakeOrchestrator) => waitFor('a stream', () => fake.streams.size === 1);

describe('a stream of orders', () => {
  it('brings each change, and one duplicate, late or foreign changes nothing', async () => {
    const { fake, client, given } = await startSetting(quiet);
    await streaming(fake);
    const second = fake.change({ suspended: true });
    const third = fake.change({ suspended: false });
    fake.tell(second);
    fake.tell(third);
    fake.change();
    await waitFor('the fourth', () => client.orders?.sequence === 4);
    expect(given.map((orders) => orders?.sequence)).toEqual([1, 2, 3, 4]);
    // the stream tells first what the registration has told
    expect(client.stats().ordersIgnored).toMatchObject({ sequence: 3, session: 0, invalid: 0 });
    expect(client.stats().pull).toBe('events');
  });

  it('cut into single bytes, with letters of several bytes and lines that end in any way', async () => {
    const { fake, client } = await startSetting(quiet, (one) => {
      one.writeEvent = (stream, text) => {
        const crlf = Buffer.from(`: a comment\r\n${text.replaceAll('\n', '\r\n')}`);
        for (const byte of crlf) stream.write(Buffer.of(byte));
      };
    });
    await streaming(fake);
    const mode = { ...fake.orders.mode, causes: ['Überlast 超載 🚨'] };
    fake.change({ mode });
    await waitFor('the change', () => client.orders?.sequence === 2);
    expect(client.orders?.mode.causes).toEqual(mode.causes);
  });

  it('cut at any place into two', async () => {
    let at = 0;
    const { fake, client } = await startSetting(quiet);
    await streaming(fake);
    fake.writeEvent = (stream, text) => {
      const bytes = Buffer.from(text);
      stream.write(bytes.subarray(0, at));
      setImmediate(() => stream.write(bytes.subarray(at)));
    };
    for (const part of [1, 5, 6, 7, 13, 14, 15, 19, 20, 21, 300]) {
      at = part;
      const { sequence } = fake.change();
      await waitFor(`the change cut at ${part}`, () => client.orders?.sequence === sequence);
    }
    at = Buffer.byteLength(eventOf(fake.current())) - 1;
    const { sequence } = fake.change();
    await waitFor('the change cut before its last line end', () => client.orders?.sequence === sequence);
  });

  it('with other events, and events of many lines', async () => {
    const { fake, client } = await startSetting(quiet);
    await streaming(fake);
    fake.orders = { ...fake.orders, sequence: 7 };
    for (const stream of fake.streams) {
      const lines = JSON.stringify(fake.current(), null, 1)
        .split('\n')
        .map((line) => `data: ${line}\n`);
      stream.write(`event: other\ndata: {}\n\nid: 4\nevent: orders\n${lines.join('')}\n`);
    }
    await waitFor('the orders', () => client.orders?.sequence === 7);
    expect(client.stats().failures.invalid).toBe(0);
  });

  it('that ends is opened again', async () => {
    const { fake, client } = await startSetting(quiet);
    for (let i = 0; i < 3; i++) {
      await streaming(fake);
      await sleep(i === 0 ? 1100 : 0); // one that lasted a second counts as a stream
      for (const stream of fake.streams) stream.end();
      await waitFor('its end', () => fake.streams.size === 0);
    }
    await streaming(fake);
    const { sequence } = fake.change();
    await waitFor('the change', () => client.orders?.sequence === sequence);
    expect(client.stats().pull).toBe('events');
  });

  it('of garbage is given up for polls', async () => {
    const { fake, client, changes } = await startSetting(quiet, (one) => {
      one.writeEvent = (stream) => void stream.write(eventOf('{"mode":"L9"}'));
    });
    await waitFor('polls', () => client.stats().pull === 'poll');
    expect(client.stats().ordersIgnored.invalid).toBe(3);
    expect(changes.filter(({ what }) => what === 'failed').length).toBe(1);
    expect(changes.at(-1)).toEqual({ what: 'pull', way: 'poll' });
    await waitFor('a poll', () => fake.of('orders').length === 1);
    fake.change();
    await waitFor('the change', () => client.orders?.sequence === 2);
  });

  it('without any end of line is cut at its bound', async () => {
    const { client } = await startSetting(quiet, (one) => {
      one.writeEvent = (stream) => void stream.write('x'.repeat(300_000));
    });
    await waitFor('polls', () => client.stats().pull === 'poll');
  });

  it('of another session is given up, and a report finds out who is right', async () => {
    const { fake, client } = await startSetting(quiet);
    await streaming(fake);
    await waitFor('the first report', () => client.stats().reports === 1);
    fake.session = 'of-another-instance';
    fake.change({ suspended: true });
    await waitFor('a session of our own', () => client.stats().registrations === 2);
    expect(client.stats().failures.session).toBe(1);
    expect(client.stats().ordersIgnored.session).toBe(1);
  });
});

describe('long polls', () => {
  it('take over where no stream is offered', async () => {
    const { fake, client, given } = await startSetting(quiet, (one) => {
      one.hasStreams = false;
    });
    for (const sequence of [2, 3, 4]) {
      await waitFor('a poll', () => fake.of('orders').length >= sequence - 1);
      fake.change();
      await waitFor('the change', () => client.orders?.sequence === sequence);
    }
    await waitFor('the next poll', () => fake.of('orders').length === 4);
    expect(fake.of('orders').map(({ query }) => query.get('after'))).toEqual(['1', '2', '3', '4']);
    expect(given.map((orders) => orders?.sequence)).toEqual([1, 2, 3, 4]);
    expect(client.stats().pull).toBe('poll');
  });

  it('that do not wait are given up for reports alone', async () => {
    const { fake, client } = await startSetting(quiet, (one) => {
      one.hasStreams = false;
      one.misbehave = (got, response) => {
        if (got.id === 'orders') json(response, one.current());
        return got.id === 'orders';
      };
    });
    await waitFor('reports alone', () => client.stats().isConnected && client.stats().pull === 'none');
    expect(fake.of('orders').length).toBe(3);
  });

  it('neither offered: orders come with reports', async () => {
    const { fake, client } = await startSetting({}, (one) => {
      one.hasStreams = false;
      one.hasPolls = false;
    });
    await waitFor('reports alone', () => client.stats().pull === 'none' && client.stats().isConnected);
    fake.change();
    await waitFor('the change', () => client.orders?.sequence === 2);
    expect([fake.of('events').length, fake.of('orders').length]).toEqual([1, 1]);
  });
});

describe('a callback', () => {
  const callback = { listen: { port: 0 } } as const;

  it('takes orders of who has its token', async () => {
    const { fake, client, given } = await startSetting({ ...quiet, callback, pull: false });
    await waitFor('the callback', () => fake.callback && client.stats().reports === 1);
    expect(fake.callback?.token).toMatch(/^[\w-]{40,}$/);
    expect(await fake.call(fake.change())).toBe(204);
    expect(client.orders?.sequence).toBe(2);
    expect(await fake.call(fake.current())).toBe(204);
    expect(await fake.call({ ...fake.change(), sequence: 1 })).toBe(204);
    expect(given.length).toBe(2);
  });

  it('refuses whatever else comes', async () => {
    const { fake, client, given, changes } = await startSetting({ ...quiet, callback, pull: false });
    await waitFor('the callback', () => fake.callback && client.stats().reports === 1);
    const next = fake.change();
    expect(await fake.call(next, 'a-wrong-token-of-some-length')).toBe(401);
    expect(await fake.call('{"mode":')).toBe(400);
    expect(await fake.call({ ...next, mode: 7 })).toBe(400);
    expect(await fake.call({ ...next, application: 'edge' })).toBe(400);
    expect(await fake.call({ ...next, session: 'of-another-one' })).toBe(409);
    expect(await fake.call('x'.repeat(300_000)).catch(() => 413)).toBe(413);
    expect(given.length).toBe(1);
    expect(changes.filter(({ what }) => what === 'failed').length).toBe(1);
    expect(client.stats().ordersIgnored).toEqual({ sequence: 0, session: 1, application: 1, invalid: 2 });
  });

  it('that cannot listen, or that the orchestrator refuses, is done without', async () => {
    const other = await startFake();
    const port = Number(new URL(other.url).port);
    const { client, changes } = await startSetting({ callback: { listen: { port } } });
    await waitFor('a report', () => client.stats().reports > 0);
    expect(changes[0]).toMatchObject({ what: 'failed', kind: 'listener' });

    const refused = await startSetting({ callback: { listen: { port: 0 } } }, (one) => {
      one.misbehave = (got, response) => {
        if (got.body.callback !== undefined) response.writeHead(400).end('{}');
        return got.body.callback !== undefined;
      };
    });
    await waitFor('a report', () => refused.client.stats().reports > 0);
    expect(refused.client.stats().failures.listener).toBe(1);
  });
});
