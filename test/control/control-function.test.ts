// The whole Control Function: what a throttle says of a sample. Its behaviour over time is shown by the simulator (test/sim).
import { describe, expect, it } from 'vitest';
import { ControlFunction } from '../../src/control/control-function.ts';
import type { InterfaceSample, LoadSample, NeighbourSample, SwitchSample } from '../../src/control/load-sample.ts';
import { noOrders, type Orders } from '../../src/control/orders.ts';
import type { Gap, Throttle } from '../../src/control/throttle.ts';
import { rules } from './control-rules.ts';

const intervalMs = 100;
const none = { emergency: 0, priority: 0, inDialog: 0, newCall: 0, registration: 0, nonEssential: 0 };

function neighbour(newCalls: number, given: Partial<NeighbourSample> = {}): NeighbourSample {
  const oc = { otherRequests: 0, ocOffers: undefined, ocElements: 0, retryAfter: [] };
  return { name: '', weight: 1, newCalls, gapped: 0, admitted: newCalls, ...oc, ...given };
}

function side(name: InterfaceSample['name'], newCall: number, given: Partial<InterfaceSample> = {}): InterfaceSample {
  const arrivals = { ...none, newCall };
  const lane = { waiting: 0, oldestMs: 0, expired: 0, kernel: undefined };
  return { name, weight: 1, arrivals, neighbours: [neighbour(newCall)], ...lane, ...given };
}

function sw(given: Partial<SwitchSample> = {}): SwitchSample {
  const counts = {
    sent: 10,
    privilegedSent: 0,
    retransmitted: 0,
    outstanding: 1,
    backlogCalls: 0,
    progressed: 10,
    answered: 10,
  };
  const trouble = { refused: 0, timedOut: 0, oc: undefined };
  const times = { firstResponseMs: [5], progressMs: [10] };
  return { name: 'sw', isUp: true, weight: 1, configuredPerSecond: 100, ...counts, ...times, ...trouble, ...given };
}

/** Steps with the same sample, time going on; the last throttle. */
function stepped(control: ControlFunction, seconds: number, given: Partial<LoadSample>, orders = noOrders): Throttle {
  let throttle: Throttle | undefined;
  for (let k = 0; k < seconds * 10; k++) {
    clock += intervalMs;
    const host = { loopUtilisation: 0, loopDelayMs: 0, memoryRatio: 0 };
    const rest = { interfaces: [], switches: [sw()], numbers: [], host, reserveInUse: false };
    throttle = control.step({ nowMs: clock, intervalMs, ...rest, ...given }, orders, clock);
  }
  return throttle!;
}
let clock = 0;

const shareOf = (throttle: Throttle, name: string) =>
  throttle.interfaces.find((one) => one.name === name)!.newCallsPerSecond;

