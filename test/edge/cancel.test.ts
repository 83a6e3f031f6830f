// CANCEL through the edge: RFC 3261 §9 and §16.10, at every moment of a call.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type Message, request, response, sameTransaction } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import { switchAt } from './settings.ts';

function place(given = {}, options = {}) {
  const world = new World(options);
  const alice = world.flow('south', '198.51.100.7');
  return { world, alice, call: new PlacedCall(world, alice, given) };
}

const labels = (messages: readonly Message[]) => messages.map((m) => `${m.label} of ${m.one('CSeq')}`);

describe('CANCEL', () => {
  it('RFC 3261 §9.1: before any provisional response: 200 at once, our CANCEL waits for the first one', () => {
    const { world, call } = place();
    expect(labels(call.cancel())).toEqual(['200 of 1 CANCEL']);
    expect(world.take()).toEqual([]);
    world.receive(call.switch, response(call.sent, 100));
    expect(world.only().label).toBe('CANCEL');
  });

  it.each([100, 180])('RFC 3261 §9.1: after %i: CANCEL with the Via, Request-URI and CSeq of our INVITE', (status) => {
    const { world, call } = place();
    call.answer(status);
    expect(labels(call.cancel())).toEqual(['200 of 1 CANCEL']);
    const cancel = world.only(call.switch);
    expect(cancel.startLine).toBe(call.sent.startLine.replace('INVITE', 'CANCEL'));
    expect(cancel.all('Via')).toEqual([call.sent.all('Via')[0]]);
    expect(cancel.one('CSeq')).toBe('1 CANCEL');
    expect(cancel.one('To')).toBe(call.sent.one('To'));
    expect(cancel.one('From')).toBe(call.sent.one('From'));
    expect(cancel.one('Call-ID')).toBe(call.sent.one('Call-ID'));
    expect(world.count({ method: 'CANCEL', decision: 'answer', reason: 'cancelled' })).toBe(1);
  });

  it('RFC 3261 §9.2, §16.7: 487 of the switch goes up, its ACK is ours, the 200 to our CANCEL stays here', () => {
    const { world, alice, call } = place();
    call.answer(180);
    call.cancel();
    const cancel = world.only(call.switch);
    world.receive(call.switch, response(cancel, 200));
    expect(world.take()).toEqual([]);
    const [terminated] = call.answer(487);
    expect(terminated!.status).toBe(487);
    expect(world.only(call.switch).label).toBe('ACK');
    call.ack(terminated!);
    world.pass(60_000);
    expect(world.take()).toEqual([]);
    expect([world.calls.open, world.wheel.size, world.surprises]).toEqual([0, 0, []]);
    expect(alice.closed).toBe(false);
  });

  it('RFC 3261 §17.1.2.2: our CANCEL is repeated at 500 ms, doubling to T2, until it is answered', () => {
    const { world, call } = place();
    call.answer(180);
    call.cancel();
    const first = world.only(call.switch);
    world.pass(3600);
    expect(world.take(call.switch).map((m) => m.text)).toEqual([first.text, first.text, first.text]);
    world.receive(call.switch, response(first, 200));
    world.pass(20_000);
    expect(world.take(call.switch)).toEqual([]);
  });

  it('RFC 3261 §9.1: 64×T1 after a CANCEL without a final response the call counts as cancelled', () => {
    const { world, call } = place();
    call.answer(180);
    call.cancel();
    world.receive(call.switch, response(world.only(call.switch), 200));
    world.pass(31_900);
    expect(world.take(call.caller)).toEqual([]);
    world.pass(200);
    expect(labels(world.take(call.caller))).toEqual(['487 of 1 INVITE']);
  });

  it('RFC 3261 §9.2: a retransmitted CANCEL gets 200 again, and no second one goes out', () => {
    const { world, call } = place();
    call.answer(180);
    call.cancel();
    world.take();
    expect(labels(call.cancel())).toEqual(['200 of 1 CANCEL']);
    expect(world.take()).toEqual([]);
  });

  it('RFC 3261 §16.10: a 2xx that crosses our CANCEL goes up', () => {
    const { world, call } = place();
    call.answer(180);
    call.cancel();
    expect(labels(call.answer(200))).toEqual(['200 of 1 INVITE']);
    world.pass(100);
    expect(world.take(call.caller)).toEqual([]);
  });

  it('RFC 3261 §9.2: after a final response it is answered 200 and has no effect', () => {
    const { world, call } = place();
    call.answer(486);
    world.take();
    expect(labels(call.cancel())).toEqual(['200 of 1 CANCEL']);
    expect(world.take(call.switch)).toEqual([]);
    const other = place();
    other.call.connect();
    expect(labels(other.call.cancel())).toEqual(['200 of 1 CANCEL']);
    expect(other.world.take()).toEqual([]);
  });

  it('RFC 3261 §16.10, §9.1: before an answer, then no answer at all: 487 when the branch times out', () => {
    const { world, call } = place({}, { switches: [switchAt(1)] });
    call.cancel();
    world.pass(33_000);
    expect(labels(world.take(call.caller))).toContain('487 of 1 INVITE');
  });

  it('RFC 3261 §16.10: stops the search for another switch', () => {
    const { world, call } = place();
    call.answer(100);
    call.cancel();
    world.take();
    expect(labels(call.answer(503))).toEqual(['487 of 1 INVITE']);
    expect(labels(world.take())).toEqual(['ACK of 1 ACK']);
  });

  it('RFC 3261 §16.10: after a fail-over goes to the switch that has the call now', () => {
    const { world, call } = place();
    world.receive(call.switch, response(call.sent, 503));
    world.take(call.switch);
    call.toSwitch();
    call.answer(180);
    call.cancel();
    const cancel = world.takeSwitch();
    expect([cancel.flow.text, cancel.message.branch]).toEqual([call.switch.text, call.sent.branch]);
  });

  it('RFC 3261 §8.2.7: that of a refused INVITE is ignored', () => {
    const world = new World({ admission: { newCallsPerSecond: 1, burst: 1 } });
    const alice = world.flow('south', '198.51.100.7');
    new PlacedCall(world, alice);
    const refused = request();
    world.receive(alice, refused);
    expect(world.only(alice).status).toBe(503);
    world.receive(alice, sameTransaction(refused, 'CANCEL'));
    expect(world.take()).toEqual([]);
    expect(world.count({ method: 'CANCEL', decision: 'absorb', reason: 'retransmission' })).toBe(1);
  });
});

