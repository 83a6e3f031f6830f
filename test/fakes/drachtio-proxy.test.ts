// How a drachtio-server proxies what an application hands back: the double and a real one alike (see drachtio-server.test.ts).
import { describe, expect, it } from 'vitest';
import { requestText } from '../peers/datagram.ts';
import { waitFor } from '../peers/wait.ts';
import type { Proxied, Req } from './drachtio-application.ts';
import { called, following, quiet, type Setting, setUp, statuses } from './drachtio-setting.ts';
import { header, methodOf, parameter, parseSip, type SipText, uriOf, values } from './sip-text.ts';

const invited =
  (...answers: string[]) =>
  (request: SipText) =>
    methodOf(request) === 'INVITE' ? answers : ['200 OK'];

interface Proxying extends Setting {
  readonly invite: string;
  readonly outcome: Promise<Proxied>;
  /** Whether the application has been told. */
  readonly isDone: () => boolean;
}

/** Sends an INVITE that the application has proxied. */
async function proxied(
  destinations: readonly string[],
  options: Record<string, unknown> = {},
  request: { headers?: string[]; uri?: string; method?: string } = {},
): Promise<Proxying> {
  let onRequest: (req: Req) => void = () => {};
  const setting = await setUp([(request.method ?? 'INVITE').toLowerCase()], (req) => onRequest(req));
  let isDone = false;
  const outcome = new Promise<Proxied>((resolve, reject) => {
    onRequest = (req) => {
      const proxying = setting.app.srf.proxyRequest(req, destinations, { recordRoute: true, ...options });
      proxying.then(resolve, reject).finally(() => {
        isDone = true;
      });
    };
  });
  const { caller, port } = setting;
  const invite = requestText({ host: caller.host, port: caller.port, ...request });
  caller.send(invite, port);
  return { ...setting, invite, outcome, isDone: () => isDone };
}

