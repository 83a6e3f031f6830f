import { describe, expect, it } from 'vitest';
import { modeReportSchema, ordersSchema } from '../../../src/congestion/orders.ts';
import { OrdersBuilder } from '../../../src/orchestrator/registry/orders-builder.ts';
import { modeReportAt, type OrdersContent } from '../../../src/orchestrator/registry/orders-content.ts';

const content: OrdersContent = {
  application: 'web',
  session: 'session-1',
  isExempt: false,
  mode: {
    mode: 'L2',
    sinceMs: 1000,
    causes: ['memoryBytes 90 %'],
    attributes: { dumpNonEssential: true, reductionRatio: 0.25, slowed: false },
  },
  allocation: {
    maximum: { cpuCores: 4, memoryBytes: 1000 },
    current: { cpuCores: 2.000_04, memoryBytes: 500.4 },
    available: { cpuCores: 1, memoryBytes: 400 },
    boundary: { cpuCores: 1 },
  },
  notices: [
    {
      id: 'n 1',
      kind: 'start-load-shedding',
      target: { cpuCores: 1 },
      deadlineMs: 12_000,
      cause: 'L2: memoryBytes 90 %',
    },
  ],
  forced: [{ resource: 'cpuCores', limit: 1, sinceMs: 500, cause: 'used 2 cores after it was asked' }],
  isSuspended: false,
  controls: [
    { kind: 'drain', endsMs: 60_000, by: 'noc' },
    { kind: 'gap', digits: '900', intervalSeconds: 5, endsMs: 20_000, by: 'noc' },
    { kind: 'gap', digits: '901', passRatio: 0.5, endsMs: 20_000, by: 'ain-1' },
  ],
};
const builder = () => new OrdersBuilder({ orchestrator: 'host-1', validitySeconds: 15 });

it('say spans instead of moments, and are what the schema takes', () => {
  const { orders, isNew } = builder().build(content, 2000);
  expect(isNew).toBe(true);
  expect(ordersSchema.parse(orders)).toEqual({
    orchestrator: 'host-1',
    application: 'web',
    session: 'session-1',
    sequence: 1,
    validitySeconds: 15,
    mode: {
      orchestrator: 'host-1',
      mode: 'L2',
      sinceSeconds: 1,
      causes: ['memoryBytes 90 %'],
      attributes: { dumpNonEssential: true, reductionRatio: 0.25, slowed: false },
    },
    exempt: false,
    allocation: {
      maximum: { cpuCores: 4, memoryBytes: 1000 },
      current: { cpuCores: 2, memoryBytes: 500 },
      available: { cpuCores: 1, memoryBytes: 400 },
      boundary: { cpuCores: 1 },
    },
    notices: [
      {
        id: 'n 1',
        kind: 'start-load-shedding',
        target: { cpuCores: 1 },
        deadlineSeconds: 10,
        cause: 'L2: memoryBytes 90 %',
      },
    ],
    forced: [{ resource: 'cpuCores', limit: 1, sinceSeconds: 1.5, cause: 'used 2 cores after it was asked' }],
    suspended: false,
    controls: [
      { kind: 'drain', remainingSeconds: 58, by: 'noc' },
      { kind: 'gap', digits: '900', intervalSeconds: 5, remainingSeconds: 18, by: 'noc' },
      { kind: 'gap', digits: '901', passRatio: 0.5, remainingSeconds: 18, by: 'ain-1' },
    ],
  });
});

it('after the end of what they speak of are still what the schema takes', () => {
  const orders = builder();
  orders.build(content, 2000);
  const later = orders.current('web', 100_000);
  expect(ordersSchema.parse(later)).toMatchObject({
    sequence: 1,
    controls: [],
    notices: [{ deadlineSeconds: 0 }],
    mode: { sinceSeconds: 99 },
  });
});

type Change = (content: OrdersContent) => OrdersContent;
const allocation =
  (more: object): Change =>
  (one) => ({ ...one, allocation: { ...one.allocation, ...more } });

describe('the number stays', () => {
  it.each<[string, Change]>([
    ['while time passes', (one) => one],
    ['while less than a thousandth of a core moves', allocation({ current: { cpuCores: 2.0001, memoryBytes: 500 } })],
    ['while what is free hardly moves', allocation({ available: { cpuCores: 1.15, memoryBytes: 440 } })],
  ])('%s', (_what, change) => {
    const orders = builder();
    orders.build(content, 2000);
    const { orders: next, isNew } = orders.build(change(content), 3000);
    expect([next.sequence, isNew]).toEqual([1, false]);
  });
});

