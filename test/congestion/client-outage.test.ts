// The orchestrator is gone, restarted, or there are two of them: no more comes of it than that orders end.
import { describe, expect, it } from 'vitest';
import { waitFor } from '../peers/wait.ts';
import { expectNothingUnhandled, startClient, startFake, startSetting } from './client-setting.ts';
import { type FakeOrchestrator, json, problem } from './fake-orchestrator.ts';

expectNothingUnhandled();

describe('an orchestrator that is gone', () => {
  it('leaves the orders in force as long as they are valid, then none; and is found again', async () => {
    const { fake, client, given, changes } = await startSetting({}, (one) => {
      one.orders = { ...one.orders, validitySeconds: 2 };
    });
    await waitFor('orders', () => client.stats().reports > 1);
    await fake.stop();
    await waitFor('a failure', () => !client.stats().isConnected);
    expect(client.orders).toBeDefined();
    await waitFor('the end of the orders', () => given.length === 2);
    expect(client.orders).toBeUndefined();
    expect(changes.filter(({ what }) => what === 'expired').length).toBe(1);
    await fake.start();
    await waitFor('a new session', () => client.stats().registrations === 2);
    await waitFor('orders', () => client.orders);
    await waitFor('a stream', () => fake.streams.size === 1);
    expect(given.length).toBe(3);
  }, 20_000);

  it('from the start: it is found when it comes', async () => {
    const fake = await startFake();
    await fake.stop();
    const { client, changes } = startClient(fake.url);
    await waitFor('failures', () => client.stats().failures.unreachable >= 3);
    expect(changes.length).toBe(1);
    await fake.start();
    await waitFor('a session', () => client.stats().isConnected);
  });

  it('does not end a process that the client does not keep alive', async () => {
    const { client } = startClient('http://127.0.0.1:1', { unref: true });
    await waitFor('failures', () => client.stats().failures.unreachable >= 2);
  });

  it('at one address is asked at the next', async () => {
    const gone = await startFake();
    await gone.stop();
    const fake = await startFake();
    const { client } = startClient([gone.url, fake.url]);
    await waitFor('a report', () => client.stats().reports > 0);
    expect(client.stats()).toMatchObject({ isConnected: true, failures: { unreachable: 1 } });
  });
});

describe('an orchestrator that was restarted', () => {
  it('is told anew who we are, at once', async () => {
    const { fake, client, given } = await startSetting({ reportMs: 60_000 });
    await waitFor('a stream', () => fake.streams.size === 1 && client.stats().reports === 1);
    await fake.stop();
    const startedMs = performance.now();
    await fake.start();
    await waitFor('a new session', () => client.stats().isConnected && client.stats().registrations === 2);
    // the end of the stream has told it, not the next report
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(given.at(-1)?.session).toBe(fake.session);
    expect(given).not.toContain(undefined);
  });

  it('and kept its state: its orders of another session do not make us give up the stream, or be told of garbage', async () => {
    const { fake, client, changes } = await startSetting();
    await waitFor('a stream', () => fake.streams.size === 1);
    await fake.stop();
    await waitFor('failures', () => client.stats().failures.unreachable >= 5);
    fake.session = 'of-the-journal';
    await fake.start();
    await waitFor('a new session', () => client.stats().registrations === 2 && client.stats().isConnected);
    await waitFor('a stream', () => fake.streams.size === 1);
    expect(client.stats().pull).toBe('events');
    expect(client.stats().failures.invalid).toBe(0);
    expect(changes.map((one) => ('kind' in one ? one.kind : one.what))).toEqual(
      expect.not.arrayContaining(['pull', 'invalid']),
    );
  });

  it('and has forgotten us: the next report says so', async () => {
    const { fake, client, changes } = await startSetting();
    await waitFor('a session', () => client.stats().isConnected);
    fake.forget();
    await waitFor('another', () => client.stats().registrations === 2 && client.stats().isConnected);
    expect(changes.map(({ what }) => what)).toEqual(['registered', 'failed', 'registered']);
    expect(client.stats().failures).toMatchObject({ session: 1, timeout: 0, unreachable: 0 });
  });
});

describe('two orchestrators at one address', () => {
  /** Messages go to each in turn. */
  function alternate(first: FakeOrchestrator, second: FakeOrchestrator): void {
    let turn = 0;
    first.misbehave = async (got, response) => {
      if (turn++ % 2 === 0) return false;
      second.received.push(got);
      if (got.id === 'register') second.session = `second-session-${turn}`;
      else if (got.body.session !== second.session) {
        problem(response, 409, 'urn:surgegate:problem:unknown-session');
        return true;
      }
      json(response, second.current());
      return true;
    };
  }

  it('do not make it storm, and leave the application with the orders of one of them', async () => {
    const second = await startFake('second');
    const { fake, client, given } = await startSetting({ pull: false }, (one) => alternate(one, second));
    await waitFor('three sessions', () => client.stats().registrations >= 3);
    const startedMs = performance.now();
    const before = fake.received.length;
    await waitFor('the fifth', () => client.stats().registrations >= 5);
    const perSecond = ((fake.received.length - before) * 1000) / (performance.now() - startedMs);
    expect(perSecond).toBeLessThan(10);
    expect(given).not.toContain(undefined);
    expect(client.orders?.session).toMatch(/^(first|second)-session/);
  }, 20_000);

  it('orders of the other one in an answer are not taken', async () => {
    const { fake, client, given } = await startSetting({ pull: false });
    await waitFor('a session', () => client.stats().isConnected);
    let wrong = 0;
    fake.misbehave = (got, response) => {
      if (got.id !== 'report' || wrong++ > 0) return false;
      json(response, { ...fake.current(), session: 'of-another-one', suspended: true, sequence: 99 });
      return true;
    };
    await waitFor('another session', () => client.stats().registrations === 2);
    expect(client.stats().ordersIgnored.session).toBe(1);
    expect(given.every((orders) => orders?.suspended === false)).toBe(true);
  });
});
