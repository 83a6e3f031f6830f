import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission, type EdgeLimits } from '../../src/admission/admission.ts';
import { neighbourAt } from '../../src/admission/side.ts';
import { neighbourRule, sideOf } from './sides.ts';

const limits: EdgeLimits = {
  newCallsPerSecond: 10,
  burst: 10,
  priorityReserveRatio: 0.3,
  priorityCapPerSecond: 20,
  registrationsPerSecond: 5,
  registrationBurst: 3,
  nonEssentialPerSecond: 5,
  nonEssentialBurst: 2,
};
const admission = (changed: Partial<EdgeLimits> = {}) => new Admission({ ...limits, ...changed });
const { anyone } = sideOf();
/** How many of `n` at once are let in. */
const many = (n: number, ask: () => string) =>
  Array.from({ length: n }, ask).filter((reason) => reason === 'admitted').length;

describe('the reserve', () => {
  it('keeps its share of the burst from ordinary calls, and gives it to priority ones', () => {
    const a = admission();
    expect(many(20, () => a.enter(anyone, 0))).toBe(7);
    expect(a.enter(anyone, 0)).toBe('edge-rate');
    expect(a.isReserveInUse(0)).toBe(false);
    expect(many(5, () => a.priorityCall(anyone, 0))).toBe(5);
    expect(a.isReserveInUse(0)).toBe(true);
    // two below nothing: 0.6 s until an ordinary call has four tokens to look at
    expect(a.enter(anyone, 590)).toBe('edge-rate');
    expect(a.enter(anyone, 600)).toBe('admitted');
    expect(a.isReserveInUse(600)).toBe(false);
  });
  it.each([
    [1, 0.9],
    [1.5, 0.9],
    [2, 0.9],
  ])('leaves room for one ordinary call of a burst of %d', (burst, priorityReserveRatio) => {
    expect(many(9, () => admission({ burst, priorityReserveRatio }).enter(anyone, 0))).toBe(9);
  });
  it('is none with a ratio of 0', () => {
    const a = admission({ priorityReserveRatio: 0 });
    expect(many(20, () => a.enter(anyone, 0))).toBe(10);
  });
});

describe('priority', () => {
  it('is paid for by ordinary calls, with a debt of at most a second', () => {
    const a = admission({ priorityCapPerSecond: 1000 });
    expect(many(500, () => a.priorityCall(anyone, 0))).toBe(500);
    expect(a.enter(anyone, 1_399)).toBe('edge-rate');
    expect(a.enter(anyone, 1_400)).toBe('admitted');
  });
  it('stops at the anti-forgery cap only: a second’s worth, at least 10 at once', () => {
    const a = admission({ newCallsPerSecond: 1, burst: 1 });
    expect(many(100, () => a.priorityCall(anyone, 0))).toBe(20);
    expect(a.priorityCall(anyone, 0)).toBe('priority-cap');
    expect(many(100, () => a.priorityCall(anyone, 500))).toBe(10);
    const small = admission({ priorityCapPerSecond: 2 });
    expect(many(100, () => small.priorityCall(anyone, 0))).toBe(10);
    expect(many(100, () => small.priorityCall(anyone, 1000))).toBe(2);
  });
  it('is not asked for by the limits of interface and neighbour, but counts against them', () => {
    const side = sideOf({
      limits: { newCallsPerSecond: 1, burst: 1 },
      neighbours: [neighbourRule('n', ['192.0.2.1'], { newCallsPerSecond: 1, burst: 1 })],
    });
    const from = neighbourAt(side, '192.0.2.1');
    const a = admission();
    expect(many(5, () => a.priorityCall(from, 0))).toBe(5);
    expect(a.enter(from, 0)).toBe('neighbour-rate');
    expect(a.enter(side.anyone, 0)).toBe('interface-rate');
  });
});

describe('the narrowest limit is the one that is reported', () => {
  const side = () =>
    sideOf({
      limits: { newCallsPerSecond: 1, burst: 4 },
      neighbours: [
        neighbourRule('n', ['192.0.2.1'], { newCallsPerSecond: 1, burst: 2 }),
        neighbourRule('free', ['192.0.2.2']),
      ],
    });
  it('neighbour, then interface, then edge', () => {
    const one = side();
    const a = admission({ burst: 5, priorityReserveRatio: 0 });
    const n = neighbourAt(one, '192.0.2.1');
    expect([0, 0, 0].map((t) => a.enter(n, t))).toEqual(['admitted', 'admitted', 'neighbour-rate']);
    const free = neighbourAt(one, '192.0.2.2');
    expect([0, 0, 0].map((t) => a.enter(free, t))).toEqual(['admitted', 'admitted', 'interface-rate']);
    expect([0, 0].map((t) => a.enter(anyone, t))).toEqual(['admitted', 'edge-rate']);
  });
  it('and a refused call takes nothing from the others', () => {
    const one = side();
    const a = admission({ burst: 5, priorityReserveRatio: 0 });
    const n = neighbourAt(one, '192.0.2.1');
    for (let i = 0; i < 100; i++) a.enter(n, 0);
    expect(many(9, () => a.enter(one.anyone, 0))).toBe(2);
    expect(many(9, () => a.enter(anyone, 0))).toBe(1);
  });
});

