import { describe, expect, it } from 'vitest';
import { initialOutlook, type Outlook, type OutlookInput, stepOutlook } from '../../src/control/host-outlook.ts';
import { poisson, seeded } from './random.ts';

const base = {
  ...{ usablePerSecond: Number.POSITIVE_INFINITY, boundaryPerSecond: 1000, minimumPerSecond: 10 },
  mode: 'L0' as const,
};

interface News extends Pick<Outlook, 'preCongestion' | 'keepPerSecond'> {
  readonly second: number;
}

/** Ten samples a second; what was told, and when. */
function run(seconds: number, at: (second: number) => Partial<OutlookInput>): News[] {
  let state = initialOutlook;
  const told: News[] = [];
  for (let i = 0; i < seconds * 10; i++) {
    const second = i / 10;
    const step = stepOutlook(state, { ...base, offeredPerSecond: 0, ...at(second), nowMs: second * 1000 });
    state = step.state;
    const { preCongestion, keepPerSecond } = step;
    if (preCongestion !== undefined || keepPerSecond !== undefined) told.push({ second, preCongestion, keepPerSecond });
  }
  return told;
}
const offered = (of: (second: number) => number) => (second: number) => ({ offeredPerSecond: of(second) });

describe('coming congestion', () => {
  it('is told with the time that is left, and every two seconds at most', () => {
    // 50 calls a second more in each second: 900 of 1000 after 16 s
    const told = run(
      20,
      offered((second) => 100 + 50 * second),
    );
    expect(told[0]!.second).toBeCloseTo(6, 0);
    expect(told[0]!.preCongestion!.secondsToThreshold).toBeCloseTo(10, 0);
    expect(told[0]!.preCongestion!.utilisationRatio).toBeCloseTo(0.4, 1);
    for (const { second, preCongestion } of told.filter(({ second }) => second < 15))
      expect(preCongestion!.secondsToThreshold).toBeCloseTo(16 - second, 5);
    const gaps = told.slice(1).map(({ second }, i) => second - told[i]!.second);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2 - 1e-9);
    expect(told.at(-1)!.preCongestion).toMatchObject({ secondsToThreshold: 0 });
  });

  it('is not told while load falls, stands still, or grows too slowly to get there soon', () => {
    expect(
      run(
        30,
        offered((second) => 800 - 20 * second),
      ),
    ).toEqual([]);
    expect(
      run(
        30,
        offered(() => 850),
      ),
    ).toEqual([]);
    expect(
      run(
        30,
        offered((second) => 100 + 5 * second),
      ),
    ).toEqual([]);
  });

  it('is 0 s away for as long as the boundary is used up', () => {
    const told = run(
      10,
      offered(() => 5000),
    );
    expect(told.map(({ preCongestion }) => preCongestion)).toEqual(
      told.map(() => ({ utilisationRatio: 1, secondsToThreshold: 0 })),
    );
    expect(told.map(({ second }) => Math.round(second))).toEqual([3, 5, 7, 9]);
  });

  it.each([1, 2, 3])('is not seen in noise: calls by chance, 500 a second in the mean (seed %i)', (seed) => {
    const random = seeded(seed);
    expect(
      run(
        60,
        offered(() => poisson(random, 50) * 10),
      ),
    ).toEqual([]);
  });

  it('counts what the switches can take, not what is refused in any case', () => {
    expect(run(20, () => ({ offeredPerSecond: 50_000, usablePerSecond: 400 }))).toEqual([]);
  });

  it('is nothing without a boundary', () => {
    expect(run(20, () => ({ offeredPerSecond: 1e6, boundaryPerSecond: Number.POSITIVE_INFINITY }))).toEqual([]);
  });

  it('is seen at once with no boundary at all to use', () => {
    expect(run(4, () => ({ offeredPerSecond: 1, boundaryPerSecond: 0 }))[0]!.preCongestion).toMatchObject({
      secondsToThreshold: 0,
    });
  });
});

describe('low utilisation', () => {
  const told = (at: Parameters<typeof run>[1], seconds = 200) =>
    run(seconds, at).map(({ second, keepPerSecond }) => [Math.round(second), Math.round(keepPerSecond!)]);

  it('leaves twice the peak of the last minute, and is told once a minute', () => {
    expect(told(offered(() => 100))).toEqual([
      [60, 200],
      [120, 200],
      [180, 200],
    ]);
  });

  it('waits until a peak is a minute old', () => {
    expect(told(offered((second) => (second < 50 ? 450 : 100)))).toEqual([
      [110, 200],
      [170, 200],
    ]);
  });

  it('is only told in L0, a minute after the last other mode', () => {
    expect(told((second) => ({ offeredPerSecond: 10, mode: second === 70 ? 'L1' : 'L0' }), 140)).toEqual([
      [60, 20],
      [130, 20],
    ]);
    expect(told(() => ({ offeredPerSecond: 10, mode: 'L2' }))).toEqual([]);
  });

  it('never gives up the minimum, nor what the switches can take with as much again for refusals', () => {
    expect(told(() => ({ offeredPerSecond: 1, minimumPerSecond: 300 }), 70)).toEqual([[60, 300]]);
    expect(told(() => ({ offeredPerSecond: 1, usablePerSecond: 250 }), 70)).toEqual([[60, 500]]);
  });

  it('is not told for a small part, nor where load would be above a half of what is left', () => {
    expect(told(offered(() => 410))).toEqual([]);
    expect(told(offered(() => 390))).toEqual([
      [60, 780],
      [120, 780],
      [180, 780],
    ]);
  });
});
