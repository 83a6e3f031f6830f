import { describe, expect, it } from 'vitest';
import type { OrderedControl } from '../../src/admin/control-json.ts';
import { createAdmin } from '../../src/admin/server.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import { operatorOrders, optionsWith } from './options.ts';

type Body = Record<string, unknown>;
type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

const ann = 'the-token-of-ann-1';
const bob = 'the-token-of-bob-1';
const tokens = [
  { name: 'ann', token: ann },
  { name: 'bob', token: bob },
];

function setUp(access = optionsWith({}).access, ordered: readonly OrderedControl[] = []) {
  const clock = { nowMs: 1000 };
  const made = operatorOrders(new GapTable(), () => clock.nowMs);
  const { orders } = made;
  const server = createAdmin(optionsWith({ gaps: orders, controls: orders, ordered: () => ordered, access }));
  const ask = async (method: Method, url: string, payload?: unknown, token?: string) => {
    const answer = await server.inject({
      method,
      url,
      headers: {
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
    });
    const { statusCode: status, headers, body } = answer;
    return { status, headers, body: (body === '' ? undefined : JSON.parse(body)) as Body };
  };
  return { clock, ask, ...made };
}

const order = { seconds: 60, reason: 'exercise' };

describe('a running mode by hand', () => {
  it('is in force until its end, or until it is lifted', async () => {
    const { ask, clock, orders } = setUp();
    const { status, body } = await ask('PUT', '/v1/mode', { mode: 'L2', ...order });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        mode: 'L2',
        by: 'local',
        reason: 'exercise',
        remainingSeconds: 60,
        note: expect.stringContaining('lost'),
      },
    });
    expect(orders.controls().mode?.mode).toBe('L2');
    clock.nowMs = 60_999;
    expect((await ask('GET', '/v1/controls')).body.mode).toMatchObject({ mode: 'L2', remainingSeconds: 1 });
    clock.nowMs = 61_000;
    expect((await ask('GET', '/v1/controls')).body.mode).toBeNull();
    expect((await ask('DELETE', '/v1/mode')).status).toBe(404);
    await ask('PUT', '/v1/mode', { mode: 'L0', ...order });
    expect((await ask('DELETE', '/v1/mode')).status).toBe(204);
    expect(orders.controls().mode).toBeUndefined();
  });

  it('the newest takes the place of the one before', async () => {
    const { ask, orders } = setUp();
    await ask('PUT', '/v1/mode', { mode: 'L3', ...order });
    await ask('PUT', '/v1/mode', { mode: 'L1', ...order, seconds: 5 });
    expect(orders.controls().mode).toMatchObject({ mode: 'L1', untilMs: 6000 });
  });
});

describe('a drain', () => {
  it('of the edge is told at once to whoever carries it out', async () => {
    const { ask, orders, changes } = setUp();
    expect(await ask('PUT', '/v1/drain', order)).toMatchObject({ status: 200, body: { remainingSeconds: 60 } });
    expect([orders.controls().drain?.by, changes.count]).toEqual(['local', 1]);
    expect((await ask('DELETE', '/v1/drain')).status).toBe(204);
    expect([orders.controls().drain, changes.count]).toEqual([undefined, 2]);
    expect((await ask('DELETE', '/v1/drain')).status).toBe(404);
  });

  it('of a switch is possible while another of its group takes calls', async () => {
    const { ask, orders, clock } = setUp();
    expect(await ask('PUT', '/v1/switches/sw1/drain', order)).toMatchObject({ status: 200, body: { name: 'sw1' } });
    expect([...orders.controls().drainedSwitches.keys()]).toEqual(['sw1']);
    const last = await ask('PUT', '/v1/switches/sw2/drain', order);
    expect(last).toMatchObject({
      status: 409,
      body: { title: 'Conflict', detail: expect.stringContaining('/v1/drain') },
    });
    // longer for the one that is drained already
    expect((await ask('PUT', '/v1/switches/sw1/drain', { ...order, seconds: 600 })).status).toBe(200);
    expect((await ask('PUT', '/v1/switches/sw3/drain', order)).status).toBe(404);
    expect((await ask('DELETE', '/v1/switches/sw2/drain')).status).toBe(404);
    expect((await ask('DELETE', '/v1/switches/sw1/drain')).status).toBe(204);
    expect((await ask('PUT', '/v1/switches/sw2/drain', order)).status).toBe(200);
    clock.nowMs += 60_000;
    expect((await ask('GET', '/v1/controls')).body.switches).toEqual([]);
  });
});

