// What the trace of a call shows: its spans, their times on the clock of the world, what they carry, and what they do not.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { request, response } from '../edge/message.ts';
import { PlacedCall } from '../edge/placed-call.ts';
import { tracedWorld } from './traced-world.ts';

const shape = (spans: readonly { name: string; kind: string }[]) => spans.map(({ name, kind }) => `${kind} ${name}`);

describe('a call that is answered', () => {
  it('is one trace: INVITE, its attempt, and the dialog until BYE, at the times of the edge', () => {
    const { world, spans, span } = tracedWorld();
    const beganMs = world.nowMs;
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    world.pass(50);
    call.answer(180);
    world.pass(1000);
    const ok = call.answer(200, { contact: `<sip:callee@${call.switch.remoteAddress}:5060>` })[0]!;
    world.pass(20);
    world.receive(call.caller, call.fromCaller('ACK', ok));
    world.pass(3000);
    expect(shape(spans())).toEqual([`CLIENT INVITE ${switchOf(call)}`, 'SERVER INVITE']);
    world.receive(call.caller, call.fromCaller('BYE', ok));
    expect(shape(spans())).toEqual([`CLIENT INVITE ${switchOf(call)}`, 'SERVER INVITE', 'INTERNAL dialog']);

    const [root, attempt, dialog] = [span('INVITE'), spans()[0]!, span('dialog')];
    expect(new Set(spans().map(({ traceId }) => traceId)).size).toBe(1);
    expect([root.parentId, attempt.parentId, dialog.parentId]).toEqual([undefined, root.spanId, root.spanId]);
    const since = (atMs: number) => atMs - beganMs;
    expect([root, attempt, dialog].map((one) => [since(one.beganMs), since(one.endedMs)])).toEqual([
      [0, 1050],
      [0, 1050],
      [1050, 4070],
    ]);
    expect(root.events.map(([name, atMs]) => [name, since(atMs)])).toEqual([
      ['100', 0],
      ['180', 50],
    ]);
    expect(attempt.events.map(([name, atMs]) => [name, since(atMs)])).toEqual([['180', 50]]);
    expect(dialog.events.map(([name, atMs]) => [name, since(atMs)])).toEqual([
      ['ACK', 1070],
      ['BYE', 4070],
    ]);
    expect(dialog.attributes['surgegate.dialog.end']).toBe('bye');
    expect(spans().some(({ isError }) => isError)).toBe(false);
    expect(root.attributes).toMatchObject({
      'surgegate.interface': 'south',
      'surgegate.class': 'new-call',
      'surgegate.mode': 'L0',
      'surgegate.sampled_by': 'ratio',
      'surgegate.attempts': 1,
      'surgegate.switch': switchOf(call),
      'sip.status_code': 200,
      'network.transport': 'udp',
    });
    expect(attempt.attributes).toMatchObject({
      'surgegate.attempt': 1,
      'surgegate.switch': switchOf(call),
      'server.address': call.switch.remoteAddress,
      'server.port': 5060,
      'sip.status_code': 200,
    });
  });

  it('shows neighbour, class and running mode', () => {
    const neighbours = [{ name: 'carrier-a', addresses: ['203.0.113.0/28'] }];
    const { world, span } = tracedWorld({ interfaces: { east: { neighbours } } });
    world.throttle({ mode: 'L2' });
    const headers = ['Resource-Priority: wps.0'];
    const call = new PlacedCall(world, world.flow('east', '203.0.113.7'), { headers });
    call.answer(486);
    expect(span('INVITE').attributes).toMatchObject({
      'surgegate.interface': 'east',
      'surgegate.neighbour': 'carrier-a',
      'surgegate.class': 'priority',
      'surgegate.mode': 'L2',
      'sip.status_code': 486,
    });
    expect(span('INVITE').isError).toBe(false);
  });
});

describe('what went wrong', () => {
  it('fail-over after 503: two attempts, the first an error, the call is none', () => {
    const { world, spans, span } = tracedWorld();
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    const first = switchOf(call);
    world.receive(call.switch, response(call.sent, 503));
    world.take(call.switch);
    call.toSwitch();
    call.answer(200);
    const attempts = spans().filter(({ kind }) => kind === 'CLIENT');
    expect(attempts.map((one) => [one.name, one.isError, one.attributes['sip.status_code']])).toEqual([
      [`INVITE ${first}`, true, 503],
      [`INVITE ${switchOf(call)}`, false, 200],
    ]);
    expect(attempts.map((one) => one.attributes['surgegate.attempt'])).toEqual([1, 2]);
    expect(span('INVITE').attributes).toMatchObject({ 'surgegate.attempts': 2, 'surgegate.switch': switchOf(call) });
    expect(span('INVITE').isError).toBe(false);
  });

  it('fail-over after silence: the first attempt shows its retransmissions, and that it timed out', () => {
    const { world, spans } = tracedWorld({ rest: { timers: { switchTimeoutMs: 1200 } } });
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    world.pass(1210);
    const [first] = spans();
    expect(first).toMatchObject({ isError: true, attributes: { 'error.type': 'timeout' } });
    expect(first!.events.map(([name]) => name)).toEqual(['retransmission']);
    expect(first!.endedMs - first!.beganMs).toBeGreaterThanOrEqual(1200);
    world.take(call.switch);
    call.toSwitch();
    call.answer(200);
    expect(spans().filter(({ kind }) => kind === 'CLIENT')).toHaveLength(2);
  });

  it('no switch answers: 408, an error of the call', () => {
    const { world, span } = tracedWorld({ switches: [{ name: 'sw1', address: 'udp:10.0.1.1:5060' }] });
    new PlacedCall(world, world.flow('south', '198.51.100.7'));
    world.pass(33_000);
    expect(span('INVITE')).toMatchObject({
      isError: true,
      attributes: { 'error.type': '408', 'sip.status_code': 408 },
    });
    expect(span('INVITE sw1')).toMatchObject({ isError: true, attributes: { 'error.type': 'timeout' } });
  });

  it('a caller who gives up: CANCEL and 487, no error; a dialog does not begin', () => {
    const { world, spans, span, calls } = tracedWorld();
    const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
    call.answer(180);
    call.cancel();
    call.answer(487);
    expect(span('INVITE').events.map(([name]) => name)).toEqual(['100', '180', 'CANCEL']);
    expect(span('INVITE')).toMatchObject({ isError: false, attributes: { 'sip.status_code': 487 } });
    expect([spans().length, calls.dialogs]).toEqual([2, 0]);
  });

  it('every span has ended once the transactions have', () => {
    const { world, spans } = tracedWorld();
    for (let n = 0; n < 5; n++) {
      const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
      if (n === 1) call.answer(486);
      if (n === 2) call.cancel();
      if (n === 3) call.answer(180);
      world.take();
    }
    world.pass(260_000);
    expect(world.calls.open).toBe(0);
    expect(spans().filter(({ kind }) => kind === 'SERVER')).toHaveLength(5);
    const attempts = spans()
      .filter(({ kind }) => kind === 'SERVER')
      .reduce((sum, one) => sum + Number(one.attributes['surgegate.attempts']), 0);
    expect(spans().filter(({ kind }) => kind === 'CLIENT')).toHaveLength(attempts);
  });
});

