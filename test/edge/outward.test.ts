// From the switch outwards: RFC 3261 §16.5 and §16.6 by Request-URI and Route, RFC 3263 for names, RFC 5658 where sides differ.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type RequestParts, request, response } from './message.ts';
import type { EdgeOptions } from './settings.ts';

function open(options: EdgeOptions = {}) {
  const world = new World(options);
  return { world, core: world.flow('core', '10.0.1.1') };
}

const out = (uri: string, given: Partial<RequestParts> = {}) =>
  request({ uri, sentBy: '10.0.1.1:5060', contact: '<sip:switch@10.0.1.1:5060>', ...given });

const networks = {
  east: { networks: ['203.0.113.0/24'] },
  west: { neighbours: [{ name: 'carrier', addresses: ['203.0.113.128/25'] }] },
  north: { networks: ['2001:db8:1::/48'] },
};

describe('a call outwards', () => {
  it.each([
    ['RFC 3263 §4.2: to the default interface, port 5060', 'sip:bob@198.51.100.80', 'south udp 198.51.100.80:5060'],
    ['to the port of the URI', 'sip:bob@198.51.100.80:5099', 'south udp 198.51.100.80:5099'],
    ['by the transport of the URI', 'sip:bob@198.51.100.80;transport=tcp', 'south tcp 198.51.100.80:5060'],
    ['by `networks` of an interface', 'sip:bob@203.0.113.5', 'east udp 203.0.113.5:5060'],
    ['the longest block wins, also that of a neighbour', 'sip:bob@203.0.113.200', 'west udp 203.0.113.200:5060'],
    ['RFC 3261 §19.1.1: to maddr', 'sip:bob@example.test;maddr=203.0.113.6', 'east udp 203.0.113.6:5060'],
  ])('%s', (_, uri, to) => {
    const { world } = open({ interfaces: networks });
    const core = world.flow('core', '10.0.1.1');
    world.receive(core, out(uri));
    expect(world.trace()).toEqual([`${core.text} < 100`, `${to} < INVITE`]);
    expect(world.count({ interface: 'core', decision: 'forward', reason: 'from-core' })).toBe(1);
  });

  it('has no limit, and neither dial plan nor trust change it', () => {
    const { world, core } = open({ admission: { newCallsPerSecond: 1, burst: 1 } });
    for (let i = 0; i < 10; i++)
      world.receive(core, out('sip:*27212915551234@198.51.100.80', { headers: ['Resource-Priority: ets.0'] }));
    const invites = world.take().filter((m) => m.method === 'INVITE');
    expect(invites).toHaveLength(10);
    expect(new Set(invites.map((m) => `${m.uri} ${m.one('Resource-Priority')}`))).toEqual(
      new Set(['sip:*27212915551234@198.51.100.80 ets.0']),
    );
  });

  it('RFC 3261 §16.6 step 6: Route goes before the Request-URI', () => {
    const { world, core } = open({ interfaces: networks });
    world.receive(core, out('sip:bob@198.51.100.80', { routes: ['<sip:203.0.113.7:5062;lr>', '<sip:far.test;lr>'] }));
    world.take(core);
    const [sent] = world.transports.sent.splice(0);
    expect(sent!.flow.text).toBe('east udp 203.0.113.7:5062');
    expect(sent!.message.all('Route')).toEqual(['<sip:203.0.113.7:5062;lr>', '<sip:far.test;lr>']);
    expect(sent!.message.uri).toBe('sip:bob@198.51.100.80');
  });

  it('RFC 3261 §16.4: our own Route is taken out, and names the interface', () => {
    const { world, core } = open();
    world.receive(core, out('sip:bob@198.51.100.80', { routes: ['<sip:10.0.0.1:5050;lr>,<sip:192.0.2.2:5060;lr>'] }));
    world.take(core);
    const [sent] = world.transports.sent.splice(0);
    expect(sent!.flow.text).toBe('east udp 198.51.100.80:5060');
    expect(sent!.message.all('Route')).toEqual([]);
  });

  it('RFC 5658: Record-Route twice, each with its transport', () => {
    const { world, core } = open();
    world.receive(core, out('sip:bob@198.51.100.80;transport=tcp'));
    const sent = world.take().at(-1)!;
    expect(sent.all('Record-Route')).toEqual([
      expect.stringMatching(/^<sip:c[0-9a-f]{8}\.f\S+@192\.0\.2\.1:5060;transport=tcp;lr>$/),
      expect.stringMatching(/^<sip:c[0-9a-f]{8}@10\.0\.0\.1:5050;lr>$/),
    ]);
    expect(sent.all('Via')[0]).toMatch(/^SIP\/2\.0\/TCP 192\.0\.2\.1:5060;branch=/);
  });

  it('RFC 3261 §16.7: a whole call, with the refusal of a peer, CANCEL and ACK', () => {
    const { world, core } = open();
    const invite = out('sip:bob@198.51.100.80');
    world.receive(core, invite);
    const sent = world.take().at(-1)!;
    const peer = world.flow('south', '198.51.100.80');
    world.receive(peer, response(sent, 180));
    world.receive(peer, response(sent, 503, { headers: ['Retry-After: 60'] }));
    expect(world.trace()).toEqual([`${core.text} < 180`, `${peer.text} < ACK`, `${core.text} < 500`]);
    world.pass(60_000);
    expect(world.calls.open).toBe(0);
  });

  it('RFC 3261 §16.9, §16.8: nobody answers: 408', () => {
    const { world, core } = open();
    world.receive(core, out('sip:bob@198.51.100.80'));
    world.pass(32_100);
    expect(world.take(core).map((m) => m.label)).toEqual(['100', '408']);
  });
});

