// Clients on WebSockets (RFC 7118), which have no address: only the connection that they opened leads back to them.
import { afterAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../transport/certificates.ts';
import type { FakeFlow } from './fake-transports.ts';
import { World } from './harness.ts';
import { type RequestParts, request, response } from './message.ts';

const { certificate, key, remove }: Certificates = makeCertificates();
afterAll(remove);
const interfaces = {
  south: { listen: ['udp:192.0.2.1:5060', 'ws:192.0.2.1:8080', 'wss:192.0.2.1:8443'], tls: { certificate, key } },
  east: { listen: ['udp:192.0.2.2:5060', 'ws:192.0.2.2:8080'] },
};
const host = 'df7jal23ls0d.invalid';
const contact = `<sip:alice@${host};transport=ws>`;
const ports = { ws: 8080, wss: 8443 } as const;
type Transport = keyof typeof ports;

function setUp(transport: Transport = 'ws', side: 'south' | 'east' = 'south') {
  const world = new World({ interfaces });
  return { world, client: world.flow(side, '203.0.113.9', 41_234, transport), via: transport.toUpperCase() };
}

/** The Path of a client's registration, and the flow to the registrar. */
function register({ world, client, via }: ReturnType<typeof setUp>): { path: string; registrar: FakeFlow } {
  world.receive(
    client,
    request({ method: 'REGISTER', uri: 'sip:example.test', sentBy: host, transport: via, contact }),
  );
  const { flow: registrar, message } = world.takeSwitch();
  expect(message.all('Record-Route')).toEqual([]);
  world.receive(registrar, response(message, 200));
  expect(world.only(client).status).toBe(200);
  return { path: message.one('Path')!, registrar };
}

/** The switch calls the client by the Path, or without one. */
const invite = (routes: readonly string[], given: Partial<RequestParts> = {}): string =>
  request({
    uri: `sip:alice@${host};transport=ws`,
    sentBy: '10.0.1.1:5060',
    routes,
    contact: '<sip:bob@10.0.1.1:5060>',
    ...given,
  });

describe.each(['ws', 'wss'] as const)('a client on %s', (transport) => {
  it('registers with a Path that leads to its connection', () => {
    const setting = setUp(transport);
    const { world, client } = setting;
    const { path, registrar } = register(setting);
    expect(path).toMatch(/^<sip:f[0-9a-z-.]+-[0-9a-f]{16}@10\.0\.0\.1:5050;lr>$/);
    world.receive(registrar, invite([path]));
    world.take(registrar);
    const sent = world.only(client);
    expect(sent.uri).toBe(`sip:alice@${host};transport=ws`);
    expect(sent.all('Via')[0]).toMatch(
      new RegExp(`^SIP/2.0/${setting.via} 192\\.0\\.2\\.1:${ports[transport]};branch=`),
    );
    expect(sent.all('Record-Route')).toEqual([
      // RFC 7118 §5.2: `ws` with TLS too
      expect.stringMatching(
        new RegExp(`^<sip:c[0-9a-f]{8}\\.f[^@]+@192\\.0\\.2\\.1:${ports[transport]};transport=ws;lr>$`),
      ),
      expect.stringMatching(/^<sip:c[0-9a-f]{8}@10\.0\.0\.1:5050;lr>$/),
    ]);
  });

  it('is found by the route set in a dialog that it was called in, and finds the switch', () => {
    const setting = setUp(transport);
    const { world, client } = setting;
    const { path, registrar } = register(setting);
    world.receive(registrar, invite([path], { fromTag: 'bob', callId: 'd@test' }));
    const sent = world.only(client);
    const routes = sent.all('Record-Route');
    world.receive(client, response(sent, 200, { contact }));
    world.take();
    for (const method of ['ACK', 'BYE']) {
      const ahead = { method, callId: 'd@test', fromTag: 'bob', toTag: 'callee', cseq: 2 };
      world.receive(registrar, invite(routes.toReversed(), ahead));
      expect(world.trace()).toEqual([`${client.text} < ${method}`]);
    }
    const back = { callId: 'd@test', fromTag: 'callee', toTag: 'bob', routes, sentBy: host, transport: setting.via };
    world.receive(client, request({ ...back, method: 'BYE', uri: 'sip:bob@10.0.1.1:5060' }));
    expect(world.trace()).toEqual(['core udp 10.0.1.1:5060 < BYE']);
    expect(world.count({ decision: 'reject' })).toBe(0);
  });

  it('is found in a dialog that it began', () => {
    const { world, client, via } = setUp(transport);
    world.receive(client, request({ callId: 'o@test', fromTag: 'a', sentBy: host, transport: via, contact }));
    const { flow, message } = world.takeSwitch();
    expect(message.all('Via')[1]).toContain(`SIP/2.0/${via} ${host};`);
    const routes = message.all('Record-Route');
    expect(routes[1]).toMatch(/^<sip:c[0-9a-f]{8}\.f[^@]+@192\.0\.2\.1:\d+;transport=ws;lr>$/);
    world.receive(flow, response(message, 200, { contact: '<sip:bob@10.0.1.1:5060>' }));
    expect(world.take(client).map((one) => one.label)).toEqual(['100', '200']);
    const dialog = { callId: 'o@test', fromTag: 'callee', toTag: 'a', routes, sentBy: '10.0.1.1:5060' };
    world.receive(flow, request({ ...dialog, method: 'BYE', uri: `sip:alice@${host};transport=ws` }));
    expect(world.trace()).toEqual([`${client.text} < BYE`]);
  });

  it('has gone: 430, and nobody is looked for', () => {
    const setting = setUp(transport);
    const { world, client } = setting;
    const { path, registrar } = register(setting);
    world.lose(client);
    world.flow('south', client.remoteAddress, client.remotePort, transport);
    world.receive(registrar, invite([path]));
    expect(world.only(registrar).startLine).toBe('SIP/2.0 430 Flow Failed');
    expect(world.count({ decision: 'reject', reason: 'flow-failed' })).toBe(1);
  });

  it('has gone while its call rings: what the switch answers goes nowhere', () => {
    const { world, client, via } = setUp(transport);
    world.receive(client, request({ sentBy: host, transport: via, contact }));
    const { flow, message } = world.takeSwitch();
    world.lose(client);
    world.take();
    world.receive(flow, response(message, 180));
    expect(world.take(client)).toEqual([]);
    expect(world.surprises).toEqual([]);
  });
});

it('a client on a peer network is found as well', () => {
  const { world, client } = setUp('ws', 'east');
  world.receive(client, request({ callId: 'o@test', fromTag: 'a', sentBy: host, transport: 'WS', contact }));
  const { flow, message } = world.takeSwitch();
  world.take();
  const dialog = { callId: 'o@test', fromTag: 'callee', toTag: 'a', sentBy: '10.0.1.1:5060' };
  const routes = message.all('Record-Route');
  world.receive(flow, request({ ...dialog, routes, method: 'BYE', uri: `sip:alice@${host};transport=ws` }));
  expect(world.trace()).toEqual([`${client.text} < BYE`]);
});

describe('without a token', () => {
  it.each([
    `sip:alice@${host};transport=ws`,
    `sip:alice@${host}`,
    `sips:alice@${host}:5061`,
    'sip:alice@INVALID.',
    'sip:alice@203.0.113.9:41234;transport=ws',
    'sips:alice@203.0.113.9:41234;transport=wss',
    'sip:alice@phone.example.net;transport=ws',
  ])('nothing is dialled for %s, and no name is looked up: 404', (uri) => {
    const { world, client } = setUp();
    const registrar = world.flow('core', '10.0.1.1');
    world.receive(registrar, invite([], { uri }));
    expect(world.trace()).toEqual([`${registrar.text} < 404`]);
    expect(client.closed).toBe(false);
  });
});

describe('RFC 7118 §5: one message in one WebSocket message', () => {
  const register = (more: string) =>
    request({ method: 'REGISTER', uri: 'sip:example.test', sentBy: host, transport: 'WS' }).replace(
      /Content-Length: 0\r\n/,
      more,
    );

  it('Content-Length is written where it was left out: the switch may be on a stream', () => {
    const { world, client } = setUp();
    world.receive(client, `${register('')}a body`);
    const { message } = world.takeSwitch();
    expect([message.one('Content-Length'), message.body]).toEqual(['6', 'a body']);
  });

  it('what stands behind Content-Length is no second message', () => {
    const { world, client } = setUp();
    world.receive(client, `${register('Content-Length: 0\r\n')}${request({ sentBy: host })}`);
    expect(world.takeSwitch().message.body).toBe('');
    expect(world.take()).toEqual([]);
  });

  it('more Content-Length than there is, is a fault', () => {
    const { world, client } = setUp();
    world.receive(client, `${register('Content-Length: 10\r\n')}short`);
    expect(world.only(client).status).toBe(400);
  });
});
