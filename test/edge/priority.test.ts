// Priority and emergency calls through the real dialplans/default.yaml (RFC 4412, RFC 5031, RFC 7135; DESIGN.md §2.5 and §3).
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { request, sameTransaction } from './message.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

const one = { newCallsPerSecond: 1, burst: 1, priorityCapPerSecond: 20 };

/** No room for an ordinary call. */
function flooded(options: EdgeOptions = {}) {
  const world = new World({ admission: one, ...options });
  const flows = { south: world.flow('south', '198.51.100.7'), east: world.flow('east', '203.0.113.7') };
  world.receive(flows.south, request());
  world.take();
  return { world, ...flows };
}

const gets = 'sip:7106274387@example.test';

describe('passes a flood', () => {
  it.each([
    ['RFC 4412 §3.1: ets.0 of a trusted neighbour', 'east', { headers: ['Resource-Priority: ets.0'] }, 'priority'],
    ['RFC 4412 §3.1: without case, in a list', 'east', { headers: ['Resource-Priority: x.1, WPS.2'] }, 'priority'],
    [
      'RFC 4412 §3.1: in a second header',
      'east',
      { headers: ['Resource-Priority: x.1', 'resource-priority: q735.0'] },
      'priority',
    ],
    ['RFC 7135: esnet.1 of a trusted neighbour', 'east', { headers: ['Resource-Priority: esnet.1'] }, 'emergency'],
    ['911', 'south', { uri: 'sip:911@example.test' }, 'emergency'],
    ['tel:911', 'south', { uri: 'tel:911;phone-context=+1' }, 'emergency'],
    ['RFC 5031: urn:service:sos.fire', 'south', { uri: 'urn:service:sos.fire' }, 'emergency'],
    ['GETS, the access number', 'south', { uri: gets }, 'priority'],
    ['GETS, with +1 and separators', 'south', { uri: 'sip:+1-710-627-4387@example.test' }, 'priority'],
    ['WPS, *272 and the number', 'south', { uri: 'sip:*27212125551234@example.test' }, 'priority'],
  ] as const)('%s', (_, interfaceName, given, klass) => {
    const placed = flooded();
    placed.world.receive(placed[interfaceName], request(given));
    expect(placed.world.takeSwitch().message.method).toBe('INVITE');
    expect(placed.world.count({ class: klass, decision: 'forward', reason: klass })).toBe(1);
  });

  it.each([
    ['drsn.routine is ordinary', 'east', { headers: ['Resource-Priority: drsn.routine'] }],
    ['an unknown namespace is ordinary', 'east', { headers: ['Resource-Priority: mine.0'] }],
    ['RFC 5031: urn:service:test.sos is a test', 'south', { uri: 'urn:service:test.sos' }],
    ['933 is a test', 'south', { uri: 'sip:933@example.test' }],
    ['911 within a longer number', 'south', { uri: 'sip:9115551234@example.test' }],
    ['*272 from a peer', 'east', { uri: 'sip:*27212125551234@example.test' }],
  ] as const)('not: %s', (_, interfaceName, given) => {
    const placed = flooded();
    placed.world.receive(placed[interfaceName], request(given));
    expect(placed.world.only(placed[interfaceName]).status).toBe(503);
  });
});

describe('what the switch gets', () => {
  const sent = (interfaceName: 'south' | 'east', given: object) => {
    const placed = flooded();
    placed.world.receive(placed[interfaceName], request(given));
    return placed.world.takeSwitch().message;
  };

  it('GETS: ets.4 from the plan', () => {
    expect(sent('south', { uri: gets }).all('Resource-Priority')).toEqual(['ets.4']);
  });

  it('GETS with a value of a trusted neighbour: that stands', () => {
    const given = { uri: gets, headers: ['Resource-Priority: ets.1'] };
    expect(sent('east', given).all('Resource-Priority')).toEqual(['ets.1']);
    expect(sent('south', given).all('Resource-Priority')).toEqual(['ets.4']);
  });

  it('WPS: the prefix is off and wps.4 is in', () => {
    const invite = sent('south', { uri: 'sip:*27212125551234;npdi@example.test:5070;user=phone' });
    expect(invite.uri).toBe('sip:12125551234;npdi@example.test:5070;user=phone');
    expect(invite.all('Resource-Priority')).toEqual(['wps.4']);
  });

  it('a retransmission after a fail-over has it too', () => {
    const world = new World({ switches: [switchAt(1), switchAt(2)] });
    world.receive(world.flow('south', '198.51.100.7'), request({ uri: 'sip:*27212125551234@example.test' }));
    world.pass(4010);
    const invites = world.take().filter((m) => m.method === 'INVITE');
    expect(new Set(invites.map((m) => m.branch)).size).toBe(2);
    expect(new Set(invites.map((m) => `${m.uri} ${m.all('Resource-Priority')}`)).size).toBe(1);
  });
});

