// The link with SIP on the other side of the server: the double, or a real one (test/peers/drachtio.ts).
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StackRequest } from '../../../src/engine/drachtio/link.ts';
import { openCalledParty } from '../../fakes/called-party.ts';
import { header, methodOf, parameter, parseSip, type SipText } from '../../fakes/sip-text.ts';
import { type Datagrams, openDatagrams, requestText } from '../../peers/datagram.ts';
import { type Drachtio, isRealDrachtio, openDrachtio } from '../../peers/drachtio.ts';
import { waitFor } from '../../peers/wait.ts';
import { type OpenOptions, openLinkTo, proxyOptions } from './opened.ts';

async function setUp(more: OpenOptions = {}) {
  const server = await openDrachtio();
  onTestFinished(() => server.close());
  const caller = await openDatagrams();
  onTestFinished(() => caller.close());
  const { host, controlPort: port, secret } = server;
  const opened = await openLinkTo({ host, port, secret }, more);
  return { server, caller, port: udpPort(server), ...opened };
}

const udpPort = ({ locals }: Drachtio): number => locals.find(({ protocol }) => protocol === 'udp')!.port;

async function called(script: (request: SipText) => readonly string[]) {
  const party = await openCalledParty(script);
  onTestFinished(() => party.close());
  return party;
}

const inviteFrom = (caller: Datagrams, headers: string[] = []): string =>
  requestText({ host: caller.host, port: caller.port, headers });

/** Within the transaction of `invite`. */
function cancelOf(invite: string, { host, port }: Datagrams): string {
  const request = parseSip(invite)!;
  return requestText({
    ...{ host, port, method: 'CANCEL', callId: header(request, 'call-id') },
    ...{ fromTag: parameter(header(request, 'from'), 'tag')!, branch: parameter(header(request, 'via'), 'branch')! },
  });
}

describe('over the link to a drachtio-server', () => {
  it('a call is refused with what the engine says', async () => {
    const respond = (request: StackRequest) => void request.respond(503, 'Overload', { 'Retry-After': '7' });
    const { caller, port, requests, link } = await setUp({ onRequest: respond });
    caller.send(inviteFrom(caller, ['Resource-Priority: ets.0, wps.1']), port);
    const answer = await caller.next(/^SIP\/2\.0 503 Overload/);
    expect(answer).toMatch(/\r\nRetry-After: 7\r\n/i);
    const [request] = requests;
    expect(request).toMatchObject({ method: 'INVITE', protocol: 'udp', sourceAddress: '127.0.0.1' });
    expect(request).toMatchObject({ sourcePort: caller.port, receivedOn: { host: '127.0.0.1', port } });
    expect(request!.raw).toContain('Resource-Priority: ets.0, wps.1\r\n');
    expect(request!.lagMs).toBeLessThan(10_000);
    expect(link.load(0).lagMs).toBe(request!.lagMs);
  });

  // The double does not read such a request line either.
  it.skipIf(!isRealDrachtio)(
    'a request that drachtio-srf cannot read is answered, and the next one taken',
    async () => {
      const { caller, port, requests } = await setUp();
      caller.send(inviteFrom(caller).replace('SIP/2.0', 'sip/2.0'), port);
      await caller.next(/^SIP\/2\.0 4\d\d/);
      caller.send(requestText({ host: caller.host, port: caller.port, method: 'OPTIONS' }), port);
      await waitFor('the next one', () => requests[0]?.method === 'OPTIONS');
    },
  );

  it('a call that its caller gives up is told', async () => {
    const { caller, port, requests, link } = await setUp();
    let wasTold = false;
    const invite = inviteFrom(caller);
    caller.send(invite, port);
    const request = await waitFor('the request', () => requests[0]);
    request.onCancel(() => {
      wasTold = true;
    });
    caller.send(cancelOf(invite, caller), port);
    await waitFor('the CANCEL', () => wasTold);
    await caller.next(/^SIP\/2\.0 487/);
    expect(request.respond(200, 'OK', {})).toBe(false);
    expect(link.pending).toBe(0);
  });

  it('a call is proxied to the second switch where the first refuses it', async () => {
    const first = await called(() => ['503 Service Unavailable']);
    const second = await called((one) => (methodOf(one) === 'INVITE' ? ['180 Ringing', '200 OK'] : ['200 OK']));
    const { caller, port, requests, link } = await setUp();
    caller.send(inviteFrom(caller), port);
    const request = await waitFor('the request', () => requests[0]);
    const outcome = await request.proxy([first.uri, second.uri], { ...proxyOptions, fields: { 'X-Edge': 'one' } });
    expect(outcome).toEqual({
      status: 200,
      finals: [
        { status: 503, address: '127.0.0.1', port: first.port },
        { status: 200, address: '127.0.0.1', port: second.port },
      ],
    });
    const answer = await caller.next(/^SIP\/2\.0 200/);
    expect(answer).toMatch(/\r\nRecord-Route: /i);
    expect(header(second.got('INVITE')[0]!, 'x-edge')).toBe('one');
    expect(link.pending).toBe(0);
  });

  it('a call that all switches refuse: the status is the one that the caller gets', async () => {
    const busy = await called(() => ['486 Busy Here']);
    const full = await called(() => ['503 Service Unavailable']);
    const { caller, port, requests } = await setUp();
    caller.send(inviteFrom(caller), port);
    const request = await waitFor('the request', () => requests[0]);
    const outcome = await request.proxy([busy.uri, full.uri], proxyOptions);
    const answer = await caller.next(/^SIP\/2\.0 [3-6]\d\d/);
    expect(outcome.status).toBe(Number(answer.slice(8, 11)));
    expect(outcome.finals.map(({ status }) => status)).toEqual([486, 503]);
  });

  it('a proxied call without an end is given up by its deadline', async () => {
    const ringing = await called((one) => (methodOf(one) === 'INVITE' ? ['180 Ringing'] : ['200 OK']));
    const { caller, port, requests, link } = await setUp();
    const invite = inviteFrom(caller);
    caller.send(invite, port);
    const request = await waitFor('the request', () => requests[0]);
    const outcome = request.proxy([ringing.uri], { ...proxyOptions, finalTimeoutMs: 300, deadlineMs: 1_500 });
    await caller.next(/^SIP\/2\.0 180/);
    expect(await outcome).toEqual({ status: 0, finals: [] });
    expect(link.pending).toBe(0);
    caller.send(cancelOf(invite, caller), port);
    await caller.next(/^SIP\/2\.0 487/);
  });

  it('a health check of a switch gets its status, or 0', async () => {
    const switched = await called(() => ['200 OK']);
    const silent = await called(() => []);
    const { link } = await setUp();
    expect(await link.request('OPTIONS', switched.uri, { 'X-Probe': '1' }, 10_000)).toBe(200);
    expect(header(switched.requests[0]!, 'x-probe')).toBe('1');
    expect(await link.request('OPTIONS', silent.uri, {}, 300)).toBe(0);
  });
});
