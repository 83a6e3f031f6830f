// Faults that the double is told to have: what goes wrong with a drachtio-server, when a test wants it to.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startChild } from '../peers/child.ts';
import { openDatagrams, requestText } from '../peers/datagram.ts';
import { isRealDrachtio } from '../peers/drachtio.ts';
import { waitFor } from '../peers/wait.ts';
import { openApplication } from './drachtio-application.ts';
import { startFakeDrachtio } from './drachtio-server.ts';
import { called, quiet, setUp, statuses } from './drachtio-setting.ts';
import { methodOf } from './sip-text.ts';

const invite = (caller: { host: string; port: number }): string =>
  requestText({ host: caller.host, port: caller.port });
const refuse: NonNullable<Parameters<typeof setUp>[1]> = (_, res) => res.send(503, 'Service Unavailable');

describe.skipIf(isRealDrachtio)('faults of the double', () => {
  it('drops its control connections; an application comes back and is handed requests again', async () => {
    const { server, app, caller, port } = await setUp(['invite'], refuse);
    const { apps } = server.double!;
    apps.drop();
    await waitFor(
      'its route to be asked for again',
      () => apps.received.filter((one) => one.includes('|route|')).length === 2,
    );
    caller.send(invite(caller), port);
    await caller.next(/^SIP\/2\.0 503/);
    expect(app.requests).toHaveLength(1);
    expect(apps.received.filter((one) => one.includes('|authenticate|'))).toHaveLength(2);
  });

  it('holds frames back, and delivers them as of when they were made', async () => {
    const { server, app, caller, port } = await setUp(['invite'], refuse);
    server.double!.apps.hold();
    caller.send(invite(caller), port);
    await caller.next(/^SIP\/2\.0 100/);
    await quiet(300);
    expect(app.requests).toHaveLength(0);
    server.double!.apps.release();
    await caller.next(/^SIP\/2\.0 503/);
    const [hours = 0, minutes = 0, seconds = 0] = app.requests[0]!.req.stackTime.split(':').map(Number);
    const now = Date.now() / 1_000;
    const ageSeconds = (now - (hours * 3_600 + minutes * 60 + seconds)) % 86_400;
    expect(ageSeconds).toBeGreaterThan(0.25);
    expect(ageSeconds).toBeLessThan(30);
  });

  it('keeps a phantom in its round robin: every other call is never answered', async () => {
    const { server, app, caller, port } = await setUp(['invite'], refuse);
    server.double!.apps.addPhantom(['invite']);
    for (let i = 0; i < 6; i++) caller.send(invite(caller), port);
    await waitFor('all to be tried', () => statuses(caller).filter((status) => status === 100).length === 6);
    await waitFor('half to be refused', () => app.requests.length === 3);
    await quiet(200);
    expect(app.requests).toHaveLength(3);
  });

  it('tears frames for an application that does not read, and does not notice its end', async () => {
    const { server, app, caller, port } = await setUp(['invite'], refuse, { tornAboveBytes: 20_000 });
    const stalled = connect(server.controlPort, server.host);
    onTestFinished(() => void stalled.destroy());
    await once(stalled, 'connect');
    stalled.write('49#00000000-0000-4000-8000-000000000000|route|invite');
    await once(stalled, 'data');
    stalled.pause();
    const { apps } = server.double!;
    expect(apps.all.size).toBe(2);
    const bulk = requestText({ host: caller.host, port: caller.port, headers: [`X: ${'y'.repeat(30_000)}`] });
    let n = 0;
    await waitFor('its frames to be torn', () => {
      for (let i = 0; i < 20; i++) caller.send(bulk.replace(/z9hG4bK/, `z9hG4bKbulk${n++}`), port);
      return [...apps.all].some(({ isPhantom }) => isPhantom);
    });
    stalled.destroy();
    await quiet(200);
    expect(apps.all.size).toBe(2);
    const before = app.requests.length;
    for (let i = 0; i < 4; i++) caller.send(invite(caller), port);
    await waitFor('its half', () => app.requests.length >= before + 2);
    await quiet(100);
    expect(app.requests.length).toBe(before + 2);
  });

  it('writes what is no frame', async () => {
    const double = await startFakeDrachtio();
    onTestFinished(() => double.close());
    const socket = connect(double.controlPort, double.host);
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    await waitFor('the application', () => double.apps.all.size === 1);
    double.apps.sendGarbage();
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).not.toMatch(/^\d+#/);
  });

  it.each([
    ['ignored', 0],
    ['untold', 1],
  ] as const)('a proxy order that is %s', async (fault, invites) => {
    const party = await called((request) => (methodOf(request) === 'INVITE' ? ['486 Busy Here'] : []));
    let isTold = false;
    const { server, app, caller, port } = await setUp(['invite'], (req) => {
      void app.srf.proxyRequest(req, [party.uri], {}).then(() => {
        isTold = true;
      });
    });
    server.double!.proxyFault = fault;
    caller.send(invite(caller), port);
    await waitFor('the order', () => server.double!.apps.received.some((one) => one.includes('|proxy|')));
    await quiet(300);
    expect(isTold).toBe(false);
    expect(party.got('INVITE')).toHaveLength(invites);
  });

  it('says nothing any more', async () => {
    const double = await startFakeDrachtio();
    onTestFinished(() => double.close());
    double.apps.mute(true);
    let isConnected = false;
    void openApplication(double, []).then((app) => {
      isConnected = true;
      app.close();
    });
    await waitFor('it to be asked', () => double.apps.received.length === 1);
    await quiet(200);
    expect(isConnected).toBe(false);
    double.apps.drop();
    double.apps.mute(false);
    await waitFor('it to be asked again and answered', () => isConnected);
  });

  it('counts as the page of the real one does, in gauges of some time ago', async () => {
    const { server, caller, port } = await setUp(['invite'], refuse, { gaugesEveryMs: 100 });
    for (let i = 0; i < 3; i++) caller.send(invite(caller), port);
    await waitFor('all to be refused', () => statuses(caller).filter((status) => status === 503).length === 3);
    const page = await waitFor('the gauges', async () => {
      const text = await (await fetch(server.metricsUrl!)).text();
      return text.includes('drachtio_sofia_msgs_recv 3\n') ? text : undefined;
    });
    expect(page).toContain('drachtio_sip_requests_in_total{method="INVITE"} 3\n');
    expect(page).toContain('drachtio_sip_responses_out_total{method="INVITE",code="503"} 3\n');
    expect(page).toContain('drachtio_app_connections 1\n');
  });

  it('runs as a process of its own, and is told its faults over HTTP', async () => {
    const file = fileURLToPath(new URL('drachtio-server-process.ts', import.meta.url));
    expect(readFileSync(file, 'utf8')).toContain('startFakeDrachtio');
    const tsx = ['--no-warnings', '--import', import.meta.resolve('tsx')];
    const child = startChild('drachtio', process.execPath, [...tsx, file, '{"secret":"other"}']);
    onTestFinished(() => child.end());
    const line = await waitFor('its addresses', () => /^\{.*\}$/m.exec(child.log())?.[0]);
    const { host, controlPort, metricsUrl, locals } = JSON.parse(line);
    const app = await openApplication({ host, controlPort, secret: 'other' }, ['options'], (_, res) =>
      res.send(200, 'OK'),
    );
    onTestFinished(() => app.close());
    const caller = await openDatagrams();
    onTestFinished(() => caller.close());
    await quiet(100);
    const text = requestText({ host: caller.host, port: caller.port, method: 'OPTIONS' });
    caller.send(text, locals[0].port);
    await caller.next(/^SIP\/2\.0 200/);
    const ended = once(app.srf as never, 'close');
    expect((await fetch(new URL('/fault/drop', metricsUrl), { method: 'POST' })).status).toBe(204);
    await ended;
    expect((await fetch(new URL('/fault/none', metricsUrl), { method: 'POST' })).status).toBe(404);
  });
});
