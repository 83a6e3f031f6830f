import { describe, expect, it } from 'vitest';
import { examples } from '../../../src/congestion/examples.ts';
import { type Route, type RouteId, routes } from '../../../src/congestion/routes.ts';
import { createApi } from '../../../src/orchestrator/api/api.ts';
import { fakeDesk } from './fake-desk.ts';
import { apiOptions, startSetting, type Who } from './setting.ts';

/** Of each role one; `edge` is who the path names. */
const roleOf: Record<Who, string> = { edge: 'application', web: 'application', east: 'peer', noc: 'operator' };
const pathOf = ({ path }: Route): string =>
  path.replace('{name}', path.includes('/peers/') ? 'east' : 'edge').replace('{digits}', '1800');
const streams: readonly RouteId[] = ['events', 'feed'];

describe('without a token that is known', () => {
  it.each([
    ...routes.map((route) => `${route.method} ${pathOf(route)}`),
    ...['GET /v1/nothing', 'GET /v1', 'GET /', 'GET /v2/mode', 'PATCH /v1/mode', 'OPTIONS /v1/mode', 'POST /healthz'],
    ...['GET /v1/applications/nobody/orders', 'GET /v1/applications/%ff/orders', 'GET /v1/%zz', 'GET /v1/mode/'],
    `GET /v1/applications/${'n'.repeat(2000)}/orders`,
  ])('%s is a 401 that reveals nothing', async (what) => {
    const { ask, desk } = await startSetting();
    const none = await ask(what);
    expect(none).toMatchObject({ status: 401, type: 'application/problem+json' });
    expect(none.headers['www-authenticate']).toBe('Bearer realm="surgegate"');
    expect(none.json).toEqual({
      ...{ type: 'about:blank', title: 'Unauthorized', status: 401 },
      detail: 'A token is needed: Authorization: Bearer, then the token.',
    });
    const wrong = await ask(what, { token: 'edge-token-0123456780' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Bearer realm="surgegate", error="invalid_token"');
    expect(wrong.headers.allow).toBeUndefined();
    expect(desk.calls).toEqual([]);
  });

  it('a body is not looked at', async () => {
    const { ask } = await startSetting();
    expect((await ask('PUT /v1/applications/edge', { body: '{broken' })).status).toBe(401);
  });

  it('two tokens are none, whichever of them is right', async () => {
    const server = createApi(apiOptions(fakeDesk('edge')));
    const authorization = ['Bearer edge-token-0123456789', 'Bearer web-token-0123456789'];
    const answer = await server.inject({ url: '/v1/mode', headers: { authorization: authorization as never } });
    expect(answer.statusCode).toBe(401);
  });

  it.each(['/healthz', '/metrics', '/openapi.json'])('%s is open', async (path) => {
    const { ask } = await startSetting();
    expect((await ask(`GET ${path}`)).status).toBe(200);
    expect(await ask(`HEAD ${path}`)).toMatchObject({ status: 200, text: '' });
  });
});

describe.each(
  routes.filter(({ id }) => !streams.includes(id)).map((route: Route) => [route.id as RouteId, route] as const),
)('%s', (id, route) => {
  it.each(Object.keys(roleOf) as Who[])('is for who it is for: %s', async (who) => {
    const { ask } = await startSetting();
    const isOwn = !route.path.includes('{name}') || who === 'noc' || pathOf(route).includes(`/${who}`);
    const may = route.roles.includes(roleOf[who] as never) && isOwn;
    const body = examples[id].body;
    const answer = await ask(`${route.method} ${pathOf(route)}`, { who, ...(body === undefined ? {} : { body }) });
    if (may) expect([200, 204, 404]).toContain(answer.status);
    else expect(answer).toMatchObject({ status: 403, type: 'application/problem+json' });
  });
});

describe('with a token', () => {
  it('another application looks the same whether it exists or not', async () => {
    const { ask } = await startSetting();
    const exists = await ask('GET /v1/applications/edge/orders', { who: 'web' });
    const not = await ask('GET /v1/applications/nobody/orders', { who: 'web' });
    const never = await ask('GET /v1/applications/-%00-/orders', { who: 'web' });
    expect(exists.status).toBe(403);
    expect([not.text, never.text]).toEqual([exists.text, exists.text]);
    expect([not.status, never.status]).toEqual([403, 403]);
  });

  it('says what is not there, and which methods are', async () => {
    const { ask } = await startSetting();
    expect(await ask('GET /v1/nothing', { who: 'edge' })).toMatchObject({
      status: 404,
      type: 'application/problem+json',
    });
    expect((await ask('GET /v1/mode/', { who: 'edge' })).status).toBe(404);
    expect(await ask('GET /v1/applications/%zz/orders', { who: 'noc' })).toMatchObject({
      status: 400,
      type: 'application/problem+json',
    });
    const other = await ask('PATCH /v1/applications/edge', { who: 'edge' });
    expect(other).toMatchObject({ status: 405, type: 'application/problem+json' });
    expect(other.headers.allow).toBe('PUT, DELETE');
    expect((await ask('POST /healthz', { who: 'edge' })).headers.allow).toBe('GET, HEAD');
  });

  it('an operator is told who he is in the audit by his own name', async () => {
    const { ask, desk } = await startSetting();
    await ask('PUT /v1/controls/gaps/1800', { who: 'noc', body: examples.gap.body });
    expect(desk.calls).toEqual(['gap 1800 noc']);
  });

  it('counts each answer by its route', async () => {
    const { ask, told } = await startSetting();
    await ask('GET /v1/mode', { who: 'edge' });
    await ask('GET /v1/mode');
    await ask('GET /v1/nothing', { who: 'edge' });
    expect(told.answers).toEqual(['mode 200', 'mode 401', 'none 404']);
  });
});

it('a failure inside is a 500 without its reason, and a line in the log', async () => {
  const desk = fakeDesk('edge');
  const { ask, told } = await startSetting(
    {},
    {
      ...desk,
      mode: () => {
        throw new Error('secret reason');
      },
    },
  );
  const answer = await ask('GET /v1/mode', { who: 'edge' });
  expect(answer).toMatchObject({
    status: 500,
    json: { type: 'about:blank', title: 'Internal Server Error', status: 500 },
  });
  expect(answer.text).not.toContain('secret');
  expect(JSON.stringify(told.log)).toContain('/v1/mode');
});

it('credentials that stand for two are refused at the start', () => {
  const twice = [
    { role: 'application', name: 'a', token: 'the-same-token-for-two' },
    { role: 'peer', name: 'a', token: 'the-same-token-for-two' },
  ] as const;
  expect(() => createApi(apiOptions(fakeDesk(), { credentials: twice }))).toThrow(
    'credentials: application a and peer a have the same token',
  );
  const rotated = [{ ...twice[0] }, { ...twice[0], token: 'the-next-token-of-it' }];
  expect(() => createApi(apiOptions(fakeDesk(), { credentials: rotated }))).not.toThrow();
});
