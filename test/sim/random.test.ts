import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const many = (draw: (random: Random) => number): number[] => {
  const random = new Random(7);
  return Array.from({ length: 50_000 }, () => draw(random));
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Random', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    const draw = (seed: number) => {
      const random = new Random(seed);
      return [random.next(), random.next(), random.next()];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('exponential has its mean and a deviation like it', () => {
    const values = many((random) => random.exponential(10));
    expect(mean(values)).toBeCloseTo(10, 0);
    expect(Math.sqrt(mean(values.map((value) => (value - 10) ** 2)))).toBeCloseTo(10, 0);
  });

  it('logNormal has its median', () => {
    const values = many((random) => random.logNormal(3000, 0.5)).sort((a, b) => a - b);
    expect(values[25_000]! / 3000).toBeCloseTo(1, 1);
  });

  it('chance and below keep to their range', () => {
    expect(mean(many((random) => (random.chance(0.02) ? 1 : 0)))).toBeCloseTo(0.02, 2);
    const values = many((random) => random.below(4));
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 3]);
  });
});