describe('what a call waited for', () => {
  it('a turn in its lane is in the trace, from its arrival', () => {
    const { world, spans, span } = tracedWorld();
    const alice = world.flow('south', '198.51.100.7');
    const scan = { intervalMs: 0, batch: 10, newestFirst: false, room: 4 };
    world.throttle({ interfaces: [{ name: 'south', newCallsPerSecond: 10, neighbours: [], scan, pauseReadsMs: 0 }] });
    for (let n = 0; n < 2; n++) world.receive(alice, request());
    world.receive(alice, request(), { waits: true });
    const arrivedMs = world.nowMs;
    world.pass(100);
    const waited = span('wait for a turn');
    expect(waited.beganMs).toBe(arrivedMs);
    expect(waited.endedMs).toBeGreaterThan(arrivedMs);
    world.pass(40_000);
    const attempts = spans().filter(({ kind, parentId }) => kind === 'CLIENT' && parentId === waited.parentId);
    expect(attempts[0]!.beganMs).toBe(waited.endedMs);
    const roots = spans().filter(({ kind }) => kind === 'SERVER');
    expect(roots.map(({ beganMs }) => beganMs)).toEqual([arrivedMs, arrivedMs, arrivedMs]);
    expect(roots.filter(({ spanId }) => spanId === waited.parentId)).toHaveLength(1);
  });

  it('so is the look-up of the next hop; an attempt outwards names no switch', () => {
    const interfaces = { east: { networks: ['203.0.113.0/24'] } };
    const { world, span } = tracedWorld({ interfaces });
    const core = world.flow('core', '10.0.1.1');
    world.receive(core, request({ uri: 'sip:bob@peer.test', sentBy: '10.0.1.1:5060' }), { waits: true });
    const arrivedMs = world.nowMs;
    world.pass(300);
    world.resolve('peer.test', { address: '203.0.113.44', port: 5070, transport: undefined });
    const lookUp = span('look up the next hop');
    expect([lookUp.beganMs - arrivedMs, lookUp.endedMs - arrivedMs]).toEqual([0, 300]);
    world.pass(40_000);
    expect(span('INVITE')).toMatchObject({ beganMs: arrivedMs, attributes: { 'surgegate.interface': 'core' } });
    expect(span('INVITE outwards').attributes).toMatchObject({ 'server.address': '203.0.113.44', 'server.port': 5070 });
    expect(span('INVITE').attributes['surgegate.switch']).toBeUndefined();
  });
});

describe('what a trace tells of people', () => {
  const of = (given: object) => {
    const { world, span } = tracedWorld({}, given);
    const uri = 'sip:+1-212-555-0100@example.test';
    new PlacedCall(world, world.flow('south', '198.51.100.7'), { uri, callId: 'a84b4c76e66710@pc33' }).answer(486);
    return span('INVITE').attributes;
  };

  it('by default the hash of the Call-ID, and nothing of numbers and addresses', () => {
    const attributes = of({});
    const hash = createHash('sha256').update('a84b4c76e66710@pc33').digest('hex').slice(0, 16);
    expect(attributes['sip.call_id_hash']).toBe(hash);
    expect(JSON.stringify(attributes)).not.toMatch(/a84b4c76|212|198\.51|example/);
  });

  it('the Call-ID, and as many digits of the number, where configuration says so', () => {
    expect(of({ callId: 'full', numberDigits: 4 })).toMatchObject({
      'sip.call_id': 'a84b4c76e66710@pc33',
      'surgegate.called_prefix': '+1212',
    });
    expect(JSON.stringify(of({ callId: 'full', numberDigits: 4 }))).not.toMatch(/5550100|call_id_hash/);
  });
});

/** The switch that has the call now: `sw1` at 10.0.1.1. */
function switchOf(call: PlacedCall): string {
  return `sw${call.switch.remoteAddress.split('.').at(-1)}`;
}
