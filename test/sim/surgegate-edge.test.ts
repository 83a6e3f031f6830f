import { describe, expect, it } from 'vitest';
import type { ContestantName } from './contestants.ts';
import type { Figures } from './figures.ts';
import { runJob } from './job.ts';
import { type ScenarioName, scenario } from './scenarios.ts';

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

/** In the surge that is worst: the last point of the scenario. */
function figuresOf(name: ScenarioName, contestant: ContestantName): Figures {
  return runJob({ scenario: name, point: scenario(name).points.length - 1, contestant, seed: 1 }, now).figures;
}

describe('what priority calls wait for in the switches', { timeout }, () => {
  it('no edge can add less than a part of one call: it may not be interrupted, and the gaps are to be filled', () => {
    const alone = figuresOf('yardstick', 'priority-alone');
    const filled = figuresOf('yardstick', 'gaps-filled');
    expect(alone.goodputRatio).toBeLessThan(0.85);
    expect(filled.goodputRatio).toBeGreaterThan(0.99);
    const callMs = 1000 / 140;
    expect(filled.prioritySetUpMedianMs - alone.prioritySetUpMedianMs).toBeGreaterThan(callMs / 4);
    expect(filled.prioritySetUpMs - alone.prioritySetUpMs).toBeGreaterThan(2);
    expect(filled.prioritySetUpMs - alone.prioritySetUpMs).toBeLessThan(callMs);
  });

  // ms above the edge that sees into the switches: median, 99th percentile
  it.each([
    ['yardstick', 'surgegate', 0.98, 15, 20],
    ['yardstick', 'surgegate-learned', 0.98, 30, 60],
    ['nine-eleven', 'surgegate', 0.99, 15, 25],
    ['nine-eleven', 'surgegate-learned', 0.98, 30, 50],
    // 100 tells nothing of its queue
    ['trying-at-once', 'surgegate', 0.99, 15, 20],
    ['trying-at-once', 'surgegate-learned', 0.98, 30, 50],
    // at the smallest a call takes 25 ms
    ['several-switches', 'surgegate', 0.99, 30, 70],
    ['several-switches', 'surgegate-learned', 0.98, 50, 140],
  ] as const)(
    '%s, %s: all of them complete, goodput stays above %d, and the queue is short',
    (name, who, ratio, p50, p99) => {
      const figures = figuresOf(name, who);
      const floor = figuresOf(name, 'gaps-filled');
      expect(figures.goodputRatio).toBeGreaterThan(ratio);
      expect(figures.priorityRatio).toBe(1);
      expect(figures.priorityEdgeMs).toBe(0);
      expect(figures.prioritySetUpMedianMs - floor.prioritySetUpMedianMs).toBeLessThan(p50);
      expect(figures.prioritySetUpMs - floor.prioritySetUpMs).toBeLessThan(p99);
      expect(figures.onsetSeconds).toBeLessThanOrEqual(1);
      expect(figures.releaseSeconds).toBeLessThanOrEqual(3);
      expect(figures.wronglyRefused).toBe(0);
    },
  );
});
