import { describe, expect, it } from 'vitest';
import { acts, gigabyte, ordersAt, over, runShedding } from './shedding-run.ts';

describe.each(['L2', 'L3'] as const)('%s: passive', (mode) => {
  it('asks to come down to the boundary by a deadline', () => {
    const moments = runShedding(
      over(mode, () => 30),
      5,
    );
    expect(ordersAt(moments, 4)).toEqual({
      phase: 'asked',
      forced: [],
      isSuspended: false,
      notices: [
        {
          id: 'start-load-shedding 1',
          kind: 'start-load-shedding',
          target: { memoryBytes: 10 * gigabyte },
          askedMs: 0,
          deadlineMs: 10_000,
          cause: `${mode}: memoryBytes 90 %`,
        },
      ],
    });
  });

  it('who came down is not forced', () => {
    const moments = runShedding(
      over(mode, (s) => Math.max(9, 30 - 3 * s)),
      60,
    );
    expect(acts(moments)).toEqual(['0 s web asked', '6.5 s web complied']);
    expect(ordersAt(moments, 59)).toMatchObject({
      phase: 'complied',
      forced: [],
      notices: [{ id: 'start-load-shedding 1' }],
    });
  });

  it('who is within already has complied', () => {
    expect(
      acts(
        runShedding(
          over(mode, () => 5),
          60,
        ),
      ),
    ).toEqual(['0 s web asked', '0.5 s web complied']);
  });

  it('meters are not exact: 5 % above is within, more is not', () => {
    expect(
      acts(
        runShedding(
          over(mode, () => 10.5),
          20,
        ),
      ).at(-1),
    ).toBe('0.5 s web complied');
    expect(
      acts(
        runShedding(
          over(mode, () => 10.6),
          20,
        ),
      ).at(-1),
    ).toBe('10 s web forced');
  });

  it('without a boundary there is nothing to come down to', () => {
    expect(
      acts(
        runShedding(
          over(
            mode,
            () => 90,
            () => undefined,
          ),
          20,
        ),
      ),
    ).toEqual([]);
  });

  it('a boundary that moves is the same notice with another target', () => {
    const moments = runShedding(
      over(
        mode,
        () => 30,
        (s) => (s < 5 ? 20 : 18),
      ),
      9,
    );
    expect(ordersAt(moments, 8)?.notices).toMatchObject([
      { id: 'start-load-shedding 1', target: { memoryBytes: 18e9 }, deadlineMs: 10_000 },
    ]);
  });
});

describe.each(['L2', 'L3'] as const)('%s: forced', (mode) => {
  it('who has not come down by the deadline, and says why', () => {
    const moments = runShedding(
      over(mode, () => 30),
      60,
    );
    expect(acts(moments)).toEqual(['0 s web asked', '10 s web forced']);
    expect(ordersAt(moments, 9.5)?.forced).toEqual([]);
    const limit = {
      resource: 'memoryBytes',
      limit: 10 * gigabyte,
      sinceMs: 10_000,
      cause: 'used 30 GB after it was asked',
    };
    for (const seconds of [10, 30, 59])
      expect(ordersAt(moments, seconds)).toMatchObject({ phase: 'forced', forced: [limit] });
  });

  it('stays so although the limit has brought it down: it is lifted with the mode', () => {
    const moments = runShedding(
      over(mode, (s) => (s < 12 ? 30 : 5)),
      60,
    );
    expect(acts(moments)).toEqual(['0 s web asked', '10 s web forced']);
  });

  it('limits follow the boundary as it moves, up and down', () => {
    const moments = runShedding(
      over(
        mode,
        () => 30,
        (s) => (s < 20 ? 10 : s < 30 ? 4 : 15),
      ),
      60,
    );
    const limits = [15, 25, 40].map((seconds) =>
      ordersAt(moments, seconds)!.forced.map(({ limit, sinceMs }) => [limit, sinceMs]),
    );
    expect(limits).toEqual([[[10e9, 10_000]], [[4e9, 10_000]], [[15e9, 10_000]]]);
    expect(ordersAt(moments, 25)?.notices[0]?.target).toEqual({ memoryBytes: 4e9 });
    expect(acts(moments)).toHaveLength(2);
  });

  it('a boundary that is gone frees it', () => {
    const moments = runShedding(
      over(
        mode,
        () => 30,
        (s) => (s < 20 ? 10 : undefined),
      ),
      30,
    );
    expect(acts(moments).at(-1)).toBe('20 s web lifted');
    expect(ordersAt(moments, 20)).toMatchObject({ phase: 'calm', forced: [], notices: [] });
  });

  it.each(['L1', 'L0'] as const)('is lifted when the mode falls to %s', (lower) => {
    const forced = runShedding(
      over(mode, () => 30),
      15,
    ).at(-1)!;
    const after = runShedding(
      over(
        lower,
        () => 30,
        () => undefined,
      ),
      5,
      { from: forced },
    );
    expect(acts(after)).toEqual(['15 s web lifted']);
    expect(after[0]?.applications.get('web')).toEqual({ phase: 'calm', forced: [], isSuspended: false, notices: [] });
  });

  it('is lifted in L1 although a boundary is still said', () => {
    const forced = runShedding(
      over(mode, () => 30),
      15,
    ).at(-1)!;
    expect(
      runShedding(
        over('L1', () => 30),
        1,
        { from: forced },
      )[0]?.applications.get('web')?.forced,
    ).toEqual([]);
  });

  it('is asked anew when the mode rises again', () => {
    const forced = runShedding(
      over(mode, () => 30),
      15,
    ).at(-1)!;
    const calm = runShedding(
      over(
        'L1',
        () => 30,
        () => undefined,
      ),
      1,
      { from: forced },
    ).at(-1)!;
    expect(
      acts(
        runShedding(
          over(mode, () => 30),
          15,
          { from: calm },
        ),
      ),
    ).toEqual(['16 s web asked', '26 s web forced']);
  });
});

describe('rising again', () => {
  it('is forced after a short grace', () => {
    const moments = runShedding(
      over('L2', (s) => (s < 20 ? 9 : 30)),
      40,
    );
    expect(acts(moments).slice(1)).toEqual(['0.5 s web complied', '23 s web forced']);
  });
  it('for less than the grace is not', () => {
    const moments = runShedding(
      over('L2', (s) => (s % 10 < 7.5 ? 9 : 30)),
      60,
    );
    expect(acts(moments)).toHaveLength(2);
  });
  it('before its deadline is not forced before that', () => {
    const moments = runShedding(
      over('L2', (s) => (s < 2 ? 9 : 30)),
      40,
    );
    expect(acts(moments).at(-1)).toBe('10 s web forced');
  });
  it('above a boundary that has become lower is asked anew, with a deadline of its own', () => {
    const moments = runShedding(
      over(
        'L2',
        () => 9,
        (s) => (s < 20 ? 10 : 5),
      ),
      40,
    );
    expect(acts(moments)).toEqual(['0 s web asked', '0.5 s web complied', '20 s web asked', '30 s web forced']);
    expect(ordersAt(moments, 21)?.notices).toMatchObject([{ id: 'start-load-shedding 2', deadlineMs: 30_000 }]);
  });
  it('below a boundary that has become lower is not', () => {
    const moments = runShedding(
      over(
        'L2',
        () => 4,
        (s) => (s < 20 ? 10 : 5),
      ),
      40,
    );
    expect(acts(moments)).toHaveLength(2);
    expect(ordersAt(moments, 30)?.notices).toMatchObject([
      { id: 'start-load-shedding 1', target: { memoryBytes: 5e9 } },
    ]);
  });
});
