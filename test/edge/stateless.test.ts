// What needs no memory (RFC 3261 §16.11, DESIGN.md §2.4): a restart in the middle, marked branches, requests without a route.
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { Message, request, response } from './message.ts';
import { PlacedCall } from './placed-call.ts';
import type { EdgeOptions } from './settings.ts';

function place(options: EdgeOptions = {}, given = {}) {
  const world = new World(options);
  const alice = world.flow('south', '198.51.100.7');
  return { world, alice, call: new PlacedCall(world, alice, given) };
}

describe('a restart', () => {
  it('while it rings: 18x and 2xx go up by the mark of our branch; differs from RFC 6026 §8.9 on purpose', () => {
    const { world, alice, call } = place();
    call.answer(180);
    world.restart();
    const ok = response(call.sent, 200, { contact: '<sip:callee@10.0.1.9>' });
    world.receive(call.switch, ok);
    const up = world.only(alice);
    expect(up.text).toBe(ok.replace(/^Via: .*\r\n/m, ''));
    world.receive(alice, call.fromCaller('ACK', up));
    expect(world.takeSwitch().message.label).toBe('ACK');
  });

  it('while it rings behind a NAT: RFC 3581 §4: to received and rport', () => {
    const world = new World();
    const nat = world.flow('south', '203.0.113.9', 31_000);
    const call = new PlacedCall(world, nat, { sentBy: '10.1.2.3:5060' });
    world.restart();
    expect(call.answer(180)).toHaveLength(1);
  });

  it('RFC 3261 §18.2.2: without rport to the port of sent-by, or 5060', () => {
    for (const [sentBy, port] of [
      ['203.0.113.9:6000', 6000],
      ['203.0.113.9', 5060],
    ] as const) {
      const world = new World();
      world.receive(world.flow('south', '203.0.113.9', 31_000), request({ sentBy, viaParams: '' }));
      const { flow, message } = world.takeSwitch();
      world.take();
      world.restart();
      world.receive(flow, response(message, 180));
      expect(world.trace()).toEqual([`south udp 203.0.113.9:${port} < 180`]);
    }
  });

  it('a retransmitted INVITE: the same switch and the same branch, so that the switch takes it for the same', () => {
    for (let i = 0; i < 10; i++) {
      const { world, alice, call } = place({}, { callId: `again${i}@test` });
      world.restart();
      world.receive(alice, call.invite);
      const again = world.takeSwitch();
      expect([again.flow.text, again.message.text]).toEqual([call.switch.text, call.sent.text]);
    }
  });

  it('in a dialog: BYE, re-INVITE and ACK pass by Route, from both sides, during a flood too', () => {
    const { world, alice, call } = place({ admission: { newCallsPerSecond: 1, burst: 1 } });
    const ok = call.connect();
    world.restart();
    world.parts.isDraining = true;
    for (const method of ['ACK', 'INVITE', 'UPDATE', 'BYE']) {
      world.receive(alice, call.fromCaller(method, ok));
      const { flow, message } = world.takeSwitch();
      expect([flow.text, message.label]).toEqual([call.switch.text, method]);
      if (method === 'ACK') continue;
      world.receive(flow, response(message, 200));
      expect(world.only(alice).status).toBe(200);
    }
    for (const method of ['INVITE', 'BYE']) {
      world.receive(call.switch, call.fromSwitch(method));
      const sent = world.only(alice);
      world.receive(alice, response(sent, 200));
      expect(world.only(call.switch).status).toBe(200);
    }
    expect(world.count({ decision: 'reject' })).toBe(0);
  });
});

describe('responses that are none of ours', () => {
  const drops = (alter: (text: string) => string) => {
    const { world, call } = place();
    world.receive(call.switch, alter(response(call.sent, 200)));
    expect(world.take()).toEqual([]);
    expect(world.decided).toBe(1);
    world.receive(call.switch, response(call.sent, 200));
    expect(world.only(call.caller).status).toBe(200);
  };

  it('RFC 3261 §18.1.2: a foreign branch is dropped', () => {
    drops((text) => text.replace(/z9hG4bKsg[0-9a-f]+/, 'z9hG4bKsomebody'));
  });

  it('RFC 3261 §16.7 step 1: a branch of ours with one digit changed is dropped, whichever digit', () => {
    const { world, call } = place();
    const text = response(call.sent, 200);
    const at = text.indexOf(call.sent.branch) + 'z9hG4bKsg'.length;
    for (let i = at; i < at + 35; i++) {
      const digit = text[i] === '0' ? '1' : '0';
      world.receive(call.switch, text.slice(0, i) + digit + text.slice(i + 1));
    }
    expect(world.take()).toEqual([]);
  });

  it('a branch cut short or lengthened, no branch, no second Via, no Via', () => {
    drops((text) => text.replace(/(z9hG4bKsg[0-9a-f]+)[0-9a-f]/, '$1'));
    drops((text) => text.replace(/(z9hG4bKsg[0-9a-f]+)/, '$10'));
    drops((text) => text.replace(/;branch=z9hG4bKsg[0-9a-f]+/, ''));
    drops((text) => text.replaceAll(/^Via: .*\r\n/gm, ''));
    const { world, call } = place();
    world.restart();
    const lines = response(call.sent, 200).split('\r\n');
    world.receive(call.switch, lines.filter((line) => !line.includes('z9hG4bKtest')).join('\r\n'));
    expect(world.take()).toEqual([]);
  });

  it('of a switch with another key: dropped', () => {
    const { call } = place();
    const world = new World();
    const forged = call.sent.text.replace(/z9hG4bKsg[0-9a-f]{35}/, `z9hG4bKsg${'0'.repeat(35)}`);
    world.receive(world.flow('core', '10.0.1.1'), response(new Message(forged), 200));
    expect(world.take()).toEqual([]);
  });
});

