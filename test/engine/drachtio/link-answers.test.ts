// An answer always, and an end to every wait: whatever the engine, drachtio-srf or the server does not do.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { mostFrameBytes } from '../../../src/engine/drachtio/wire.ts';
import { waitFor } from '../../peers/wait.ts';
import { request as requestText } from './control-port.ts';
import { openPair, proxyOptions } from './opened.ts';

const status = (body: string): number => Number(body.slice(8, 11));

describe('every request is answered', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['rejects', () => Promise.reject(new Error('oops'))],
  ])('where the engine %s: 500', async (_, onRequest) => {
    const { server, link, logged } = await openPair({ onRequest: onRequest as () => void });
    const transaction = server.hand('INVITE');
    const { words, body } = await server.next(0, 'sip');
    expect([words[1], status(body)]).toEqual([transaction, 500]);
    expect(logged[0]?.level).toBe('error');
    expect(link.pending).toBe(0);
  });

  it('where the engine forgets it: 408, and no answer of its own goes after that', async () => {
    const { server, link, requests } = await openPair({ times: { answerDeadlineMs: 50 } });
    server.hand('INVITE');
    expect(status((await server.next(0, 'sip')).body)).toBe(408);
    expect(requests[0]!.respond(200, 'OK', {})).toBe(false);
    expect(link.pending).toBe(0);
  });

  it('where its answer is longer than what reaches a drachtio-server: without its fields', async () => {
    const { server, requests, logged } = await openPair();
    server.hand('INVITE', { transaction: 'long' });
    const request = await waitFor('the request', () => requests[0]);
    expect(request.respond(486, 'Busy Here', { 'X-Long': 'x'.repeat(mostFrameBytes) })).toBe(true);
    const { body } = await server.next(0, 'sip', 'long');
    expect(status(body)).toBe(500);
    expect(logged[0]?.fields.reason).toMatch(/4036/);
    expect(Math.max(...server.frameBytes)).toBeLessThanOrEqual(mostFrameBytes);
  });

  it('where its answer has a status that there is not', async () => {
    const { server, requests } = await openPair();
    server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    expect(request.respond(799, 'Odd', {})).toBe(true);
    expect(status((await server.next(0, 'sip')).body)).toBe(503);
  });

  it('where drachtio-srf cannot read what the server could: 400, and the link goes on', async () => {
    const { server, requests, logged } = await openPair();
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    // as drachtio-server 0.9.10 hands them over
    for (const version of ['sip/2.0', ' SIP/2.0']) {
      const raw = requestText('INVITE', 'sip:100@127.0.0.1', 'odd').replace('SIP/2.0', version);
      server.hand('INVITE', { raw, transaction: version });
      const { body } = await server.next(0, 'sip', version);
      expect(status(body)).toBe(400);
    }
    // drachtio-srf would print each of them
    expect(printed).not.toHaveBeenCalled();
    // what it is not known to hand over
    server.hand('INVITE', { raw: 'INVITE sip:100@127.0.0.1 SIP/2.0\r\nno field\r\n\r\n', transaction: 'field' });
    expect(status((await server.next(0, 'sip', 'field')).body)).toBe(400);
    server.hand('INVITE');
    await waitFor('the next request', () => requests.length === 1);
    expect(logged[0]?.text).toMatch(/cannot read/);
  });

  it('where it cannot be proxied: 500', async () => {
    const { server, requests } = await openPair();
    for (const [i, destinations] of [[], ['sip:a@b|sip:c@d'], [`sip:${'x'.repeat(mostFrameBytes)}`]].entries()) {
      server.hand('INVITE', { transaction: `t${i}` });
      const request = await waitFor('the request', () => requests[i]);
      expect(await request.proxy(destinations, proxyOptions)).toEqual({ status: 500, finals: [] });
      expect(status((await server.next(0, 'sip', `t${i}`)).body)).toBe(500);
    }
    expect(server.all('proxy')).toHaveLength(0);
  });
});

