import { describe, expect, it } from 'vitest';
import { CpuBudget } from '../../src/lab/cpu-budget.ts';

/** Works whenever it may, one core at a time, in steps of 50 ms; returns the cores used on average. */
function average(budget: CpuBudget, seconds: number): number {
  let used = 0;
  for (let i = 0; i < seconds * 20; i++) {
    const now = budget.isSpent ? 0 : 0.05;
    used += now;
    budget.note(now, 0.05);
  }
  return used / seconds;
}

describe('a budget of processor time', () => {
  it('without a limit is never spent', () => expect(average(new CpuBudget(), 10)).toBeCloseTo(1));

  it.each([0.1, 0.25, 0.5, 0.9])('of %d cores is kept on average', (limit) => {
    const budget = new CpuBudget();
    average(budget, 10);
    budget.limitCores = limit;
    expect(average(budget, 20)).toBeGreaterThan(limit * 0.95);
    expect(average(budget, 20)).toBeLessThan(limit * 1.05);
    expect(budget.usedCores).toBeLessThan(limit * 1.5);
    budget.limitCores = undefined;
    expect(average(budget, 10)).toBeCloseTo(1);
  });

  it('saves up no more than 0.1 s of it', () => {
    const budget = new CpuBudget();
    budget.limitCores = 0.5;
    for (let i = 0; i < 100; i++) budget.note(0, 1);
    budget.note(0.16, 0.2);
    expect(budget.isSpent).toBe(true);
  });
});
