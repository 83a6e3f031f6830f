import { Registry } from 'prom-client';
import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAdmin } from '../../src/admin/server.ts';
import { noOperatorControls } from '../../src/control/operator-controls.ts';
import { createCounters } from '../../src/metrics/counters.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { optionsWith } from './options.ts';

interface Answer {
  readonly status: number;
  readonly type: unknown;
  readonly text: string;
}

async function start(ready: () => string[] = () => [], registry = new Registry(), host = '127.0.0.1') {
  const admin = await startAdmin(optionsWith({ registry, ready }), { host, port: 0 });
  onTestFinished(() => admin.close());
  const ask = async (path: string, method: 'GET' | 'POST' | 'HEAD' = 'GET'): Promise<Answer> => {
    const answer = await request(`http://${admin.address}${path}`, { method });
    return { status: answer.statusCode, type: answer.headers['content-type'], text: await answer.body.text() };
  };
  return { admin, ask };
}

describe('the admin server', () => {
  it('shows the metrics', async () => {
    const { registry } = createMetrics({
      version: '0',
      counters: createCounters(),
      sockets: () => [],
      switches: () => [],
      transactions: () => ({}),
      penalisedSources: () => 0,
      reloads: () => ({ applied: 0, refused: 0, lastSuccessSeconds: 0 }),
      draining: () => false,
      loop: () => undefined,
      ordered: () => ({ links: [], controls: noOperatorControls }),
    });
    const { ask } = await start(() => [], registry);
    const { status, type, text } = await ask('/metrics');
    expect(status).toBe(200);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('# HELP surgegate_requests_total Requests by');
    expect(text.endsWith('\n')).toBe(true);
  });

  it('is alive even when it is not ready', async () => {
    let reasons = ['no switch is up', 'draining'];
    const { ask } = await start(() => reasons);
    expect((await ask('/healthz')).status).toBe(200);
    const waiting = await ask('/readyz');
    expect(waiting.status).toBe(503);
    expect(JSON.parse(waiting.text)).toEqual({ status: 'not ready', reasons });
    reasons = [];
    const ready = await ask('/readyz');
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text)).toEqual({ status: 'ready', reasons: [] });
  });

  it.each([
    ['/', 'GET'],
    ['/metrics', 'POST'],
    ['/metric?a=b', 'GET'],
  ] as const)('answers %s by %s with a problem', async (path, method) => {
    const { ask } = await start();
    const { status, type, text } = await ask(path, method);
    expect(status).toBe(404);
    expect(type).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(text)).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: expect.stringMatching(
        /^There is no \S+ \S+; there are: GET \/metrics, .*PUT and DELETE \/v1\/mode, .*\.$/,
      ),
    });
  });

  it('tells a name that is not ours nothing but what any may know', async () => {
    const { admin } = await start();
    const as = async (path: string, headers: Record<string, string>) =>
      (await request(`http://${admin.address}${path}`, { headers })).statusCode;
    const evil = { host: 'evil.example' };
    for (const path of ['/v1/gaps', '/v1/controls', '/v1/audit', '/v1/status', '/nothing'])
      expect(await as(path, evil), path).toBe(403);
    for (const path of ['/metrics', '/healthz', '/readyz']) expect(await as(path, evil), path).toBe(200);
    expect(await as('/v1/gaps', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await as('/v1/gaps', { host: 'localhost' })).toBe(200);
  });

  it('says nothing of a failure inside', async () => {
    const registry = new Registry();
    registry.metrics = () => Promise.reject(new Error('secret'));
    const { ask } = await start(() => [], registry);
    const { status, type, text } = await ask('/metrics');
    expect(status).toBe(500);
    expect(type).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(text)).toEqual({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
  });

  it('listens on IPv6', async () => {
    const { admin, ask } = await start(() => [], new Registry(), '::1');
    expect(admin.address).toMatch(/^\[::1\]:\d+$/);
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('says on one line why it cannot listen', async () => {
    const { admin } = await start();
    const port = Number(admin.address.split(':')[1]);
    await expect(startAdmin(optionsWith({}), { host: '127.0.0.1', port })).rejects.toThrow(
      /^admin\.listen: cannot listen on 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\)$/,
    );
  });
});
