import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startWebApplication } from '../../src/lab/web-application.ts';
import { FakeOrchestrator, token } from '../congestion/fake-orchestrator.ts';
import { waitFor } from '../peers/wait.ts';
import { type ExampleRun, notice, runExample } from './example-run.ts';

interface Answers {
  ok: number;
  refused: number;
  retryAfter: unknown;
}

/** Four clients that never pause longer than 5 ms. */
function load(url: string): Answers {
  const dispatcher = new Agent({ connections: 4 });
  const answers: Answers = { ok: 0, refused: 0, retryAfter: undefined };
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const { statusCode, headers, body } = await request(url, { dispatcher });
      await body.dump();
      if (statusCode === 200) answers.ok++;
      else answers.refused++;
      if (statusCode === 503) answers.retryAfter = headers['retry-after'];
      await sleep(5);
    }
  };
  const clients = [1, 2, 3, 4].map(() => client().catch(() => undefined));
  onTestFinished(async () => {
    isOver = true;
    await Promise.all(clients);
    await dispatcher.close();
  });
  return answers;
}

const urlOf = ({ events }: ExampleRun) =>
  waitFor('its address', () => events.find(({ event }) => event === 'ready')?.url as string | undefined);

describe('the web application', () => {
  it('reports what it does, sheds down to its target when asked, and serves everybody again afterwards', async () => {
    const run = await runExample('web-application');
    const { fake, events, used } = run;
    const answers = load(await urlOf(run));
    await waitFor('work', () => used() > 0.3 && answers.ok > 20, 15_000);
    expect(fake.of('register')[0]?.body).toMatchObject({ essential: true, priority: 3 });
    expect(fake.of('report').at(-1)?.body.rates).toMatchObject({ requestsPerSecond: expect.any(Number) });
    expect(answers.refused).toBe(0);

    fake.change({ notices: [notice(0.15)] });
    await waitFor('its use at the target', () => used() < 0.2, 15_000);
    expect(answers.refused).toBeGreaterThan(0);
    expect(answers.retryAfter).toBe('1');
    const served = answers.ok;
    await waitFor('work within the target', () => answers.ok > served);

    fake.change({ notices: [] });
    await waitFor('its use of before', () => used() > 0.3, 15_000);
    const refused = answers.refused;
    await waitFor('more work', () => answers.ok > served + 100, 15_000);
    expect(answers.refused).toBe(refused);
    expect(events.filter(({ event }) => event === 'limit').map(({ cores }) => cores)).toEqual([0.15, null]);
    run.child.kill('SIGTERM');
    expect(await once(run.child, 'exit')).toEqual([0, null]);
    expect(fake.of('leave').length).toBe(1);
  }, 60_000);

  it('that is stubborn does not', async () => {
    const run = await runExample('web-application', '--stubborn');
    const answers = load(await urlOf(run));
    await waitFor('work', () => run.used() > 0.3, 15_000);
    run.fake.change({ notices: [notice(0.05)] });
    await waitFor('its orders', () => JSON.stringify(run.events).includes('start-load-shedding'));
    const reports = run.fake.of('report').length;
    await waitFor('reports', () => run.fake.of('report').length > reports + 2);
    expect(run.used()).toBeGreaterThan(0.15);
    expect(answers.refused).toBe(0);
    expect(run.events.some(({ event }) => event === 'limit')).toBe(false);
  }, 60_000);

  it('asks for more when it is busy, and gives back what it does not use', async () => {
    const fake = await new FakeOrchestrator().start();
    onTestFinished(() => fake.stop());
    const current = (cpuCores: number) => ({ allocation: { ...fake.orders.allocation, current: { cpuCores } } });
    fake.change(current(0.01));
    const web = await startWebApplication({ orchestrator: fake.url, token, lookMs: 50, idleMs: 300 });
    onTestFinished(() => web.close());
    load(web.url);
    await waitFor('a request for more', () => fake.of('request').length > 0);
    expect(fake.of('request')[0]?.body).toMatchObject({ wanted: { cpuCores: expect.any(Number) } });
    fake.change(current(50));
    await waitFor('a notification', () => fake.of('notify').length > 0);
    expect(fake.of('notify')[0]?.body).toMatchObject({ kind: 'low-utilisation' });
  });

  it('serves without an orchestrator', async () => {
    const web = await startWebApplication({ orchestrator: 'http://127.0.0.1:1', token, work: 10 });
    onTestFinished(() => web.close());
    const { statusCode, body } = await request(web.url);
    expect([statusCode, await body.text()]).toEqual([200, expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
  });
});