describe('the number grows', () => {
  it.each<[string, Change]>([
    ['with the session', (one) => ({ ...one, session: 'session-2' })],
    ['with the mode', (one) => ({ ...one, mode: { ...one.mode, mode: 'L3', sinceMs: 2500 } })],
    ['with its causes', (one) => ({ ...one, mode: { ...one.mode, causes: ['operator'] } })],
    [
      'with a stage',
      (one) => ({ ...one, mode: { ...one.mode, attributes: { ...one.mode.attributes, reductionRatio: 0.5 } } }),
    ],
    ['with the allocation', allocation({ current: { cpuCores: 1.9, memoryBytes: 500 } })],
    ['with the boundary', allocation({ boundary: { cpuCores: 0.9 } })],
    ['where there is no boundary any more', allocation({ boundary: undefined })],
    ['where much less is free', allocation({ available: { cpuCores: 0.5, memoryBytes: 400 } })],
    ['where of a resource it is no longer known what is free', allocation({ available: { cpuCores: 1 } })],
    ['with a notice', (one) => ({ ...one, notices: [] })],
    ['with a forced limit', (one) => ({ ...one, forced: [] })],
    ['with being suspended', (one) => ({ ...one, isSuspended: true })],
    ['with a control', (one) => ({ ...one, controls: one.controls.slice(1) })],
    ['with being exempt', (one) => ({ ...one, isExempt: true })],
  ])('%s', (_what, change) => {
    const orders = builder();
    orders.build(content, 2000);
    const { orders: next, isNew } = orders.build(change(content), 3000);
    expect([next.sequence, isNew]).toEqual([2, true]);
  });

  it('with small movements that add up', () => {
    const orders = builder();
    orders.build(content, 0);
    const sequences = [420, 440, 449, 460, 480, 500].map(
      (memoryBytes) =>
        orders.build(allocation({ available: { cpuCores: 1, memoryBytes } })(content), 0).orders.sequence,
    );
    expect(sequences).toEqual([1, 1, 1, 2, 2, 2]);
  });

  it('over all applications, so that none gets a number twice, and from where the process before left off', () => {
    const orders = new OrdersBuilder({ orchestrator: 'host-1', validitySeconds: 15, firstSequence: 5_000_000 });
    expect(orders.build(content, 0).orders.sequence).toBe(5_000_000);
    expect(orders.build({ ...content, application: 'batch' }, 0).orders.sequence).toBe(5_000_001);
    orders.forget('web');
    expect(orders.current('web', 0)).toBeUndefined();
    expect(orders.build(content, 0).orders.sequence).toBe(5_000_002);
  });
});

it('what is free now is told, also where it is no news', () => {
  const orders = builder();
  orders.build(content, 0);
  orders.build(allocation({ available: { cpuCores: 1.1, memoryBytes: 400 } })(content), 1000);
  expect(orders.current('web', 1000)?.allocation.available.cpuCores).toBe(1.1);
});

it('too much of anything is cut to what the message takes, and a drain is never what is left out', () => {
  const long = 'x'.repeat(500);
  const gaps = Array.from({ length: 2000 }, (_, i) => {
    return { kind: 'gap', digits: String(i), intervalSeconds: 'stop', endsMs: 9000, by: 'noc' } as const;
  });
  const { orders } = builder().build(
    {
      ...content,
      mode: { ...content.mode, causes: Array.from({ length: 100 }, () => long) },
      notices: Array.from({ length: 100 }, () => ({ ...content.notices[0]!, cause: long })),
      forced: Array.from({ length: 100 }, () => ({ ...content.forced[0]!, cause: long })),
      controls: [...gaps, { kind: 'drain', endsMs: 9000, by: 'noc' }],
    },
    2000,
  );
  expect(ordersSchema.safeParse(orders).error).toBeUndefined();
  expect(orders.controls[0]).toMatchObject({ kind: 'drain' });
});

it('the mode alone is told in the same way', () => {
  const told = modeReportAt(
    'host-1',
    { ...content.mode, causes: Array.from({ length: 99 }, () => 'y'.repeat(300)) },
    0,
  );
  expect(modeReportSchema.safeParse(told).error).toBeUndefined();
  expect(told.sinceSeconds).toBe(0);
});
