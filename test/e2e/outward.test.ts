// Calls from the switch outwards, and registrations with the flows that they leave behind.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { answersOptions } from '../peers/datagram.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { startSipp } from '../peers/sipp.ts';
import { ample, setUp } from './setting.ts';

const calls = 3;
const call = { calls, talkMs: 200, limitSeconds: 20 };
/** Where the peers on east live, so that the way there can be told from the way to the switch. */
const eastHost = '127.0.2.1';

/** An edge whose switch is never called; everything comes from the core side. */
function outwardEdge(lab: Lab): Promise<Edge> {
  return startEdge(lab, {
    sides: { south: {}, east: { networks: ['127.0.2.0/24'] }, west: { networks: ['127.0.3.0/24'] } },
    switches: ['udp:127.0.0.1:9'],
    rest: { admission: ample },
  });
}

concurrentPeerSuite('calls outwards', () => {
  labTest('by a Route to the edge and the Request-URI', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-call', { host: eastHost });
    const edge = await outwardEdge(lab);
    const keys = { target: called.address, route: `<sip:${edge.address.core};lr>` };
    const caller = await startSipp(lab, 'uac-outward', { to: edge.address.core, keys, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { interface: 'core', method: 'INVITE', reason: 'from-core' })).toBe(
      calls,
    );
    expect(metrics.sum('surgegate_socket_sent_messages_total', { interface: 'east' })).toBeGreaterThanOrEqual(
      3 * calls,
    );
    expect(metrics.sum('surgegate_socket_sent_messages_total', { interface: 'west' })).toBe(0);
  });

  labTest('by the Request-URI alone', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-call', { host: eastHost });
    const edge = await outwardEdge(lab);
    const keys = { target: called.address };
    const caller = await startSipp(lab, 'uac-outward-no-route', { to: edge.address.core, keys, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  });

  labTest('by a second Route, whatever the Request-URI says', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-call', { host: eastHost });
    const edge = await outwardEdge(lab);
    const route = `<sip:${edge.address.core};lr>, <sip:${called.address};lr>`;
    const keys = { target: 'elsewhere.invalid', route };
    const caller = await startSipp(lab, 'uac-outward', { to: edge.address.core, keys, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  });

  labTest('to a neighbour over TCP, which hangs up', async ({ lab }) => {
    const called = await startSipp(lab, 'uas-hangs-up', { host: eastHost, transport: 'tcp', talkMs: 200 });
    const edge = await outwardEdge(lab);
    const keys = { target: `${called.address};transport=tcp` };
    const caller = await startSipp(lab, 'uac-outward-hung-up', { to: edge.address.core, keys, ...call });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
  });
});

concurrentPeerSuite('registrations', () => {
  labTest('REGISTER reaches the registrar with the edge on its Path', async ({ lab }) => {
    const registrar = await startSipp(lab, 'uas-register');
    const switches = [`udp:${registrar.address}`];
    const edge = await startEdge(lab, { switches, rest: { admission: ample } });
    const client = await startSipp(lab, 'uac-register', { to: edge.address.south, ...call });
    expect(await client.result()).toMatchObject({ exitCode: 0, successful: calls });
    expect(await registrar.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { class: 'registration', reason: 'admitted' })).toBe(calls);
  });

  for (const [transport, nat] of [
    ['tcp', ''],
    ['udp', ''],
    ['tcp', '-nat'],
    ['udp', '-nat'],
  ] as const) {
    const where = nat === '' ? '' : ' behind a NAT';
    labTest(`a switch calls a ${transport} client${where} through the Path of its registration`, async ({ lab }) => {
      const registrar = await startKamailio(lab, 'switch', { TARGET: '127.0.0.1:9' });
      const switches = [`udp:${registrar.address}`];
      const edge = await startEdge(lab, { switches, rest: { admission: ample } });
      const client = await startSipp(lab, `uac-register-and-wait${nat}`, {
        to: edge.address.south,
        transport,
        service: 'bob',
        calls: 1,
        talkMs: 4_000,
        outOfCall: `called-on-flow${nat}`,
        trace: true,
        limitSeconds: 30,
      });
      await client.saw(/SIP\/2\.0 200/);
      const caller = await startSipp(lab, 'uac-call', { to: registrar.address, ...call, service: 'bob' });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect((await client.result()).exitCode).toBe(0);
      const metrics = await expectBalanced(edge);
      expect(metrics.sum('surgegate_requests_total', { interface: 'core', reason: 'from-core' })).toBe(calls);
    });

    if (nat === '') continue;
    labTest(`a ${transport} caller behind a NAT is hung up on by the called party`, async ({ lab }) => {
      const { called, edge } = await setUp(lab, 'uas-hangs-up', 'kamailio', { called: { talkMs: 200 } });
      const to = edge.address.south;
      const caller = await startSipp(lab, 'uac-hung-up-nat', { to, transport, calls, limitSeconds: 15 });
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: calls });
      expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls });
    });
  }

  labTest('a call to a client whose connection is gone fails at once with 430 (RFC 5626 §5.3.1)', async ({ lab }) => {
    const registrar = await startKamailio(lab, 'switch', { TARGET: '127.0.0.1:9' });
    const switches = [`udp:${registrar.address}`];
    const edge = await startEdge(lab, { switches, rest: { admission: ample } });
    const to = edge.address.south;
    const once = { calls: 1, service: 'bob', limitSeconds: 20 };
    const client = await startSipp(lab, 'uac-register-and-wait', { to, transport: 'tcp', talkMs: 100, ...once });
    expect(await client.result()).toMatchObject({ exitCode: 0 });
    const caller = await startSipp(lab, 'uac-flow-failed', { to: registrar.address, ...once });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { reason: 'flow-failed' })).toBe(1);
  });

  labTest('OPTIONS to the edge is answered by the edge', async ({ lab }) => {
    const edge = await startEdge(lab, { switches: ['udp:127.0.0.1:9'], rest: { admission: ample } });
    const client = await startSipp(lab, 'uac-options', { to: edge.address.south, ...call });
    await client.result();
    expect(await answersOptions('127.0.0.1', edge.port.south, 1_000)).toBeDefined();
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { decision: 'answer', reason: 'options' })).toBe(calls + 1);
  });
});
