// Server and clients of RFC 7339 and RFC 7415 in closed loop: fair shares within 2 s, steady, and released as fast.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxMinShares } from '../../src/control/shares.ts';
import { type LoopClient, runOcLoop } from './oc-loop.ts';

const surge = (before: number, during: number) => (ms: number) => (ms >= 5000 && ms < 15_000 ? during : before);
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((one) => (one - middle) ** 2)));
};

describe('three clients of unequal demand', () => {
  const clients: LoopClient[] = [
    { name: 'a', offers: 'loss', newCalls: surge(200, 2000), other: 0 },
    { name: 'b', offers: 'loss,rate', newCalls: surge(200, 4000), other: 0 },
    { name: 'c', offers: 'loss', newCalls: surge(200, 300), other: 0 },
  ];
  const seconds = runOcLoop(clients, 1400, 25, 1);

  it('are told nothing before', () => {
    for (const { feedback } of seconds.slice(0, 5))
      for (const one of feedback) expect(one).toMatchObject({ value: 0, validityMs: 0 });
  });

  it('have their max-min shares within 2 s, and keep them', () => {
    for (const [i, share] of [550, 550, 300].entries()) {
      const arrived = seconds.slice(7, 15).map(({ newCalls }) => newCalls[i]!);
      expect(mean(arrived)).toBeGreaterThan(share * 0.93);
      expect(mean(arrived)).toBeLessThan(share * 1.07);
      // Poisson arrivals scatter by their square root
      expect(deviation(arrived)).toBeLessThan(2 * Math.sqrt(share));
    }
  });

  it('comply', () => {
    for (const { flagged } of seconds) expect(flagged).toEqual([false, false, false]);
  });

  it('are let go within 3 s', () => {
    for (const { newCalls, feedback } of seconds.slice(18)) {
      for (const one of newCalls) expect(one).toBeGreaterThan(150);
      for (const one of feedback) expect(one).toMatchObject({ value: 0, validityMs: 0 });
    }
  });
});

it('requests that are no new calls pass, and new calls still have their share', () => {
  const clients: LoopClient[] = [
    { name: 'a', offers: 'loss', newCalls: surge(100, 1000), other: 200 },
    { name: 'b', offers: 'loss,rate', newCalls: surge(100, 2000), other: 300 },
  ];
  const seconds = runOcLoop(clients, 700, 15, 2);
  // the loss client samples the mix of its categories every 5 s (RFC 7339 §7.2), and the loop is steady once it has
  for (const i of [0, 1]) {
    const arrived = seconds.slice(11).map(({ newCalls }) => newCalls[i]!);
    expect(mean(arrived)).toBeGreaterThan(350 * 0.9);
    expect(mean(arrived)).toBeLessThan(350 * 1.1);
  }
});

it('who claims to take part and does not is found within 3 s, costs the others nothing, and is cleared when it complies', () => {
  const clients: LoopClient[] = [
    { name: 'loss', offers: 'loss', ignores: true, newCalls: surge(20, 400), other: 40 },
    { name: 'rate', offers: 'loss,rate', ignores: true, newCalls: surge(20, 400), other: 60 },
    { name: 'c', offers: 'loss', newCalls: surge(20, 100), other: 0 },
    { name: 'd', offers: 'loss,rate', newCalls: surge(20, 100), other: 0 },
  ];
  const seconds = runOcLoop(clients, 140, 25, 3);
  for (const { flagged } of seconds.slice(8, 15)) expect(flagged).toEqual([true, true, false, false]);
  for (const i of [2, 3]) {
    const arrived = seconds.slice(7, 15).map(({ newCalls }) => newCalls[i]!);
    expect(mean(arrived)).toBeGreaterThan(35 * 0.85);
    expect(mean(arrived)).toBeLessThan(35 * 1.25);
  }
  expect(seconds.at(-1)!.flagged).toEqual([false, false, false, false]);
});

it('any three clients get their max-min shares, and none that complies is called otherwise', () => {
  const client = fc.record({
    offers: fc.constantFrom<'loss' | 'loss,rate'>('loss', 'loss,rate'),
    demand: fc.integer({ min: 50, max: 3000 }),
  });
  fc.assert(
    fc.property(
      fc.tuple(client, client, client),
      fc.integer({ min: 200, max: 1000 }),
      fc.nat(),
      (of, capacity, seed) => {
        const clients = of.map(({ offers, demand }, i) => ({
          name: `${i}`,
          offers,
          newCalls: surge(10, demand),
          other: 0,
        }));
        const seconds = runOcLoop(clients, capacity, 13, seed);
        const shares = maxMinShares(
          capacity,
          of.map(({ demand }) => ({ weight: 1, demandPerSecond: demand })),
        );
        for (const [i, share] of shares.entries()) {
          const arrived = mean(seconds.slice(7).map(({ newCalls }) => newCalls[i]!));
          // what a rate client does not use of its share is up to a tenth of it, and is missing at the others
          expect(arrived).toBeGreaterThan(share * 0.85 - 3 * Math.sqrt(share / 6));
          expect(arrived).toBeLessThan(share * 1.1 + 3 * Math.sqrt(share / 6) + 1);
          expect(seconds.some(({ flagged }) => flagged[i])).toBe(false);
        }
      },
    ),
    { numRuns: 12 },
  );
});
