// What drachtio-srf keeps of a request until it is told how that ended: nothing may be left of it, however it ended.
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../../src/engine/drachtio/connection.ts';
import { Outgoing } from '../../../src/engine/drachtio/outgoing.ts';
import { type Incoming, Requests } from '../../../src/engine/drachtio/requests.ts';
import { mostFrameBytes } from '../../../src/engine/drachtio/wire.ts';
import { waitFor } from '../../peers/wait.ts';
import { ControlPort } from './control-port.ts';
import { proxyOptions } from './opened.ts';

async function setUp(onRequest: (one: Incoming) => void) {
  const server = await ControlPort.open();
  onTestFinished(() => server.close());
  const incoming: Incoming[] = [];
  const options = { host: '127.0.0.1', port: server.port, secret: 'cymru', tls: false, methods: ['invite'] };
  const rest = { retryMaxDelayMs: 300, selfTestMs: 0, metricsUrl: undefined, log: () => {} };
  let isUp = false;
  const connection = new Connection({ ...options, ...rest }, 5_000, {
    onAccepted: () => {},
    onUp: () => {
      isUp = true;
    },
    onRequest: (request, response) => {
      const one = requests.add(request, response, 0, 0);
      incoming.push(one);
      onRequest(one);
    },
    onCancel: (transaction) => requests.cancel(transaction),
    onGone: () => {},
    onUnreadable: () => {},
    onRouteRefused: () => {},
  });
  onTestFinished(() => connection.close({ cause: 'closed', reason: 'closed' }));
  const outgoing = new Outgoing(connection);
  const requests = new Requests({ connection, outgoing, addresses: [], log: () => {}, deadlineMs: 1_000 });
  await waitFor('the link', () => isUp);
  return { server, connection, outgoing, requests, incoming };
}

describe('drachtio-srf keeps nothing', () => {
  const ends: Record<string, (one: Incoming) => unknown> = {
    answered: (one) => one.respond(503, 'Overload', {}),
    'answered too long': (one) => one.respond(503, 'Overload', { 'X-Long': 'x'.repeat(mostFrameBytes) }),
    'cancelled or forgotten': () => {},
    proxied: (one) => one.proxy(['sip:127.0.0.1:5080'], proxyOptions),
    'proxied without an end': (one) => one.proxy(['sip:127.0.0.1:5080'], { ...proxyOptions, deadlineMs: 200 }),
    'proxied to nowhere': (one) => one.proxy([], proxyOptions),
  };

  it.each(Object.keys(ends))('of calls that are %s', async (how) => {
    const { server, connection, outgoing, requests, incoming } = await setUp(ends[how]!);
    const calls = Array.from({ length: 20 }, () => ({ transaction: randomUUID(), callId: randomUUID() }));
    for (const call of calls) server.hand('INVITE', call);
    await waitFor('the calls', () => incoming.length === calls.length);
    for (const call of calls.slice(0, 10)) if (how.startsWith('cancelled')) server.hand('CANCEL', call);
    if (how === 'proxied') {
      await server.next(calls.length - 1, 'proxy');
      for (const asked of server.all('proxy')) {
        server.final(asked, 200, 5080);
        asked.peer.answer(asked.id, 'OK', 'done');
      }
    }
    if (how.startsWith('cancelled')) await waitFor('the CANCELs', () => requests.size === 10);
    requests.sweep(2_000);
    await waitFor('all to be over', () => requests.size + outgoing.size === 0);
    const { pendingRequests, pendingSipRequests, pendingNetworkInvites } = connection.state!;
    expect([pendingRequests.size, pendingSipRequests.size, pendingNetworkInvites.size]).toEqual([0, 0, 0]);
  });

  it('of requests of our own, sent or not, answered or not', async () => {
    const { server, connection, outgoing } = await setUp(() => {});
    const all = [1, 2, 3].map((i) => outgoing.request('OPTIONS', `sip:127.0.0.1:508${i}`, {}, 400));
    const [, second, third] = await waitFor('them', () =>
      server.all('sip', '').length === 3 ? server.all('sip', '') : false,
    );
    server.sent(second!, 'second');
    server.sent(third!, 'third');
    server.reply('third', 200);
    expect(await Promise.all(all)).toEqual([0, 0, 200]);
    const { pendingRequests, pendingSipRequests } = connection.state!;
    expect([pendingRequests.size, pendingSipRequests.size, outgoing.size]).toEqual([0, 0, 0]);
  });
});
