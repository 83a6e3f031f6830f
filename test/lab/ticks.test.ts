// Counts that only rise, at any time between two of their ticks.
import { describe, expect, it } from 'vitest';
import { countAt, countBetween } from '../../src/lab/ticks.ts';

const ticks = [
  { atMs: 1000, calls: 10 },
  { atMs: 1100, calls: 20 },
  { atMs: 1300, calls: 60 },
];

describe('a count', () => {
  it.each([
    [0, 10],
    [1000, 10],
    [1050, 15],
    [1100, 20],
    [1250, 50],
    [1300, 60],
    [9000, 60],
  ])('at %i ms is %i', (atMs, count) => expect(countAt(ticks, 'calls', atMs)).toBe(count));

  it('grows in a span', () => expect(countBetween(ticks, 'calls', 1050, 1250)).toBe(35));

  it('is 0 where there are no ticks', () => expect(countAt<'calls'>([], 'calls', 1)).toBe(0));
});