describe('an untrusted Resource-Priority', () => {
  it('RFC 4412 §4.6.4, DESIGN.md §3: is stripped, all lines of it, and counted; the call is ordinary', () => {
    const world = new World();
    const headers = ['Resource-Priority: ets.0', 'X: y', 'resource-priority : wps.0,\r\n esnet.4'];
    world.receive(world.flow('south', '198.51.100.7'), request({ headers }));
    const { message } = world.takeSwitch();
    expect(message.text).not.toMatch(/resource-priority|ets|wps|esnet/i);
    expect(message.all('X')).toEqual(['y']);
    expect(world.count({ class: 'new-call', reason: 'admitted' })).toBe(1);
    expect([...world.parts.counters.strippedPriority]).toEqual([1, 0, 0, 0, 0]);
  });

  it('does not pass a flood', () => {
    const { world, south } = flooded();
    world.receive(south, request({ headers: ['Resource-Priority: ets.0'] }));
    expect(world.only(south).status).toBe(503);
  });

  it('is honoured from a neighbour that is trusted by its address, and not from one that is distrusted', () => {
    const south = { neighbours: [{ name: 'psap', addresses: ['198.51.100.7'], trust: { resourcePriority: true } }] };
    const east = { neighbours: [{ name: 'x', addresses: ['203.0.113.7'], trust: { resourcePriority: false } }] };
    const placed = flooded({ interfaces: { south, east } });
    for (const name of ['south', 'east'] as const)
      placed.world.receive(placed[name], request({ headers: ['Resource-Priority: ets.0'] }));
    expect(placed.world.count({ reason: 'priority', decision: 'forward' })).toBe(1);
    expect([...placed.world.parts.counters.strippedPriority]).toEqual([0, 1, 0, 0, 0]);
  });

  it('is stripped from ACK, CANCEL and what is in a dialog as well', () => {
    const world = new World();
    const south = world.flow('south', '198.51.100.7');
    for (const method of ['ACK', 'CANCEL', 'BYE', 'PRACK', 'MESSAGE']) {
      world.receive(south, request({ method, toTag: 'x', headers: ['Resource-Priority: ets.0'] }));
      expect(world.takeSwitch().message.all('Resource-Priority')).toEqual([]);
    }
  });
});

describe('RFC 4412 §4.6.2: Require: resource-priority', () => {
  it('with values that are all unknown: 417 with Accept-Resource-Priority; its ACK is absorbed', () => {
    const { world, east } = flooded();
    const invite = request({ headers: ['Require: resource-priority', 'Resource-Priority: mine.0'] });
    world.receive(east, invite);
    const answer = world.only(east);
    expect(answer.startLine).toBe('SIP/2.0 417 Unknown Resource-Priority');
    expect(answer.one('Accept-Resource-Priority')).toMatch(/\bets\.0\b.*\bwps\.0\b/);
    world.receive(east, sameTransaction(invite, 'ACK', answer));
    expect(world.take()).toEqual([]);
    expect(world.count({ decision: 'reject', reason: 'unknown-priority' })).toBe(1);
    expect(world.count({ method: 'ACK', reason: 'ack-of-refusal' })).toBe(1);
  });

  it('with one known value: goes on', () => {
    const { world, east } = flooded();
    world.receive(
      east,
      request({ headers: ['Require: 100rel, resource-priority', 'Resource-Priority: mine.0, ets.3'] }),
    );
    expect(world.takeSwitch().message.one('Require')).toBe('100rel, resource-priority');
  });

  it('to 911: goes on whatever it says', () => {
    const { world, east } = flooded();
    const headers = ['Require: resource-priority', 'Resource-Priority: mine.0'];
    world.receive(east, request({ uri: 'sip:911@example.test', headers }));
    expect(world.takeSwitch().message.method).toBe('INVITE');
  });
});

