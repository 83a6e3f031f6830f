import { describe, expect, it } from 'vitest';
import { day, Rate, surge } from './rate.ts';

describe('Rate', () => {
  it('follows its steps and tells when the next one begins', () => {
    const rate = new Rate(surge(10, 400, 30, 60));
    expect([rate.perSecond(0), rate.nextChangeMs]).toEqual([10, 30_000]);
    expect([rate.perSecond(30_000), rate.nextChangeMs]).toEqual([400, 60_000]);
    expect([rate.perSecond(70_000), rate.nextChangeMs]).toEqual([10, Number.POSITIVE_INFINITY]);
  });

  it('a day has its quiet night, its busy hours, and ends where it began', () => {
    const rates = day(100, 86_400, 60).map((step) => step.perSecond);
    expect(rates).toHaveLength(1440);
    expect(Math.max(...rates)).toBe(100);
    expect(Math.min(...rates)).toBe(8);
    expect(Math.abs(rates.at(-1)! - rates[0]!)).toBeLessThan(1);
  });
});
