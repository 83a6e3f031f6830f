// The link as the engine sees it, over a control port that does as the test says.
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../peers/wait.ts';
import { openPair, proxyOptions } from './opened.ts';

describe('the link', () => {
  it('is up with its secret and its routes', async () => {
    const { server, link, changes } = await openPair({ link: { methods: ['invite', 'options', 'register'] } });
    expect(link.isUp).toBe(true);
    expect(link.addresses).toEqual([
      { protocol: 'tcp', host: '127.0.0.1', port: 5060 },
      { protocol: 'udp', host: '127.0.0.1', port: 5060 },
    ]);
    expect(link.version).toBe('v0.9.10');
    expect(changes).toEqual([[true, 'connected to drachtio-server v0.9.10']]);
    // until it has, the server answers what comes with 503
    expect(server.peers[0]!.routes.size).toBe(3);
  });

  it('knows a server behind another address by its sockets, not by what that tells others', async () => {
    const local = 'udp/172.17.0.2:5060';
    const { link } = await openPair({ server: { addresses: 'udp/198.51.100.1:5060', local } });
    expect(link.addresses).toEqual([{ protocol: 'udp', host: '172.17.0.2', port: 5060 }]);
  });

  it('tells where a method is not handed over', async () => {
    const { logged } = await openPair({ server: { refusedRoutes: ['options'] } });
    const { fields } = await waitFor('the refusal', () => logged.find(({ level }) => level === 'error'));
    expect(fields).toEqual({ method: 'options', reason: 'unsupported' });
  });

  it('hands over a request and takes its answer, once', async () => {
    const { server, link, requests } = await openPair();
    const transaction = server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    expect(request).toMatchObject({ method: 'INVITE', protocol: 'udp', sourceAddress: '127.0.0.1', sourcePort: 5070 });
    expect(request.receivedOn).toEqual({ host: '127.0.0.1', port: 5060 });
    expect(request.raw).toContain('CSeq: 1 INVITE\r\n');
    expect(request.respond(183, 'Session Progress', {})).toBe(true);
    expect(link.pending).toBe(1);
    expect(request.respond(503, 'Overload', { 'Retry-After': '7' })).toBe(true);
    expect(request.respond(503, 'Overload', {})).toBe(false);
    expect(link.pending).toBe(0);
    const { words, body } = await server.next(1, 'sip');
    expect(words[1]).toBe(transaction);
    expect(body).toMatch(/^SIP\/2\.0 503 Overload\r\n/);
    expect(body).toMatch(/\r\nretry-after: 7\r\n/i);
    expect(server.all('sip')).toHaveLength(2);
  });

  it('shows WebSocket as what it is', async () => {
    const { server, requests } = await openPair({ server: { addresses: 'ws/127.0.0.1:5066,udp/127.0.0.1:5060' } });
    server.hand('INVITE', { protocol: 'tcp', via: 'WS', receivedOn: ['127.0.0.1', '5066'] });
    const request = await waitFor('the request', () => requests[0]);
    expect(request.protocol).toBe('ws');
    expect(request.sourcePort).toBe(5070);
  });

  it('has the server proxy a request, and is told what became of it', async () => {
    const { server, link, requests } = await openPair();
    const transaction = server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    const destinations = ['sip:127.0.0.1:5080', 'sip:127.0.0.1:5081'];
    const outcome = request.proxy(destinations, { ...proxyOptions, fields: { 'X-Edge': 'one' } });
    expect(link.pending).toBe(1);
    const asked = await server.next(0, 'proxy');
    const how = ['remainInDialog', 'fullResponse', '', 'serial', '2000ms', '20000ms'];
    expect(asked.words).toEqual(['proxy', transaction, ...how, ...destinations]);
    expect(asked.body).toContain('\r\nX-Edge: one\r\n');
    server.final(asked, 503, 5080);
    server.final(asked, 200, 5081);
    asked.peer.answer(asked.id, 'OK', 'done');
    // drachtio-srf itself shows both as from the first port
    const finals = [
      { status: 503, address: '127.0.0.1', port: 5080 },
      { status: 200, address: '127.0.0.1', port: 5081 },
    ];
    expect(await outcome).toEqual({ status: 200, finals });
    expect(request.respond(500, 'No', {})).toBe(false);
    expect(await request.proxy(destinations, proxyOptions)).toEqual({ status: 0, finals: [] });
    expect(link.pending).toBe(0);
  });

  it('sends a request of its own, and takes its answer', async () => {
    const { server, link } = await openPair();
    const status = link.request('OPTIONS', 'sip:127.0.0.1:5080', { 'X-Probe': '1' }, 5_000);
    const asked = await server.next(0, 'sip', '');
    expect(asked.body).toMatch(/^OPTIONS sip:127\.0\.0\.1:5080 SIP\/2\.0\r\n/);
    server.sent(asked, 'transaction-1');
    server.reply('transaction-1', 100);
    server.reply('transaction-1', 200);
    expect(await status).toBe(200);
    expect(link.pending).toBe(0);
  });

  it('sends no request with a URI that would break the protocol, and no INVITE', async () => {
    const { server, link } = await openPair();
    expect(await link.request('OPTIONS', 'sip:a@b|sip:c@d', {}, 5_000)).toBe(0);
    expect(await link.request('OPTIONS', 'sip:a@b\r\nX: y', {}, 5_000)).toBe(0);
    expect(await link.request('INVITE', 'sip:a@b', {}, 5_000)).toBe(0);
    expect(server.all('sip')).toHaveLength(0);
  });

  it('asks for no more requests before it closes, and refuses those that come and those that wait', async () => {
    const { server, link, requests } = await openPair({ server: { slowRemove: true } });
    server.hand('INVITE', { transaction: 'early' });
    await waitFor('the request', () => requests[0]);
    const closed = link.close();
    const { peer, id } = await server.next(1, 'remove_route');
    server.hand('INVITE', { transaction: 'late' });
    await server.next(0, 'sip', 'late');
    peer.answer(id, 'OK');
    await closed;
    const answers = server.all('sip').map(({ words, body }) => [words[1], body.slice(0, 11)]);
    expect(answers).toEqual([
      ['late', 'SIP/2.0 503'],
      ['early', 'SIP/2.0 503'],
    ]);
    expect(requests).toHaveLength(1);
  });

  it('tells that the event loop was late', async () => {
    const { logged } = await openPair({ times: { stallMs: 300 } });
    const end = performance.now() + 700;
    while (performance.now() < end);
    const { text, fields } = await waitFor('the line', () => logged[0]);
    expect(text).toMatch(/event loop was late/);
    expect(fields.lateMs).toBeGreaterThan(300);
  });
});
