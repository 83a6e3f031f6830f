// What an application sees of a drachtio-server: the same with the double and, under DRACHTIO_SERVER or DRACHTIO_HOST, with a real one.
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requestText } from '../peers/datagram.ts';
import { openDrachtio } from '../peers/drachtio.ts';
import { freePort } from '../peers/ports.ts';
import { waitFor } from '../peers/wait.ts';
import { openApplication } from './drachtio-application.ts';
import { called, following, quiet, setUp, statuses, untilRouted } from './drachtio-setting.ts';
import { header, parameter, parseSip, values } from './sip-text.ts';

describe('a drachtio-server', () => {
  it('greets an application with its addresses and its version', async () => {
    const { app, server } = await setUp([]);
    const [addresses, version, local] = app.greeting;
    expect(addresses?.split(',').sort()).toEqual(
      server.locals.map(({ protocol, host, port }) => `${protocol}/${host}:${port}`).sort(),
    );
    expect(version).toMatch(/^v\d+\.\d+\.\d+/);
    expect(local).toBe(addresses);
  });

  it('refuses a wrong secret', async () => {
    const server = await openDrachtio();
    onTestFinished(() => server.close());
    await expect(openApplication({ ...server, secret: 'wrong' }, [])).rejects.toThrow('failed to authenticate');
  });

  it('answers an INVITE with 100 at once and hands it over once, with its source', async () => {
    const { app, caller, port } = await setUp(['invite']);
    const text = requestText({ host: caller.host, port: caller.port, headers: ['Resource-Priority: ets.0, wps.1'] });
    caller.send(text, port);
    await caller.next(/^SIP\/2\.0 100/);
    await waitFor('the INVITE', () => app.requests.length === 1);
    caller.send(text, port);
    await quiet(200);
    expect(app.requests).toHaveLength(1);
    expect(statuses(caller)).toEqual([100]);
    const { req } = app.requests[0]!;
    expect(req).toMatchObject({ method: 'INVITE', protocol: 'udp', source_address: '127.0.0.1' });
    expect(req).toMatchObject({ source_port: caller.port, receivedOn: `127.0.0.1:${port}` });
    expect(req.stackTime).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    expect(req.get('Resource-Priority')).toBe('ets.0, wps.1');
  });

  it('completes a refusal, tells what it sent, and repeats it until the ACK', async () => {
    let sent: { get(name: string): string } | undefined;
    const { caller, port } = await setUp(['invite'], (_, res) => {
      res.send(503, 'Service Unavailable', { headers: { 'Retry-After': '7' } }, (_, message) => {
        sent = message;
      });
    });
    const text = requestText({ host: caller.host, port: caller.port });
    caller.send(text, port);
    const refusal = parseSip(await caller.next(/^SIP\/2\.0 503/))!;
    expect(header(refusal, 'retry-after')).toBe('7');
    for (const name of ['from', 'call-id', 'cseq']) expect(header(refusal, name)).toBe(header(parseSip(text)!, name));
    const toTag = parameter(header(refusal, 'to'), 'tag')!;
    expect(toTag).not.toBe('');
    await waitFor('what was sent', () => sent);
    expect(sent?.get('to')).toBe(header(refusal, 'to'));
    const refusals = (): number => statuses(caller).filter((status) => status === 503).length;
    await waitFor('it to be repeated', () => refusals() >= 2);
    caller.send(following(text, 'ACK', caller, { toTag }), port);
    await quiet(200);
    const before = refusals();
    await quiet(2_500);
    expect(refusals()).toBe(before);
    expect(statuses(caller)[0]).toBe(100);
  });

  it('answers a CANCEL itself, with 487 for the INVITE, and tells the application', async () => {
    let cancelled = 0;
    let late: unknown;
    const { app, caller, port } = await setUp(['invite'], (req, res) => {
      req.on('cancel', () => {
        cancelled++;
        res.send(503, 'Too Late', {}, (error) => {
          late = error;
        });
      });
    });
    const text = requestText({ host: caller.host, port: caller.port });
    caller.send(text, port);
    await waitFor('the INVITE', () => app.requests.length === 1);
    caller.send(following(text, 'CANCEL', caller), port);
    expect(header(parseSip(await caller.next(/^SIP\/2\.0 200/))!, 'cseq')).toBe('1 CANCEL');
    await caller.next(/^SIP\/2\.0 487/);
    await waitFor('the application to be told', () => late);
    expect(cancelled).toBe(1);
    expect(late).toBe('Response not sent due to unknown transaction');
    expect(statuses(caller)).not.toContain(503);
  });

  it('answers a CANCEL of nothing with 481', async () => {
    const { caller, port } = await setUp(['invite']);
    caller.send(requestText({ host: caller.host, port: caller.port, method: 'CANCEL' }), port);
    await caller.next(/^SIP\/2\.0 481/);
  });

  it('refuses what nobody asked for, without Retry-After', async () => {
    const { app, caller, port } = await setUp(['options'], (_, res) => res.send(200, 'OK'));
    for (const method of ['INVITE', 'REGISTER', 'OPTIONS']) {
      caller.send(requestText({ host: caller.host, port: caller.port, method }), port);
    }
    const of = (method: string, status: number): string | undefined =>
      caller.received.find((text) => text.startsWith(`SIP/2.0 ${status}`) && text.includes(`1 ${method}`));
    await waitFor('three answers', () => of('INVITE', 503) && of('REGISTER', 503) && of('OPTIONS', 200));
    expect(header(parseSip(of('INVITE', 503)!)!, 'retry-after')).toBe('');
    expect(app.requests).toHaveLength(1);
  });

  it('has nothing to say to a request within a dialog that it does not know', async () => {
    const { caller, port } = await setUp(['invite', 'bye']);
    caller.send(requestText({ host: caller.host, port: caller.port, method: 'BYE', toTag: 'gone' }), port);
    await caller.next(/^SIP\/2\.0 481/);
  });

  it('sends a request of the application, and hands its answer over', async () => {
    const { app, port } = await setUp(['options'], (_, res) => res.send(200, 'OK'));
    const party = await called(() => ['200 OK']);
    const ask = (uri: string, more: object = {}): Promise<number | string> =>
      new Promise((resolve) => {
        app.srf.request(uri, { method: 'OPTIONS', ...more }, (error, req) => {
          if (error !== null) resolve(error.message);
          else req.on('response', ({ status }) => resolve(status));
        });
      });
    expect(await ask(party.uri, { headers: { 'X-Own': '1' } })).toBe(200);
    expect(header(party.requests[0]!, 'x-own')).toBe('1');
    expect(await ask(`sip:127.0.0.1:${port}`)).toBe('can not send request to myself');
    // by way of a proxy it arrives at an application like any other, and comes back
    expect(await ask('sip:self-test@example.test', { proxy: `sip:127.0.0.1:${port}` })).toBe(200);
    expect(app.requests.map(({ req }) => req.uri)).toEqual(['sip:self-test@example.test']);
  });

  it('answers a request to where nobody is itself, from nowhere', async () => {
    const { app } = await setUp([]);
    const port = await freePort();
    const answer = await new Promise<{ status: number; source_address?: string }>((resolve) => {
      app.srf.request(`sip:127.0.0.1:${port}`, { method: 'OPTIONS' }, (_, req) => req.on('response', resolve));
    });
    expect(answer).toMatchObject({ status: 503, source_address: '' });
  });

  it('gives each application its turn', async () => {
    const { app, server, caller, port } = await setUp(['invite']);
    const second = await openApplication(server, ['invite']);
    await untilRouted(server, 2);
    for (let i = 0; i < 4; i++) caller.send(requestText({ host: caller.host, port: caller.port }), port);
    await waitFor('both to have two', () => app.requests.length === 2 && second.requests.length === 2);
    second.close();
    await quiet(200);
    for (let i = 0; i < 2; i++) caller.send(requestText({ host: caller.host, port: caller.port }), port);
    await waitFor('the one that is left to have both', () => app.requests.length === 4);
  });

  it('answers over TCP on the connection of the caller', async () => {
    const { server } = await setUp(['options'], (_, res) => res.send(200, 'OK'));
    const place = server.locals.find(({ protocol }) => protocol === 'tcp')!;
    const socket = connect(place.port, place.host);
    onTestFinished(() => void socket.destroy());
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
    });
    const text = requestText({ host: '127.0.0.1', port: 5060, method: 'OPTIONS' }).replace(
      'SIP/2.0/UDP',
      'SIP/2.0/TCP',
    );
    socket.write(text.slice(0, 60));
    socket.write(text.slice(60));
    await waitFor('the answer', () => /^SIP\/2\.0 200/.test(received));
    expect(values(parseSip(received)!, 'via')[0]).toContain('SIP/2.0/TCP');
  });
});
