// RFC 7339 §4.4, §5.4 and §9: decimal numbers, larger each time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSequences, nextTicks, sequenceText } from '../../src/control/oc-sequence.ts';

describe('nextTicks', () => {
  it('is the time in steps of 10 µs', () => {
    expect(sequenceText(nextTicks(0, 1_282_321_615_781.28))).toBe('1282321615.78128');
    expect(sequenceText(nextTicks(0, 1_282_321_615_000))).toBe('1282321615.00000');
  });

  it('grows where the clock stands still or goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 42 })), (times) => {
        let last = 0;
        for (const ms of times) {
          const next = nextTicks(last, ms);
          expect(next).toBeGreaterThan(last);
          expect(compareSequences(sequenceText(next), sequenceText(last))).toBeGreaterThan(0);
          expect(sequenceText(next)).toMatch(/^[0-9]{1,12}\.[0-9]{5}$/);
          last = next;
        }
      }),
    );
  });
});

describe('compareSequences', () => {
  it.each([
    ['1.5', '1.50000', 0],
    ['1.10', '1.9', -1],
    ['1.1', '1.10', 0],
    ['1282321615.781', '1282321615.782', -1],
    ['1282321615.782', '1282321615.78128', 1],
    ['9.9', '10.0', -1],
    ['007.1', '7.1', 0],
    ['999999999999.99998', '999999999999.99999', -1],
    ['0.00001', '0.0', 1],
  ])('of %s and %s', (a, b, expected) => {
    expect(Math.sign(compareSequences(a, b))).toBe(expected);
    expect(Math.sign(compareSequences(b, a))).toBe(0 - expected);
  });

  it('is the order of the numbers', () => {
    const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
    const sequence = fc.tuple(digits(12), digits(5));
    const exact = ([whole, part]: [string, string]) => BigInt(whole) * 100_000n + BigInt(part.padEnd(5, '0'));
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        const order = exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0;
        expect(Math.sign(compareSequences(a.join('.'), b.join('.')))).toBe(order);
      }),
    );
  });
});
