import { describe, expect, it } from 'vitest';
import type { EventApplication } from '../../../src/orchestrator/mass-event/application-signs.ts';
import { exponential, poisson, seeded } from '../../control/random.ts';
import { application, changes, hostAt, modeNames, reporting, runEvent } from './event-run.ts';

const report = (receivedMs: number, given: Partial<NonNullable<EventApplication['report']>>) => {
  return { receivedMs, requestsPerSecond: undefined, normalPerSecond: undefined, isReserveInUse: false, ...given };
};
const rateOf = (perSecond: (nowMs: number) => number, normalPerSecond: number | undefined) => (nowMs: number) => {
  return { applications: [reporting(nowMs, perSecond(nowMs), normalPerSecond)] };
};

describe('requests in relation to normal (seed)', () => {
  const cases = [
    [200, []],
    [290, []],
    [300, ['2 s L1 (arrivals of edge 300 %)']],
    [400, ['2 s L1 (arrivals of edge 300 %)', '5 s L2 (arrivals of edge 400 %)']],
    [500, ['1 s L2 (arrivals of edge 500 %)']],
    [1000, ['1 s L3 (arrivals of edge 1000 %)']],
    [4000, ['1 s L3 (arrivals of edge 1000 %)']],
  ] as const;
  it.each(cases)('%d %%', (percent, expected) => {
    for (const normal of [1000, 5000]) {
      expect(
        changes(
          runEvent(
            rateOf(() => (normal * percent) / 100, normal),
            60,
          ),
        ),
        `${normal}`,
      ).toEqual(expected);
    }
  });

  it('New York, 11 September: 100 calls a second as a rule, 4,000 that day', () => {
    const moments = runEvent(
      rateOf((nowMs) => (nowMs >= 10_000 && nowMs < 60_000 ? 4000 : 100), 100),
      80,
    );
    expect(changes(moments)).toEqual([
      '11 s L3 (arrivals of edge 1000 %)',
      '63 s L2 (arrivals of edge 1000 %)',
      '65 s L1 (arrivals of edge 1000 %)',
      '67 s L0',
    ]);
    expect(moments[60]?.proposals[0]?.detail).toBe('4000/s of 100/s normal');
  });

  it('one report is never a surge, however long it is the newest', () => {
    const once = {
      applications: [application({ report: report(0, { requestsPerSecond: 1e6, normalPerSecond: 10 }) })],
    };
    expect(changes(runEvent(() => once, 60))).toEqual([]);
    expect(
      changes(
        runEvent(
          rateOf((nowMs) => (nowMs < 5000 ? 100 : nowMs < 6000 ? 1e6 : 100), 100),
          30,
        ),
      ),
    ).toEqual([]);
  });

  it('nor are two within a moment, as an application sends that reports its changes at once', () => {
    const at = (nowMs: number) => (nowMs < 5000 ? 0 : nowMs < 5250 ? 5000 : 5250);
    const twice = (nowMs: number) => {
      const perSecond = nowMs < 5000 ? 100 : 5000;
      return {
        applications: [
          application({ report: report(at(nowMs), { requestsPerSecond: perSecond, normalPerSecond: 100 }) }),
        ],
      };
    };
    expect(changes(runEvent(twice, 30))).toEqual([]);
  });

  it('an application that reports every ten seconds is believed on its second report, and is over on its first', () => {
    const slow = (nowMs: number) => {
      const receivedMs = Math.floor(nowMs / 10_000) * 10_000;
      const perSecond = receivedMs >= 10_000 && receivedMs < 40_000 ? 1000 : 100;
      return {
        applications: [
          application({ report: report(receivedMs, { requestsPerSecond: perSecond, normalPerSecond: 100 }) }),
        ],
      };
    };
    expect(changes(runEvent(slow, 60))).toEqual([
      '20 s L3 (arrivals of edge 1000 %)',
      '43 s L2 (arrivals of edge 1000 %)',
      '45 s L1 (arrivals of edge 1000 %)',
      '47 s L0',
    ]);
  });

  it('an application that does not know its normal tells nothing, nor one that reports no rates, nor none', () => {
    expect(
      changes(
        runEvent(
          rateOf(() => 1e6, undefined),
          20,
        ),
      ),
    ).toEqual([]);
    expect(
      changes(runEvent(() => ({ applications: [application({ report: report(0, { normalPerSecond: 1 }) })] }), 9)),
    ).toEqual([]);
    expect(changes(runEvent(() => ({ applications: [application()] }), 9))).toEqual([]);
  });

  it('a few requests are no surge, whatever they are in relation to normal', () => {
    for (const normal of [0, 0.1, 1, 2]) {
      for (const perSecond of [1, 5, 10, 25])
        expect(
          changes(
            runEvent(
              rateOf(() => perSecond, normal),
              20,
            ),
          ),
        ).toEqual([]);
    }
    expect(
      changes(
        runEvent(
          rateOf(() => 100, 0),
          20,
        ),
      ),
    ).toEqual(['1 s L3 (arrivals of edge 1000 %)']);
  });

  it('an ordinary busy hour is none: twice normal, with its scatter, for hours', () => {
    const random = seeded(7);
    for (const normal of [5, 20, 100]) {
      const counts = new Map<number, number>();
      const busy = (nowMs: number): number => {
        const second = Math.floor(nowMs / 1000);
        const count = counts.get(second) ?? poisson(random, normal * 2);
        counts.set(second, count);
        return count;
      };
      expect(changes(runEvent(rateOf(busy, normal), 7200, { stepMs: 500 })), `${normal}`).toEqual([]);
    }
  });

  it('nor are short spikes, one second of ten times normal every minute or so', () => {
    const random = seeded(11);
    const spikes = new Set<number>();
    for (let second = 5; second < 3600; second += 10 + Math.ceil(exponential(random, 60))) spikes.add(second);
    const at = (nowMs: number): number => (spikes.has(Math.floor(nowMs / 1000)) ? 1000 : 100);
    expect(changes(runEvent(rateOf(at, 100), 3600))).toEqual([]);
  });

  it('of an application that is not essential no surge is the crisis of the host; of an exempt one it is', () => {
    const surge = (given: Partial<EventApplication>) => (nowMs: number) => {
      return { applications: [{ ...reporting(nowMs, 5000, 100), ...given }] };
    };
    expect(changes(runEvent(surge({ isEssential: false }), 20))).toEqual([]);
    expect(changes(runEvent(surge({ isEssential: false, isExempt: true }), 20))).toHaveLength(1);
  });

  it('an application that is gone asks for nothing', () => {
    const gone = (nowMs: number) => (nowMs < 10_000 ? rateOf(() => 5000, 100)(nowMs) : {});
    expect(
      changes(runEvent(gone, 20))
        .slice(1)
        .map((text) => text.slice(0, 7)),
    ).toEqual(['12 s L2', '14 s L1', '16 s L0']);
  });

  it('each application for itself, with a rate for each', () => {
    const two = (nowMs: number) => {
      const web = { ...reporting(nowMs, 1000, 100), name: 'web' };
      return { applications: [reporting(nowMs, 1000, 100), web, { ...reporting(nowMs, 100, 100), name: 'mail' }] };
    };
    expect(changes(runEvent(two, 20))).toEqual(['1 s L3 (arrivals of edge 1000 %, arrivals of web 1000 %)']);
  });
});