it('limits registrations and the rest apart from calls, on the edge and on the interface', () => {
  const a = admission();
  expect(many(9, () => a.registration(anyone, 0))).toBe(3);
  expect(many(9, () => a.nonEssentialRequest(anyone, 0))).toBe(2);
  expect([a.registration(anyone, 0), a.nonEssentialRequest(anyone, 0)]).toEqual([
    'registration-rate',
    'non-essential-rate',
  ]);
  expect(many(9, () => a.enter(anyone, 0))).toBe(7);
  const tight = sideOf({
    limits: { registrationsPerSecond: 1, registrationBurst: 1, nonEssentialPerSecond: 1, nonEssentialBurst: 1 },
  });
  const b = admission();
  expect(many(9, () => b.registration(tight.anyone, 0))).toBe(1);
  expect(many(9, () => b.nonEssentialRequest(tight.anyone, 0))).toBe(1);
  // what the interface refused was not taken from the edge
  expect(many(9, () => b.registration(anyone, 0))).toBe(2);
});

it('takes new limits and keeps what is in hand', () => {
  const a = admission({ priorityReserveRatio: 0 });
  expect(many(8, () => a.enter(anyone, 0))).toBe(8);
  a.change({ ...limits, burst: 100, newCallsPerSecond: 1000, priorityReserveRatio: 0 });
  expect(many(9, () => a.enter(anyone, 0))).toBe(2);
  expect(many(99, () => a.enter(anyone, 10))).toBe(10);
  a.change({ ...limits, burst: 1, priorityReserveRatio: 0.9 });
  expect(many(9, () => a.enter(anyone, 5_000))).toBe(1);
});

it('never admits more ordinary calls than rate × time + burst, whatever the priority; never refuses priority below its cap', () => {
  const step = fc.record({
    gapMs: fc.integer({ min: -20, max: 300 }),
    kind: fc.constantFrom('call', 'call', 'priority'),
    n: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(
      fc.record({
        newCallsPerSecond: fc.integer({ min: 1, max: 200 }),
        burst: fc.integer({ min: 1, max: 60 }),
        priorityReserveRatio: fc.double({ min: 0, max: 0.9, noNaN: true }),
        priorityCapPerSecond: fc.integer({ min: 1, max: 100 }),
      }),
      fc.record({ newCallsPerSecond: fc.integer({ min: 1, max: 100 }), burst: fc.integer({ min: 1, max: 60 }) }),
      fc.array(step, { maxLength: 60 }),
      (edge, own, steps) => {
        const a = admission(edge);
        const from = sideOf({ limits: own }).anyone;
        const beganMs = 10_000;
        let nowMs = beganMs;
        let latestMs = beganMs;
        let earliestMs = beganMs;
        let ordinary = 0;
        // RFC 7415 §3.5.1 in its other form, as a judge of its own
        const cap = { level: Math.max(10, edge.priorityCapPerSecond), atMs: Number.NaN };
        for (const { gapMs, kind, n } of steps) {
          nowMs += gapMs;
          latestMs = Math.max(latestMs, nowMs);
          earliestMs = Math.min(earliestMs, nowMs);
          for (let i = 0; i < n; i++) {
            if (kind === 'call') {
              if (a.enter(from, nowMs) === 'admitted') ordinary++;
              continue;
            }
            const top = Math.max(10, edge.priorityCapPerSecond);
            const askedMs = cap.atMs > nowMs ? cap.atMs : nowMs;
            cap.level = Math.min(
              top,
              cap.level + ((askedMs - (cap.atMs || askedMs)) * edge.priorityCapPerSecond) / 1000,
            );
            cap.atMs = askedMs;
            const verdict = a.priorityCall(from, nowMs);
            const isNear = Math.abs(cap.level - 1) < 1e-6;
            if (!isNear && cap.level > 1 !== (verdict === 'admitted')) expect.fail(`${verdict} at ${cap.level}`);
            if (verdict === 'admitted') cap.level--;
          }
        }
        const seconds = (latestMs - earliestMs) / 1000;
        expect(ordinary).toBeLessThanOrEqual(edge.newCallsPerSecond * seconds + edge.burst + 1e-6);
        expect(ordinary).toBeLessThanOrEqual(own.newCallsPerSecond * seconds + own.burst + 1e-6);
      },
    ),
  );
});
