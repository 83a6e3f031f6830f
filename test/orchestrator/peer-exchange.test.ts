import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { peerReportSchema } from '../../src/congestion/north-messages.ts';
import type { ModeReport } from '../../src/congestion/orders.ts';
import { type ExchangedPeer, type PeerExchange, startPeerExchange } from '../../src/orchestrator/peer-exchange.ts';

const modeReport = (mode: ModeReport['mode']): ModeReport => ({
  orchestrator: 'host-2',
  mode,
  sinceSeconds: 1,
  causes: mode === 'L0' ? [] : ['memoryBytes 90 %'],
  attributes: { dumpNonEssential: mode !== 'L0', reductionRatio: 0, slowed: false },
});

const open: { server?: Server; exchange?: PeerExchange } = {};
afterEach(async () => {
  await open.exchange?.stop();
  open.server?.closeAllConnections();
  open.server?.close();
});

async function serve(listener: RequestListener, port = 0): Promise<number> {
  open.server = createServer(listener).listen(port, '127.0.0.1');
  await once(open.server, 'listening');
  return (open.server.address() as AddressInfo).port;
}

function start(port: number, more: Partial<ExchangedPeer> = {}) {
  const answers: { peer: string; mode: string; validityMs: number }[] = [];
  const lines: string[] = [];
  const say = (message: string, fields: object = {}) => lines.push([message, ...Object.values(fields)].join(' | '));
  const peer: ExchangedPeer = {
    name: 'east',
    url: `http://127.0.0.1:${port}/`,
    exchange: 'fetch',
    token: 'secret-0123456789',
    intervalMs: 20,
    timeoutMs: 500,
    ...more,
  };
  open.exchange = startPeerExchange({
    name: 'host-1',
    peers: [peer],
    mode: () => modeReport('L1'),
    onAnswer: (name, { mode }, validityMs) => answers.push({ peer: name, mode, validityMs }),
    log: { info: say, warn: say },
  });
  return { answers, lines, exchange: open.exchange };
}

const json = (response: Parameters<RequestListener>[1], body: unknown) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

it('a peer is asked for its mode again and again, with the token that it gave us', async () => {
  const asked: string[] = [];
  const port = await serve(({ method, url, headers }, response) => {
    asked.push(`${method} ${url} ${headers.authorization}`);
    json(response, modeReport('L3'));
  });
  const { answers, lines } = start(port);
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(2));
  expect(answers[0]).toEqual({ peer: 'east', mode: 'L3', validityMs: 560 });
  expect(asked[0]).toBe('GET /v1/mode Bearer secret-0123456789');
  expect(lines).toEqual([]);
});

it('a peer that is told our mode answers with its own; the numbers of what it is told grow', async () => {
  const told: { request: IncomingMessage; body: unknown }[] = [];
  const port = await serve(async (request, response) => {
    told.push({ request, body: JSON.parse(await text(request)) });
    json(response, modeReport('L2'));
  });
  const { answers } = start(port, { exchange: 'push' });
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(1));
  expect(answers[0]?.mode).toBe('L2');
  const reports = told.map(({ body }) => peerReportSchema.parse(body));
  expect(reports[0]).toMatchObject({ mode: 'L1', causes: ['memoryBytes 90 %'], validitySeconds: 1 });
  expect(new Set(reports.map(({ instance }) => instance)).size).toBe(1);
  expect(reports.map(({ sequence }) => sequence)).toEqual(reports.map((_, i) => i + 1));
  const [{ request }] = told as [(typeof told)[number]];
  expect([request.method, request.url, request.headers['content-type']]).toEqual([
    'PUT',
    '/v1/peers/host-1',
    'application/json',
  ]);
});

it('one that cannot be reached is said once, and its return', async () => {
  const port = await serve(() => {});
  open.server?.close();
  const { answers, lines } = start(port);
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toMatch(/^peer cannot be asked; it counts as nothing \| east \| .*ECONNREFUSED/);
  await serve((_request, response) => json(response, modeReport('L0')), port);
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(1));
  expect(lines).toEqual([lines[0], 'peer is reached again | east']);
});

const never = () => {};
it.each<[string, RequestListener, RegExp, Partial<ExchangedPeer>?]>([
  ['does not answer in time', never, /no answer in time$/, { timeoutMs: 50 }],
  ['does not know us', (_request, response) => response.writeHead(401).end('no'), /it answers 401$/],
  ['answers with something else', (_request, response) => json(response, { mode: 'L9' }), /no mode report$/],
  ['answers with no JSON', (_request, response) => response.end('<html>'), /JSON/],
  ['answers without end', (_request, response) => response.end('x'.repeat(100_000)), /size|exceeded/i],
  ['sends us elsewhere', (_request, response) => response.writeHead(302, { location: '/' }).end(), /it answers 302$/],
  ['hangs up', (request) => request.socket.destroy(), /\| east \| ./],
])('one that %s counts as nothing', async (_what, listener, reason, more) => {
  const { answers, lines } = start(await serve(listener), more);
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toMatch(reason);
  expect(lines[0]).not.toContain('secret');
  expect(answers).toEqual([]);
});

it('with news nobody waits for the interval, and nobody is asked twice at a time', async () => {
  let underWay = 0;
  let most = 0;
  let answered = 0;
  const port = await serve((_request, response) => {
    most = Math.max(most, ++underWay);
    setTimeout(() => {
      underWay--;
      answered++;
      json(response, modeReport('L0'));
    }, 10);
  });
  const { exchange } = start(port, { intervalMs: 600_000 });
  for (let i = 0; i < 5; i++) exchange.hurry();
  await vi.waitFor(() => expect(answered).toBe(2));
  exchange.hurry();
  await vi.waitFor(() => expect(answered).toBe(3));
  expect(most).toBe(1);
});

it('ends at once, with a question under way, and says nothing', async () => {
  const { lines, exchange } = start(await serve(never), { timeoutMs: 60_000 });
  await exchange.stop();
  exchange.hurry();
  expect(lines).toEqual([]);
});
