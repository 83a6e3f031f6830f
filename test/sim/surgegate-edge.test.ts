import { describe, expect, it } from 'vitest';
import { runJob } from './job.ts';

const now = () => 0;
/** Seconds of processor time, more of it where others run beside. */
const timeout = 60_000;

describe('Surgegate in closed loop', { timeout }, () => {
  it('London 7/7: goodput stays at capacity, every priority call completes, no refusal outlasts the surge', () => {
    const { figures } = runJob({ scenario: 'london-7-7', point: 0, contestant: 'surgegate-learned', seed: 1 }, now);
    expect(figures.goodputRatio).toBeGreaterThan(0.95);
    expect(figures.priorityRatio).toBeGreaterThan(0.999);
    expect(figures.priorityEdgeMs).toBeLessThan(2);
    expect(figures.excessSeconds).toBeLessThanOrEqual(1);
    expect(figures.releaseSeconds).toBeLessThanOrEqual(3);
  });

  it('goes on at the capacity of a switch that has slowed to a quarter', () => {
    const { figures } = runJob({ scenario: 'slow-switch', point: 0, contestant: 'surgegate', seed: 1 }, now);
    expect(figures.goodputRatio).toBeGreaterThan(0.95);
  });
});
