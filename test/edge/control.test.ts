// What else a throttle does at the edge: gaps, running mode, registrations, Retry-After; and shadow mode, which refuses nothing.
import { describe, expect, it } from 'vitest';
import { numberOfDigits } from '../../src/admission/gaps.ts';
import type { Gap } from '../../src/control/throttle.ts';
import { takeSample } from '../../src/edge/sampler.ts';
import { World } from './harness.ts';
import { request } from './message.ts';
import { PlacedCall } from './placed-call.ts';

const hour = 3_600_000;
const stopped = (world: World, digits: string): Gap => ({
  digits,
  limit: { kind: 'interval', intervalMs: Number.POSITIVE_INFINITY },
  cause: 'operator',
  untilMs: world.nowMs + hour,
});
const host = { loopUtilisation: 0, loopDelayMs: 0, memoryRatio: 0 };
const sampleOf = (world: World) => takeSample(world.parts, { host, kernel: new Map() }, world.nowMs, 100);

describe('a gap', () => {
  it('refuses ordinary calls to the number, and no others', () => {
    const world = new World();
    const alice = world.flow('south', '198.51.100.7');
    world.throttle({ gaps: [stopped(world, '2125550100')] });
    for (const user of ['2125550100', '+1-212-555-0100', '12125550100;npdi']) {
      world.receive(alice, request({ uri: `sip:${user}@example.test` }));
      expect(world.only(alice).one('Reason')).toBe('Q.850;cause=42;text="Surgegate gap"');
    }
    new PlacedCall(world, alice, { uri: 'sip:2125550101@example.test' });
    expect(world.count({ decision: 'reject', reason: 'gap' })).toBe(3);
    const { newCalls, gapped } = sampleOf(world).interfaces[0]!.neighbours[0]!;
    expect({ newCalls, gapped }).toEqual({ newCalls: 1, gapped: 3 });
  });

  it('never a priority call to it, nor an emergency number', () => {
    const world = new World();
    world.throttle({ gaps: [stopped(world, '2125550100'), stopped(world, '911')] });
    const east = world.flow('east', '203.0.113.7');
    new PlacedCall(world, east, { uri: 'sip:2125550100@example.test', headers: ['Resource-Priority: wps.0'] });
    new PlacedCall(world, world.flow('south', '198.51.100.7'), { uri: 'sip:911@example.test' });
  });
});

describe('running mode', () => {
  it('above L0: non-essential requests are refused, registrations and calls pass', () => {
    const world = new World();
    const alice = world.flow('south', '198.51.100.7');
    world.throttle({ passNonEssential: false });
    world.receive(alice, request({ method: 'MESSAGE' }));
    expect(world.only(alice).status).toBe(503);
    expect(world.count({ method: 'MESSAGE', decision: 'reject', reason: 'mode' })).toBe(1);
    world.receive(alice, request({ method: 'REGISTER', uri: 'sip:example.test' }));
    expect(world.takeSwitch().message.method).toBe('REGISTER');
    new PlacedCall(world, alice);
  });

  it('fewer registrations while the switches are short', () => {
    const world = new World({ admission: { registrationsPerSecond: 100, registrationBurst: 10 } });
    const alice = world.flow('south', '198.51.100.7');
    world.throttle({ registrationsPerSecond: 10 });
    for (let k = 0; k < 3; k++) world.receive(alice, request({ method: 'REGISTER', uri: 'sip:example.test' }));
    expect(world.count({ method: 'REGISTER', decision: 'forward' })).toBe(1);
    world.throttle({});
    world.pass(100);
    for (let k = 0; k < 3; k++) world.receive(alice, request({ method: 'REGISTER', uri: 'sip:example.test' }));
    expect(world.count({ method: 'REGISTER', decision: 'forward' })).toBe(4);
  });

  it('Retry-After is pushed out beyond the wave that is on its way, and counted for the next', () => {
    const options = {
      admission: { newCallsPerSecond: 1, burst: 1 },
      interfaces: { south: { pushback: 'retry-after' } },
    };
    const world = new World(options);
    const alice = world.flow('south', '198.51.100.7');
    world.throttle({ retryAfterSeconds: 40 });
    new PlacedCall(world, alice);
    world.receive(alice, request());
    const seconds = Number(world.only(alice).one('Retry-After'));
    expect(seconds).toBeGreaterThanOrEqual(41);
    expect(sampleOf(world).interfaces[0]!.neighbours[0]!.retryAfter[seconds]).toBe(1);
  });
});

