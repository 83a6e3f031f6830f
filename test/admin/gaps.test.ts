import { describe, expect, it } from 'vitest';
import { createAdmin } from '../../src/admin/server.ts';
import { GapTable } from '../../src/admission/gaps.ts';
import { operatorGap } from '../metrics/loop.ts';
import { operatorOrders, optionsWith } from './options.ts';

type Body = Record<string, unknown>;

/** The server, a clock to move, and the table that the throttle fills. */
function setUp(access = optionsWith({}).access) {
  const clock = { nowMs: 1000 };
  const table = new GapTable();
  const { orders, notes } = operatorOrders(table, () => clock.nowMs);
  const server = createAdmin(optionsWith({ gaps: orders, access }));
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: unknown, headers: Body = {}) => {
    const answer = await server.inject({
      method,
      url,
      headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    });
    const { statusCode: status, headers: got, body } = answer;
    return { status, headers: got, body: (body === '' ? undefined : JSON.parse(body)) as Body };
  };
  return { clock, table, orders, notes, ask };
}

const stop = { digits: '5550001111', intervalSeconds: 'stop', seconds: 60 };

describe('placing a gap', () => {
  it('answers with the gap, its end and where it is', async () => {
    const { ask, orders } = setUp();
    const beforeMs = Date.now();
    const { status, headers, body } = await ask('POST', '/v1/gaps', { ...stop, digits: '+1 (555) 000-1111' });
    expect(status).toBe(201);
    expect(headers.location).toBe('/v1/gaps/5550001111');
    expect(body).toMatchObject({
      ...{ digits: '5550001111', cause: 'operator', intervalSeconds: 'stop', remainingSeconds: 60 },
      ...{ passed: 0, refused: 0, by: 'local' },
    });
    const endsMs = Date.parse(body.endsAt as string);
    expect(endsMs).toBeGreaterThanOrEqual(beforeMs + 60_000);
    expect(endsMs).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(orders.gaps()).toEqual([
      { digits: '5550001111', limit: { kind: 'interval', intervalMs: Infinity }, cause: 'operator', untilMs: 61_000 },
    ]);
  });

  it('on the same digits takes the place of the one before, which keeps its counts', async () => {
    const { ask, orders, table } = setUp();
    await ask('POST', '/v1/gaps', stop);
    table.replace(orders.gaps(), 1000);
    table.check(15550001111, 1001);
    const { status, body } = await ask('POST', '/v1/gaps', { ...stop, intervalSeconds: 2.5 });
    expect({ status, body }).toMatchObject({ status: 200, body: { intervalSeconds: 2.5, refused: 1 } });
    expect(orders.gaps()).toHaveLength(1);
  });

  it('may be code blocking', async () => {
    const { ask } = setUp();
    const { status, body } = await ask('POST', '/v1/gaps', { digits: '900', passRatio: 0.25, seconds: 86_400 });
    expect({ status, body }).toMatchObject({ status: 201, body: { passRatio: 0.25, remainingSeconds: 86_400 } });
    expect(body).not.toHaveProperty('intervalSeconds');
  });

  it.each<[unknown, string]>([
    [{ ...stop, digits: 'abc' }, "digits: 'abc' is not 1 to 15 digits"],
    [{ ...stop, digits: '' }, "digits: '' is not 1 to 15 digits"],
    [{ ...stop, digits: '1'.repeat(4000 - 100) }, `digits: '${'1'.repeat(60)}…' is not 1 to 15 digits`],
    [{ ...stop, digits: 5551234 }, 'digits: 5551234 is not a string of 1 to 15 digits'],
    [{ intervalSeconds: 1, seconds: 1 }, 'digits: is missing; allowed: a string of 1 to 15 digits'],
    [{ ...stop, intervalSeconds: 0.01 }, 'intervalSeconds: 0.01 is not between 0.1 and 600, nor stop'],
    [{ ...stop, intervalSeconds: 601 }, 'intervalSeconds: 601 is not between 0.1 and 600, nor stop'],
    [{ ...stop, intervalSeconds: '5' }, 'intervalSeconds: "5" is not a number from 0.1 to 600 (seconds), nor "stop"'],
    [{ ...stop, intervalSeconds: null }, 'intervalSeconds: null is not a number from 0.1 to 600 (seconds), nor "stop"'],
    [{ digits: '555', passRatio: 1.5, seconds: 5 }, 'passRatio: 1.5 is not between 0 and 1'],
    [{ digits: '555', passRatio: '50%', seconds: 5 }, 'passRatio: "50%" is not a number from 0 to 1'],
    [{ digits: '555', seconds: 5 }, 'one of intervalSeconds and passRatio must be given, and not both'],
    [{ ...stop, passRatio: 0.5 }, 'one of intervalSeconds and passRatio must be given, and not both'],
    [{ ...stop, seconds: 0 }, 'seconds: 0 is not above 0 and at most 86400'],
    [{ ...stop, seconds: 86_401 }, 'seconds: 86401 is not above 0 and at most 86400'],
    [{ digits: '555', passRatio: 0 }, 'seconds: is missing; allowed: a number above 0 and at most 86400 (seconds)'],
    [{ ...stop, reason: 5 }, 'reason: 5 is not a string of at most 200 characters'],
    [{ ...stop, until: 5 }, '"until": no such key; allowed: digits, intervalSeconds, passRatio, seconds, reason'],
    [[stop], 'the body must be an object of digits, intervalSeconds, passRatio, seconds, reason'],
    ['null', 'the body must be an object of digits, intervalSeconds, passRatio, seconds, reason'],
  ])('%j is refused by name, value and range', async (payload, detail) => {
    const { ask, orders } = setUp();
    const { status, headers, body } = await ask('POST', '/v1/gaps', payload);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect({ status, body }).toEqual({
      status: 400,
      body: { type: 'about:blank', title: 'Bad Request', status: 400, detail },
    });
    expect(orders.gaps()).toEqual([]);
  });

  it.each([
    ['{"digits": "555"', 'application/json', 400],
    ['', 'application/json', 400],
    ['{"__proto__": {"digits": "555"}}', 'application/json', 400],
    [JSON.stringify(stop), 'text/plain', 415],
    ['digits=555', 'application/x-www-form-urlencoded', 415],
    [JSON.stringify({ ...stop, digits: '5'.repeat(5000) }), 'application/json', 413],
  ])('%.40s as %s is answered with a problem', async (payload, type, expected) => {
    const { ask, orders } = setUp();
    const { status, headers, body } = await ask('POST', '/v1/gaps', payload, { 'content-type': type });
    expect(status).toBe(expected);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({ type: 'about:blank', status: expected });
    expect(body.detail).toMatch(/.{10}/);
    expect(orders.gaps()).toEqual([]);
  });
});

