// Ordinary calls that wait for their turn (DESIGN.md §4): served as tokens come, expired after a fifth of a second, cancelled,
// never in the way of a priority call.
import { describe, expect, it } from 'vitest';
import type { InterfaceThrottle, RunningMode, ScanPlan } from '../../src/control/throttle.ts';
import { World } from './harness.ts';
import { request, sameTransaction } from './message.ts';
import { type EdgeOptions, switchAt } from './settings.ts';

const onArrival: ScanPlan = { intervalMs: 0, batch: 10, newestFirst: false, room: 4 };
/** What a switch may get at once by its limit: nothing of it is known to wait. */
const ownRoom = { room: undefined, unknownCalls: 0 };
const slowly: ScanPlan = { intervalMs: 50, batch: 1, newestFirst: true, room: 4 };

function south(perSecond: number, scan: ScanPlan = onArrival, neighbours: InterfaceThrottle['neighbours'] = []) {
  const one: InterfaceThrottle = { name: 'south', newCallsPerSecond: perSecond, neighbours, scan, pauseReadsMs: 0 };
  return { interfaces: [one] };
}

/** 10 calls a second for south, of which the two that may come at once are used up. */
function short(scan: ScanPlan = onArrival, options: EdgeOptions = {}) {
  const world = new World(options);
  const alice = world.flow('south', '198.51.100.7');
  world.throttle(south(10, scan));
  for (let k = 0; k < 2 && scan === onArrival; k++) world.receive(alice, request());
  world.take();
  const wait = (given = {}) => {
    const invite = request(given);
    world.receive(alice, invite, { waits: true });
    return invite;
  };
  const callIds = () => world.take().flatMap((m) => (m.method === 'INVITE' ? [m.one('Call-ID')] : []));
  return { world, alice, wait, callIds };
}

const callId = (invite: string) => /Call-ID: (\S+)/i.exec(invite)![1];

describe('a call without a token of its share', () => {
  it('waits without an answer, and goes on when there is one: the oldest first', () => {
    const { world, wait, callIds } = short();
    const waiting = [wait(), wait()];
    expect([world.take(), world.parts.lanes.length]).toEqual([[], 2]);
    world.pass(100);
    expect(callIds()).toEqual([callId(waiting[0]!)]);
    world.pass(100);
    expect(callIds()).toEqual([callId(waiting[1]!)]);
    expect(world.count({ decision: 'forward', reason: 'admitted' })).toBe(4);
  });

  it('is refused as expired after 200 ms, with 503 and its own reason in the Reason header', () => {
    const { world, alice, wait } = short();
    world.throttle(south(0));
    wait();
    world.pass(200);
    expect(world.take()).toEqual([]);
    world.pass(20);
    const answer = world.only(alice);
    expect(answer.status).toBe(503);
    expect(answer.one('Reason')).toBe('Q.850;cause=42;text="Surgegate expired"');
    expect(world.count({ decision: 'reject', reason: 'expired', class: 'new-call' })).toBe(1);
  });

  it('goes on after 200 ms while no mode reduces calls: its switch and its share go a little into debt for it', () => {
    const expired = (mode: RunningMode, perSecond: number) => {
      const world = new World({ switches: [switchAt(1)] });
      const alice = world.flow('south', '198.51.100.7');
      const switches = [{ name: 'sw1', callsPerSecond: 10, outstanding: Number.POSITIVE_INFINITY, ...ownRoom }];
      world.throttle({ ...south(perSecond), switches, mode });
      // two at once, and in 200 ms two of the four that wait
      for (let k = 0; k < 6; k++) world.receive(alice, request(), { waits: k >= 2 });
      world.pass(220);
      return world.count({ decision: 'reject', reason: 'expired' });
    };
    expect([expired('L2', 100), expired('L1', 100), expired('L0', Number.POSITIVE_INFINITY)]).toEqual([2, 1, 1]);
  });

  it('RFC 3261 §16.11: its retransmissions are absorbed, before and after its turn', () => {
    const { world, alice, wait } = short();
    const invite = wait();
    world.receive(alice, invite);
    expect(world.take()).toEqual([]);
    world.pass(100);
    world.take();
    world.receive(alice, invite);
    expect(world.only(alice).status).toBe(100);
    expect(world.count({ decision: 'absorb', reason: 'retransmission' })).toBe(2);
  });

  it('is refused at once where the lane is full', () => {
    const { world, alice, wait } = short();
    for (let k = 0; k < 4; k++) wait();
    world.receive(alice, request());
    expect(world.only(alice).status).toBe(503);
    expect(world.count({ decision: 'reject', reason: 'share' })).toBe(1);
  });

  it('RFC 3261 §9.2: CANCEL while it waits: 200, 487, and nothing goes to a switch', () => {
    const { world, alice, wait } = short();
    const invite = wait();
    world.receive(alice, sameTransaction(invite, 'CANCEL'), { waits: false, decides: 2 });
    expect(world.take(alice).map((m) => `${m.label} of ${m.one('CSeq')}`)).toEqual([
      '200 of 1 CANCEL',
      '487 of 1 INVITE',
    ]);
    world.pass(1000);
    expect(world.take().filter((m) => m.one('Call-ID') === callId(invite))).toEqual([]);
    expect(world.parts.lanes.length).toBe(0);
    expect(world.count({ method: 'INVITE', decision: 'reject', reason: 'cancelled' })).toBe(1);
  });

  it('a priority call and a 9-1-1 call pass it by', () => {
    const { world, wait } = short();
    wait();
    world.receive(world.flow('east', '203.0.113.7'), request({ headers: ['Resource-Priority: ets.0'] }));
    expect(world.takeSwitch().message.one('Resource-Priority')).toBe('ets.0');
    world.receive(world.flow('south', '198.51.100.9'), request({ uri: 'sip:911@example.test' }));
    expect(world.takeSwitch().message.method).toBe('INVITE');
  });

  it('a neighbour that has used up its own part does not hold up the others of its interface', () => {
    const neighbours = [{ name: 'big', addresses: ['198.51.100.66'] }];
    const { world } = short(slowly, { interfaces: { south: { neighbours } } });
    world.throttle(
      south(100, { ...onArrival, batch: 100 }, [{ name: 'big', newCallsPerSecond: 0, isServed: false, oc: undefined }]),
    );
    const big = world.flow('south', '198.51.100.66');
    for (let k = 0; k < 5; k++) world.receive(big, request());
    world.take();
    world.nowMs += 100;
    world.receive(world.flow('south', '198.51.100.67'), request());
    expect(world.takeSwitch().message.method).toBe('INVITE');
    expect(world.parts.lanes.length).toBe(0);
    expect(world.count({ reason: 'neighbour-share', decision: 'reject' })).toBe(3);
  });
});

