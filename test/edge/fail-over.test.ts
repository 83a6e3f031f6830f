// Fail-over: RFC 3261 §16.7 to §16.9 and RFC 3263 §4.3, with switches that refuse, are silent, or cannot be reached.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type Message, response } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

function place(options: EdgeOptions = {}, given = {}, interfaceName: 'south' | 'east' = 'south') {
  const world = new World(options);
  const caller = world.flow(interfaceName, '198.51.100.7');
  return { world, caller, call: new PlacedCall(world, caller, given) };
}

const three = { switches: [switchAt(1), switchAt(2), switchAt(3)] };
const labels = (messages: readonly Message[]) => messages.map((m) => m.label);

/** The switch refuses; its ACK is taken, and the INVITE at the next one, if there is one. */
function refused({ world, call }: ReturnType<typeof place>, status = 503): Message[] {
  const before = call.switch;
  world.receive(before, response(call.sent, status));
  expect(labels(world.take(before))).toEqual(['ACK']);
  const up = world.take(call.caller);
  if (up.length === 0) call.toSwitch();
  return up;
}

describe('the next switch', () => {
  it('RFC 3263 §4.3: on 503: another switch, another branch, nothing upstream', () => {
    const placed = place();
    const { world, call } = placed;
    const first = { flow: call.switch, sent: call.sent };
    expect(refused(placed)).toEqual([]);
    expect(call.switch.text).not.toBe(first.flow.text);
    expect(call.sent.branch).not.toBe(first.sent.branch);
    expect(call.sent.one('Max-Forwards')).toBe('69');
    expect(call.answer(200).map((m) => m.status)).toEqual([200]);
    expect(world.parts.counters.failovers).toBe(1);
    expect(world.count({ decision: 'forward' })).toBe(1);
  });

  it('RFC 3263 §4.3: on silence of switchTimeoutMs; the silent one counts as failing', () => {
    const { world, call } = place({ rest: { timers: { switchTimeoutMs: 1200 } } });
    const first = call.switch;
    world.pass(1190);
    expect(labels(world.take())).toEqual(['INVITE']);
    world.pass(20);
    call.toSwitch();
    expect(call.switch.text).not.toBe(first.text);
    expect(world.parts.switches.at(first.remoteAddress, 5060)!.health).toMatchObject({ name: 'up', failures: 1 });
    expect(labels(call.answer(180))).toEqual(['180']);
  });

  it('RFC 3261 §16.9: on a transport error, at once; a dead connection takes the switch down by and by', () => {
    const tcp = { switches: [1, 2].map((n) => ({ name: `sw${n}`, address: `tcp:10.0.1.${n}:5060` })) };
    const { world, call } = place(tcp);
    const first = call.switch;
    world.lose(first);
    call.toSwitch();
    expect(call.switch.remoteAddress).not.toBe(first.remoteAddress);
    world.receive(call.switch, response(call.sent, 100));
    // RFC 3261 §17.1.4 and more: lost while it works on the call
    world.lose(call.switch);
    expect(labels(world.take(call.caller))).toEqual(['503']);
  });

  it('RFC 3261 §16.9: a connection that takes nothing is a transport error too', () => {
    const tcp = { switches: [1, 2].map((n) => ({ name: `sw${n}`, address: `tcp:10.0.1.${n}:5060` })) };
    const world = new World(tcp);
    for (const n of [1, 2]) world.flow('core', `10.0.1.${n}`, 5060, 'tcp').broken = true;
    const alice = world.flow('south', '198.51.100.7');
    const text = (n: number) => `call${n}@broken`;
    expect(() => new PlacedCall(world, alice, { callId: text(1) })).toThrow();
    expect(world.count({ decision: 'forward' })).toBe(1);
    expect(world.surprises).toEqual([]);
    world.pass(60_000);
    expect([world.calls.open, world.wheel.size]).toEqual([0, 0]);
  });

  it('is not tried after 18x: the refusal goes up as 500, silence as 408', () => {
    const { call, world } = place();
    call.answer(180);
    expect(labels(call.answer(503))).toEqual(['500']);
    expect(labels(world.take())).toEqual(['ACK']);
  });

  it('is not tried on 4xx, 5xx other than 503, and 6xx', () => {
    for (const status of [404, 480, 500, 504, 603]) {
      const { world, call } = place();
      expect(labels(call.answer(status))).toEqual([String(status)]);
      expect(labels(world.take())).toEqual(['ACK']);
    }
  });
});