describe('a drachtio-server that proxies', () => {
  it('stays on the way of the call by Record-Route, and the application hears of its requests no more', async () => {
    const party = await called(invited('100 Trying', '180 Ringing', '200 OK'));
    const { app, caller, port, invite, outcome } = await proxied([party.uri]);
    expect(await outcome).toMatchObject({ connected: true, finalStatus: 200 });
    expect((await outcome).responses).toMatchObject([
      { address: '127.0.0.1', port: party.port, msgs: [{ status: 200 }] },
    ]);
    expect(statuses(caller)).toEqual([100, 180, 200]);
    const [got] = party.got('INVITE');
    expect(uriOf(got!)).toBe(uriOf(parseSip(invite)!));
    expect(values(got!, 'via')).toHaveLength(2);
    expect(header(got!, 'max-forwards')).toBe('69');
    const route = `<sip:127.0.0.1:${port};lr>`;
    expect(values(got!, 'record-route')).toEqual([route]);
    const dialog = { toTag: 'called', uri: `sip:called@127.0.0.1:${party.port}`, headers: [`Route: ${route}`] };
    const ack = following(invite, 'ACK', caller, { ...dialog, branch: 'z9hG4bKack1' });
    for (let i = 0; i < 2; i++) caller.send(ack, port);
    caller.send(following(invite, 'BYE', caller, { ...dialog, branch: 'z9hG4bKbye1', cseq: 2 }), port);
    await waitFor('the answer to the BYE', () => caller.received.some((text) => text.includes('2 BYE')));
    expect(party.requests.map(methodOf)).toEqual(['INVITE', 'ACK', 'ACK', 'BYE']);
    const branches = party.got('ACK').map((one) => parameter(header(one, 'via'), 'branch'));
    expect(branches[1]).toBe(branches[0]);
    expect(values(party.got('BYE')[0]!, 'route')).toEqual([]);
    expect(app.requests).toHaveLength(1);
  });

  it('puts the destination into a Request-URI that names itself', async () => {
    const party = await called(invited('486 Busy Here'));
    const setting = await setUp(['invite'], (req) => {
      void setting.app.srf.proxyRequest(req, [`sip:777@127.0.0.1:${party.port};x=1`], {});
    });
    const { caller, port } = setting;
    caller.send(requestText({ host: caller.host, port: caller.port, uri: `sip:555@127.0.0.1:${port}` }), port);
    await caller.next(/^SIP\/2\.0 486/);
    expect(uriOf(party.got('INVITE')[0]!)).toBe(`sip:777@127.0.0.1:${party.port};x=1`);
    expect(values(party.got('INVITE')[0]!, 'record-route')).toEqual([]);
  });

  it('adds headers of the order; only a few take the place of those of the request', async () => {
    const party = await called(invited('486 Busy Here'));
    const headers = { 'Resource-Priority': 'wps.1', 'X-Own': '1', Priority: 'emergency', 'Max-Forwards': '20' };
    const own = ['Resource-Priority: ets.0', 'Priority: normal'];
    const { outcome } = await proxied([party.uri], { headers }, { headers: own });
    await outcome;
    const [got] = party.got('INVITE');
    expect(values(got!, 'resource-priority')).toEqual(['ets.0', 'wps.1']);
    expect(values(got!, 'x-own')).toEqual(['1']);
    expect(values(got!, 'priority')).toEqual(['emergency']);
    expect(values(got!, 'max-forwards')).toEqual(['20']);
  });

  it('goes on to the next destination without a provisional answer in time, and without a CANCEL', async () => {
    const silent = await called(() => []);
    const busy = await called(invited('180 Ringing', '486 Busy Here'));
    const { caller, outcome } = await proxied([silent.uri, busy.uri], { provisionalTimeout: '1s' });
    expect(await outcome).toMatchObject({ connected: false, finalStatus: 486 });
    expect(silent.requests.map(methodOf)).toEqual(['INVITE', 'INVITE']);
    expect((await outcome).responses).toHaveLength(1);
    expect(statuses(caller)).toEqual([100, 180, 486]);
  });

  it('answers 408 itself where nobody is left, and tells of no answer', async () => {
    const silent = await called(() => []);
    const { caller, outcome } = await proxied([silent.uri], { provisionalTimeout: '500ms' });
    expect(await outcome).toEqual({ connected: false, responses: [] });
    await caller.next(/^SIP\/2\.0 408/);
  });

  it.each([
    [['404 Not Found', '503 Service Unavailable'], 404],
    [['503 Service Unavailable', '500 Server Error'], 500],
    [['603 Decline', '480 Temporarily Unavailable'], 603],
    [['404 Not Found', '407 Proxy Authentication Required'], 407],
    [['302 Moved Temporarily', '503 Service Unavailable'], 503],
    [['487 Request Terminated', '480 Temporarily Unavailable'], 480],
  ])('of %j hands %i back, having asked both', async (answers, best) => {
    const parties = [await called(invited(answers[0]!)), await called(invited(answers[1]!))];
    const { caller, outcome } = await proxied(parties.map(({ uri }) => uri));
    // drachtio-srf itself puts all answers under the address of the first
    const told = (await outcome).responses.flatMap(({ msgs }) => msgs.map(({ status }) => status));
    expect(told).toEqual(answers.map((one) => Number(one.slice(0, 3))));
    await caller.next(new RegExp(`^SIP/2.0 ${best}`));
    await waitFor('both ACKs', () => parties.every((one) => one.got('ACK').length === 1));
  });

  it('asks all at once where it is told so; the first 2xx cancels the others', async () => {
    const [quick, slow] = [await called(invited('200 OK')), await called(invited('180 Ringing'))];
    const { outcome } = await proxied([slow.uri, quick.uri], { forking: 'simultaneous' });
    expect(await outcome).toMatchObject({ connected: true, finalStatus: 200 });
    await waitFor('the CANCEL', () => slow.got('CANCEL').length === 1);
    expect(quick.got('CANCEL')).toEqual([]);
  });

  it('takes an INVITE that comes again after its 2xx for a new one', async () => {
    const party = await called(invited('200 OK'));
    const { app, caller, port, invite, outcome } = await proxied([party.uri]);
    await outcome;
    await quiet(700);
    expect(statuses(caller)).toEqual([100, 200]);
    caller.send(invite, port);
    await waitFor('it to be handed over', () => app.requests.length === 2);
  });

  it('sends a refusal of the called party once, also when the INVITE comes again', async () => {
    const party = await called(invited('486 Busy Here'));
    const { caller, port, invite, outcome } = await proxied([party.uri]);
    await outcome;
    await quiet(700);
    caller.send(invite, port);
    await quiet(300);
    expect(statuses(caller)).toEqual([100, 486]);
  });

  it('answers a CANCEL with 487 before the called party does, and sends one on', async () => {
    const party = await called(invited('180 Ringing'));
    const { caller, port, invite, outcome } = await proxied([party.uri]);
    await caller.next(/^SIP\/2\.0 180/);
    caller.send(following(invite, 'CANCEL', caller), port);
    await caller.next(/^SIP\/2\.0 487/);
    expect(parameter(header(parseSip(await caller.next(/^SIP\/2\.0 487/))!, 'to'), 'tag')).not.toBe('called');
    await waitFor('the CANCEL', () => party.got('CANCEL').length === 1);
    expect(await outcome).toMatchObject({ connected: false, finalStatus: 487 });
    expect(statuses(caller)).toEqual([100, 180, 200, 487]);
  });

  it('numbers reliable provisional responses anew, and gives the called party its own number back', async () => {
    const setting = await setUp(['invite'], (req) => {
      void setting.app.srf.proxyRequest(req, [party.uri], { recordRoute: true });
    });
    const party = await called(
      (request) => (methodOf(request) === 'INVITE' ? ['183 Session Progress'] : ['200 OK']),
      [
        ['Require', '100rel'],
        ['RSeq', '1001'],
      ],
    );
    const { caller, port } = setting;
    const text = requestText({ host: caller.host, port: caller.port, headers: ['Supported: 100rel'] });
    caller.send(text, port);
    const progress = parseSip(await caller.next(/^SIP\/2\.0 183/))!;
    const number = header(progress, 'rseq');
    expect(number).not.toBe('1001');
    const headers = [`Route: ${header(progress, 'record-route')}`, `RAck: ${number} 1 INVITE`];
    const dialog = { toTag: 'called', uri: party.uri, headers, branch: 'z9hG4bKprack1', cseq: 2 };
    caller.send(following(text, 'PRACK', caller, dialog), port);
    await waitFor('the PRACK', () => party.got('PRACK').length === 1);
    expect(header(party.got('PRACK')[0]!, 'rack')).toBe('1001 1 INVITE');
  });

  it('takes a final time-out and does not act on it', async () => {
    const party = await called(invited('180 Ringing'));
    const { caller, isDone } = await proxied([party.uri], { provisionalTimeout: '500ms', finalTimeout: '1s' });
    await caller.next(/^SIP\/2\.0 180/);
    await quiet(1_800);
    expect(isDone()).toBe(false);
    expect(party.got('CANCEL')).toEqual([]);
    expect(statuses(caller)).toEqual([100, 180]);
  });

  it('says nothing, to nobody, where the name of a destination does not resolve', async () => {
    const { caller, isDone } = await proxied(['sip:nobody.invalid'], { provisionalTimeout: '500ms' });
    await quiet(1_500);
    expect(isDone()).toBe(false);
    expect(statuses(caller)).toEqual([100]);
  });

  it('goes on with a call whose application has gone', async () => {
    const party = await called(invited('180 Ringing'));
    const { app, caller, port, invite } = await proxied([party.uri]);
    await caller.next(/^SIP\/2\.0 180/);
    app.close();
    await quiet(200);
    caller.send(following(invite, 'CANCEL', caller), port);
    await waitFor('the CANCEL', () => party.got('CANCEL').length === 1);
  });

  it('puts itself on the Path of a REGISTER, and requires that it is known', async () => {
    const registrar = await called(() => ['200 OK']);
    const { port, outcome } = await proxied([registrar.uri], {}, { method: 'REGISTER' });
    await outcome;
    const [register] = registrar.got('REGISTER');
    expect(values(register!, 'path')).toEqual([`<sip:127.0.0.1:${port};lr>`]);
    expect(values(register!, 'require')).toEqual(['path']);
    expect(values(register!, 'record-route')).toEqual([]);
  });

  it('proxies other requests too; a provisional time-out is not for them', async () => {
    const silent = await called(() => []);
    const { caller, isDone } = await proxied([silent.uri], { provisionalTimeout: '500ms' }, { method: 'OPTIONS' });
    await waitFor('it to be repeated', () => silent.got('OPTIONS').length >= 3, 10_000);
    expect(isDone()).toBe(false);
    expect(statuses(caller)).toEqual([]);
  });
});
