// Baseline, indicators and mode together, on days of traffic and on the events that DESIGN.md and the issue name.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownBaseline } from '../../src/control/baseline.ts';
import { type IndicatorInputs, initialIndicators, stepIndicators } from '../../src/control/indicators.ts';
import { initialMode, stepMode } from '../../src/control/running-mode.ts';
import { initialStage, stepStage } from '../../src/control/stages.ts';
import { seeded } from './random.ts';
import { calm, Detector, hourMs, minuteMs, secondMs } from './traffic.ts';

const floor = 10;
const known = (perSecond: number) => knownBaseline({ normalFloorPerSecond: floor }, perSecond);

describe('raises nothing', () => {
  it('24 hours of ordinary traffic from a fresh start in the night, peak twice the mean, Poisson', () => {
    const day = new Detector(floor, 250);
    day.run(24 * hourMs, (ms) => 50 * (1 - Math.cos((2 * Math.PI * ms) / (24 * hourMs))), seeded(20260727));
    expect(day.changes).toEqual([]);
  }, 60_000);

  it('a day that starts at its peak, and a single busy hour at twice the normal, at several sizes', () => {
    for (const normal of [3, 33, 300]) {
      const day = new Detector(floor, 500).run(hourMs, () => normal, seeded(normal));
      day.run(hourMs, () => normal * 2, seeded(normal + 1)).run(hourMs, () => normal, seeded(normal + 2));
      expect(day.changes).toEqual([]);
    }
  });

  it('a day of idle, and the night shift after it', () => {
    const day = new Detector(floor, 1000).run(24 * hourMs, () => 0);
    expect(day.changes).toEqual([]);
    expect(day.baseline.normalPerSecond).toBe(floor);
    expect(day.run(hourMs, () => 2 * floor, seeded(1)).changes).toEqual([]);
  });

  it('traffic that is switched over to a fresh edge', () => {
    const edge = new Detector(floor).run(5 * minuteMs, () => 0.1).run(5 * minuteMs, () => 500, seeded(2));
    expect(edge.changes).toEqual([]);
  });

  it('a caller who redials five times a second, and bursts of 20, on a quiet interface', () => {
    const quiet = new Detector(knownBaseline({ normalFloorPerSecond: 1 }, 1)).run(minuteMs, () => 5);
    for (let i = 0; i < 20; i++) {
      quiet.step(20);
      quiet.run(10 * secondMs, () => 1, seeded(i));
    }
    expect(quiet.changes).toEqual([]);
  });
});