describe('the gaps in force', () => {
  it('are those of every cause, with what they let pass and refused, until they end', async () => {
    const { ask, clock, orders, table } = setUp();
    await ask('POST', '/v1/gaps', stop);
    const automatic = { ...operatorGap, digits: '555', cause: 'mass-calling' as const, untilMs: 5000 };
    table.replace([...orders.gaps(), automatic], 1000);
    for (const ms of [1001, 1002]) table.check(15550001111, ms);
    for (const ms of [1003, 1004]) table.check(15559991111, ms);
    await ask('POST', '/v1/gaps', { digits: '777', passRatio: 0, seconds: 1 });
    clock.nowMs = 1900;
    const { body } = await ask('GET', '/v1/gaps');
    expect(body.gaps).toMatchObject([
      { digits: '5550001111', cause: 'operator', intervalSeconds: 'stop', refused: 2, remainingSeconds: 60 },
      { digits: '777', cause: 'operator', passRatio: 0, refused: 0, remainingSeconds: 1 },
      { digits: '555', cause: 'mass-calling', intervalSeconds: 2, passed: 1, refused: 1, remainingSeconds: 4 },
    ]);
    expect(body.note).toContain('lost when the process ends');
    clock.nowMs = 61_000;
    table.replace(orders.gaps(), clock.nowMs);
    expect((await ask('GET', '/v1/gaps')).body.gaps).toEqual([]);
  });

  it.each(['5550001111', '15550001111', '%2B1-555-000-1111'])('can be taken away as %s', async (digits) => {
    const { ask, orders } = setUp();
    await ask('POST', '/v1/gaps', stop);
    expect(await ask('DELETE', `/v1/gaps/${digits}`)).toMatchObject({ status: 204, body: undefined });
    expect(orders.gaps()).toEqual([]);
    expect(await ask('DELETE', `/v1/gaps/${digits}`)).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/problem+json; charset=utf-8' },
      body: { title: 'Not Found', detail: expect.stringMatching(/^There is no gap of the operator on \+?1?-?555/) },
    });
  });

  it.each(['x', '%20', '1'.repeat(16), '__proto__'])('there is none on %s', async (digits) => {
    expect((await setUp().ask('DELETE', `/v1/gaps/${digits}`)).status).toBe(404);
  });
});

describe('off the loopback', () => {
  const token = 'a-token-of-sixteen+';
  const write = { POST: '/v1/gaps', DELETE: '/v1/gaps/5550001111' } as const;

  it.each(['POST', 'DELETE'] as const)('%s needs the token, before its body is read', async (method) => {
    const { ask, orders } = setUp({ isLoopback: false, tokens: [{ name: 'token', token }] });
    const { status, headers, body } = await ask(method, write[method], method === 'POST' ? '{nonsense' : undefined);
    expect({ status, body }).toMatchObject({ status: 401, body: { title: 'Unauthorized', status: 401 } });
    expect(headers['www-authenticate']).toBe('Bearer realm="surgegate"');
    const authorization = `Bearer ${token}`;
    expect((await ask('POST', write.POST, stop, { authorization })).status).toBe(201);
    expect(orders.gaps()).toHaveLength(1);
    expect((await ask('DELETE', write.DELETE, undefined, { authorization })).status).toBe(204);
  });

  it('nothing can be changed without a configured token, and everything read', async () => {
    const { ask, orders } = setUp({ isLoopback: false, tokens: [] });
    for (const method of ['POST', 'DELETE'] as const) {
      const { status, headers, body } = await ask(method, write[method], method === 'POST' ? stop : undefined);
      expect({ status, body }).toMatchObject({ status: 403, body: { title: 'Forbidden' } });
      expect(body.detail).toContain('admin.tokenFile');
      expect(headers['www-authenticate']).toBeUndefined();
    }
    expect(orders.gaps()).toEqual([]);
    expect((await ask('GET', '/v1/gaps')).status).toBe(200);
  });
});
