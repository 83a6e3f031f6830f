import { describe, expect, it } from 'vitest';
import { examples } from '../../../src/congestion/examples.ts';
import { type RouteId, routeOf } from '../../../src/congestion/routes.ts';
import { createReader } from '../../../src/orchestrator/api/input.ts';
import { startSetting } from './setting.ts';

interface Parts {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

function faults(id: RouteId, { params = { name: 'edge' }, query = {}, body = examples[id].body }: Parts) {
  const reading = createReader(routeOf(id))({ params, query, body });
  return 'faults' in reading ? Object.fromEntries(reading.faults.map(({ key, message }) => [key, message])) : undefined;
}

const register = examples.register.body;
const report = examples.report.body;

describe('each fault has its key and what is allowed there', () => {
  it.each<[what: string, id: RouteId, Parts, Record<string, string>]>([
    [
      'a number that is too high',
      'register',
      { body: { ...register, priority: 10 } },
      {
        priority: 'the value is not allowed; allowed: a whole number, 0 to 9',
      },
    ],
    [
      'a number that is none',
      'register',
      { body: { ...register, priority: 'high', validitySeconds: null } },
      {
        priority: 'the value is not allowed; allowed: a whole number, 0 to 9',
        validitySeconds: 'the value is not allowed; allowed: a number, 1 to 3600',
      },
    ],
    [
      'what is missing',
      'report',
      { body: { sequence: 1, validitySeconds: 5 } },
      {
        session: 'is missing; allowed: text of 8 to 64 characters',
      },
    ],
    [
      'a key too many, inside',
      'register',
      { body: { ...register, maximum: { gpuCores: 1 } } },
      {
        'maximum.gpuCores':
          'no such key; allowed: an object with cpuCores, memoryBytes, diskBytes, diskBytesPerSecond, networkBytesPerSecond',
      },
    ],
    [
      'in a list',
      'report',
      {
        body: {
          ...report,
          buffers: [
            { name: 'a', fillRatio: 0 },
            { name: '', fillRatio: 2 },
          ],
        },
      },
      {
        'buffers[1].name': 'the value is not allowed; allowed: text of 1 to 64 characters',
        'buffers[1].fillRatio': 'the value is not allowed; allowed: a number, 0 to 1',
      },
    ],
    [
      'one of some',
      'report',
      { body: { ...report, mode: 'L4' } },
      {
        mode: 'the value is not allowed; allowed: "L0", "L1", "L2", "L3"',
      },
    ],
    [
      'of another kind',
      'notify',
      { body: { kind: 'other' } },
      {
        kind: "the value is not allowed; Invalid discriminator value. Expected 'pre-congestion' | 'low-utilisation'",
      },
    ],
    [
      'one of two',
      'gap',
      { params: { digits: '1' }, body: { ...examples.gap.body, passRatio: 0.5 } },
      {
        '': 'the value is not allowed; one of intervalSeconds and passRatio',
      },
    ],
    [
      'either a word or a number',
      'gap',
      { params: { digits: '1' }, body: { ...examples.gap.body, intervalSeconds: 0 } },
      {
        intervalSeconds: 'the value is not allowed; allowed: "stop"; or a number, 0.1 to 600',
      },
    ],
    [
      'above a bound',
      'drain',
      { body: { seconds: 0, reason: 'r' } },
      {
        seconds: 'the value is not allowed; allowed: a number, above 0 to 86400',
      },
    ],
    [
      'no URL of ours',
      'register',
      { body: { ...register, callback: { url: 'ftp://127.0.0.1/' } } },
      {
        'callback.url': 'the value is not allowed; allowed: an http or https URL of at most 500 characters',
      },
    ],
    [
      'no body',
      'register',
      { body: null },
      {
        '': expect.stringMatching(/^the value is not allowed; allowed: an object with instance, sequence, /) as string,
      },
    ],
    [
      'a bad name',
      'orders',
      { params: { name: '-edge' } },
      {
        name: 'the value is not allowed; allowed: text of the form ^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$',
      },
    ],
    [
      'bad digits',
      'liftGap',
      { params: { digits: '1800x' } },
      {
        digits: 'the value is not allowed; allowed: text of the form ^\\d{1,15}$',
      },
    ],
    [
      'a query',
      'orders',
      { query: { after: '-1', waitSeconds: '31', more: 'x' } },
      {
        after: 'the value is not allowed; allowed: a whole number, 0 to 9007199254740991',
        waitSeconds: 'the value is not allowed; allowed: a number, 0 to 30',
        more: 'no such key; allowed: an object with after, waitSeconds',
      },
    ],
    [
      'a query twice, or of another notation',
      'orders',
      { query: { after: ['1', '2'], waitSeconds: '1e1' } },
      {
        after: 'the value is not allowed; allowed: a whole number, 0 to 9007199254740991',
        waitSeconds: 'the value is not allowed; allowed: a number, 0 to 30',
      },
    ],
    [
      'a query where there is none',
      'mode',
      { params: {}, query: { after: '1' } },
      {
        after: expect.stringContaining('no such key') as string,
      },
    ],
  ])('%s', (_what, id, parts, expected) => expect(faults(id, parts)).toEqual(expected));

  it('a secret is never repeated', () => {
    const callback = { url: 'gopher://user:hidden-1@127.0.0.1', token: 'hidden 2' };
    const found = faults('register', { body: { ...register, callback } });
    expect(Object.keys(found ?? {})).toEqual(['callback.url', 'callback.token']);
    expect(JSON.stringify(found)).not.toContain('hidden');
  });

  it('there are never more than 32, and no key is long', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${'k'.repeat(500)}${i}`, 1]));
    const found = faults('register', { body: { ...register, ...many } })!;
    expect(Object.keys(found).length).toBeLessThanOrEqual(32);
    expect(JSON.stringify(found).length).toBeLessThan(32 * 700);
  });

  it('what is good is read with its defaults', () => {
    const reading = createReader(routeOf('orders'))({
      params: { name: 'edge' },
      query: { after: '7' },
      body: undefined,
    });
    expect(reading).toEqual({
      input: { params: { name: 'edge' }, query: { after: 7, waitSeconds: 0 }, body: undefined },
    });
    expect(faults('orders', { query: { after: '9007199254740991', waitSeconds: '2.5' } })).toBeUndefined();
  });
});

describe('over HTTP', () => {
  it('faults are a problem document', async () => {
    const { ask, desk } = await startSetting();
    const answer = await ask('PUT /v1/applications/edge', { who: 'edge', body: { ...register, priority: 10 } });
    expect(answer).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(answer.json).toEqual({
      type: 'urn:surgegate:problem:invalid-message',
      title: 'The message is not one of the congestion API',
      status: 400,
      detail: 'priority: the value is not allowed; allowed: a whole number, 0 to 9',
      faults: [{ key: 'priority', message: 'the value is not allowed; allowed: a whole number, 0 to 9' }],
    });
    expect(desk.calls).toEqual([]);
  });

  it.each<[what: string, status: number, body: string, headers: Record<string, string>]>([
    ['broken JSON', 400, '{"a":', {}],
    ['no JSON', 400, 'hello', {}],
    ['an empty body', 400, '', {}],
    ['a prototype', 400, '{"__proto__": {"priority": 9}}', {}],
    ['a constructor', 400, '{"constructor": {"prototype": {}}}', {}],
    ['deep nesting', 400, '['.repeat(30_000) + ']'.repeat(30_000), {}],
    ['another type', 415, 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['what a form may send', 415, '{}', { 'content-type': 'text/plain' }],
    ['a compressed body', 415, '{}', { 'content-encoding': 'gzip' }],
    ['a long body', 413, `"${'x'.repeat(65_536)}"`, {}],
  ])('%s is refused', async (_what, status, body, headers) => {
    const { ask, desk } = await startSetting();
    const answer = await ask('PUT /v1/applications/edge', { who: 'edge', body, headers });
    expect(answer).toMatchObject({ status, type: 'application/problem+json', json: { status } });
    expect(desk.calls).toEqual([]);
  });

  it('small messages have a smaller bound', async () => {
    const { ask } = await startSetting();
    const body = { seconds: 1, reason: 'x'.repeat(9000) };
    expect((await ask('PUT /v1/controls/drains/edge', { who: 'noc', body })).status).toBe(413);
  });

  it('what the desk refuses is a problem document of its type', async () => {
    const { ask } = await startSetting();
    const unknown = await ask('GET /v1/applications/web/orders', { who: 'web' });
    expect(unknown).toMatchObject({ status: 404, json: { type: 'urn:surgegate:problem:not-registered' } });
    const body = { ...examples.request.body, session: 'another-session' };
    const other = await ask('POST /v1/applications/edge/requests', { who: 'edge', body });
    expect(other).toMatchObject({ status: 409, json: { type: 'urn:surgegate:problem:unknown-session' } });
  });
});
