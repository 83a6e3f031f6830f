import { describe, expect, it } from 'vitest';
import { neighbourAt } from '../../src/admission/side.ts';
import { defaultPlan } from '../classify/sample.ts';
import { neighbourRule, sideOf } from './sides.ts';

describe('the neighbour at an address', () => {
  const side = sideOf({
    neighbours: [
      neighbourRule('net', ['192.0.2.0/24', '2001:db8::/32']),
      neighbourRule('host', ['192.0.2.9', '2001:db8::9']),
      neighbourRule('half', ['192.0.2.128/25']),
    ],
  });
  it.each([
    ['192.0.2.1', 'net'],
    ['192.0.2.9', 'host'],
    ['192.0.2.129', 'half'],
    ['198.51.100.1', ''],
    ['2001:db8::1', 'net'],
    ['2001:0db8:0::0009', 'host'],
    ['2001:db9::1', ''],
    ['not an address', ''],
  ])('%s is %j: the longest block wins', (address, name) => {
    expect(neighbourAt(side, address).name).toBe(name);
    expect(neighbourAt(side, address).side).toBe(side);
  });
  it('is anyone where there are none', () => {
    const bare = sideOf();
    expect(neighbourAt(bare, '192.0.2.1')).toBe(bare.anyone);
  });
});

it('gives a neighbour its own trust and pushback, else the interface’s', () => {
  const side = sideOf({
    trustsPriority: true,
    pushback: 'retry-after',
    neighbours: [
      { name: 'own', addresses: ['192.0.2.1'], trustsPriority: false, pushback: 'drop', weight: 1, limits: {} },
      neighbourRule('plain', ['192.0.2.2']),
    ],
  });
  const own = neighbourAt(side, '192.0.2.1');
  expect([own.pushback, own.context.trustsPriority]).toEqual(['drop', false]);
  const plain = neighbourAt(side, '192.0.2.2');
  expect([plain.pushback, plain.context.trustsPriority]).toEqual(['retry-after', true]);
  expect(side.anyone).toMatchObject({
    pushback: 'retry-after',
    context: { trustsPriority: true, fromCore: false, interfaceName: 'east', plan: defaultPlan },
  });
  expect(sideOf({ name: 'core' }).anyone.context.fromCore).toBe(true);
});

it('limits what configuration limits: a fifth of a second’s worth at once, at least one', () => {
  const side = sideOf({
    limits: { newCallsPerSecond: 50, registrationsPerSecond: 2, nonEssentialPerSecond: 10, nonEssentialBurst: 7 },
  });
  expect([side.newCalls?.burst, side.registrations?.burst, side.nonEssential?.burst]).toEqual([10, 1, 7]);
  const none = sideOf();
  expect([none.newCalls, none.registrations, none.nonEssential, none.anyone.newCalls]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

it('shares one bucket among all addresses of a neighbour, and none between neighbours', () => {
  const limited = { newCallsPerSecond: 10, burst: 3 };
  const side = sideOf({
    neighbours: [neighbourRule('a', ['192.0.2.1', '192.0.2.2'], limited), neighbourRule('b', ['192.0.2.3'], limited)],
  });
  const [a1, a2, b] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => neighbourAt(side, address));
  expect(a1).toBe(a2);
  expect(a1?.newCalls).not.toBe(b?.newCalls);
});
