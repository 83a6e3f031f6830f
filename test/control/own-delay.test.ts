// A loop of ours that is late sees answers late: that is no queue in the switch.
import { expect, it } from 'vitest';
import { initialCapacity, stepCapacity } from '../../src/control/capacity.ts';
import type { SwitchSample } from '../../src/control/load-sample.ts';

const quiet: Omit<SwitchSample, 'sent' | 'progressed' | 'answered' | 'firstResponseMs' | 'progressMs'> = {
  name: 'switch',
  isUp: true,
  weight: 1,
  configuredPerSecond: undefined,
  privilegedSent: 0,
  retransmitted: 0,
  outstanding: 2,
  backlogCalls: 0,
  refused: 0,
  timedOut: 0,
  oc: undefined,
};

/** 70 calls a second; after 5 s three stalls of 500 ms in a row, in each of which answers wait for us. */
function stalled(configuredPerSecond: number | undefined, tellsDelay: boolean) {
  let state = initialCapacity(configuredPerSecond);
  let nowMs = 0;
  const step = (intervalMs: number, delays: readonly number[], ownDelayMs: number): void => {
    nowMs += intervalMs;
    const counts = { sent: delays.length, progressed: delays.length, answered: delays.length };
    const sample = { ...quiet, ...counts, configuredPerSecond, firstResponseMs: delays, progressMs: delays };
    const input = { nowMs, intervalMs, demandPerSecond: 70, ...(tellsDelay ? { ownDelayMs } : {}) };
    state = stepCapacity(state, sample, input);
  };
  const normal = [12, 14, 11, 12, 13, 12, 12];
  for (let i = 0; i < 50; i++) step(100, normal, 1);
  for (let i = 0; i < 3; i++) {
    step(
      600,
      Array.from({ length: 42 }, (_, k) => 12 + 500 - k * 3),
      500,
    );
  }
  const during = state;
  for (let i = 0; i < 10; i++) step(100, normal, 1);
  return { during, after: state };
}

it('a late loop does not make a switch look slow', () => {
  for (const configured of [undefined, 140]) {
    const { during, after } = stalled(configured, true);
    expect(during.learned.estimate.isLimited).toBe(false);
    expect(during.perSecond).toBeGreaterThanOrEqual(140);
    expect(after.perSecond).toBeGreaterThanOrEqual(140);
    expect(after.learned.progress.meanMs).toBeLessThan(20);
  }
});

it('the same times without that excuse are a queue', () => {
  expect(stalled(undefined, false).during.learned.estimate.isLimited).toBe(true);
});
