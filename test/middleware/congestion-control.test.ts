// What the middleware lets through to an application, what it answers itself, and what it learns from the application's answers.
import { afterEach, describe, expect, it } from 'vitest';
import {
  type CongestionControl,
  type CongestionControlOptions,
  congestionControl,
} from '../../src/middleware/congestion-control.ts';
import { parseMetrics } from '../peers/metrics.ts';
import { waitFor } from '../peers/wait.ts';
import { type Asked, ask } from './asked.ts';

const open: CongestionControl[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
function start(options: CongestionControlOptions = {}): CongestionControl {
  const control = congestionControl({ watchServer: false, ...options });
  open.push(control);
  return control;
}

const trusted = { trust: { resourcePriority: true } };
const priority = { headers: ['Resource-Priority: ets.0'] };
/** One call, and then none for long. */
const one = { admission: { newCallsPerSecond: 1, burst: 1 } };

describe('a call', () => {
  it('goes to the application at once, and beyond the limit is answered 503 with Retry-After', () => {
    const control = start(one);
    expect(ask(control).fate).toBe('passed');
    const refused = ask(control);
    expect([refused.passed, refused.sent]).toEqual([
      0,
      [
        {
          status: 503,
          phrase: 'Service Unavailable',
          headers: {
            'Retry-After': expect.stringMatching(/^\d+$/),
            Reason: 'Q.850;cause=42;text="Surgegate edge-rate"',
          },
        },
      ],
    ]);
  });

  it('is refused without Retry-After where that is the pushback', () => {
    const control = start({ ...one, pushback: 'reject' });
    ask(control);
    expect(Object.keys(ask(control).sent[0]!.headers)).toEqual(['Reason']);
  });

  it('with priority passes at once where its sender is trusted; emergency calls always', () => {
    const control = start({ ...one, ...trusted });
    for (let n = 0; n < 3; n++) ask(control);
    expect(ask(control, priority).fate).toBe('passed');
    expect(ask(control, { uri: 'sip:911@192.0.2.1' }).fate).toBe('passed');
    const strict = start(one);
    ask(strict);
    expect(ask(strict, priority).fate).toBe('503');
  });

  it('of a neighbour of its own has the trust and the limit of that', () => {
    const control = start({
      neighbours: [
        {
          name: 'a',
          addresses: ['203.0.113.0/28'],
          trust: { resourcePriority: true },
          admission: { newCallsPerSecond: 1, burst: 1 },
        },
      ],
    });
    const source = '203.0.113.5';
    expect([ask(control, { source }), ask(control, { source })].map(({ fate }) => fate)).toEqual(['passed', '503']);
    expect(ask(control, { source, ...priority }).fate).toBe('passed');
    expect(ask(control).fate).toBe('passed');
  });

  it('that the dial plan refuses has its status', () => {
    const refused = ask(start(), { uri: 'sip:+1555123@192.0.2.1' });
    expect(refused.sent).toMatchObject([{ status: 484, phrase: 'Address Incomplete' }]);
  });

  it('keeps what an application may answer and a proxy may not: no hop left, extensions asked of proxies', () => {
    const control = start();
    expect(ask(control, { maxForwards: 0 }).fate).toBe('passed');
    expect(ask(control, { headers: ['Proxy-Require: x'] }).fate).toBe('passed');
  });

  it('above what the application can do waits for its turn, and is refused after it', async () => {
    const control = start({ capacityPerSecond: 2, pushback: 'reject' });
    const asked = Array.from({ length: 12 }, () => ask(control));
    await waitFor('all to be decided', () => asked.every(({ fate }) => fate !== '') || undefined);
    const passed = asked.filter(({ fate }) => fate === 'passed');
    expect(passed.length).toBeGreaterThan(0);
    expect(passed.length).toBeLessThan(6);
    expect(asked.every((each) => each.passed + each.sent.length === 1)).toBe(true);
  });

  it('that is given up while it waits never reaches the application', async () => {
    const control = start({ capacityPerSecond: 1 });
    const asked = Array.from({ length: 4 }, () => ask(control));
    const waiting = asked.filter(({ fate }) => fate === '');
    for (const each of waiting) each.emit('cancel');
    await waitFor('nothing to wait', () => control.status()?.waitingCalls === 0 || undefined);
    expect(waiting.map((each) => each.passed + each.sent.length)).toEqual(waiting.map(() => 0));
  });
});

describe('what is not a new call', () => {
  it.each(['ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE'])('%s passes', (method) => {
    const control = start(one);
    ask(control);
    expect(ask(control, { method }).fate).toBe('passed');
  });

  it('passes in a dialog that the server knows', () => {
    const control = start(one);
    ask(control);
    expect(ask(control, { toTag: 'x', dialog: 'abc' }).fate).toBe('passed');
    expect(ask(control, { toTag: 'x' }).fate).toBe('503');
  });

  it('passes within the limits of its kind', () => {
    const control = start({
      admission: { registrationsPerSecond: 1, registrationBurst: 1, nonEssentialPerSecond: 1, nonEssentialBurst: 1 },
    });
    for (const method of ['REGISTER', 'OPTIONS'])
      expect([ask(control, { method }), ask(control, { method })].map(({ fate }) => fate)).toEqual(['passed', '503']);
  });
});

describe('the answers of the application', () => {
  const answer = (asked: Asked, ...statuses: number[]) => {
    for (const status of statuses) asked.response.send(status);
  };
  const samples = async (control: CongestionControl, name: string) =>
    parseMetrics(await control.registry.metrics()).sum(name);

  it('reach the caller as they are, and are counted', async () => {
    const control = start();
    const asked = ask(control);
    asked.response.send(200, { headers: { 'X-A': '1' } } as never);
    expect(asked.sent).toEqual([{ status: 200, phrase: { headers: { 'X-A': '1' } }, headers: {} }]);
    const text = await control.registry.metrics();
    expect(text).toContain('surgegate_switch_responses_total{switch="application",code="200"} 1');
    expect(text).toMatch(/surgegate_calls_completed_total\{interface="\w+",class="new-call"\} 1/);
    expect(text).toContain(
      'surgegate_requests_total{interface="south",method="INVITE",class="new-call",decision="forward",reason="admitted"} 1',
    );
    expect(await samples(control, 'surgegate_switch_first_response_seconds_count')).toBe(1);
  });

  it('end the call, whichever way it is ended', async () => {
    const control = start();
    const asked = Array.from({ length: 6 }, () => ask(control));
    const [busy, answered, cancelled, proxied, failed] = asked as [Asked, Asked, Asked, Asked, Asked];
    answer(busy, 180, 486);
    answer(answered, 100, 183, 200);
    cancelled.emit('cancel');
    proxied.proxied = Promise.resolve({ finalStatus: 200 });
    failed.proxied = Promise.reject(new Error('no'));
    await proxied.proxy();
    await failed.proxy().catch(() => {});
    const status = await waitFor('a sample', () => (control.status()?.openCalls === 1 ? control.status() : undefined));
    expect(status).toMatchObject({ openCalls: 1, mode: 'L0', gapped: [] });
    await waitFor('what is outstanding', () => control.status()?.outstandingCalls === 1 || undefined);
  });

  it('503 of its own lowers what it gets, without any number configured', async () => {
    const control = start({ pushback: 'reject' });
    const work = setInterval(() => {
      for (let n = 0; n < 10; n++) {
        const asked = ask(control);
        // it can do one in two
        if (asked.passed > 0) answer(asked, n % 2 === 0 ? 200 : 503);
      }
    }, 20);
    const status = await waitFor('a limit', () => {
      const seen = control.status();
      return seen?.capacityPerSecond !== undefined && seen.capacityPerSecond < 400 ? seen : undefined;
    });
    clearInterval(work);
    expect(status.capacityPerSecond).toBeGreaterThan(0);
  });
});

it('in shadow mode refuses nothing, and counts what it would', async () => {
  const control = start({ ...one, mode: 'shadow' });
  expect([ask(control), ask(control)].map(({ fate }) => fate)).toEqual(['passed', 'passed']);
  expect(await control.registry.metrics()).toMatch(/surgegate_shadow_refusals_total\{.*reason="edge-rate".*\} 1/);
});

it('lets everything pass once it is closed', () => {
  const control = start(one);
  ask(control);
  control.close();
  control.close();
  expect(ask(control).fate).toBe('passed');
});

it('says what has changed to a log: here that ten times as much is asked for as it can do', async () => {
  const lines: string[] = [];
  const control = start({ capacityPerSecond: 10, log: (level, message) => lines.push(`${level} ${message}`) });
  const flood = setInterval(() => {
    const asked = ask(control);
    if (asked.passed > 0) asked.response.send(200);
  }, 10);
  await waitFor('a higher mode', () => lines.includes('warn running mode changed') || undefined);
  clearInterval(flood);
});

describe('an option that is wrong', () => {
  it.each([
    [
      { capacityPerSecond: 0 },
      'congestionControl: capacityPerSecond: value 0 is not allowed; allowed: a whole number from 1 to 1000000 (calls per second)',
    ],
    [
      { pushback: 'loud' },
      'congestionControl: pushback: value "loud" is not allowed; allowed: oc, reject, retry-after, drop',
    ],
    [
      { retryAfter: { minSeconds: 9, maxSeconds: 3 } },
      'congestionControl: retryAfter.minSeconds: value 9 is not allowed; allowed: at most maxSeconds, 3 (seconds)',
    ],
    [
      { dialplan: 'nowhere.yaml' },
      /^congestionControl: dialplan: value "nowhere\.yaml" is not allowed; allowed: a file that can be read/,
    ],
    [
      { admission: { bursts: 3 } },
      /^congestionControl: admission\.bursts: no such key; allowed: newCallsPerSecond, burst,/,
    ],
    [{ limits: {} }, /^congestionControl: limits: no such key; allowed: capacityPerSecond, /],
  ])('%j is said in one line', (options, text) => {
    expect(() => congestionControl(options as CongestionControlOptions)).toThrow(text);
  });
});