describe('the anti-forgery cap', () => {
  it('stops priority calls above it, with its own reason and counter, and nothing else does', () => {
    const placed = flooded();
    for (let i = 0; i < 30; i++) placed.world.receive(placed.south, request({ uri: gets }));
    expect(placed.world.count({ decision: 'forward', reason: 'priority' })).toBe(20);
    expect(placed.world.count({ decision: 'reject', reason: 'priority-cap' })).toBe(10);
    expect(placed.world.parts.counters.priorityCap).toBe(10);
    placed.world.pass(500);
    for (let i = 0; i < 30; i++) placed.world.receive(placed.south, request({ uri: gets }));
    expect(placed.world.count({ decision: 'forward', reason: 'priority' })).toBe(30);
  });

  it('is no way around: other methods to emergency numbers meet it too', () => {
    const placed = flooded();
    for (let i = 0; i < 100; i++)
      placed.world.receive(placed.south, request({ method: 'MESSAGE', uri: 'sip:911@example.test' }));
    expect(placed.world.count({ method: 'MESSAGE', decision: 'forward' })).toBe(20);
    expect(placed.world.count({ method: 'MESSAGE', reason: 'priority-cap' })).toBe(80);
  });

  it('what priority calls take is missing for ordinary ones', () => {
    const world = new World({ admission: { newCallsPerSecond: 100, burst: 20, priorityReserveRatio: 0.2 } });
    const south = world.flow('south', '198.51.100.7');
    for (let i = 0; i < 10; i++) world.receive(south, request({ uri: gets }));
    for (let i = 0; i < 20; i++) world.receive(south, request());
    expect(world.count({ decision: 'forward', reason: 'admitted' })).toBe(6);
  });
});

describe('the dial plan refuses', () => {
  it.each([
    ['a vacant area code', 'sip:+12915551234@example.test', 404, 'Vacant Area Code'],
    ['a vacant office code', 'sip:12121551234@example.test', 404, 'Vacant Office Code'],
    ['an incomplete number', 'tel:+1212555', 484, 'Address Incomplete'],
  ] as const)('%s, and the ACK is absorbed', (_, uri, status, phrase) => {
    const { world, south } = flooded();
    const invite = request({ uri });
    world.receive(south, invite);
    const answer = world.only(south);
    expect(answer.startLine).toBe(`SIP/2.0 ${status} ${phrase}`);
    world.receive(south, sameTransaction(invite, 'ACK', answer));
    expect(world.take()).toEqual([]);
    expect(world.count({ reason: 'dialplan' })).toBe(1);
  });

  it('calls that can wait are the first to be refused: a televote takes nothing from the new calls', () => {
    const world = new World({
      admission: { nonEssentialBurst: 2, nonEssentialPerSecond: 1, newCallsPerSecond: 1, burst: 2 },
    });
    const south = world.flow('south', '198.51.100.7');
    for (let i = 0; i < 5; i++) world.receive(south, request({ uri: 'sip:19005551234@example.test' }));
    expect(world.count({ class: 'non-essential', decision: 'forward' })).toBe(2);
    expect(world.count({ class: 'non-essential', reason: 'non-essential-rate' })).toBe(3);
    for (let i = 0; i < 3; i++) world.receive(south, request());
    expect(world.count({ class: 'new-call', decision: 'forward' })).toBe(2);
  });

  it('an announcement: the URI of the plan is called instead', () => {
    const plan = 'name: x\nrules:\n  - { name: changed, match: "15551230000", announce: "sip:changed@media.test" }\n';
    const { world, south } = flooded({ plan, admission: {} });
    world.receive(south, request());
    expect(
      world
        .take()
        .filter((m) => m.method === 'INVITE')
        .at(-1)!.uri,
    ).toBe('sip:changed@media.test');
  });
});
