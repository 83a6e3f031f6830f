import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createEventLoopMonitor, type EventLoopMonitor, lookMs } from '../../src/monitor/event-loop.ts';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function watched(): EventLoopMonitor {
  const monitor = createEventLoopMonitor();
  const timer = setInterval(monitor.look, lookMs);
  onTestFinished(() => clearInterval(timer));
  return monitor;
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('createEventLoopMonitor', () => {
  it('tells of each interval what happened in it, and nothing of the one before', async () => {
    const monitor = watched();
    monitor.sample();
    block(100);
    const busy = monitor.sample();
    await turn();
    expect(busy.loopUtilisation).toBeGreaterThan(0.5);
    expect(busy.loopUtilisation).toBeLessThanOrEqual(1);
    expect(busy.loopDelayMs).toBeGreaterThan(80);
    // The machine may be busy with other things: one of some intervals is quiet.
    await vi.waitFor(async () => {
      for (let i = 0; i < 30; i++) await turn();
      const idle = monitor.sample();
      expect(idle.loopUtilisation).toBeLessThan(0.5);
      expect(idle.loopDelayMs).toBeLessThan(50);
    });
    // One that begins in the turn of a sample, and ends before the next.
    block(100);
    for (let i = 0; i < 30; i++) await turn();
    expect(monitor.sample().loopDelayMs).toBeGreaterThan(80);
  });

  it('two samples in one turn are no fault', () => {
    const monitor = watched();
    monitor.sample();
    const { loopUtilisation, loopDelayMs } = monitor.sample();
    expect(loopUtilisation).toBeGreaterThanOrEqual(0);
    expect(loopUtilisation).toBeLessThanOrEqual(1);
    expect(loopDelayMs).toBe(0);
  });
});