describe('sees a surge and lets go of it', () => {
  /** How long from the step to L3 and from its end to L0; half a minute of warm-up and no more. */
  function step(from: number, to: number, seed: number) {
    const random = seeded(seed);
    const edge = new Detector(floor).run(minuteMs, () => from, random);
    expect(edge.changes).toEqual([]);
    const beganMs = edge.nowMs;
    edge.run(minuteMs, () => to, random);
    const endedMs = edge.nowMs;
    const [up] = edge.changes.filter(({ mode }) => mode === 'L3');
    expect(edge.mode.mode).toBe('L3');
    edge.run(20 * secondMs, () => from, random);
    const down = edge.changes.at(-1);
    expect(down?.mode).toBe('L0');
    return { upMs: (up?.atMs ?? Infinity) - beganMs, downMs: (down?.atMs ?? Infinity) - endedMs, edge };
  }

  it('9/11, 100 → 4,000 → 100: half a second and three', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { upMs, downMs, edge } = step(100, 4000, seed);
      expect(upMs).toBeLessThanOrEqual(500);
      expect(downMs).toBeLessThanOrEqual(3000);
      expect(edge.changes.filter(({ mode }) => mode === 'L3').length).toBe(1);
    }
  });

  it('London, 33 → 333 → 33, and 100 → 1,000 → 100: ten times normal within a second, in 19 runs of 20', () => {
    for (const [from, to] of [
      [33, 333],
      [100, 1000],
    ] as const) {
      const runs = Array.from({ length: 40 }, (_, seed) => step(from, to, seed));
      expect(runs.filter(({ upMs }) => upMs <= 1000).length).toBeGreaterThanOrEqual(38);
      for (const { upMs, downMs } of runs) {
        expect(upMs).toBeLessThanOrEqual(2500);
        expect(downMs).toBeLessThanOrEqual(3000);
      }
    }
  });

  it('any step of ten times or more, without scatter: a second, three seconds', () => {
    const normal = fc.double({ min: 20, max: 2000, noNaN: true });
    fc.assert(
      fc.property(normal, fc.double({ min: 10.5, max: 60, noNaN: true }), (from, ratio) => {
        const edge = new Detector(known(from)).run(5 * secondMs, () => from);
        const beganMs = edge.nowMs;
        edge.run(10 * secondMs, () => from * ratio);
        const endedMs = edge.nowMs;
        edge.run(3 * secondMs, () => from);
        expect(edge.changes.find(({ mode }) => mode === 'L3')?.atMs).toBeLessThanOrEqual(beganMs + 1000);
        expect(edge.changes.at(-1)?.mode).toBe('L0');
        expect(edge.changes.at(-1)?.atMs).toBeLessThanOrEqual(endedMs + 3000);
      }),
      { numRuns: 30 },
    );
  });

  it('a surge that takes ten minutes to build, after an hour of normal traffic', () => {
    const random = seeded(5);
    const edge = new Detector(floor).run(hourMs, () => 33, random);
    edge.run(10 * minuteMs, (ms) => 33 * 10 ** (ms / (10 * minuteMs)), random);
    edge.run(5 * minuteMs, () => 333, random);
    const modes = edge.changes.map(({ mode }) => mode);
    expect(modes[0]).toBe('L1');
    expect(edge.mode.mode).toBe('L3');
    // It rises through the levels and hardly turns back on the way.
    expect(modes.length).toBeLessThanOrEqual(9);
  });
});

it('after the worst of everything: L0 and nothing reduced within three seconds of its end', () => {
  const busy: IndicatorInputs = {
    ...calm,
    interfaces: [
      {
        name: 'south',
        newCalls: { perSecond: 4000, normalPerSecond: 100 },
        registrations: { perSecond: 4000, normalPerSecond: 100 },
        kernel: { receiveQueueRatio: 1, drops: 9 },
      },
    ],
    host: { loopUtilisation: 1, loopDelayMs: 400, memoryRatio: 1 },
    switches: { count: 1, atCapacity: 1, worstDemandRatio: 40 },
    reserveInUse: true,
    concentration: { shareRatio: 1, perSecond: 4000 },
  };
  const rate = { perSecond: 100, normalPerSecond: 100 };
  const over: IndicatorInputs = {
    ...calm,
    interfaces: [{ name: 'south', newCalls: rate, registrations: rate, kernel: { receiveQueueRatio: 0, drops: 0 } }],
  };
  let states = initialIndicators;
  let mode = initialMode(0);
  let stage = initialStage;
  for (let nowMs = 0; nowMs <= 33_000; nowMs += 100) {
    const step = stepIndicators(states, nowMs < 30_000 ? busy : over, nowMs);
    states = step.states;
    mode = stepMode(mode, { proposals: step.indicators, nowMs });
    stage = stepStage(stage, { proposals: step.indicators, orderedMode: undefined, nowMs });
    if (nowMs === 29_900) expect([mode.mode, stage.factor]).toEqual(['L3', 0.25]);
  }
  expect([mode.mode, stage.factor]).toEqual(['L0', 1]);
});

describe('does not oscillate', () => {
  it('changes a few times at most in a minute of any constant rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 20, noNaN: true }),
        (n, r) => {
          const edge = new Detector(known(n)).run(minuteMs, () => n * r);
          expect(edge.changes.length).toBeLessThanOrEqual(3);
          const modes = edge.changes.map(({ mode }) => mode);
          expect(modes).toEqual([...modes].sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('nor with the scatter of Poisson, at any multiple of normal', () => {
    for (const n of [10, 33, 100, 1000])
      for (const r of [2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12]) {
        const edge = new Detector(known(n)).run(2 * minuteMs, () => n * r, seeded(n + r * 7));
        expect(edge.changes.length, `${n} × ${r}`).toBeLessThanOrEqual(6);
        if (r === 2) expect(edge.changes).toEqual([]);
      }
  });
});