describe('requests in a dialog', () => {
  it('RFC 3261 §16.11: without Route they reach one switch, chosen by the Call-ID', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    for (const method of ['ACK', 'INFO', 'BYE']) {
      world.receive(alice, call.fromCaller(method, ok, { routes: [] }));
      expect(world.takeSwitch().flow.text).toBe(call.switch.text);
    }
  });

  it('without Route, re-INVITE counts as a new call: anybody could write a To tag', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    world.receive(alice, call.fromCaller('INVITE', ok, { routes: [] }));
    expect(world.count({ method: 'INVITE', class: 'new-call', decision: 'forward', reason: 'admitted' })).toBe(2);
  });

  it('a Route of ours without the mark of this dialog proves nothing', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    const other = new PlacedCall(world, alice);
    const foreign = other.sent.all('Record-Route').toReversed();
    for (const routes of [foreign, ['<sip:192.0.2.1;lr>'], ['<sip:c00000000@192.0.2.1;lr>', '<sip:203.0.113.99;lr>']]) {
      world.take();
      world.receive(alice, call.fromCaller('INVITE', ok, { routes, branch: `z9hG4bK${routes.join().length}` }));
      expect(world.takeSwitch().flow.remoteAddress).toMatch(/^10\.0\.1\.[12]$/);
    }
    expect(world.count({ method: 'INVITE', class: 'in-dialog' })).toBe(0);
  });

  it('RFC 3261 §16.4: a strict router before us: our URI in the Request-URI, the target last in Route', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    const [near, far] = ok.all('Record-Route').toReversed();
    const text = call.fromCaller('BYE', ok, { uri: near!.slice(1, -1), routes: [far!, '<sip:callee@10.0.1.1:5060>'] });
    world.receive(alice, text);
    const { message } = world.takeSwitch();
    expect(message.uri).toBe('sip:callee@10.0.1.1:5060');
    expect(message.all('Route')).toEqual([]);
  });

  it('RFC 3261 §16.4: the same with Routes on one line', () => {
    const { world, alice, call } = place();
    const ok = call.connect();
    const [near, far] = ok.all('Record-Route').toReversed();
    const routes = [`${far}, <sip:10.0.1.50;lr>,<sip:callee@10.0.1.1:5060>`];
    world.receive(alice, call.fromCaller('BYE', ok, { uri: near!.slice(1, -1), routes }));
    const { flow, message } = world.takeSwitch();
    expect([flow.text, message.uri]).toEqual(['core udp 10.0.1.50:5060', 'sip:callee@10.0.1.1:5060']);
    expect(message.all('Route')).toEqual(['<sip:10.0.1.50;lr>']);
  });
});

describe('requests that are not INVITE', () => {
  it('RFC 3261 §16.11: a retransmission goes on again with the same branch, and counts no more against the limit', () => {
    const { world, alice } = place({ admission: { nonEssentialPerSecond: 1, nonEssentialBurst: 1 } });
    const message = request({ method: 'MESSAGE', body: 'hello' });
    const copies = [0, 1, 2].map(() => {
      world.receive(alice, message);
      return world.takeSwitch().message.text;
    });
    expect(new Set(copies).size).toBe(1);
    world.receive(alice, request({ method: 'MESSAGE' }));
    expect(world.only(alice).status).toBe(503);
  });

  it('RFC 3261 §18.2.2: over a connection, answers go back on it', () => {
    const { world } = place();
    const tcp = world.flow('south', '198.51.100.30', 41_234, 'tcp');
    for (const viaParams of [';rport', '']) {
      world.receive(tcp, request({ method: 'MESSAGE', sentBy: '198.51.100.30:5060', transport: 'TCP', viaParams }));
      const { flow, message } = world.takeSwitch();
      world.receive(flow, response(message, 200));
      expect(world.trace()).toEqual(['south tcp 198.51.100.30:41234 < 200']);
    }
  });
});