describe('a throttle', () => {
  it('limits nobody while the switches can do what is asked for', () => {
    const throttle = stepped(new ControlFunction(rules), 5, { interfaces: [side('south', 5), side('east', 2)] });
    expect([throttle.mode, shareOf(throttle, 'south'), throttle.ordinaryPerSecond]).toEqual(['L0', Infinity, Infinity]);
    expect([throttle.passNonEssential, throttle.registrationsPerSecond, throttle.retryAfterSeconds]).toEqual([
      true,
      Infinity,
      0,
    ]);
    expect(throttle.interfaces[0]!.scan).toMatchObject({ intervalMs: 0, newestFirst: false });
  });

  it('cuts the capacity into shares when more is asked for, less what privileged calls take', () => {
    const south = side('south', 40, { arrivals: { ...none, newCall: 40, priority: 2 } });
    const throttle = stepped(new ControlFunction(rules), 5, { interfaces: [south, side('east', 2)] });
    expect(shareOf(throttle, 'south')).toBeGreaterThan(55);
    // what 20 privileged calls a second scatter over 2 s is given out too
    expect(shareOf(throttle, 'south')).toBeLessThanOrEqual(105 - 20 - 20 + Math.sqrt(20 / 2));
    expect(shareOf(throttle, 'east')).toBeGreaterThan(20);
    expect(throttle.registrationsPerSecond).toBe(25);
    expect(throttle.mode).not.toBe('L0');
    expect(throttle.passNonEssential).toBe(false);
  });

  it('lets little wait in a switch while more is asked for than it can do, and a burst while not', () => {
    const room = (newCall: number) =>
      stepped(new ControlFunction(rules), 3, { interfaces: [side('south', newCall)] }).switches[0]!.room!.ordinary;
    expect(room(8)).toBe(6);
    expect(room(30)).toBe(2.5);
  });

  it('cuts shares of what a switch can do, not of what it gets while a queue in it is drained', () => {
    const control = new ControlFunction(rules);
    const slow = Array.from({ length: 10 }, (_, i) => 10 + 60 * (i % 2));
    stepped(control, 10, { interfaces: [side('south', 8)] });
    const queue = sw({
      sent: 10,
      outstanding: 40,
      progressed: 10,
      firstResponseMs: slow,
      progressMs: slow.map((ms) => ms + 400),
    });
    const throttle = stepped(control, 0.5, { interfaces: [side('south', 30)], switches: [queue] });
    expect(throttle.switches[0]!.callsPerSecond).toBeLessThan(90);
    expect(throttle.ordinaryPerSecond).toBeGreaterThan(95);
  });

  it('never lets ordinary calls have more than the operator allows', () => {
    const throttle = stepped(new ControlFunction({ ...rules, newCallsPerSecond: 30 }), 3, {
      interfaces: [side('south', 9)],
    });
    expect(shareOf(throttle, 'south')).toBe(30);
  });

  it('grows its sequence by one each time, and knows the mode that the orchestrator orders', () => {
    const control = new ControlFunction(rules);
    const given = { interfaces: [side('south', 5)] };
    expect(stepped(control, 1, given).sequence).toBe(10);
    expect(stepped(control, 0.1, given, { ...noOrders, mode: 'L2' })).toMatchObject({ sequence: 11, mode: 'L2' });
  });

  it('under an order of L2 of the operator reduces ordinary calls in stages, of what is asked for', () => {
    const given = { interfaces: [side('south', 5)] };
    const of = (orders: Partial<Orders>) =>
      shareOf(stepped(new ControlFunction(rules), 5, given, { ...noOrders, ...orders }), 'south');
    expect(of({ override: 'L2' })).toBeLessThan(45);
    // the orchestrator's mode says that demand is high somewhere; what it wants less of, it says
    expect(of({ mode: 'L2' })).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives up the part of ordinary calls that the orchestrator asks for, unless the operator has ordered a mode', () => {
    const given = { interfaces: [side('south', 5)] };
    const of = (orders: Partial<Orders>) =>
      shareOf(stepped(new ControlFunction(rules), 5, given, { ...noOrders, ...orders }), 'south');
    expect(of({ reductionRatio: 0.5 })).toBeCloseTo(25, 0);
    expect(of({ reductionRatio: 0.5, boundaryPerSecond: 20 })).toBeCloseTo(10, 0);
    expect(of({ reductionRatio: 0.5, override: 'L0' })).toBe(Number.POSITIVE_INFINITY);
  });

  it('is in the mode that the operator orders, whatever anybody else says, and then in its own again', () => {
    const control = new ControlFunction(rules);
    const given = { interfaces: [side('south', 5)] };
    const step = (orders: Partial<Orders>) => stepped(control, 0.1, given, { ...noOrders, ...orders });
    expect(step({ mode: 'L3', override: 'L1' }).mode).toBe('L1');
    expect(control.mode.causes).toEqual(['operator']);
    expect(step({ override: 'L0', mode: 'L3' })).toMatchObject({ mode: 'L0', passNonEssential: true });
    expect(step({ mode: 'L3' }).mode).toBe('L3');
    expect(control.mode.causes).toEqual(['orchestrator']);
  });

  it('keeps to the boundary of the host: privileged calls first, ordinary ones get the rest of it', () => {
    const boundary = { ...noOrders, boundaryPerSecond: 30 };
    const ordinary = stepped(new ControlFunction(rules), 5, { interfaces: [side('south', 9)] }, boundary);
    expect(shareOf(ordinary, 'south')).toBe(30);
    const privileged = { ...side('south', 9), arrivals: { ...side('south', 9).arrivals, priority: 2 } };
    const both = stepped(new ControlFunction(rules), 5, { interfaces: [privileged] }, boundary);
    expect(shareOf(both, 'south')).toBeCloseTo(10, 0);
  });

  it('does not count on what a switch could do that is out of service', () => {
    const switches = [sw(), sw({ name: 'out', weight: 0, configuredPerSecond: undefined, sent: 0, progressed: 0 })];
    const throttle = stepped(new ControlFunction(rules), 5, { interfaces: [side('south', 30)], switches });
    expect(throttle.ordinaryPerSecond).toBeCloseTo(105, 0);
  });

  it('has the gaps of the operator, also where none are placed automatically', () => {
    const gap: Gap = { digits: '2125550100', limit: { kind: 'share', passRatio: 0 }, cause: 'operator', untilMs: 1e12 };
    const control = new ControlFunction({ ...rules, gapsAutomatically: false });
    const throttle = stepped(control, 1, { interfaces: [side('south', 5)] }, { ...noOrders, gaps: [gap] });
    expect(throttle.gaps).toEqual([gap]);
  });

  it('gives a switch less where it asks for less by oc (RFC 7339, RFC 7415)', () => {
    const given = (oc: SwitchSample['oc']) => ({ interfaces: [side('south', 8)], switches: [sw({ oc })] });
    const of = (oc: SwitchSample['oc']) =>
      stepped(new ControlFunction(rules), 3, given(oc)).switches[0]!.callsPerSecond;
    expect(of({ algorithm: 'rate', perSecond: 12 })).toBe(12);
    expect(of({ algorithm: 'loss', percent: 50 })).toBeCloseTo(40, -1);
    expect(of(undefined)).toBe(100);
  });

  it('tells neighbours that take part their share, and only those', () => {
    const neighbours = [
      neighbour(30, { name: 'a', ocOffers: 'loss,rate', ocElements: 1 }),
      neighbour(30, { name: 'b' }),
    ];
    const throttle = stepped(new ControlFunction(rules), 5, { interfaces: [side('east', 60, { neighbours })] });
    const [a, b] = throttle.interfaces[0]!.neighbours;
    expect(a!.oc).toMatchObject({ algorithm: 'rate', validityMs: 500 });
    expect(a!.oc!.value).toBeGreaterThan(35);
    expect(a!.oc!.value).toBeLessThan(65);
    expect(b!.oc).toBeUndefined();
  });

  it('a switch that is down gives nothing to divide; those that are up take its calls', () => {
    const switches = [sw({ isUp: false }), sw({ name: 'sw2', configuredPerSecond: 40 })];
    const throttle = stepped(new ControlFunction(rules), 3, { interfaces: [side('south', 9)], switches });
    expect(shareOf(throttle, 'south')).toBeLessThanOrEqual(42);
  });

  it('pushes Retry-After out of the seconds in which those sent away come back', () => {
    const retryAfter: number[] = [];
    retryAfter[3] = 500;
    const interfaces = [side('south', 60, { neighbours: [neighbour(60, { retryAfter })] })];
    expect(stepped(new ControlFunction(rules), 5, { interfaces }).retryAfterSeconds).toBeGreaterThan(0);
  });

  it('what is normal goes over to the next process', () => {
    const before = new ControlFunction(rules);
    stepped(before, 60, { interfaces: [side('south', 5)] });
    expect(before.normalOf('south')).toBeGreaterThan(40);
    const next = new ControlFunction(rules, JSON.parse(JSON.stringify(before.normals)));
    stepped(next, 1, { interfaces: [side('south', 5)] });
    expect(next.normalOf('south')).toBeCloseTo(before.normalOf('south')!, 0);
  });
});
