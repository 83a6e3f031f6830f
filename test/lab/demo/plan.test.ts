// What the demo does when, and which options it takes.
import { describe, expect, it } from 'vitest';
import {
  capacityPerSecond,
  defaultOptions,
  demoOptions,
  getsRatio,
  phaseAt,
  planOf,
  stretchesOf,
  surgeEndsAt,
} from '../../../src/lab/demo/plan.ts';

describe('options of the demo', () => {
  it('have defaults', () => {
    expect(demoOptions({})).toEqual({ seconds: 50, base: 100, peak: 4000, json: false });
  });

  it('are read', () => {
    const written = { seconds: '60', base: '50', peak: '1000', json: true };
    expect(demoOptions(written)).toEqual({ seconds: 60, base: 50, peak: 1000, json: true });
  });

  it.each([
    [{ seconds: '29' }, '--seconds: 29 is not 30 to 600'],
    [{ seconds: 'x' }, '--seconds: x is not 30 to 600'],
    [{ base: '121' }, '--base: 121 is not 20 to 120'],
    [{ peak: '5001' }, '--peak: 5001 is not 300 to 5000'],
    [{ peak: '300.5' }, '--peak: 300.5 is not 300 to 5000'],
  ])('%o is refused', (written, line) => expect(() => demoOptions(written)).toThrow(line));

  it('never let GETS calls alone ask for more than the switch can do', () => {
    expect(demoOptions({ peak: '5000' }).peak * getsRatio).toBeLessThan(capacityPerSecond);
  });
});

describe('the plan of the demo', () => {
  const plan = planOf(defaultOptions);

  it('is calm, onset, surge, and then as before', () => {
    expect(stretchesOf(plan)).toEqual([
      { phase: 'calm', callsPerSecond: 100, seconds: 8 },
      { phase: 'onset', callsPerSecond: 350, seconds: 4 },
      { phase: 'onset', callsPerSecond: 550, seconds: 4 },
      { phase: 'surge', callsPerSecond: 4000, seconds: 12 },
      { phase: 'after', callsPerSecond: 100, seconds: 0 },
    ]);
    expect(surgeEndsAt(plan)).toBe(28);
  });

  it('tells the phase of each second', () => {
    const at = [0, 7, 8, 15, 16, 27, 28, 1000].map((second) => phaseAt(plan, second));
    expect(at).toEqual(['calm', 'calm', 'onset', 'onset', 'surge', 'surge', 'after', 'after']);
  });

  it.each([
    { ...defaultOptions, seconds: 30 },
    { ...defaultOptions, peak: 900 },
  ])('goes to the peak at once where there is no time, or it is not so high: %o', (options) => {
    expect(planOf(options).onset).toEqual([]);
  });

  it('leaves time to be forced in even the shortest surge', () => {
    const { surgeSeconds, shedSeconds } = planOf({ ...defaultOptions, seconds: 30 });
    expect(surgeSeconds).toBeGreaterThanOrEqual(2 * shedSeconds);
  });
});