describe('the reserve of an application', () => {
  const inUse = (until: number) => (nowMs: number) => {
    const receivedMs = Math.floor(nowMs / 1000) * 1000;
    return { applications: [application({ report: report(receivedMs, { isReserveInUse: receivedMs < until }) })] };
  };

  it('in use is L1, for longer L2', () => {
    expect(changes(runEvent(inUse(10_000), 20))).toEqual([
      '1 s L1 (reserve of edge)',
      '5 s L2 (reserve of edge)',
      '13 s L1 (reserve of edge)',
      '15 s L0',
    ]);
  });
  it('in one report alone it is nothing', () => expect(changes(runEvent(inUse(1000), 20))).toEqual([]));
});

describe('application pre-congestion', () => {
  const warned = (secondsToThreshold: number, ratio = 0.8, receivedMs = 0) => {
    const preCongestion = [{ resource: 'memoryBytes' as const, receivedMs, secondsToThreshold }];
    return { host: hostAt({ memoryBytes: ratio }), applications: [application({ preCongestion })] };
  };

  it('soon is L1 at most, and only while it holds', () => {
    for (const seconds of [0, 5, 15]) {
      const moments = runEvent(() => warned(seconds), 30);
      expect(changes(moments), `${seconds}`).toEqual(['1 s L1 (pre-congestion of edge memoryBytes)', '18 s L0']);
    }
  });
  it('in a while is nothing yet', () => {
    expect(changes(runEvent(() => warned(600), 30))).toEqual([]);
    expect(changes(runEvent((nowMs) => warned(20, 0.8, nowMs - (nowMs % 5000)), 30))).toEqual([]);
  });
  it('is a matter of allocation while the host has room', () => {
    expect(changes(runEvent(() => warned(1, 0.7), 30))).toEqual([]);
  });
  it('renewed, it goes on', () => {
    const renewed = runEvent((nowMs) => warned(5, 0.8, nowMs - (nowMs % 5000)), 120);
    expect(new Set(modeNames(renewed.slice(8)))).toEqual(new Set(['L1']));
  });
});