describe('CANCEL after a restart: RFC 3261 §16.11, DESIGN.md §2.4', () => {
  /** Ringing at its first switch; then the process is another one. */
  const restarted = (given = {}, options = {}) => {
    const placed = place(given, options);
    placed.call.answer(180);
    placed.world.restart();
    return placed;
  };

  it('goes to the same switch with the branch, the Request-URI and the CSeq of the INVITE; its answers go up', () => {
    for (let i = 0; i < 20; i++) {
      const { world, alice, call } = restarted({ callId: `restart${i}@test` });
      expect(call.cancel()).toEqual([]);
      const { flow, message } = world.takeSwitch();
      expect(flow.text).toBe(call.switch.text);
      expect(message.label).toBe('CANCEL');
      expect(message.branch).toBe(call.sent.branch);
      expect(message.uri).toBe(call.sent.uri);
      world.receive(flow, response(message, 200));
      expect(labels(world.take(alice))).toEqual(['200 of 1 CANCEL']);
      const [terminated] = call.answer(487);
      expect(terminated!.status).toBe(487);
      call.ack(terminated!);
      const ack = world.takeSwitch();
      expect([ack.flow.text, ack.message.label, ack.message.branch]).toEqual([
        call.switch.text,
        'ACK',
        call.sent.branch,
      ]);
    }
  });

  it('of a number with a treatment: with the number that the switch saw', () => {
    const { world, call } = restarted({ uri: 'sip:*27215551230000@example.test' });
    expect(call.sent.uri).toBe('sip:15551230000@example.test');
    call.cancel();
    expect(world.takeSwitch().message.uri).toBe(call.sent.uri);
  });

  it('of a number with a route of its own: to the switch group that has it', () => {
    const plan = `name: two groups
rules:
  - { name: far, match: "1-555-XXX-XXXX", route: far }
`;
    const switches = [switchAt(1), { ...switchAt(2), group: 'far' }];
    const { world, call } = restarted({}, { plan, switches });
    expect(call.switch.remoteAddress).toBe('10.0.1.2');
    call.cancel();
    const cancel = world.takeSwitch();
    expect(cancel.flow.text).toBe(call.switch.text);
    world.receive(cancel.flow, response(cancel.message, 200));
    const [terminated] = call.answer(487);
    world.take();
    call.ack(terminated!);
    expect(world.takeSwitch().flow.text).toBe(call.switch.text);
  });
});
