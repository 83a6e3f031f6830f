import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScanPlan } from '../../src/control/throttle.ts';
import { ScanPass } from '../../src/scan/scan-pass.ts';

const plan = (intervalMs: number, batch: number): ScanPlan => ({ intervalMs, batch, newestFirst: false, room: 100 });

/** Calls served at each tick of `tickMs` until `untilMs`, all that are due being there. */
function play(pass: ScanPass, scans: ScanPlan, share: number, untilMs: number, tickMs = 10): number[] {
  const served: number[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += tickMs) {
    const due = pass.due(scans, share, nowMs);
    pass.served(due);
    served.push(due);
  }
  return served;
}

const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

describe('ScanPass', () => {
  it('without an interval a batch is due at every call', () => {
    const pass = new ScanPass();
    for (let i = 0; i < 3; i++) expect(pass.due(plan(0, 20), 1, 0)).toBe(20);
    expect(pass.due(plan(0, Number.POSITIVE_INFINITY), 1, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('with one, the first scan comes after it, and then one with each', () => {
    const scans = play(new ScanPass(), plan(150, 100), 100, 610);
    expect(scans.flatMap((count, i) => (count > 0 ? [{ atMs: i * 10, count }] : []))).toEqual([
      { atMs: 150, count: 15 },
      { atMs: 300, count: 15 },
      { atMs: 450, count: 15 },
      { atMs: 600, count: 15 },
    ]);
  });

  it('a tick that does not divide the interval makes no scan rarer over time', () => {
    const scans = play(new ScanPass(), plan(125, 100), 1000, 10_000, 20);
    expect(scans.filter((count) => count > 0)).toHaveLength(80);
  });

  it('what is left of a call counts next time', () => {
    const scans = play(new ScanPass(), plan(150, 10), 5, 60_000);
    expect(sum(scans)).toBeGreaterThanOrEqual(299);
    expect(sum(scans)).toBeLessThanOrEqual(300);
    expect(Math.max(...scans)).toBe(1);
  });

  it('a late timer catches up one interval, not more', () => {
    const late = (lateMs: number): number => {
      const pass = new ScanPass();
      play(pass, plan(100, 1000), 100, 100);
      return pass.due(plan(100, 1000), 100, 200 + lateMs);
    };
    expect([late(0), late(50), late(100), late(10_000)]).toEqual([10, 15, 20, 21]);
  });

  it('after a late scan none comes before the interval has passed', () => {
    const pass = new ScanPass();
    play(pass, plan(100, 1000), 100, 100);
    expect(pass.due(plan(100, 1000), 100, 950)).toBeGreaterThan(0);
    expect(pass.due(plan(100, 1000), 100, 1040)).toBe(0);
    expect(pass.due(plan(100, 1000), 100, 1050)).toBeGreaterThan(0);
  });

  it('a day without calls leaves no more than an interval too many', () => {
    const pass = new ScanPass();
    for (let nowMs = 0; nowMs <= 86_400_000; nowMs += 60_000) pass.due(plan(100, 1000), 100, nowMs);
    expect(pass.due(plan(100, 1000), 100, 86_400_100)).toBe(21);
  });

  it('what found no room at the switches is due at the next ticks, and no more than that before the next scan', () => {
    const pass = new ScanPass();
    play(pass, plan(100, 1000), 100, 100);
    expect(pass.due(plan(100, 1000), 100, 200)).toBe(10);
    pass.served(4);
    pass.hold(6);
    expect(pass.due(plan(100, 1000), 100, 210)).toBe(6);
    pass.served(6);
    expect(pass.due(plan(100, 1000), 100, 220)).toBe(0);
    expect(pass.due(plan(100, 1000), 100, 300)).toBe(10);
    pass.hold(10);
    // the scan in time counts them, and nothing is due twice
    expect(pass.due(plan(100, 1000), 100, 400)).toBe(20);
    pass.served(20);
    expect(pass.due(plan(100, 1000), 100, 410)).toBe(0);
  });

  it('no share serves nothing, and a share without bounds a batch', () => {
    expect(sum(play(new ScanPass(), plan(100, 7), 0, 10_000))).toBe(0);
    expect(sum(play(new ScanPass(), plan(100, 7), Number.NaN, 10_000))).toBe(0);
    expect(sum(play(new ScanPass(), plan(100, 7), Number.POSITIVE_INFINITY, 10_000))).toBe(700);
    const pass = new ScanPass();
    play(pass, plan(100, 7), Number.POSITIVE_INFINITY, 1000);
    expect(pass.due(plan(100, 7), 10, 1100)).toBeLessThanOrEqual(3);
  });

  it('a change of plan holds at once; a clock that goes back stops nothing', () => {
    const pass = new ScanPass();
    play(pass, plan(10_000, 50), 100, 100);
    expect(pass.due(plan(50, 50), 100, 110)).toBe(0);
    expect(pass.due(plan(50, 50), 100, 160)).toBe(11);
    pass.served(11);
    expect(pass.due(plan(50, 50), 100, 20)).toBe(0);
    expect(pass.due(plan(50, 50), 100, 70)).toBe(0);
    expect(pass.due(plan(50, 50), 100, 120)).toBe(5);
  });

  it('over time serves the share where the batch lets it, the batch where not, and never more than a batch at once', () => {
    fc.assert(
      fc.property(
        fc.record({
          intervalMs: fc.integer({ min: 10, max: 150 }),
          batch: fc.integer({ min: 1, max: 60 }),
          share: fc.double({ min: 0.1, max: 2000, noNaN: true }),
          ticks: fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1000, maxLength: 1000 }),
        }),
        ({ intervalMs, batch, share, ticks }) => {
          const pass = new ScanPass();
          let nowMs = 0;
          let served = 0;
          let scans = 0;
          for (const tick of ticks) {
            const due = pass.due(plan(intervalMs, batch), share, nowMs);
            if (due > batch || !Number.isInteger(due)) expect.fail(`${due} at once`);
            if (due > 0) scans++;
            served += due;
            pass.served(due);
            nowMs += tick;
          }
          const fair = (share * nowMs) / 1000;
          const mostByBatch = (batch * nowMs) / intervalMs;
          expect(served).toBeLessThanOrEqual(fair + 1e-6);
          expect(scans).toBeLessThanOrEqual(nowMs / intervalMs + 1);
          // A tick of 14 ms can leave out scans of 10 ms; what a batch cut off and what is under way is not served yet.
          const lateScans = intervalMs < 30 ? 0.5 : 1;
          const perInterval = (share * intervalMs) / 1000;
          expect(served).toBeGreaterThanOrEqual(Math.min(fair, mostByBatch) * lateScans - 3 * perInterval - batch - 2);
        },
      ),
      { numRuns: 50 },
    );
  });
});
