// SIP over WebSocket (RFC 7118) from a client by hand: it registers, calls and is called on the connection that it opened.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { makeCertificate } from '../peers/certificate.ts';
import { type Edge, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { answerTo, dialogOfCalled, dialogOfCaller, inDialog, newRequest, valuesOf } from '../peers/sip-text.ts';
import { startSipp } from '../peers/sipp.ts';
import { openWebClient, type WebClient } from '../peers/web-socket.ts';
import { ample } from './setting.ts';

type Scheme = 'ws' | 'wss';
const kinds: readonly (readonly [string, Scheme, string])[] = [
  ['ws', 'ws', '127.0.0.1'],
  ['wss', 'wss', '127.0.0.1'],
  ['ws on IPv6', 'ws', '::1'],
  ['wss on IPv6', 'wss', '::1'],
];

interface Setting {
  readonly edge: Edge;
  readonly registrar: string;
  readonly client: WebClient;
}

/** Kamailio is registrar and switch, and calls `uas` for whom it does not know. */
async function setUpWeb(lab: Lab, scheme: Scheme, host: string, uas: string, talkMs = 300): Promise<Setting> {
  const called = await startSipp(lab, uas, { host, talkMs });
  const registrar = await startKamailio(lab, 'switch', { TARGET: called.address }, host);
  const edge = await startEdge(lab, {
    switches: [`udp:${registrar.address}`],
    host,
    webSocket: {},
    ...(scheme === 'wss' ? { tls: { ...makeCertificate(lab) } } : {}),
    rest: { admission: ample },
  });
  const url = scheme === 'wss' ? edge.secureWebSocketUrl.south : edge.webSocketUrl.south;
  return { edge, registrar: registrar.address, client: await openWebClient(lab, url) };
}

async function register(client: WebClient, user: string): Promise<void> {
  client.send(newRequest(client, 'REGISTER', { user, uri: 'sip:example.test', to: `sip:${user}@example.test` }));
  const answer = await client.next(/^SIP\/2\.0 \d+/);
  expect(answer).toMatch(/^SIP\/2\.0 200/);
  expect(valuesOf(answer, 'Contact')[0]).toContain(client.host);
}

concurrentPeerSuite('SIP over WebSocket', () => {
  for (const [name, scheme, host] of kinds) {
    labTest(`${name}: calls, and hangs up`, async ({ lab }) => {
      const { edge, client } = await setUpWeb(lab, scheme, host, 'uas-call');
      client.send(newRequest(client, 'INVITE', { user: 'alice', uri: 'sip:5551234@example.test' }));
      await client.next(/^SIP\/2\.0 100/);
      const answer = await client.next(/^SIP\/2\.0 200/);
      const dialog = dialogOfCaller(answer);
      expect(dialog.routes[0]).toMatch(/^<sip:[^@]+@[^>]*;transport=ws;lr>$/);
      client.send(inDialog(client, 'ACK', dialog));
      client.send(inDialog(client, 'BYE', dialog));
      expect(await client.next(/CSeq: 2 BYE/i)).toMatch(/^SIP\/2\.0 200/);
      const metrics = await expectBalanced(edge);
      const south = { interface: 'south', transport: scheme };
      expect(metrics.sum('surgegate_socket_received_messages_total', south)).toBe(3);
      expect(metrics.sum('surgegate_socket_connections', south)).toBe(1);
    });

    labTest(`${name}: is called through the Path of its registration, and the caller hangs up`, async ({ lab }) => {
      const { edge, client, registrar } = await setUpWeb(lab, scheme, host, 'uas-call');
      await register(client, 'bob');
      const caller = await startSipp(lab, 'uac-call', { to: registrar, host, calls: 1, service: 'bob', talkMs: 300 });
      const invite = await client.next(/^INVITE /);
      expect(invite).toMatch(new RegExp(`^INVITE sip:bob@${client.host};transport=ws SIP/2.0\r\n`));
      expect(valuesOf(invite, 'Via')[0]).toMatch(new RegExp(`^SIP/2.0/${client.transport} `));
      const contact = `Contact: <sip:bob@${client.host};transport=ws>`;
      client.send(answerTo(invite, '180 Ringing', contact));
      client.send(answerTo(invite, '200 OK', contact));
      await client.next(/^ACK /);
      client.send(answerTo(await client.next(/^BYE /), '200 OK'));
      expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });
      await expectBalanced(edge);
    });
  }

  labTest('the called party hangs up on a client that called', async ({ lab }) => {
    const { client } = await setUpWeb(lab, 'ws', '127.0.0.1', 'uas-hangs-up');
    client.send(newRequest(client, 'INVITE', { user: 'alice', uri: 'sip:5551234@example.test' }));
    const answer = await client.next(/^SIP\/2\.0 200/);
    client.send(inDialog(client, 'ACK', dialogOfCaller(answer)));
    client.send(answerTo(await client.next(/^BYE /), '200 OK'));
  });

  labTest('a client that was called hangs up', async ({ lab }) => {
    const { client, registrar } = await setUpWeb(lab, 'ws', '127.0.0.1', 'uas-call');
    await register(client, 'bob');
    const caller = await startSipp(lab, 'uac-hung-up', { to: registrar, calls: 1, service: 'bob' });
    const invite = await client.next(/^INVITE /);
    const answer = answerTo(invite, '200 OK', `Contact: <sip:bob@${client.host};transport=ws>`);
    client.send(answer);
    await client.next(/^ACK /);
    client.send(inDialog(client, 'BYE', dialogOfCalled(invite, answer)));
    expect(await client.next(/CSeq: 101 BYE/i)).toMatch(/^SIP\/2\.0 200/);
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });
  });
});