describe('connections that go on after pushback', () => {
  const flood = (trust: boolean) => {
    const world = new World({ interfaces: { south: { trust: { resourcePriority: trust } } } });
    const scan = { intervalMs: 0, batch: 0, newestFirst: false, room: 0 };
    const south = { name: 'south', newCallsPerSecond: 0, neighbours: [], scan, pauseReadsMs: 100 } as const;
    world.throttle({ interfaces: [south] });
    const connection = world.flow('south', '198.51.100.7', 40_000, 'tcp');
    for (let k = 0; k < 30; k++) world.receive(connection, request({ transport: 'TCP' }));
    expect(connection.pauses).toBe(world.parts.pauses.count);
    return connection.pauses;
  };

  it('are not read from for a while, after 20 refusals in a second', () => expect(flood(false)).toBe(8));
  it('are read from where their priority calls are believed', () => expect(flood(true)).toBe(0));
});

describe('shadow mode', () => {
  it('what would be refused is counted, and goes on', () => {
    const world = new World({ admission: { newCallsPerSecond: 1, burst: 1 }, rest: { mode: 'shadow' } });
    const alice = world.flow('south', '198.51.100.7');
    world.throttle({ gaps: [stopped(world, '2125550100')], passNonEssential: false });
    new PlacedCall(world, alice);
    new PlacedCall(world, alice);
    new PlacedCall(world, alice, { uri: 'sip:2125550100@example.test' });
    world.receive(alice, request({ method: 'MESSAGE' }));
    expect(world.takeSwitch().message.method).toBe('MESSAGE');
    const shadowed: string[] = [];
    world.parts.counters.shadowed.each((labels, n) => shadowed.push(`${labels.method} ${labels.reason} ${n}`));
    expect(shadowed.sort()).toEqual(['INVITE edge-rate 1', 'INVITE gap 1', 'MESSAGE mode 1']);
    expect(world.count({ decision: 'reject' })).toBe(0);
  });
});

describe('a sample', () => {
  it('has what came by class, and what the switches did; then it begins anew', () => {
    const world = new World();
    const alice = world.flow('south', '198.51.100.7');
    const call = new PlacedCall(world, alice);
    world.pass(30);
    call.answer(180);
    call.answer(200);
    world.receive(alice, request({ uri: 'sip:911@example.test' }));
    // called before, for a number that is called but once is not told
    world.parts.numbers.noteAttempt(numberOfDigits('5551230000'));
    const sample = sampleOf(world);
    expect(sample.interfaces[0]).toMatchObject({ name: 'south', arrivals: { newCall: 1, emergency: 1 } });
    const one = sample.switches.find(({ answered }) => answered === 1);
    expect(one).toMatchObject({ progressed: 1, progressMs: [30], refused: 0 });
    const total = (of: 'sent' | 'outstanding' | 'privilegedSent') => sample.switches.reduce((sum, s) => sum + s[of], 0);
    expect([total('sent'), total('outstanding'), total('privilegedSent')]).toEqual([2, 1, 1]);
    expect(sample.numbers.find(({ isPrefix }) => !isPrefix)).toMatchObject({ attempts: 2, answers: 1 });
    expect(sampleOf(world).interfaces[0]!.arrivals.newCall).toBe(0);
  });
});
