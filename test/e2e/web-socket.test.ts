// SIP over WebSocket (RFC 7118) from a client by hand: it registers, calls and is called on the connection that it opened.
import { expect } from 'vitest';
import { expectBalanced } from '../peers/books.ts';
import { makeCertificate } from '../peers/certificate.ts';
import { type Edge, type Section, startEdge } from '../peers/edge.ts';
import { startKamailio } from '../peers/kamailio.ts';
import { type Lab, labTest } from '../peers/lab-test.ts';
import { concurrentPeerSuite } from '../peers/peer-suite.ts';
import { answerTo, dialogOfCalled, dialogOfCaller, inDialog, newRequest, valuesOf } from '../peers/sip-text.ts';
import { startSipp } from '../peers/sipp.ts';
import { waitFor } from '../peers/wait.ts';
import { openWebClient, type WebClient } from '../peers/web-socket.ts';
import { ample, setUp } from './setting.ts';

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
async function setUpWeb(lab: Lab, scheme: Scheme, host: string, uas: string): Promise<Setting> {
  const called = await startSipp(lab, uas, { host, talkMs: 300 });
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

  labTest('a call to a client whose connection is gone fails at once with 430', async ({ lab }) => {
    const { edge, client, registrar } = await setUpWeb(lab, 'ws', '127.0.0.1', 'uas-call');
    await register(client, 'bob');
    const again = await openWebClient(lab, edge.webSocketUrl.south);
    client.socket.close();
    await waitFor('the connection to be gone', async () => (await connections(edge)) === 1);
    const caller = await startSipp(lab, 'uac-flow-failed', { to: registrar, calls: 1, service: 'bob' });
    expect(await caller.result()).toMatchObject({ exitCode: 0, successful: 1 });
    const metrics = await expectBalanced(edge);
    expect(metrics.sum('surgegate_requests_total', { reason: 'flow-failed' })).toBe(1);
    expect(again.received).toEqual([]);
  });

  labTest('a call that is refused gets 503 with Retry-After, and its ACK is absorbed', async ({ lab }) => {
    const edge = await startEdge(lab, {
      sides: { south: { pushback: 'retry-after', retryAfter: { minSeconds: 2, maxSeconds: 5 } } },
      switches: ['udp:127.0.0.1:9'],
      webSocket: {},
      rest: { admission: { newCallsPerSecond: 1, burst: 1 } },
    });
    const client = await openWebClient(lab, edge.webSocketUrl.south);
    const calls = 10;
    const invites = Array.from({ length: calls }, () =>
      newRequest(client, 'INVITE', { user: 'alice', uri: 'sip:5551234@example.test' }),
    );
    for (const invite of invites) client.send(invite);
    const refusals: string[] = [];
    // one or two are within the limit
    while (refusals.length < calls - 2) refusals.push(await client.next(/^SIP\/2\.0 503/));
    for (const refusal of refusals) {
      const seconds = Number(valuesOf(refusal, 'Retry-After')[0]);
      expect(seconds).toBeGreaterThanOrEqual(2);
      expect(seconds).toBeLessThanOrEqual(5);
      const invite = invites.find((text) => valuesOf(text, 'Call-ID')[0] === valuesOf(refusal, 'Call-ID')[0])!;
      const to = valuesOf(refusal, 'To')[0];
      client.send(invite.replaceAll('INVITE', 'ACK').replace(/^To: .*$/m, `To: ${to}`));
    }
    await waitFor('the ACKs to be absorbed', async () => {
      const metrics = await edge.metrics();
      return metrics.sum('surgegate_requests_total', { reason: 'ack-of-refusal' }) === refusals.length;
    });
  });

  labTest('a message without Content-Length gets to a switch on TCP', async ({ lab }) => {
    const { called, edge } = await setUp(lab, 'uas-call', 'sipp', {
      called: { transport: 'tcp' },
      edge: { webSocket: {} },
    });
    const client = await openWebClient(lab, edge.webSocketUrl.south);
    const options = { user: 'alice', uri: 'sip:5551234@example.test', withoutLength: true };
    const body = 'v=0\r\n';
    client.send(newRequest(client, 'INVITE', { ...options, headers: ['Content-Type: application/sdp'], body }));
    const dialog = dialogOfCaller(await client.next(/^SIP\/2\.0 200/));
    client.send(inDialog(client, 'ACK', dialog));
    client.send(inDialog(client, 'BYE', dialog));
    expect(await client.next(/CSeq: 2 BYE/i)).toMatch(/^SIP\/2\.0 200/);
    expect(await called.stop()).toMatchObject({ exitCode: 0, failed: 0, calls: 1 });
  });

  labTest('web pages of elsewhere, and what is no WebSocket, are turned away and counted', async ({ lab }) => {
    const edge = await startEdge(lab, {
      switches: ['udp:127.0.0.1:9'],
      webSocket: { origins: ['https://phone.example.net'] },
    });
    const url = edge.webSocketUrl.south;
    await openWebClient(lab, url, { origin: 'https://phone.example.net' });
    await openWebClient(lab, url);
    await expect(openWebClient(lab, url, { origin: 'https://evil.example' })).rejects.toThrow('403');
    await expect(openWebClient(lab, url, { protocols: ['msrp'] })).rejects.toThrow('400');
    expect((await fetch(url.replace('ws:', 'http:'))).status).toBe(426);
    const metrics = await edge.metrics();
    const ws = { interface: 'south', transport: 'ws' };
    expect(metrics.sum('surgegate_socket_connections', ws)).toBe(2);
    expect(metrics.sum('surgegate_socket_closed_total', { ...ws, cause: 'handshake' })).toBe(3);
    expect(edge.log()).toContain('webSocket.origins');

    (edge.config.interfaces as { south: Section }).south = {
      ...(edge.config.interfaces as { south: Section }).south,
      webSocket: { origins: ['https://new.example'] },
    };
    edge.writeConfig();
    edge.kill('SIGHUP');
    await waitFor('the new list to count', () => openWebClient(lab, url, { origin: 'https://new.example' }));
    await expect(openWebClient(lab, url, { origin: 'https://phone.example.net' })).rejects.toThrow('403');
    expect(await connections(edge)).toBe(3);
  });

  labTest('in a drain calls go on, and connections are told at the end', async ({ lab }) => {
    const { edge, client } = await setUpWeb(lab, 'ws', '127.0.0.1', 'uas-slow');
    let code = 0;
    client.socket.on('close', (given) => {
      code = given;
    });
    client.send(newRequest(client, 'INVITE', { user: 'alice', uri: 'sip:5551234@example.test' }));
    await client.next(/^SIP\/2\.0 180/);
    edge.kill('SIGTERM');
    client.send(inDialog(client, 'ACK', dialogOfCaller(await client.next(/^SIP\/2\.0 200/))));
    expect(await edge.exited()).toEqual({ code: 0, signal: null });
    await waitFor('the close frame', () => code === 1001);
  });
});

async function connections(edge: Edge): Promise<number> {
  return (await edge.metrics()).sum('surgegate_socket_connections', { interface: 'south', transport: 'ws' });
}
