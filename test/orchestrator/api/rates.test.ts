import { connect } from 'node:net';
import { Agent, request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSetting, tokens } from './setting.ts';

const statuses = (answers: readonly { readonly status: number }[]): number[] =>
  answers.map(({ status }) => status).sort();

describe('an identity', () => {
  it('may ask in bursts, and is then told to wait', async () => {
    const { ask } = await startSetting({ limits: { requestsPerSecond: 5, burst: 8 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask('GET /v1/mode', { who: 'edge' })));
    expect(statuses(answers).filter((status) => status === 200)).toHaveLength(8);
    const late = answers.find(({ status }) => status === 429)!;
    expect(late.type).toBe('application/problem+json');
    expect(late.json).toMatchObject({ type: 'urn:surgegate:problem:too-many-requests', status: 429 });
    expect(Number(late.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await ask('GET /v1/mode', { who: 'web' })).status).toBe(200);
  });

  it('is counted for what does not exist and for what it may not, too', async () => {
    const { ask } = await startSetting({ limits: { requestsPerSecond: 2, burst: 2 } });
    const paths = ['GET /v1/nothing', 'GET /v1/audit', 'GET /v1/mode'];
    const answers = [];
    for (const what of paths) answers.push(await ask(what, { who: 'edge' }));
    expect(answers.map(({ status }) => status)).toEqual([404, 403, 429]);
  });
});

it('what needs no token is limited for each address', async () => {
  const { ask } = await startSetting({ limits: { openRequestsPerSecond: 3 } });
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask('GET /metrics')));
  expect(statuses(answers)).toEqual([200, 200, 200, 429, 429]);
});

describe('an address with wrong tokens', () => {
  const limits = { failuresPerAddress: 3, failureSeconds: 60 };

  it('is told to wait before its token is looked at', async () => {
    const { ask } = await startSetting({ limits });
    const wrong = { token: 'some-guessed-token-1' };
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await ask('GET /v1/mode', wrong));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429, 429]);
    expect(Number(answers[4]!.headers['retry-after'])).toBeGreaterThan(50);
    const fresh = new Agent();
    onTestFinished(() => fresh.close());
    const right = await ask('GET /v1/mode', { who: 'edge', headers: { connection: 'close' } });
    expect(right.status).toBe(429);
  });

  it('does not hold up the connections of that address that have shown a right one', async () => {
    const { ask, api } = await startSetting({ limits });
    const proven = new Agent({ connections: 1 });
    onTestFinished(() => proven.close());
    const mode = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await request(`http://${api.address}/v1/mode`, { dispatcher: proven, headers });
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await mode(tokens.edge)).toBe(200);
    for (let i = 0; i < 4; i++) await ask('GET /v1/mode', { token: 'some-guessed-token-1' });
    expect(await mode(tokens.edge)).toBe(200);
    // a wrong one on it costs it that
    expect(await mode('some-guessed-token-2')).toBe(401);
    expect(await mode(tokens.edge)).toBe(429);
  });

  it('is not counted for requests without any', async () => {
    const { ask } = await startSetting({ limits });
    for (let i = 0; i < 6; i++) expect((await ask('GET /v1/mode')).status).toBe(401);
    expect((await ask('GET /v1/mode', { who: 'edge' })).status).toBe(200);
  });

  it('is another than its neighbour', async () => {
    const { ask, api } = await startSetting({ limits });
    for (let i = 0; i < 4; i++) await ask('GET /v1/mode', { token: 'some-guessed-token-1' });
    const port = Number(api.address.split(':')[1]);
    const head = `GET /v1/mode HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer ${tokens.edge}\r\n\r\n`;
    const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    socket.end(head);
    const [first] = (await socket.setEncoding('utf8').toArray()) as string[];
    expect(first).toMatch(/^HTTP\/1.1 200 /);
  });
});