describe('no way out', () => {
  it.each([
    ['RFC 3261 §16.5: a tel: URI without Route', 'tel:+12125551234', 404],
    ['no listener of that transport', 'sips:bob@203.0.113.5', 404],
    ['no listener of that family', 'sip:bob@[2001:db8::5]', 404],
    ['a URI of our own that names nobody', 'sip:bob@192.0.2.1:5060', 404],
  ])('%s: %s', (_, uri, status) => {
    const { world, core } = open();
    world.receive(core, out(uri));
    expect(world.take().map((m) => m.status)).toEqual([status]);
    expect(world.count({ decision: 'reject', reason: 'no-route' })).toBe(1);
    expect(world.calls.open).toBe(0);
  });
});

describe('names', () => {
  it('RFC 3263: a host is looked up, once for all that wait; then they run through the pipeline', () => {
    const { world, core } = open({ interfaces: networks });
    const invite = out('sip:bob@peer.test');
    world.receive(core, invite, { waits: true });
    world.receive(core, invite, { waits: true });
    world.receive(core, out('sip:bob@peer.test', { method: 'OPTIONS' }), { waits: true });
    expect(world.take()).toEqual([]);
    world.resolve('peer.test', { address: '203.0.113.44', port: 5070, transport: undefined });
    expect(world.trace().sort()).toEqual([
      `${core.text} < 100`,
      `${core.text} < 100`,
      'east udp 203.0.113.44:5070 < INVITE',
      'east udp 203.0.113.44:5070 < OPTIONS',
    ]);
    expect(world.decisions()).toHaveLength(3);
  });

  it('RFC 3263 §4.3: a name that does not exist: 404', () => {
    const { world, core } = open();
    world.receive(core, out('sip:bob@nowhere.test'), { waits: true });
    world.resolve('nowhere.test', 'failed');
    expect(world.only(core).status).toBe(404);
  });

  it('too many wait: 503', () => {
    const { world, core } = open();
    for (let i = 0; i < 10; i++) world.receive(core, out('sip:bob@slow.test'), { waits: true });
    world.receive(core, out('sip:bob@slow.test'));
    expect(world.only(core).status).toBe(503);
  });

  it('a customer makes us look nothing up: it is sent to a switch', () => {
    const { world } = open();
    const alice = world.flow('south', '198.51.100.7');
    world.receive(alice, request({ uri: 'sip:bob@peer.test', routes: ['<sip:evil.test;lr>'] }));
    world.receive(alice, request({ method: 'BYE', uri: 'sip:bob@peer.test', toTag: 'x' }));
    expect(world.take(alice).map((m) => m.label)).toEqual(['100']);
    expect(world.take().map((m) => m.label)).toEqual(['INVITE', 'BYE']);
  });
});

it('IPv6 on both sides: references in brackets, families apart', () => {
  const interfaces = {
    south: { listen: ['udp:[2001:db8::1]:5060', 'udp:192.0.2.1:5060'] },
    core: { listen: ['udp:[fd00::1]:5050'] },
  };
  const world = new World({ interfaces, switches: [{ name: 'sw1', address: 'udp:[fd00::5]:5060' }] });
  const alice = world.flow('south', '2001:db8:9::7');
  world.receive(alice, request({ sentBy: '[2001:DB8:9::7]:5060', viaParams: '', callId: 'six@test' }));
  const { flow, message } = world.takeSwitch();
  expect(flow.remoteAddress).toBe('fd00::5');
  expect(message.all('Via')).toEqual([
    expect.stringMatching(/^SIP\/2\.0\/UDP \[fd00::1\]:5050;branch=/),
    expect.stringMatching(/^SIP\/2\.0\/UDP \[2001:DB8:9::7\]:5060;branch=[^;]*$/),
  ]);
  expect(message.all('Record-Route')[1]).toMatch(/@\[2001:db8::1\]:5060;lr>$/);
  world.take();
  world.restart();
  world.receive(world.flow('core', 'fd00::5'), response(message, 200));
  expect(world.only(alice).status).toBe(200);
});
