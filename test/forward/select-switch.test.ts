import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callKey, selectSwitch, switchHash } from '../../src/forward/select-switch.ts';

interface Candidate {
  name: string;
  hash: number;
  weight: number;
}

const group = (...weights: number[]): Candidate[] =>
  weights.map((weight, i) => ({ name: `sw${i + 1}`, hash: switchHash(`sw${i + 1}`), weight }));
const all = () => true;

/** Keys as they come: Call-IDs that differ in a counter. */
function keys(count: number, prefix: string): number[] {
  return Array.from({ length: count }, (_, i) => {
    const callId = Buffer.from(`${prefix}${i}@192.0.2.1`);
    return callKey(callId, 0, callId.length);
  });
}

function order(candidates: Candidate[], key: number): number[] {
  const seen: number[] = [];
  selectSwitch(candidates, key, (_candidate, index) => {
    seen.push(index);
    return false;
  });
  return seen;
}

describe('selectSwitch', () => {
  it.each([
    [[1, 1, 1, 1]],
    [[1, 2, 3]],
    [[100, 1]],
    [[0.5, 0.25, 0.25]],
    [[10, 10, 10, 10, 10, 10, 10, 10, 5, 5, 5, 5, 1, 1, 1, 1]],
  ])('shares follow the weights %j: chi-square below its 99.99 percent bound', (weights) => {
    const candidates = group(...weights);
    const total = weights.reduce((a, b) => a + b, 0);
    const count = 40_000;
    for (const sample of [keys(count, 'call-'), keys(count, '1-4711@'), Array.from({ length: count }, (_, i) => i)]) {
      const counts = weights.map(() => 0);
      for (const key of sample) counts[selectSwitch(candidates, key, all)]!++;
      const chiSquare = counts.reduce((sum, n, i) => {
        const expected = (count * weights[i]!) / total;
        return sum + (n - expected) ** 2 / expected;
      }, 0);
      // Wilson and Hilferty's approximation of the quantile; 3.719 is the normal one of 99.99 %.
      const freedom = weights.length - 1;
      const bound = freedom * (1 - 2 / (9 * freedom) + 3.719 * Math.sqrt(2 / (9 * freedom))) ** 3;
      expect(chiSquare).toBeLessThan(bound);
    }
  });

  it('without one switch only its own keys move, each to its next choice, by weight', () => {
    const candidates = group(1, 2, 3, 4);
    const moved = [0, 0, 0, 0];
    for (const key of keys(20_000, 'c')) {
      const first = selectSwitch(candidates, key, all);
      const without = selectSwitch(candidates, key, (_candidate, index) => index !== 3);
      if (first !== 3) expect(without).toBe(first);
      else {
        expect(without).toBe(order(candidates, key)[1]);
        moved[without]!++;
      }
    }
    const total = moved.reduce((a, b) => a + b, 0);
    expect(total).toBeGreaterThan(7_500);
    for (const [i, weight] of [1, 2, 3].entries()) expect(moved[i]! / total).toBeCloseTo(weight / 6, 1);
  });

  it('a switch added takes only what becomes its own; the order of the configuration does not matter', () => {
    const three = group(1, 1, 1);
    const four = group(1, 1, 1, 1);
    const turned = [...four].reverse();
    for (const key of keys(5_000, 'c')) {
      const before = three[selectSwitch(three, key, all)]!;
      const now = four[selectSwitch(four, key, all)]!;
      if (now.name !== 'sw4') expect(now).toEqual(before);
      expect(turned[selectSwitch(turned, key, all)]).toBe(now);
    }
  });

  it('offers each switch at most once, in one order for one key, and takes the first that is usable', () => {
    const weight = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(weight, { maxLength: 12 }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer(),
        (weights, key, bits) => {
          const candidates = group(...weights);
          const offered = order(candidates, key);
          expect([...offered].sort((a, b) => a - b)).toEqual(weights.map((_, i) => i));
          const usable = (index: number) => ((bits >>> index) & 1) === 1;
          const expected = offered.find(usable) ?? -1;
          expect(selectSwitch(candidates, key, (_candidate, index) => usable(index))).toBe(expected);
        },
      ),
    );
  });

  it('two of the same name are both offered; weight 0 never is; none gives -1', () => {
    const twins = [group(1)[0]!, group(1)[0]!];
    expect(order(twins, 7)).toEqual([0, 1]);
    expect(order(group(0, 1, -1, Number.NaN), 7)).toEqual([1]);
    expect(selectSwitch([], 7, all)).toBe(-1);
  });

  it('is the same for ever: a restart, an upgrade', () => {
    const candidates = group(1, 1, 1, 1);
    expect(keys(12, 'call-').map((key) => selectSwitch(candidates, key, all))).toMatchInlineSnapshot(`
      [
        2,
        2,
        0,
        1,
        1,
        1,
        0,
        1,
        3,
        2,
        1,
        0,
      ]
    `);
  });

  it('another seed shuffles the keys', () => {
    const callId = Buffer.from('a@b');
    expect(callKey(callId, 0, 3, 1)).not.toBe(callKey(callId, 0, 3, 2));
  });
});
