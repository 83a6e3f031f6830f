// Calls over connections (RFC 3261 §18): nothing is repeated on them, and what becomes of a call whose connection is lost.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type Message, request, response } from './message.ts';
import { PlacedCall } from './placed-call.ts';

function place(switchTransport: 'udp' | 'tcp' = 'tcp') {
  const world = new World({ switches: [{ name: 'sw1', address: `${switchTransport}:10.0.1.1:5060` }] });
  const alice = world.flow('south', '198.51.100.7', 41_234, 'tcp');
  return { world, alice, call: new PlacedCall(world, alice, { sentBy: '198.51.100.7:5060', viaParams: '' }) };
}

const labels = (messages: readonly Message[]) => messages.map((m) => m.label);
const left = ({ calls, wheel }: World) => [calls.open, calls.openBranches, wheel.size];

describe('a call with TCP on both sides', () => {
  it('RFC 3261 §17.1.1.2: the INVITE is not repeated; Timer B gives the switch up: 408', () => {
    const { world, alice } = place();
    world.pass(31_900);
    expect(world.take()).toEqual([]);
    world.pass(200);
    expect(labels(world.take(alice))).toEqual(['408']);
  });

  it('RFC 3261 §17.2.1: a refusal is not repeated; its ACK ends the transaction at once', () => {
    const { world, call } = place();
    const [busy] = call.answer(486);
    expect(labels(world.take())).toEqual(['ACK']);
    world.pass(5000);
    expect(world.take()).toEqual([]);
    call.ack(busy!);
    expect(left(world)).toEqual([0, 0, 0]);
  });

  it('RFC 3261 §17.1.2.2: CANCEL is not repeated', () => {
    const { world, call } = place();
    call.answer(180);
    call.cancel();
    expect(labels(world.take())).toEqual(['CANCEL']);
    world.pass(30_000);
    expect(world.take()).toEqual([]);
  });

  it('RFC 3261 §16.12: the dialog goes over both connections, without a new one', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    expect(call.sent.all('Record-Route')[0]).toMatch(/@10\.0\.0\.1:5050;transport=tcp;lr>$/);
    const uri = 'sip:callee@10.0.1.1:5060;transport=tcp';
    world.receive(alice, call.fromCaller('BYE', ok, { uri, viaParams: '', sentBy: '198.51.100.7:5060' }));
    const { flow, message } = world.takeSwitch();
    expect(flow).toBe(call.switch);
    world.receive(flow, response(message, 200));
    expect(world.trace()).toEqual([`${alice.text} < 200`]);
    world.receive(flow, call.fromSwitch('BYE', { transport: 'TCP' }));
    expect(world.trace()).toEqual([`${alice.text} < BYE`]);
  });

  it('RFC 3261 §18.3: a body leaves as it came', () => {
    const { world, alice } = place();
    world.receive(alice, request({ transport: 'TCP', body: 'v=0\r\n' }));
    expect(world.takeSwitch().message.body).toBe('v=0\r\n');
  });
});

describe('TCP and UDP', () => {
  it('RFC 5658: each Record-Route has the transport of its side, and each side the timers of its own', () => {
    const { world, call } = place('udp');
    expect(call.sent.all('Record-Route').map((route) => /;transport=tcp;lr>$/.test(route))).toEqual([false, true]);
    world.pass(600);
    expect(labels(world.take())).toEqual(['INVITE']);
    call.answer(486);
    world.pass(5000);
    expect(labels(world.take())).toEqual(['ACK']);
  });
});

describe('the caller’s connection is lost while it rings', () => {
  it('RFC 3261 §16.9: what cannot be sent is dropped, and the call runs its course', () => {
    const { world, alice, call } = place('udp');
    call.answer(180);
    world.lose(alice);
    expect(call.answer(200)).toEqual([]);
    world.pass(60_000);
    expect(left(world)).toEqual([0, 0, 0]);
    expect(world.surprises).toEqual([]);
  });
});