describe('when no switch takes it', () => {
  it('RFC 3261 §16.7 step 6: all refuse: 503; with Retry-After on south', () => {
    const placed = place(three);
    refused(placed);
    refused(placed);
    const [up] = refused(placed);
    expect(up!.status).toBe(503);
    expect(Number(up!.one('Retry-After'))).toBeGreaterThanOrEqual(1);
  });

  it('RFC 7339 §5.10.2: all refuse: 503 without Retry-After on east, whatever the switch wrote', () => {
    const placed = place({ switches: [switchAt(1)] }, {}, 'east');
    const { world, call } = placed;
    world.receive(call.switch, response(call.sent, 503, { headers: ['Retry-After: 300'] }));
    const [up] = world.take(call.caller);
    expect(up!.status).toBe(503);
    expect(up!.all('Retry-After')).toEqual([]);
  });

  it('RFC 3261 §16.7 step 6: some refuse and some are silent: 500', () => {
    const placed = place();
    const { world, call } = placed;
    refused(placed);
    world.pass(33_000);
    expect(labels(world.take(call.caller))).toContain('500');
  });

  it('RFC 3261 §16.7 step 6, §16.8: all silent: 408, when the last has had its 64×T1', () => {
    const { world, call } = place();
    world.pass(4010);
    const [late] = world.take().filter((m) => m.label === 'INVITE' && m.branch !== call.sent.branch);
    expect(late).toBeDefined();
    world.pass(31_900);
    expect(world.take(call.caller)).toEqual([]);
    world.pass(100);
    const [up] = world.take(call.caller);
    expect([up!.status, up!.all('Retry-After')]).toEqual([408, []]);
    expect(world.parts.switches.all.map((one) => one.health.name)).toEqual(['up', 'up']);
  });

  it('the only switch is not given up at switchTimeoutMs: it may still answer', () => {
    const { world, call } = place({ switches: [switchAt(1)] });
    world.pass(10_000);
    world.take();
    expect(labels(call.answer(180))).toEqual(['180']);
  });

  it('nor the last with capacity: the other one is full', () => {
    const plain = { capacityPerSecond: 1 };
    const world = new World({ switches: [switchAt(1), { ...switchAt(2), ...plain }] });
    const alice = world.flow('south', '198.51.100.7');
    let call = new PlacedCall(world, alice);
    while (call.switch.remoteAddress !== '10.0.1.1') call = new PlacedCall(world, alice);
    // keep the second switch full
    const sw2 = world.parts.switches.find('sw2')!;
    for (let ms = 0; ms < 6000; ms += 100) {
      world.pass(100);
      sw2.capacity!.drain(world.nowMs);
      sw2.capacity!.add(1);
    }
    expect(world.take(alice)).toEqual([]);
    world.take();
    expect(labels(call.answer(180))).toEqual(['180']);
  });
});

