// Clients that only their own flow leads back to: Path (RFC 3327), flow tokens (RFC 5626 §5.3), NAT (RFC 3581).
import { describe, expect, it } from 'vitest';
import { World } from './harness.ts';
import { type Message, type RequestParts, request, response } from './message.ts';

const client = { address: '203.0.113.9', port: 41_234 };

/** A client registers over a flow; the Path that the switch stores. */
function registered(transport: 'tcp' | 'udp', sentBy = '10.1.2.3:5060') {
  const world = new World();
  const flow = world.flow('south', client.address, client.port, transport);
  const register = request({ method: 'REGISTER', uri: 'sip:example.test', sentBy, transport: transport.toUpperCase() });
  world.receive(flow, register);
  const { flow: registrar, message } = world.takeSwitch();
  world.receive(registrar, response(message, 200));
  if (world.only(flow).status !== 200) throw new Error('no answer');
  return { world, flow, registrar, path: message.one('Path')! };
}

/** The switch calls the client by the Path. */
function invite(to: ReturnType<typeof registered>, given: Partial<RequestParts> = {}): string {
  return request({
    uri: 'sip:alice@10.1.2.3:5060',
    sentBy: `${to.registrar.remoteAddress}:5060`,
    routes: [to.path],
    contact: '<sip:bob@10.0.1.1:5060>',
    ...given,
  });
}

const labels = (messages: readonly Message[]) => messages.map((m) => m.label);

describe('Path', () => {
  it('RFC 3327 §5.1: a REGISTER gets the URI of the core listener with a sealed token, and no Record-Route', () => {
    const { path } = registered('tcp');
    expect(path).toMatch(/^<sip:f[0-9a-z-.]+-[0-9a-f]{16}@10\.0\.0\.1:5050;lr>$/);
    const { world } = registered('udp');
    world.receive(world.flow('south', client.address), request({ method: 'REGISTER', uri: 'sip:example.test' }));
    expect(world.takeSwitch().message.all('Record-Route')).toEqual([]);
  });

  it('RFC 5626 §5.3.1: an INVITE with it goes to the connection', () => {
    const to = registered('tcp');
    const text = invite(to);
    to.world.receive(to.registrar, text);
    expect(labels(to.world.take(to.registrar))).toEqual(['100']);
    const sent = to.world.only(to.flow);
    expect(sent.uri).toBe('sip:alice@10.1.2.3:5060');
    expect(sent.all('Route')).toEqual([]);
    expect(sent.all('Via')[0]).toMatch(/^SIP\/2\.0\/TCP 192\.0\.2\.1:5060;/);
    to.world.receive(to.flow, response(sent, 200, { contact: '<sip:alice@10.1.2.3:5060>' }));
    expect(labels(to.world.take(to.registrar))).toEqual(['200']);
    expect(to.world.count({ interface: 'core', decision: 'forward', reason: 'from-core' })).toBe(1);
  });

  it.each(['tcp', 'udp'] as const)(
    'over %s: what is in the dialog finds the client by the route set, and it the switch',
    (transport) => {
      const to = registered(transport);
      const { world } = to;
      world.receive(to.registrar, invite(to, { fromTag: 'bob', callId: 'd@test' }));
      const sent = world.only(to.flow);
      world.take();
      const routes = sent.all('Record-Route');
      world.receive(to.flow, response(sent, 200, { contact: '<sip:alice@10.1.2.3:5060>' }));
      world.take();
      const dialog = { callId: 'd@test', sentBy: `${to.registrar.remoteAddress}:5060` };
      for (const method of ['ACK', 'BYE']) {
        const ahead = { ...dialog, method, fromTag: 'bob', toTag: 'callee', routes: routes.toReversed() };
        world.receive(to.registrar, request({ ...ahead, uri: 'sip:alice@10.1.2.3:5060' }));
        expect(world.trace()).toEqual([`${to.flow.text} < ${method}`]);
      }
      const back = { callId: 'd@test', fromTag: 'callee', toTag: 'bob', routes, sentBy: '10.1.2.3:5060' };
      world.receive(to.flow, request({ ...back, method: 'BYE', uri: 'sip:bob@10.0.1.1:5060' }));
      expect(world.trace()).toEqual(['core udp 10.0.1.1:5060 < BYE']);
      expect(world.count({ decision: 'reject' })).toBe(0);
    },
  );

  it('RFC 5626 §5.3.1: the connection is gone: 430 Flow Failed; in a dialog too', () => {
    const to = registered('tcp');
    to.world.lose(to.flow);
    to.world.receive(to.registrar, invite(to));
    const answer = to.world.only(to.registrar);
    expect(answer.startLine).toBe('SIP/2.0 430 Flow Failed');
    expect(to.world.count({ decision: 'reject', reason: 'flow-failed' })).toBe(1);
    expect(to.world.calls.open).toBe(0);
    to.world.receive(to.registrar, invite(to, { method: 'BYE', toTag: 'x' }));
    expect(to.world.only(to.registrar).status).toBe(430);
    to.world.receive(to.registrar, invite(to, { method: 'ACK', toTag: 'x' }));
    expect(to.world.take()).toEqual([]);
    expect(to.world.count({ method: 'ACK', decision: 'drop', reason: 'flow-failed' })).toBe(1);
  });

  it('a connection of the same client that came later is not the one', () => {
    const to = registered('tcp');
    to.world.lose(to.flow);
    to.world.flow('south', client.address, client.port, 'tcp');
    to.world.receive(to.registrar, invite(to));
    expect(to.world.only(to.registrar).status).toBe(430);
  });

  it('the connection is lost while it rings: RFC 3261 §16.9: 503 to the switch', () => {
    const to = registered('tcp');
    to.world.receive(to.registrar, invite(to));
    to.world.receive(to.flow, response(to.world.only(to.flow), 180));
    to.world.take();
    to.world.lose(to.flow);
    expect(to.world.only(to.registrar).status).toBeGreaterThanOrEqual(500);
  });

  it('a UDP client behind a NAT: to the address it registered from, after a restart too', () => {
    const to = registered('udp');
    to.world.restart();
    to.world.receive(to.registrar, invite(to));
    expect(to.world.only(to.flow).method).toBe('INVITE');
  });
});

