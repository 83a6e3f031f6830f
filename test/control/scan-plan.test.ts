import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scanPlan } from '../../src/control/scan-plan.ts';
import { runningModes } from '../../src/control/throttle.ts';

it('serves on arrival in L0, often in L1 and L2, slowly and newest first in L3', () => {
  expect(scanPlan('L0', 140, 200)).toEqual({ intervalMs: 0, batch: 28, newestFirst: false, room: 28 });
  expect(scanPlan('L1', 140, 200)).toEqual({ intervalMs: 10, batch: 2, newestFirst: false, room: 28 });
  expect(scanPlan('L2', 140, 200)).toEqual({ intervalMs: 20, batch: 3, newestFirst: false, room: 28 });
  expect(scanPlan('L3', 140, 200)).toEqual({ intervalMs: 50, batch: 7, newestFirst: true, room: 28 });
});

it('keeps a small lane for a share of nothing, and serves it nothing', () => {
  expect(scanPlan('L3', 0, 200)).toEqual({ intervalMs: 50, batch: 0, newestFirst: true, room: 1 });
});

it('does not slow what is not limited', () => {
  for (const mode of runningModes) expect(scanPlan(mode, Infinity, 200)).toMatchObject({ intervalMs: 0, room: 256 });
});

it('scans faster where a slow scan could not hold what its interval brings', () => {
  const { intervalMs, batch, room } = scanPlan('L3', 5000, 200);
  expect({ intervalMs, batch, room }).toEqual({ intervalMs: 25, batch: 125, room: 256 });
  expect(scanPlan('L3', 1e6, 200)).toMatchObject({ intervalMs: 0, batch: 256 });
});

it('serves on arrival where calls may not wait', () => {
  expect(scanPlan('L3', 100, 0)).toMatchObject({ intervalMs: 0, room: 1 });
  expect(scanPlan('L3', Infinity, 0)).toMatchObject({ intervalMs: 0, room: 1 });
});

it('never serves less than the share, nor more than one call above it in a scan, and lets nothing expire unseen', () => {
  const share = fc.double({ min: 0.1, max: 20_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom(...runningModes),
      share,
      fc.integer({ min: 0, max: 2000 }),
      (mode, perSecond, waitMs) => {
        const plan = scanPlan(mode, perSecond, waitMs);
        expect(plan.room).toBeGreaterThanOrEqual(1);
        expect(plan.room).toBeLessThanOrEqual(256);
        expect(plan.newestFirst).toBe(mode === 'L3');
        expect(plan.intervalMs).toBeLessThanOrEqual(150);
        expect(plan.batch).toBeLessThanOrEqual(plan.room);
        for (const value of Object.values(plan))
          if (typeof value === 'number') expect(Number.isInteger(value)).toBe(true);
        if (plan.intervalMs === 0) return;
        const asked = (perSecond * plan.intervalMs) / 1000;
        expect(plan.batch).toBeGreaterThanOrEqual(asked);
        expect(plan.batch - asked).toBeLessThan(1);
        expect(plan.intervalMs * 2).toBeLessThanOrEqual(waitMs);
      },
    ),
  );
});