describe('shadow mode by hand', () => {
  it('is on or off until its end, or until it is lifted', async () => {
    const { ask, clock, orders, changes, notes } = setUp();
    expect((await ask('GET', '/v1/controls')).body.shadow).toBeNull();
    expect(await ask('PUT', '/v1/shadow', { on: true, ...order })).toMatchObject({
      status: 200,
      body: {
        on: true,
        by: 'local',
        reason: 'exercise',
        remainingSeconds: 60,
        note: expect.stringContaining('reloaded'),
      },
    });
    expect([orders.controls().shadow?.on, changes.count]).toEqual([true, 1]);
    await ask('PUT', '/v1/shadow', { on: false, ...order });
    expect((await ask('GET', '/v1/controls')).body.shadow).toMatchObject({ on: false, remainingSeconds: 60 });
    expect((await ask('DELETE', '/v1/shadow')).status).toBe(204);
    expect((await ask('DELETE', '/v1/shadow')).status).toBe(404);
    await ask('PUT', '/v1/shadow', { on: true, ...order });
    clock.nowMs += 60_000;
    expect((await ask('GET', '/v1/controls')).body.shadow).toBeNull();
    expect(notes.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'shadow on',
      'shadow off',
      'lift-shadow off',
      'shadow on',
    ]);
  });
});

describe('what is wrong with an order', () => {
  it.each<[string, unknown, string]>([
    ['/v1/mode', { mode: 'L4', ...order }, 'mode: '],
    ['/v1/mode', { mode: 'L1', seconds: 0, reason: 'x' }, 'seconds: '],
    ['/v1/mode', { mode: 'L1', seconds: 86_401, reason: 'x' }, 'seconds: '],
    ['/v1/mode', { mode: 'L1', seconds: '60', reason: 'x' }, 'seconds: '],
    ['/v1/mode', { mode: 'L1', seconds: 60 }, 'reason: '],
    ['/v1/mode', { mode: 'L1', seconds: 60, reason: '' }, 'reason: '],
    ['/v1/mode', { mode: 'L1', ...order, until: 5 }, 'the body: '],
    ['/v1/mode', [], 'the body: '],
    ['/v1/drain', { seconds: 60, reason: 'x'.repeat(201) }, 'reason: '],
    ['/v1/switches/sw1/drain', {}, 'seconds: '],
    ['/v1/shadow', { ...order }, 'on: '],
    ['/v1/shadow', { on: 'yes', ...order }, 'on: '],
    ['/v1/shadow', { on: true, seconds: 60 }, 'reason: '],
  ])('PUT %s %j is refused by its key', async (url, payload, begins) => {
    const { ask, orders, notes } = setUp();
    const { status, headers, body } = await ask('PUT', url, payload);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect({ status, body }).toMatchObject({ status: 400, body: { type: 'about:blank', title: 'Bad Request' } });
    expect(String(body.detail)).toMatch(new RegExp(`^${begins}.{5}`));
    expect([orders.controls(), notes]).toEqual([
      { mode: undefined, drain: undefined, shadow: undefined, drainedSwitches: new Map() },
      [],
    ]);
  });

  it.each<[Method, string]>([
    ['PUT', '/v1/mode'],
    ['DELETE', '/v1/mode'],
    ['PUT', '/v1/drain'],
    ['DELETE', '/v1/drain'],
    ['PUT', '/v1/shadow'],
    ['DELETE', '/v1/shadow'],
    ['PUT', '/v1/switches/sw1/drain'],
    ['DELETE', '/v1/switches/sw1/drain'],
  ])('%s %s needs a token where there are any, or where others reach the listener', async (method, url) => {
    const guarded = setUp({ isLoopback: true, tokens });
    const payload = method === 'PUT' ? { mode: 'L1', ...order } : undefined;
    expect((await guarded.ask(method, url, payload)).status).toBe(401);
    expect((await guarded.ask(method, url, payload, 'a-token-of-nobody')).status).toBe(401);
    const open = setUp({ isLoopback: false, tokens: [] });
    expect((await open.ask(method, url, payload)).status).toBe(403);
    expect([guarded.notes, open.notes]).toEqual([[], []]);
  });
});

