// A reload (SIGHUP): limits, dial plan, switches and trust change at once, and no call in set-up notices.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { request, response } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { switchAt } from './settings.ts';

const switches = [switchAt(1)];

function place() {
  const world = new World({ switches });
  const alice = world.flow('south', '198.51.100.7');
  return { world, alice, call: new PlacedCall(world, alice) };
}

describe('a call in set-up', () => {
  it('rings, is answered, and ends as if nothing had happened', () => {
    const { world, alice, call } = place();
    world.reload({ admission: { newCallsPerSecond: 1, burst: 1 } });
    expect(call.answer(180).map((m) => m.status)).toEqual([180]);
    world.receive(alice, call.invite);
    expect(world.only(alice).status).toBe(180);
    world.reload({});
    const ok = call.answer(200, { contact: '<sip:callee@10.0.1.1:5060>' })[0]!;
    for (const method of ['ACK', 'BYE']) {
      world.receive(alice, call.fromCaller(method, ok));
      expect(world.takeSwitch().flow.text).toBe(call.switch.text);
    }
    world.pass(40_000);
    expect([world.calls.open, world.wheel.size, world.surprises]).toEqual([0, 0, []]);
  });

  it('at a switch that is no more configured: is answered, cancelled, or goes to one that is', () => {
    const answered = place();
    answered.world.reload({ switches: [switchAt(2)] });
    expect(answered.call.answer(200).map((m) => m.status)).toEqual([200]);

    const cancelled = place();
    cancelled.call.answer(180);
    cancelled.world.reload({ switches: [switchAt(2)] });
    cancelled.call.cancel();
    expect(cancelled.world.only(cancelled.call.switch).method).toBe('CANCEL');

    const refused = place();
    refused.world.reload({ switches: [switchAt(2)] });
    refused.world.receive(refused.call.switch, response(refused.call.sent, 503));
    refused.world.take(refused.call.switch);
    refused.call.toSwitch();
    expect(refused.call.switch.remoteAddress).toBe('10.0.1.2');
  });

  it('with other timers: those in force count from the next one set', () => {
    const { world, call } = place();
    world.reload({ rest: { timers: { t1Ms: 100 } } });
    call.answer(486);
    world.take();
    world.pass(350);
    expect(world.take(call.caller).map((m) => m.status)).toEqual([486, 486]);
    world.pass(60_000);
    expect([world.calls.open, world.calls.openBranches, world.wheel.size]).toEqual([0, 0, 0]);
  });
});

describe('what changes at once, on flows that exist', () => {
  it('who a neighbour is: its trust, its pushback, its limit', () => {
    const { world, alice } = place();
    const priority = () => world.receive(alice, request({ headers: ['Resource-Priority: ets.0'] }));
    priority();
    expect(world.count({ class: 'priority' })).toBe(0);
    const pbx = { name: 'pbx', addresses: ['198.51.100.7'], trust: { resourcePriority: true }, pushback: 'reject' };
    const admission = { newCallsPerSecond: 1, burst: 1 };
    world.reload({ interfaces: { south: { neighbours: [{ ...pbx, admission }] } } });
    priority();
    expect(world.count({ class: 'priority', decision: 'forward' })).toBe(1);
    world.take();
    world.receive(alice, request());
    const [refusal] = world.take(alice);
    expect([refusal!.status, refusal!.all('Retry-After')]).toEqual([503, []]);
    expect(world.count({ reason: 'neighbour-rate' })).toBe(1);
    world.reload({ interfaces: {} });
    world.receive(alice, request());
    expect(world.take(alice).map((m) => m.status)).toEqual([100]);
  });

  it('the limit of the edge: what is in hand is cut, and not filled up', () => {
    const { world, alice } = place();
    world.reload({ admission: { newCallsPerSecond: 10, burst: 5 } });
    for (let i = 0; i < 8; i++) world.receive(alice, request());
    expect(world.count({ reason: 'edge-rate' })).toBe(3);
    world.reload({ admission: { newCallsPerSecond: 1000, burst: 100 } });
    world.receive(alice, request());
    expect(world.count({ reason: 'edge-rate' })).toBe(4);
    world.pass(50);
    world.receive(alice, request());
    expect(world.count({ reason: 'edge-rate' })).toBe(4);
  });

  it('switches keep their health and their counters by name', () => {
    const { world } = place();
    const before = world.parts.switches.find('sw1')!;
    before.health = { name: 'down', successes: 0, heard: false };
    world.reload({ switches: [switchAt(2), { ...switchAt(1), weight: 5, capacityPerSecond: 7 }] });
    const after = world.parts.switches.find('sw1')!;
    expect([after.health.name, after.weight, after.capacity?.ratePerSecond]).toEqual(['down', 5, 7]);
    expect(after.counters).toBe(before.counters);
  });

  it('the dial plan', () => {
    const { world, alice } = place();
    const plan = 'name: x\nrules:\n  - { name: gone, match: "15551230000", refuse: { status: 410, reason: Gone } }\n';
    world.reload({ plan });
    world.receive(alice, request());
    expect(world.only(alice).startLine).toBe('SIP/2.0 410 Gone');
  });
});

it('a refused call gets the answer it had, whatever the limits are now', () => {
  const world = new World({ switches, admission: { newCallsPerSecond: 1, burst: 1 } });
  const alice = world.flow('south', '198.51.100.7');
  new PlacedCall(world, alice);
  const invite = request();
  world.receive(alice, invite);
  const before = world.only(alice).text;
  world.reload({ admission: {} });
  world.receive(alice, invite);
  expect(world.only(alice).text).toBe(before);
});
