import { describe, expect, it } from 'vitest';
import type { Control } from '../../src/congestion/orders.ts';
import {
  joinLinkOrders,
  type LinkContext,
  linkOrders,
  noLinkOrders,
  orderedControls,
} from '../../src/start/link-orders.ts';
import { congestionOrders, modeReport, notice } from './congestion-orders.ts';

const context: LinkContext = {
  needs: { atRest: { cpuCores: 0.1 }, perCall: { cpuCores: 0.001, memoryBytes: 1000 }, perRefusal: {} },
  minimumCallsPerSecond: 10,
  offeredPerSecond: 0,
  receivedMs: 5000,
  nowMs: 6000,
};
const of = (some: Parameters<typeof congestionOrders>[0], more: Partial<LinkContext> = {}) =>
  linkOrders(congestionOrders(some), { ...context, ...more });
const allocation = (current: object, boundary?: object) => ({
  allocation: { maximum: {}, current, available: {}, ...(boundary && { boundary }) },
});
const free = Number.POSITIVE_INFINITY;

describe('the boundary', () => {
  const half = { cpuCores: 0.6 };
  it.each<[string, Parameters<typeof congestionOrders>[0], number]>([
    ['of orders that say nothing is none', {}, free],
    ['follows the allocation', allocation(half), 500],
    ['of what calls do not need is none', allocation({ diskBytes: 0 }), free],
    ['is the least of two resources', allocation({ ...half, memoryBytes: 50_000 }), 50],
    ['is the preset boundary where that is less', allocation(half, { cpuCores: 0.2 }), 100],
    ['follows a notice at once', { ...allocation(half), notices: [notice({ cpuCores: 0.3 })] }, 200],
    ['is the least of several notices', { notices: [notice({ cpuCores: 0.4 }), notice({ cpuCores: 0.3 })] }, 200],
    [
      'follows what was forced',
      { ...allocation(half), forced: [{ resource: 'cpuCores', limit: 0.15, sinceSeconds: 1, cause: '' }] },
      50,
    ],
    ['is never below the minimum', allocation({ cpuCores: 0 }), 10],
    ['not even while the edge is said to be suspended', { ...allocation(half), suspended: true }, 10],
  ])('%s', (_name, some, calls) => expect(of(some).boundary.callsPerSecond).toBeCloseTo(calls, 6));
});

describe('the mode', () => {
  it('is told with what is to be given up', () => {
    expect(of({ mode: modeReport('L2', 0.25) })).toMatchObject({ mode: 'L2', reductionRatio: 0.25 });
  });
  it('gives up nothing besides, where the boundary is less by that already', () => {
    expect(of({ mode: modeReport('L2', 0.25), ...allocation({ cpuCores: 0.6 }) }).reductionRatio).toBe(0);
  });
  it('asks nothing of an exempt edge', () => {
    expect(of({ mode: modeReport('L3', 0.75), exempt: true })).toMatchObject({ mode: undefined, reductionRatio: 0 });
  });
});

const gap = (digits: string, some: Partial<Control> = {}): Control =>
  ({ kind: 'gap', digits, intervalSeconds: 2, remainingSeconds: 5, by: 'noc', ...some }) as Control;

describe('controls', () => {
  it('are gaps of an operator until they end, by their digits as calls are counted', () => {
    const controls = [
      gap('15550001111'),
      gap('900', { intervalSeconds: 'stop' }),
      gap('911', { intervalSeconds: undefined, passRatio: 0.5 }),
      gap('7', { intervalSeconds: undefined }),
      gap('8', { remainingSeconds: 1 }),
    ];
    const untilMs = 10_000;
    expect(of({ controls }).gaps).toEqual([
      { digits: '5550001111', limit: { kind: 'interval', intervalMs: 2000 }, cause: 'operator', untilMs },
      { digits: '900', limit: { kind: 'interval', intervalMs: free }, cause: 'operator', untilMs },
      { digits: '911', limit: { kind: 'share', passRatio: 0.5 }, cause: 'operator', untilMs },
    ]);
    expect(of({ controls }, { nowMs: 10_000 }).gaps).toEqual([]);
  });

  it('drain the edge for their time', () => {
    const controls: Control[] = [{ kind: 'drain', remainingSeconds: 5, by: 'noc' }];
    expect(of({ controls }).isDraining).toBe(true);
    expect(of({ controls }, { nowMs: 10_000 }).isDraining).toBe(false);
    expect(orderedControls(congestionOrders({ controls }), 5000)).toEqual([
      { orchestrator: 'host-1', kind: 'drain', by: 'noc', untilMs: 10_000 },
    ]);
  });
});

describe('several orchestrators', () => {
  it('are joined: highest mode, least boundary, all controls, the stricter of two on the same digits', () => {
    const one = of({ mode: modeReport('L1', 0.1), controls: [gap('900')] });
    const two = of({
      mode: modeReport('L2'),
      ...allocation({ cpuCores: 0.3 }),
      controls: [gap('900', { intervalSeconds: 9 }), gap('901'), { kind: 'drain', remainingSeconds: 5, by: 'noc' }],
    });
    const joined = joinLinkOrders([one, noLinkOrders, two]);
    expect(joined).toMatchObject({ mode: 'L2', reductionRatio: 0.1, isDraining: true });
    expect(joined.boundary.callsPerSecond).toBeCloseTo(200, 6);
    expect(joined.gaps.map(({ digits, limit }) => [digits, limit])).toEqual([
      ['900', { kind: 'interval', intervalMs: 9000 }],
      ['901', { kind: 'interval', intervalMs: 2000 }],
    ]);
  });

  it('none of which says anything, order nothing', () => {
    expect(joinLinkOrders([noLinkOrders, noLinkOrders])).toEqual(noLinkOrders);
    expect(joinLinkOrders([])).toEqual(noLinkOrders);
  });
});