describe('the audit', () => {
  it('has who did what and until when, the newest first, gaps among it', async () => {
    const { ask, notes } = setUp({ isLoopback: false, tokens });
    await ask('PUT', '/v1/mode', { mode: 'L1', ...order }, ann);
    await ask('POST', '/v1/gaps', { digits: '+1 555 000 1111', passRatio: 0.5, seconds: 30, reason: 'contest' }, bob);
    await ask('PUT', '/v1/drain', order, bob);
    await ask('PUT', '/v1/switches/sw2/drain', order, bob);
    await ask('DELETE', '/v1/switches/sw2/drain', undefined, ann);
    await ask('DELETE', '/v1/drain', undefined, ann);
    await ask('DELETE', '/v1/gaps/15550001111', undefined, ann);
    await ask('DELETE', '/v1/mode', undefined, ann);
    await ask('DELETE', '/v1/mode', undefined, ann);
    expect(notes.map(({ by, action, subject, reason, seconds }) => [by, action, subject, reason, seconds])).toEqual([
      ['ann', 'override', 'L1', 'exercise', 60],
      ['bob', 'gap', '5550001111 passes 50 %', 'contest', 30],
      ['bob', 'drain', 'edge', 'exercise', 60],
      ['bob', 'drain-switch', 'sw2', 'exercise', 60],
      ['ann', 'lift-switch-drain', 'sw2', '', undefined],
      ['ann', 'lift-drain', 'edge', '', undefined],
      ['ann', 'lift-gap', '5550001111', '', undefined],
      ['ann', 'lift-override', 'L1', '', undefined],
    ]);
    const { status, body } = await ask('GET', '/v1/audit');
    expect(status).toBe(200);
    expect((body.entries as { action: string }[])[0]).toMatchObject({ by: 'ann', action: 'lift-override' });
  });
});

it('what came through an orchestrator is listed with the rest', async () => {
  const ordered = [{ orchestrator: 'host-1', kind: 'gap' as const, digits: '900', by: 'noc', untilMs: 11_000 }];
  const { ask } = setUp(undefined, ordered);
  expect((await ask('GET', '/v1/controls')).body).toMatchObject({
    ...{ mode: null, drain: null, switches: [] },
    ordered: [{ orchestrator: 'host-1', kind: 'gap', digits: '900', by: 'noc', remainingSeconds: 10 }],
  });
});

describe('what an operator is asked for besides', () => {
  it('a reason for lifting is audited, cut where it is long; without one there is none', async () => {
    const { ask, orders } = setUp();
    const lifts = ['/v1/mode', '/v1/drain', '/v1/shadow', '/v1/gaps/900555'];
    const place = async () => {
      await ask('PUT', '/v1/mode', { mode: 'L1', ...order });
      await ask('PUT', '/v1/drain', order);
      await ask('PUT', '/v1/shadow', { on: true, ...order });
      await ask('POST', '/v1/gaps', { digits: '900555', intervalSeconds: 1, ...order });
    };
    await place();
    for (const url of lifts) expect((await ask('DELETE', `${url}?reason=it%20is%20over`)).status).toBe(204);
    expect(
      orders
        .audit()
        .slice(0, 4)
        .map(({ reason }) => reason),
    ).toEqual(Array(4).fill('it is over'));
    await place();
    await ask('DELETE', `/v1/mode?reason=${'x'.repeat(300)}`);
    expect(orders.audit()[0]?.reason).toHaveLength(200);
    await ask('DELETE', '/v1/drain?reason=a&reason=b');
    expect(orders.audit()[0]).toMatchObject({ action: 'lift-drain', reason: '' });
  });

  it('whether a token is one can be asked without changing anything', async () => {
    const { ask } = setUp({ isLoopback: true, tokens });
    expect(await ask('GET', '/v1/operator', undefined, bob)).toMatchObject({ status: 200, body: { by: 'bob' } });
    expect((await ask('GET', '/v1/operator', undefined, 'another')).status).toBe(401);
    expect((await ask('GET', '/v1/operator')).status).toBe(401);
  });
});