it('a neighbour may have three times as much of its share at once while no mode reduces calls', () => {
  const passed = (mode: RunningMode) => {
    const world = new World({ interfaces: { south: { neighbours: [{ name: 'big', addresses: ['198.51.100.66'] }] } } });
    const neighbours = [{ name: 'big', newCallsPerSecond: 20, isServed: false, oc: undefined }];
    world.throttle({ ...south(1000, { ...onArrival, batch: 100 }, neighbours), mode });
    const big = world.flow('south', '198.51.100.66');
    for (let k = 0; k < 20; k++) world.receive(big, request());
    return world.count({ decision: 'forward', reason: 'admitted' });
  };
  expect([passed('L1'), passed('L2')]).toEqual([15, 5]);
});

describe('a neighbour that gets all that it asks for', () => {
  it('does not wait for those that ask for more than there is, under slow scan neither', () => {
    const { world } = short(slowly);
    const neighbours = [{ name: '', newCallsPerSecond: 100, isServed: true, oc: undefined }];
    world.throttle(south(0, slowly, neighbours));
    world.receive(world.flow('south', '198.51.100.67'), request());
    expect(world.takeSwitch().message.method).toBe('INVITE');
  });
});

describe('slow scan (L3)', () => {
  it('no ordinary call is served on arrival; the newest goes first, one each 50 ms', () => {
    const { world, wait, callIds } = short(slowly);
    world.throttle(south(20, slowly));
    const waiting = [wait(), wait(), wait()];
    world.pass(50);
    expect(callIds()).toEqual([]);
    world.pass(10);
    expect(callIds()).toEqual([callId(waiting[2]!)]);
    world.pass(40);
    expect(callIds()).toEqual([]);
    world.pass(10);
    expect(callIds()).toEqual([callId(waiting[1]!)]);
    world.pass(50);
    expect(callIds()).toEqual([callId(waiting[0]!)]);
    expect(world.count({ reason: 'expired' })).toBe(0);
  });
});

describe('the switches full', () => {
  it('a call waits until one has room again; priority goes in any case', () => {
    const { world, alice, wait } = short();
    world.throttle({
      ...south(1000),
      switches: ['sw1', 'sw2'].map((name) => ({ name, callsPerSecond: 1000, outstanding: 1, ...ownRoom })),
    });
    world.pass(100);
    for (let k = 0; k < 20 && !world.parts.switches.areFull(world.nowMs); k++) world.receive(alice, request());
    world.take();
    wait();
    world.pass(50);
    expect(world.parts.lanes.length).toBe(1);
    world.receive(world.flow('south', '198.51.100.9'), request({ uri: 'sip:911@example.test' }));
    expect(world.count({ class: 'emergency', decision: 'forward' })).toBe(1);
  });
});
