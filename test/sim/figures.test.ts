import { describe, expect, it } from 'vitest';
import { figuresOf, jainIndex, percentile } from './figures.ts';
import { Recorder, type SeriesName } from './recorder.ts';

/** `perSecond` of a series in each second, in even bins. */
function record(seconds: number, series: Partial<Record<SeriesName, (second: number) => number>>): Recorder {
  const recorder = new Recorder(seconds, 2, 0);
  for (const [name, of] of Object.entries(series))
    for (let bin = 0; bin < seconds * 10; bin++)
      recorder.add(name as SeriesName, bin * 100 + 1, of(Math.floor(bin / 10)) / 10);
  return recorder;
}

const surge = (second: number): number => (second >= 20 && second < 40 ? 1000 : 50);
const span = { fromSeconds: 20, toSeconds: 40 };

describe('figures', () => {
  it('Jain: 1 for equals, 1/n for one that has all', () => {
    expect(jainIndex([5, 5, 5])).toBe(1);
    expect(jainIndex([9, 0, 0])).toBeCloseTo(1 / 3);
  });

  it('percentile is a value that was measured', () => {
    expect(percentile([3, 1, 2], 0.99)).toBe(3);
    expect(percentile([], 0.99)).toBe(0);
  });

  it('an edge that lets capacity through from the first second holds at once and releases at once', () => {
    const recorder = record(60, {
      offered: surge,
      capacity: () => 100,
      forwarded: (second) => Math.min(100, surge(second)),
      goodput: (second) => Math.min(100, surge(second)),
      refused: (second) => Math.max(0, surge(second) - 100),
    });
    const figures = figuresOf(recorder, span, true, [], 5);
    expect(figures.goodputRatio).toBeCloseTo(1);
    expect(figures.deviationRatio).toBeCloseTo(0);
    expect(figures.onsetSeconds).toBe(0);
    expect(figures.excessSeconds).toBeCloseTo(0);
    // 5 s means: the surge's end is seen up to 2 s later
    expect(figures.releaseSeconds).toBe(0);
    expect(figures.wronglyRefused).toBe(0);
  });

  it('one that lets all through for 3 s holds then, with 3 s of excess', () => {
    const sent = (second: number) => (second < 23 ? surge(second) : Math.min(100, surge(second)));
    const recorder = record(60, { offered: surge, capacity: () => 100, forwarded: sent, refused: () => 0 });
    const figures = figuresOf(recorder, span, true, [], 5);
    expect(figures.onsetSeconds).toBeCloseTo(3, 0);
    expect(figures.excessSeconds).toBeCloseTo(27);
  });

  it('one that goes on refusing has not released, and refuses wrongly', () => {
    const recorder = record(60, {
      offered: surge,
      capacity: () => 100,
      forwarded: () => 10,
      refused: (second) => surge(second) - 10,
    });
    const figures = figuresOf(recorder, span, true, [], 5);
    expect(figures.releaseSeconds).toBeUndefined();
    expect(figures.wronglyRefused).toBeGreaterThan(1000);
  });
});
