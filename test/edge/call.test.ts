// A call through the edge: RFC 3261 §16 and §17 as its two sides see it.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { Message, request, response, sameTransaction, withHeader } from './message.ts';
import { PlacedCall } from './placed-call.ts';

function place(given = {}) {
  const world = new World();
  const alice = world.flow('south', '198.51.100.7');
  return { world, alice, call: new PlacedCall(world, alice, given) };
}

describe('a new call', () => {
  it('RFC 3261 §16.2, §8.2.6.1: 100 Trying at once, without a To tag, on the Via of the INVITE', () => {
    const { call } = place({ branch: 'z9hG4bKone' });
    expect(call.provisional.toTag).toBeUndefined();
    expect(call.provisional.one('CSeq')).toBe('1 INVITE');
    expect(call.provisional.one('Via')).toMatch(/^SIP\/2\.0\/UDP 198\.51\.100\.7:5060;branch=z9hG4bKone;/);
  });

  it('RFC 3261 §16.6 steps 3, 4, 8: Max-Forwards one less, Record-Route of both sides, our Via on top', () => {
    const { call } = place({ maxForwards: 17 });
    const { sent } = call;
    expect(sent.one('Max-Forwards')).toBe('16');
    // RFC 5658: the one that faces the next hop stands first
    expect(sent.all('Record-Route')).toEqual([
      expect.stringMatching(/^<sip:c[0-9a-f]{8}@10\.0\.0\.1:5050;lr>$/),
      expect.stringMatching(/^<sip:c[0-9a-f]{8}@192\.0\.2\.1:5060;lr>$/),
    ]);
    expect(sent.all('Via')).toHaveLength(2);
    expect(sent.all('Via')[0]).toMatch(/^SIP\/2\.0\/UDP 10\.0\.0\.1:5050;branch=z9hG4bK/);
    expect(sent.uri).toBe('sip:15551230000@example.test');
    expect(sent.one('Contact')).toBe('<sip:alice@198.51.100.7:5060>');
  });

  it('RFC 3261 §16.6 step 3: Max-Forwards 70 where there is none', () => {
    expect(place({ maxForwards: undefined }).call.sent.one('Max-Forwards')).toBe('70');
  });

  it('RFC 3261 §16.6: a body and unknown headers leave as they came', () => {
    const { call } = place({ body: 'v=0\r\n\0\xff', headers: ['X-Own:  a , "b', 'Subject:'] });
    expect(call.sent.body).toBe('v=0\r\n\0\xff');
    expect(call.sent.text).toContain('X-Own:  a , "b\r\nSubject:\r\n');
  });

  it('RFC 3581 §4: received and rport say where it came from; answers go there', () => {
    const world = new World();
    const nat = world.flow('south', '203.0.113.9', 31_000);
    const call = new PlacedCall(world, nat, { sentBy: '10.1.2.3:5060' });
    expect(call.sent.all('Via')[1]).toMatch(/;rport=31000;received=203\.0\.113\.9/);
    expect(call.answer(180)).toHaveLength(1);
  });

  it('RFC 3261 §18.2.2: without rport, answers go to the port of sent-by', () => {
    const world = new World();
    const from = world.flow('south', '203.0.113.9', 31_000);
    world.receive(from, request({ sentBy: '10.1.2.3:6000', viaParams: '' }));
    expect(world.trace()).toEqual(['south udp 203.0.113.9:6000 < 100', expect.stringMatching(/^core .* < INVITE$/)]);
  });

  it('RFC 3261 §18.2.1: received only where the host of sent-by is not the address', () => {
    expect(place({ viaParams: '' }).call.sent.all('Via')[1]).not.toContain('received');
    const { call } = place({ viaParams: '', sentBy: 'pc33.example.test:5060' });
    expect(call.sent.all('Via')[1]).toMatch(/;received=198\.51\.100\.7$/);
  });

  it('RFC 3261 §16.7 step 3: responses go up without our Via and otherwise as they came', () => {
    const { world, call } = place({});
    const text = response(call.sent, 183, { headers: ['RSeq: 1', 'Require: 100rel'], body: 'v=0\r\n' });
    world.receive(call.switch, text);
    const up = world.only(call.caller);
    expect(up.text).toBe(text.replace(/^Via: .*\r\n/m, ''));
    expect(up.all('Via')).toHaveLength(1);
  });

  it('RFC 3261 §16.7 step 5: 100 of the switch stays here, 18x and 2xx go up', () => {
    const { call } = place();
    expect(call.answer(100)).toEqual([]);
    expect(call.answer(180).map((m) => m.status)).toEqual([180]);
    expect(call.answer(183).map((m) => m.status)).toEqual([183]);
    expect(call.answer(200).map((m) => m.status)).toEqual([200]);
  });

  it('RFC 3261 §16.12.1: ACK, BYE and re-INVITE follow the route set, from both sides', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    for (const method of ['ACK', 'INVITE', 'INFO', 'BYE']) {
      world.receive(alice, call.fromCaller(method, ok));
      const { flow, message } = world.takeSwitch();
      expect(flow.text).toBe(call.switch.text);
      expect(message.method).toBe(method);
      expect(message.uri).toBe(`sip:callee@${call.switch.remoteAddress}:5060`);
      expect(message.all('Route')).toEqual([]);
      expect(message.one('Max-Forwards')).toBe('69');
      expect(world.take()).toEqual([]);
      if (method === 'ACK') continue;
      world.receive(flow, response(message, 200));
      expect(world.only(alice).one('CSeq')).toBe(`2 ${method}`);
    }
    world.receive(call.switch, call.fromSwitch('BYE'));
    const bye = world.only(alice);
    expect(bye.method).toBe('BYE');
    expect(bye.all('Route')).toEqual([]);
    expect(bye.all('Via')[0]).toMatch(/^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;/);
    world.receive(alice, response(bye, 200));
    expect(world.only(call.switch).one('CSeq')).toBe('1 BYE');
    expect(world.count({ class: 'in-dialog', decision: 'forward', reason: 'in-dialog' })).toBe(5);
  });

  it('RFC 3262 §4: PRACK and UPDATE of the early dialog follow the route set of the 18x', () => {
    const { world, alice, call } = place();
    const [early] = call.answer(183, { headers: ['Require: 100rel', 'RSeq: 1'], contact: '<sip:callee@10.0.1.9>' });
    for (const method of ['PRACK', 'UPDATE']) {
      world.receive(alice, call.fromCaller(method, early!, { headers: ['RAck: 1 1 INVITE'] }));
      const { flow, message } = world.takeSwitch();
      expect([flow.text, message.one('RAck')]).toEqual(['core udp 10.0.1.9:5060', '1 1 INVITE']);
      world.receive(flow, response(message, 200));
      expect(world.only(alice).one('CSeq')).toBe(`2 ${method}`);
    }
  });

  it('RFC 6665 §4.3: SUBSCRIBE is record-routed, so that NOTIFY comes back', () => {
    const world = new World();
    const alice = world.flow('south', '203.0.113.9', 31_000);
    const dialog = { callId: 'sub@test', fromTag: 'a', sentBy: '10.1.2.3:5060' };
    world.receive(alice, request({ ...dialog, method: 'SUBSCRIBE', headers: ['Event: dialog'] }));
    const { flow, message } = world.takeSwitch();
    const back = { callId: 'sub@test', fromTag: 'b', toTag: 'a', routes: message.all('Record-Route') };
    world.receive(
      flow,
      request({ ...back, method: 'NOTIFY', uri: 'sip:alice@10.1.2.3:5060', sentBy: '10.0.1.1:5060' }),
    );
    expect(world.trace()).toEqual([`${alice.text} < NOTIFY`]);
  });

  it('RFC 3261 §16.6: Route values joined by a comma and folded are ours as well', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    const joined = [ok.all('Record-Route').toReversed().join(' ,\r\n '), '<sip:b2b@10.0.1.77:5066;lr>;x="a,<b"'];
    world.receive(alice, call.fromCaller('BYE', ok, { routes: [joined.join(',')] }));
    const sent = world.takeSwitch();
    expect(sent.flow.text).toBe('core udp 10.0.1.77:5066');
    expect(sent.message.all('Route')).toEqual(['<sip:b2b@10.0.1.77:5066;lr>;x="a,<b"']);
  });
});

