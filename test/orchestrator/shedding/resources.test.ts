import { describe, expect, it } from 'vitest';
import type { ResourceName } from '../../../src/congestion/amounts.ts';
import { acts, application, ordersAt, over, runShedding, steady } from './shedding-run.ts';

describe('resource by resource', () => {
  const used = (memory: number, cores: number) => ({ used: { memoryBytes: memory, cpuCores: cores } });
  const bounded = (given: object) =>
    application(0, undefined, { boundary: { memoryBytes: 10, cpuCores: 2 }, ...given });
  const forcedOn = (moments: ReturnType<typeof runShedding>, seconds: number) =>
    ordersAt(moments, seconds)!.forced.map(({ resource, limit, sinceMs }) => [resource, limit, sinceMs]);

  it('is forced on what it is above on, and on that alone', () => {
    expect(forcedOn(runShedding(steady('L2', bounded(used(5, 3))), 20), 19)).toEqual([['cpuCores', 2, 10_000]]);
    expect(forcedOn(runShedding(steady('L2', bounded(used(50, 3))), 20), 19)).toEqual([
      ['cpuCores', 2, 10_000],
      ['memoryBytes', 10, 10_000],
    ]);
  });
  it('what it rises above later comes to it after the grace', () => {
    const later = (nowMs: number) => steady('L2', bounded(used(nowMs < 20_000 ? 5 : 50, 3)))();
    const moments = runShedding(later, 40);
    expect(forcedOn(moments, 39)).toEqual([
      ['cpuCores', 2, 10_000],
      ['memoryBytes', 10, 23_000],
    ]);
    expect(acts(moments)).toEqual(['0 s web asked', '10 s web forced', '23 s web forced']);
  });
  it('nor before the deadline, where it can be told again meanwhile', () => {
    const later = (nowMs: number) =>
      steady('L2', bounded({ ...used(nowMs < 4000 ? 5 : 50, 3), isReachable: nowMs >= 4000 }))();
    const moments = runShedding(later, 20);
    expect(acts(moments)).toEqual(['0 s web asked', '2 s web forced', '10 s web forced']);
  });
  it('a resource that is no longer bounded is free', () => {
    const less = (nowMs: number) => {
      const boundary =
        nowMs < 20_000 ? { memoryBytes: 10, cpuCores: 2 } : nowMs < 30_000 ? { memoryBytes: 10 } : { cpuCores: 9 };
      return steady('L2', application(0, undefined, { ...used(50, 3), boundary }))();
    };
    const moments = runShedding(less, 40);
    expect(forcedOn(moments, 25)).toEqual([['memoryBytes', 10, 10_000]]);
    expect(forcedOn(moments, 35)).toEqual([]);
    expect(ordersAt(moments, 35)?.phase).toBe('complied');
  });
  it('of which nothing is known is not above anything', () => {
    const moments = runShedding(
      steady('L2', application(0, undefined, { used: {}, boundary: { cpuCores: 0, memoryBytes: 1 } })),
      20,
    );
    expect(acts(moments).at(-1)).toBe('0.5 s web complied');
  });
  it('is forced only on what its adapter can limit', () => {
    const canLimit: ResourceName[] = ['cpuCores'];
    expect(forcedOn(runShedding(steady('L2', bounded({ ...used(50, 3), canLimit })), 40), 39)).toEqual([
      ['cpuCores', 2, 10_000],
    ]);
    const moments = runShedding(steady('L2', bounded({ ...used(50, 1), canLimit })), 40);
    expect([acts(moments), ordersAt(moments, 39)?.phase]).toEqual([['0 s web asked'], 'asked']);
  });
});

describe('who cannot be forced, told or found', () => {
  it('without an adapter goes on being asked, and may still comply', () => {
    const web = (nowMs: number) => steady('L2', application(nowMs < 30_000 ? 30 : 9, 10, { canBeForced: false }))();
    expect(acts(runShedding(web, 40))).toEqual(['0 s web asked', '30 s web complied']);
  });
  it('out of reach is not waited for as long', () => {
    expect(acts(runShedding(steady('L2', application(30, 10, { isReachable: false })), 20))).toEqual([
      '0 s web asked',
      '2 s web forced',
    ]);
    const lost = (nowMs: number) => steady('L2', application(30, 10, { isReachable: nowMs < 5000 }))();
    expect(acts(runShedding(lost, 20))).toEqual(['0 s web asked', '5 s web forced']);
  });
  it('falling silent gets rid of no limit, until the mode falls', () => {
    const forced = runShedding(
      over('L2', () => 30),
      15,
    ).at(-1)!;
    const silent = runShedding((nowMs) => steady(nowMs < 40_000 ? 'L3' : 'L1')(), 30, { from: forced });
    expect(ordersAt(silent, 39)?.forced).toMatchObject([{ resource: 'memoryBytes', limit: 10e9 }]);
    expect(acts(silent)).toEqual(['40 s web lifted']);
    expect(silent.at(-1)?.applications.size).toBe(0);
  });
  it('back from silence, it is where it was', () => {
    const forced = runShedding(
      over('L2', () => 30),
      15,
    ).at(-1)!;
    const silent = runShedding(steady('L2'), 5, { from: forced }).at(-1)!;
    const back = runShedding(
      over(
        'L2',
        () => 30,
        () => 12,
      ),
      5,
      { from: silent },
    );
    expect(back[0]?.applications.get('web')?.forced).toMatchObject([{ limit: 12e9, sinceMs: 10_000 }]);
    expect(acts(back)).toEqual([]);
  });
  it('asked only, and gone, is forgotten', () => {
    const asked = runShedding(
      over('L2', () => 30),
      5,
    ).at(-1)!;
    expect(runShedding(steady('L2'), 1, { from: asked })[0]?.applications.size).toBe(0);
  });
});