describe('late answers of a switch that was given up', () => {
  /** Its first switch was silent; a second one has it. */
  function givenUp() {
    const placed = place();
    const { world, call } = placed;
    const first = { flow: call.switch, sent: call.sent };
    world.pass(4010);
    const messages = world.transports.sent.splice(0).filter(({ message }) => message.branch !== first.sent.branch);
    call.switch = messages[0]!.flow;
    call.sent = messages[0]!.message;
    return { ...placed, first };
  }

  it('RFC 3261 §9.1: a late 18x does not go up, and brings the CANCEL that waited', () => {
    const { world, first, call } = givenUp();
    world.receive(first.flow, response(first.sent, 180));
    const cancel = world.only();
    expect([cancel.label, cancel.branch]).toEqual(['CANCEL', first.sent.branch]);
    world.receive(first.flow, response(cancel, 200));
    world.receive(first.flow, response(first.sent, 487));
    expect(labels(world.take())).toEqual(['ACK']);
    expect(labels(call.answer(200))).toEqual(['200']);
  });

  it('RFC 3261 §16.7 step 5: a late 2xx goes up, and the other branch is cancelled', () => {
    const { world, first, call } = givenUp();
    call.answer(180);
    world.receive(first.flow, response(first.sent, 200, { toTag: 'late' }));
    expect(labels(world.take(call.caller))).toEqual(['200']);
    const cancel = world.only();
    expect([cancel.label, cancel.branch]).toEqual(['CANCEL', call.sent.branch]);
  });

  it('RFC 3261 §16.7 step 6: a late refusal is a candidate for the end of the search', () => {
    const { world, first, call } = givenUp();
    world.receive(first.flow, response(first.sent, 404));
    expect(labels(world.take())).toEqual(['ACK']);
    expect(labels(call.answer(503))).toEqual(['404']);
  });

  it('RFC 3261 §16.7 step 6: both refuse with 503: 503 goes up', () => {
    const { world, first, call } = givenUp();
    world.receive(first.flow, response(first.sent, 503));
    expect(labels(world.take())).toEqual(['ACK']);
    expect(labels(call.answer(503))).toEqual(['503']);
    world.pass(60_000);
    expect([world.calls.open, world.calls.openBranches, world.wheel.size]).toEqual([0, 0, 0]);
    expect(world.surprises).toEqual([]);
  });
});

describe('answers later still', () => {
  /** The first branch has timed out for good (Timer B), the second rings. */
  function timedOut() {
    const placed = place();
    const { world, call } = placed;
    const first = { flow: call.switch, sent: call.sent };
    world.pass(4010);
    const [next] = world.transports.sent.splice(0).filter(({ message }) => message.branch !== first.sent.branch);
    call.switch = next!.flow;
    call.sent = next!.message;
    call.answer(180);
    world.pass(29_000);
    world.take();
    return { ...placed, first };
  }

  it('RFC 3261 §17.1.1.2: 1xx and refusals of a branch after Timer B are ignored', () => {
    for (const status of [100, 180, 404, 503]) {
      const { world, first, call } = timedOut();
      world.receive(first.flow, response(first.sent, status));
      expect(world.take()).toEqual([]);
      expect(world.surprises).toEqual([]);
      expect(labels(call.answer(200))).toEqual(['200']);
    }
  });

  it('RFC 3261 §16.7 steps 5 and 10: a 2xx after Timer B goes up, and the branch that rings is cancelled', () => {
    const { world, first, call } = timedOut();
    world.receive(first.flow, response(first.sent, 200, { toTag: 'late' }));
    expect(labels(world.take(call.caller))).toEqual(['200']);
    expect(labels(world.take())).toEqual(['CANCEL']);
  });

  it('RFC 6026 §7.1: a 2xx after the server transaction has ended goes up', () => {
    const { world, caller, call } = place();
    const first = { flow: call.switch, sent: call.sent };
    world.pass(4010);
    const [next] = world.transports.sent.splice(0).filter(({ message }) => message.branch !== first.sent.branch);
    world.receive(next!.flow, response(next!.message, 200));
    world.pass(25_000);
    world.receive(first.flow, response(first.sent, 100));
    world.pass(20_000);
    expect(world.calls.open).toBe(0);
    world.take();
    world.receive(first.flow, response(first.sent, 200, { toTag: 'late' }));
    expect(labels(world.take(caller))).toEqual(['200']);
    expect(world.surprises).toEqual([]);
  });
});

describe('Timer C', () => {
  it('RFC 3261 §16.8: after 185 s of ringing a CANCEL, and what it is answered with goes up', () => {
    const { world, call } = place();
    call.answer(180);
    world.pass(100_000);
    call.answer(180); // §16.7 step 2: starts it anew
    world.pass(184_000);
    expect(world.take()).toEqual([]);
    world.pass(1010);
    expect(labels(world.take())).toEqual(['CANCEL']);
    expect(labels(call.answer(487))).toEqual(['487']);
  });

  it('RFC 3261 §16.8: and when that is not answered either: 408', () => {
    const { world, call } = place();
    call.answer(180);
    world.pass(185_010 + 32_010);
    expect(labels(world.take(call.caller))).toEqual(['408']);
    world.pass(60_000);
    expect([world.calls.open, world.calls.openBranches, world.wheel.size]).toEqual([0, 0, 0]);
  });
});