describe('retransmissions', () => {
  it('RFC 3261 §17.2.1: of the INVITE get the last provisional response', () => {
    const { world, alice, call } = place();
    world.receive(alice, call.invite);
    expect(world.trace()).toEqual([`${alice.text} < 100`]);
    const [ringing] = call.answer(180);
    world.receive(alice, call.invite);
    expect(world.only(alice).text).toBe(ringing!.text);
    expect(world.count({ decision: 'absorb', reason: 'retransmission', class: 'new-call' })).toBe(2);
    expect(world.count({ decision: 'forward' })).toBe(1);
  });

  it('RFC 6026 §8.7: after a 2xx they are absorbed, and 2xx pass up as often as they come', () => {
    const { world, alice, call } = place();
    call.connect();
    world.receive(alice, call.invite);
    expect(world.take()).toEqual([]);
    expect(call.answer(200).map((m) => m.status)).toEqual([200]);
    world.pass(20_000);
    expect(call.answer(200).map((m) => m.status)).toEqual([200]);
    expect(call.answer(200, { toTag: 'fork2' }).map((m) => m.toTag)).toEqual(['fork2']);
  });

  it('RFC 3261 §17.1.1.2: the INVITE is repeated towards a silent switch, 500 ms and doubling, until it is heard', () => {
    const world = new World({ switches: [{ name: 'sw1', address: 'udp:10.0.1.1:5060' }] });
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    world.pass(3600);
    const again = world.take();
    expect(again.map((m) => m.text)).toEqual(Array(3).fill(call.sent.text));
    call.answer(100);
    world.pass(20_000);
    expect(world.take()).toEqual([]);
  });

  it('RFC 3261 §17.2.1: a refusal is repeated until its ACK, then absorbed', () => {
    const { world, alice, call } = place();
    const [busy] = call.answer(486);
    world.take();
    world.pass(1600);
    expect(world.take().map((m) => m.text)).toEqual([busy!.text, busy!.text]);
    world.receive(alice, call.invite);
    expect(world.only(alice).text).toBe(busy!.text);
    call.ack(busy!);
    world.pass(3000);
    call.ack(busy!);
    world.receive(alice, call.invite);
    expect(world.take()).toEqual([]);
    expect(world.count({ decision: 'absorb', reason: 'ack-of-transaction' })).toBe(2);
  });
});

