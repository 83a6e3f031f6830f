import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amounts } from '../../src/congestion/amounts.ts';
import { amountsFor, boundaryOf, type CallNeeds } from '../../src/control/boundary.ts';

const needs: CallNeeds = {
  atRest: { cpuCores: 0.1, memoryBytes: 1000 },
  perCall: { cpuCores: 0.001, memoryBytes: 10 },
  perRefusal: { cpuCores: 0.0001 },
};

describe('the boundary', () => {
  it.each<[string, Amounts, number, number, string | undefined]>([
    ['nothing said: none', {}, 100, Number.POSITIVE_INFINITY, undefined],
    ['only what calls do not need: none', { diskBytes: 0 }, 100, Number.POSITIVE_INFINITY, undefined],
    ['one resource', { cpuCores: 0.6 }, 0, 500, 'cpuCores'],
    ['the least of two', { cpuCores: 0.6, memoryBytes: 3000 }, 0, 200, 'memoryBytes'],
    ['the least of two, the other way', { cpuCores: 0.15, memoryBytes: 3000 }, 0, 50, 'cpuCores'],
    ['no more than the process takes at rest', { cpuCores: 0.1 }, 0, 0, 'cpuCores'],
    ['less than that', { cpuCores: 0.05 }, 10, 0, 'cpuCores'],
    ['nothing at all', { cpuCores: 0 }, 0, 0, 'cpuCores'],
    ['all that come fit: nothing is refused', { cpuCores: 0.6 }, 500, 500, 'cpuCores'],
    // (0.5 − 1000 × 0.0001) / (0.001 − 0.0001)
    ['those refused take a part', { cpuCores: 0.6 }, 1000, 444.444, 'cpuCores'],
    // half of 0.5, / 0.0009
    ['and half of it at most', { cpuCores: 0.6 }, 1_000_000, 277.778, 'cpuCores'],
    ['refusals take no memory', { memoryBytes: 3000 }, 1_000_000, 200, 'memoryBytes'],
  ])('%s', (_name, allowed, offered, callsPerSecond, resource) => {
    const found = boundaryOf(allowed, needs, offered);
    expect(found.resource).toBe(resource);
    expect(found.callsPerSecond).toBeCloseTo(callsPerSecond, 2);
  });

  it('is what the amounts were asked for, where that is offered', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (calls) => {
        const { callsPerSecond } = boundaryOf(amountsFor(calls, needs), needs, calls);
        expect(callsPerSecond).toBeCloseTo(calls, 3);
      }),
    );
  });

  it('never takes more than there is, until refusals alone take half, and never grows with what is offered', () => {
    const amount = fc.double({ min: 0, max: 100, noNaN: true });
    const offered = fc.double({ min: 0, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(amount, offered, offered, (cpuCores, a, b) => {
        const room = Math.max(0, cpuCores - 0.1);
        const [few, many] = [Math.min(a, b), Math.max(a, b)];
        const at = (calls: number) => boundaryOf({ cpuCores }, needs, calls).callsPerSecond;
        expect(at(many)).toBeLessThanOrEqual(at(few) + 1e-9);
        const refused = Math.max(0, many - at(many));
        if (many * 0.0001 <= room / 2)
          expect(Math.min(many, at(many)) * 0.001 + refused * 0.0001).toBeLessThanOrEqual(room + 1e-6);
      }),
    );
  });

  it('does not divide by nothing where a refusal takes as much as a call', () => {
    const odd = { ...needs, perRefusal: { cpuCores: 0.002 } };
    expect(boundaryOf({ cpuCores: 0.6 }, odd, 10_000).callsPerSecond).toBeCloseTo(500, 6);
    expect(boundaryOf({ cpuCores: 0.6 }, { ...needs, perCall: { cpuCores: 0 } }, 10).callsPerSecond).toBe(Infinity);
  });
});