describe('a caller gives up', () => {
  it('the engine is told, and its answer goes nowhere; by transaction, as calls may share a Call-ID', async () => {
    const { server, link, requests } = await openPair();
    const told: string[] = [];
    const callId = 'shared';
    server.hand('INVITE', { transaction: 'one', callId });
    server.hand('INVITE', { transaction: 'two', callId });
    await waitFor('both', () => requests.length === 2);
    requests[0]!.onCancel(() => told.push('one'));
    requests[1]!.onCancel(() => told.push('two'));
    server.hand('CANCEL', { transaction: 'one', callId });
    await waitFor('the CANCEL', () => told.length > 0);
    expect(told).toEqual(['one']);
    expect(requests[0]!.respond(503, 'Overload', {})).toBe(false);
    expect(link.pending).toBe(1);
    server.hand('CANCEL', { transaction: 'two', callId });
    await waitFor('the other', () => told.length === 2);
    // who asks late is told at once
    requests[1]!.onCancel(() => told.push('late'));
    expect(told).toEqual(['one', 'two', 'late']);
    expect(server.all('sip')).toHaveLength(0);
  });
});

describe('every wait ends', () => {
  it('of a proxied request by its deadline, with the answers so far', async () => {
    const { server, link, requests } = await openPair();
    server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    const outcome = request.proxy(['sip:127.0.0.1:5080'], { ...proxyOptions, deadlineMs: 500 });
    const asked = await server.next(0, 'proxy');
    server.final(asked, 503, 5080);
    expect(await outcome).toEqual({ status: 0, finals: [{ status: 503, address: '127.0.0.1', port: 5080 }] });
    expect(link.pending).toBe(0);
    // what comes late is nobody's
    server.final(asked, 200, 5081);
    asked.peer.answer(asked.id, 'OK', 'done');
    server.hand('INVITE');
    await waitFor('the link to go on', () => requests.length === 2);
  });

  it('of a proxied request that the server does not take', async () => {
    const { server, requests, logged } = await openPair();
    server.hand('INVITE');
    const request = await waitFor('the request', () => requests[0]);
    const outcome = request.proxy(['sip:127.0.0.1:5080'], proxyOptions);
    const asked = await server.next(0, 'proxy');
    asked.peer.answer(asked.id, 'NOK', 'Unknown transaction id');
    expect(await outcome).toEqual({ status: 0, finals: [] });
    expect(logged[0]?.fields.reason).toBe('Unknown transaction id');
  });

  it('of a request of our own by its time, sent or not', async () => {
    const { server, link } = await openPair();
    expect(await link.request('OPTIONS', 'sip:127.0.0.1:5080', {}, 50)).toBe(0);
    const sent = link.request('OPTIONS', 'sip:127.0.0.1:5081', {}, 500);
    const asked = await waitFor('the second', () => server.all('sip', '')[1]);
    server.sent(asked, 'transaction-1');
    expect(await sent).toBe(0);
    expect(link.pending).toBe(0);
  });

  it('of all when the link is lost: nothing can be answered any more', async () => {
    const { server, link, requests } = await openPair();
    server.hand('INVITE');
    server.hand('INVITE');
    await waitFor('the requests', () => requests.length === 2);
    const proxied = requests[0]!.proxy(['sip:127.0.0.1:5080'], proxyOptions);
    const own = link.request('OPTIONS', 'sip:127.0.0.1:5080', {}, 60_000);
    await server.next(0, 'proxy');
    expect(link.pending).toBe(3);
    server.peers[0]!.socket.destroy();
    expect(await proxied).toEqual({ status: 0, finals: [] });
    expect(await own).toBe(0);
    expect(requests[1]!.respond(200, 'OK', {})).toBe(false);
    expect(await requests[1]!.proxy(['sip:127.0.0.1:5080'], proxyOptions)).toEqual({ status: 0, finals: [] });
    expect(link.pending).toBe(0);
    await waitFor('the link to be back', () => link.isUp);
    // not on another connection either
    expect(requests[1]!.respond(200, 'OK', {})).toBe(false);
    expect(server.all('sip').filter(({ words }) => words[1] !== '')).toHaveLength(0);
  });
});