describe('refusals of the switch', () => {
  it('RFC 3261 §17.1.1.3: 486 is acknowledged by us on the branch of the INVITE, with the To of the response', () => {
    const { world, call } = place({ headers: ['Supported: x'] });
    world.receive(call.switch, response(call.sent, 486, { toTag: 'busy' }));
    const ack = world.only(call.switch);
    expect(ack.label).toBe('ACK');
    expect(ack.all('Via')).toEqual([call.sent.all('Via')[0]]);
    expect(ack.one('To')).toMatch(/;tag=busy$/);
    expect(ack.uri).toBe(call.sent.uri);
    expect(ack.one('CSeq')).toBe('1 ACK');
    expect(world.only(call.caller).status).toBe(486);
    // the switch did not get it: once more, and nothing goes up
    world.receive(call.switch, response(call.sent, 486, { toTag: 'busy' }));
    expect(world.only().text).toBe(ack.text);
  });

  it.each([300, 302, 401, 404, 407, 487, 500, 504, 600, 603])('RFC 3261 §16.7 step 6: %i goes up', (status) => {
    const { world, call } = place();
    const headers = status === 407 ? ['Proxy-Authenticate: Digest realm="a", nonce="b"'] : [];
    const [up] = call.answer(status, { headers });
    expect(up!.status).toBe(status);
    expect(up!.all('Proxy-Authenticate')).toHaveLength(headers.length);
    expect(world.takeSwitch().message.method).toBe('ACK');
    expect(world.count({ decision: 'forward' })).toBe(1);
  });

  it('RFC 3261 §22.3: the second try with credentials reaches the switch that challenged', () => {
    for (let i = 0; i < 20; i++) {
      const { world, alice, call } = place({ callId: `challenged${i}@test` });
      const [challenge] = call.answer(407);
      world.take();
      call.ack(challenge!);
      const second = withHeader(call.invite.replace(/branch=[^;]+/, 'branch=z9hG4bKsecond'), 'CSeq', '2 INVITE');
      world.receive(alice, second);
      expect(world.takeSwitch().flow.text).toBe(call.switch.text);
    }
  });

  it('RFC 3261 §13.2.2.4, RFC 6026 §8.7: the ACK of a 2xx with the branch of the INVITE passes too', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    world.receive(alice, sameTransaction(call.invite, 'ACK', ok));
    expect(world.takeSwitch().message.method).toBe('ACK');
  });

  it('RFC 3261 §17.1.1.2: a late 2xx after a refusal, from a fork behind the switch, passes up', () => {
    const { call } = place();
    call.answer(486);
    expect(call.answer(200).map((m) => m.status)).toEqual([200]);
  });
});

it('a whole call leaves nothing behind', () => {
  const { world, alice, call } = place();
  const ok = call.connect();
  world.receive(alice, call.fromCaller('ACK', ok));
  expect(world.calls.unfinished).toBe(0);
  world.pass(40_000);
  expect([world.calls.open, world.calls.openBranches, world.wheel.size]).toEqual([0, 0, 0]);
  expect(world.surprises).toEqual([]);
  // RFC 6026 §8.9 and DESIGN.md §2.4: a 2xx after that still passes, by its marked branch
  expect(call.answer(200).map((m) => new Message(m.text).status)).toEqual([200]);
});
