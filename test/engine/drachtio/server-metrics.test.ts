// What the server has taken beyond what it handed over, from its page for Prometheus.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServerMetrics, requestsIn } from '../../../src/engine/drachtio/server-metrics.ts';
import { waitFor } from '../../peers/wait.ts';

const page = (invites: number): string =>
  [
    '# TYPE drachtio_sip_requests_in_total counter',
    'drachtio_sip_requests_in_total{method="BYE"} 5000',
    `drachtio_sip_requests_in_total{method="INVITE"} ${invites}`,
    'drachtio_sip_requests_in_total{method="OPTIONS"} 3',
    'drachtio_sip_responses_out_total{code="503",method="INVITE"} 999',
    'drachtio_sofia_requests_recv_total 12345',
    '',
  ].join('\n');

describe('requestsIn', () => {
  it('sums the methods that are routed', () => {
    expect(requestsIn(page(40), new Set(['INVITE', 'OPTIONS']))).toBe(43);
    expect(requestsIn(page(1e6).replace('1000000', '1e+06'), new Set(['INVITE']))).toBe(1_000_000);
    expect(requestsIn('', new Set(['INVITE']))).toBe(0);
  });
});

async function setUp() {
  const shown = { answer: (response: ServerResponse) => void response.end(page(0)) };
  let fetches = 0;
  const server = createServer((_, response) => {
    fetches++;
    shown.answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  const logs: string[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const metrics = createServerMetrics(url, ['invite', 'options'], (text) => logs.push(text));
  onTestFinished(() => metrics.close());
  let atMs = 0;
  /** One fetch later, with so many handed over. */
  const next = async (handedOver: number): Promise<number | undefined> => {
    const before = fetches;
    atMs += 10_000;
    metrics.sample(handedOver, atMs);
    await waitFor('the fetch', () => fetches > before);
    // until its answer is read
    await new Promise((resolve) => setTimeout(resolve, 100));
    return metrics.sample(handedOver, atMs + 1);
  };
  return { shown, metrics, logs, next, fetches: () => fetches };
}

describe('createServerMetrics', () => {
  it('shows what was taken beyond what was handed over, per second', async () => {
    const { shown, next } = await setUp();
    expect(await next(0)).toBeUndefined();
    shown.answer = (response) => void response.end(page(2_000));
    expect(await next(1_500)).toBe(50);
    shown.answer = (response) => void response.end(page(2_100));
    // more came to us than it had counted: they were on their way
    expect(await next(1_700)).toBe(0);
  });

  it('asks every few seconds only', async () => {
    const { metrics, next, fetches } = await setUp();
    await next(0);
    for (let ms = 10_001; ms < 14_900; ms += 100) metrics.sample(0, ms);
    expect(fetches()).toBe(1);
  });

  it('begins anew with a server that came anew', async () => {
    const { shown, next } = await setUp();
    shown.answer = (response) => void response.end(page(5_000));
    await next(0);
    shown.answer = (response) => void response.end(page(10));
    expect(await next(0)).toBeUndefined();
    shown.answer = (response) => void response.end(page(110));
    expect(await next(0)).toBe(10);
  });

  it.each([
    ['a status', (response: ServerResponse) => void response.writeHead(404).end()],
    ['a page too long', (response: ServerResponse) => void response.end('x'.repeat(2 ** 20 + 1))],
    ['a cut connection', (response: ServerResponse) => void response.destroy()],
  ])('tells %s once, and again after it was well', async (_, answer) => {
    const { shown, next, logs } = await setUp();
    await next(0);
    const well = shown.answer;
    shown.answer = answer;
    expect(await next(0)).toBeUndefined();
    expect(await next(0)).toBeUndefined();
    expect(logs).toHaveLength(1);
    shown.answer = well;
    expect(await next(0)).toBeUndefined();
    expect(await next(0)).toBe(0);
    shown.answer = answer;
    await next(0);
    expect(logs).toHaveLength(2);
  });
});