describe('a token that is not ours', () => {
  it('with any one character changed is refused, and sends nothing to where it says', () => {
    const to = registered('udp');
    const user = /sip:([^@]+)@/.exec(to.path)![1]!;
    for (let i = 0; i < user.length; i++) {
      const changed = user.slice(0, i) + (user[i] === '1' ? '2' : '1') + user.slice(i + 1);
      to.world.receive(to.registrar, invite(to, { method: 'MESSAGE', routes: [to.path.replace(user, changed)] }));
      const sent = to.world.trace();
      expect(sent, changed).not.toContain('south udp 203.0.113.9:41234 < MESSAGE');
      expect(sent.every((line) => !line.startsWith('south udp 20'))).toBe(true);
    }
  });

  it('RFC 5626 §5.3: a customer cannot use one either, its own or another’s: it is no dialog of ours', () => {
    const to = registered('udp');
    const thief = to.world.flow('south', '198.51.100.66');
    for (const method of ['INVITE', 'MESSAGE', 'BYE']) {
      to.world.receive(thief, request({ method, uri: 'sip:alice@10.1.2.3', routes: [to.path], toTag: 'x' }));
      expect(to.world.take(to.flow)).toEqual([]);
    }
  });
});

describe('Record-Route of calls from clients behind a flow', () => {
  it('RFC 5626 §5.3: carries the token, so that the BYE of the switch finds the connection', () => {
    const world = new World();
    const flow = world.flow('south', client.address, client.port, 'tcp');
    world.receive(
      flow,
      request({ sentBy: '10.1.2.3:5060', transport: 'TCP', viaParams: '', callId: 'r@test', fromTag: 'a' }),
    );
    const { flow: to, message } = world.takeSwitch();
    expect(message.all('Record-Route')).toEqual([
      expect.stringMatching(/^<sip:c[0-9a-f]{8}@10\.0\.0\.1:5050;lr>$/),
      expect.stringMatching(/^<sip:c[0-9a-f]{8}\.f[^@]+@192\.0\.2\.1:5060;transport=tcp;lr>$/),
    ]);
    world.take();
    const dialog = { callId: 'r@test', fromTag: 'callee', toTag: 'a', routes: message.all('Record-Route') };
    world.receive(to, request({ ...dialog, method: 'BYE', uri: 'sip:alice@10.1.2.3:5060', sentBy: '10.0.1.1:5060' }));
    expect(world.trace()).toEqual([`${flow.text} < BYE`]);
  });

  it('has none where the address of sent-by is the one it came from', () => {
    const world = new World();
    world.receive(world.flow('south', '198.51.100.7'), request());
    expect(world.takeSwitch().message.all('Record-Route')[1]).toMatch(/^<sip:c[0-9a-f]{8}@/);
  });

  it('has none for a peer network', () => {
    const world = new World();
    world.receive(world.flow('east', '198.51.100.7'), request({ sentBy: 'peer.test' }));
    expect(world.takeSwitch().message.all('Record-Route')[1]).toMatch(/^<sip:c[0-9a-f]{8}@192\.0\.2\.2:/);
  });
});
