// TCP, TLS and IPv6 on either side of the edge.
import { describe, expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { makeCertificate } from '../peers/certificate.ts';
import { startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { freePort } from '../peers/ports.ts';
import { type SippOptions, startSipp } from '../peers/sipp.ts';
import { ample, setUp, switchKinds } from './setting.ts';

const calls = 4;

/** A call, its re-INVITE and its BYE through `to`. */
async function callsComplete(lab: Lab, to: string, options: SippOptions = {}): Promise<void> {
  const caller = await startSipp(lab, 'uac-reinvite', { to, calls, talkMs: 200, limitSeconds: 20, ...options });
  expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
}

concurrentPeerSuite('transports', () => {
  describe.each(switchKinds)('to a %s switch', (kind) => {
    const pairs = [
      ['tcp', 'udp'],
      ['udp', 'tcp'],
      ['tcp', 'tcp'],
    ] as const;
    for (const [outside, core] of pairs) {
      labTest(`${outside} outside, ${core} inside`, async ({ lab }) => {
        const { called, edge } = await setUp(lab, 'uas-reinvite', kind, { called: { transport: core } });
        await callsComplete(lab, edge.address.south, { transport: outside });
        expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
        await expectBalanced(edge);
      });
    }

    for (const transport of ['udp', 'tcp'] as const) {
      labTest(`IPv6 over ${transport}`, async ({ lab }) => {
        const { called, edge } = await setUp(lab, 'uas-reinvite', kind, { edge: { host: '::1' } });
        await callsComplete(lab, edge.address.south, { transport, host: '::1' });
        expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
        await expectBalanced(edge);
      });
    }

    labTest('the called party hangs up a call that came over TCP', async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-hangs-up', kind, { called: { talkMs: 200 } });
      const to = edge.address.south;
      const caller = await startSipp(lab, 'uac-hung-up', { to, calls, transport: 'tcp', limitSeconds: 20 });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    });
  });

  labTest('IPv6 outside, IPv4 inside', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-reinvite');
    const port = await freePort('::1');
    const south = { listen: [`udp:[::1]:${port}`] };
    const switches = [`udp:${called.address}`];
    const edge = await startEdge(lab, { sides: { south }, switches, rest: { admission: ample } });
    await callsComplete(lab, `[::1]:${port}`, { host: '::1' });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    await expectBalanced(edge);
  });

  labTest('TLS outside and inside, through a Kamailio on either side', async ({ lab }) => {
    const { certificate, key } = makeCertificate(lab);
    const files = { CERTIFICATE: certificate, KEY: key };
    const called = await startSipp(lab, 'uas-reinvite');
    const switchTls = await freePort();
    await startKamailio(lab, 'tls', { ...files, NEXT: called.address, TLS_PORT: switchTls });
    const edge = await startEdge(lab, {
      tls: { certificate, key, ca: certificate },
      switches: [`tls:127.0.0.1:${switchTls}`],
      rest: { admission: ample },
    });
    const next = `${edge.tlsAddress.south};transport=tls`;
    const carrier = await startKamailio(lab, 'tls', { ...files, NEXT: next, TLS_PORT: await freePort() });
    await callsComplete(lab, carrier.address);
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await expectBalanced(edge);
    const received = (side: string): number =>
      metrics.sum('surgegate_socket_received_messages_total', { interface: side, transport: 'tls' });
    expect(received('south')).toBeGreaterThan(0);
    expect(received('core')).toBeGreaterThan(0);
  });
});
