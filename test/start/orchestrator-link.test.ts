import { describe, expect, it } from 'vitest';
import type { AuditAction } from '../../src/admin/audit-entry.ts';
import type { AuditNote } from '../../src/audit-log.ts';
import type { Amounts } from '../../src/congestion/amounts.ts';
import { registrationSchema } from '../../src/congestion/application-messages.ts';
import { type ClientOptions, failureKinds } from '../../src/congestion/client-options.ts';
import type { Orders } from '../../src/congestion/orders.ts';
import { createLog } from '../../src/log.ts';
import { type LinkSample, OrchestratorLink } from '../../src/start/orchestrator-link.ts';
import { OrderedAudit } from '../../src/start/ordered-audit.ts';
import { congestionOrders, modeReport, notice } from './congestion-orders.ts';

const settings = {
  priority: 9,
  minimumCallsPerSecond: 10,
  maximumCallsPerSecond: 5000,
  needs: {
    perCall: { cpuCores: 0.001, memoryBytes: 1000 },
    perRefusal: { cpuCores: 0.0001 },
    atRest: { cpuCores: 0.1, memoryBytes: 1e6 },
  },
};

interface Said {
  readonly what: 'notify' | 'request' | 'urgent';
  readonly body?: unknown;
}

/** A link whose client is the test's own, on a clock that the test moves. */
function setUp(taken = true, used: Amounts = {}) {
  const clock = { nowMs: 1000 };
  const said: Said[] = [];
  const notes: AuditNote<AuditAction>[] = [];
  const lines: string[] = [];
  const given: { options?: Pick<ClientOptions, 'registration' | 'state' | 'onOrders' | 'onChange'> } = {};
  const failures = Object.fromEntries(failureKinds.map((kind) => [kind, 0])) as Record<
    (typeof failureKinds)[number],
    number
  >;
  const ignored = { sequence: 0, session: 0, application: 0, invalid: 0 };
  const stats = {
    ...{
      isConnected: true,
      session: 'session-1',
      lastSuccessAgeMs: 500,
      pull: 'none' as const,
      registrations: 1,
      reports: 7,
    },
    ...{ failures, ordersTaken: 1, ordersIgnored: ignored },
  };
  const link = new OrchestratorLink({
    name: 'host-1',
    settings,
    log: createLog({ level: 'debug', to: { write: (line) => lines.push(line) } }),
    now: () => clock.nowMs,
    report: () => ({ mode: 'L1' }),
    used: () => used,
    audit: new OrderedAudit({ note: (note) => notes.push(note) }, () => clock.nowMs),
    connect(options) {
      given.options = options;
      return {
        async notify(body) {
          said.push({ what: 'notify', body });
          return taken;
        },
        async request(body) {
          said.push({ what: 'request', body });
          return undefined;
        },
        urgent: () => void said.push({ what: 'urgent' }),
        stats: () => stats,
        close: async () => {},
      };
    },
  });
  const order = (some: Partial<Orders> | undefined) =>
    given.options?.onOrders?.(some === undefined ? undefined : congestionOrders(some));
  /** Ten samples a second. */
  const run = (seconds: number, at: (second: number) => Partial<LinkSample>) => {
    for (let i = 0; i < seconds * 10; i++) {
      const sample = {
        offeredPerSecond: 0,
        usablePerSecond: Number.POSITIVE_INFINITY,
        mode: 'L0' as const,
        ...at(i / 10),
      };
      link.step({ meanPerSecond: sample.offeredPerSecond, ...sample });
      clock.nowMs += 100;
    }
  };
  return { link, clock, said, notes, lines, options: () => given.options!, order, run };
}

const current = { cpuCores: 1.1, memoryBytes: 2e6 };
const allocation = { maximum: {}, current, available: {} };

describe('registration', () => {
  it('says what calls take, and the least and the most that is asked for', () => {
    const { registration } = setUp().options();
    expect(registration).toEqual({
      essential: true,
      priority: 9,
      minimum: { cpuCores: 0.11, memoryBytes: 1_010_000 },
      maximum: { cpuCores: 5.1, memoryBytes: 6_000_000 },
      needsPerRequestPerSecond: { cpuCores: 0.001, memoryBytes: 1000 },
    });
    const lease = { instance: 'instance-1', sequence: 1, validitySeconds: 5 };
    expect(registrationSchema.safeParse({ ...(registration as object), ...lease }).error).toBeUndefined();
  });
});

describe('orders', () => {
  it('hold until others come, and not a moment longer than they are valid', () => {
    const { link, order } = setUp();
    const free = Number.POSITIVE_INFINITY;
    expect(link.orders()).toMatchObject({ mode: undefined, boundary: { callsPerSecond: free } });
    order({ mode: modeReport('L2'), allocation, notices: [notice({ cpuCores: 0.3 })] });
    expect(link.orders()).toMatchObject({ mode: 'L2', boundary: { resource: 'cpuCores' } });
    expect(link.orders().boundary.callsPerSecond).toBeCloseTo(200, 6);
    order({ mode: modeReport('L1'), allocation });
    expect(link.orders().boundary.callsPerSecond).toBeCloseTo(1000, 6);
    order(undefined);
    expect(link.orders()).toMatchObject({ mode: undefined, boundary: { callsPerSecond: free }, gaps: [] });
  });

  it('leave less where much is refused', () => {
    const { link, order, run } = setUp();
    order({ allocation });
    run(0.1, () => ({ offeredPerSecond: 2000 }));
    expect(link.orders().boundary.callsPerSecond).toBeCloseTo((1 - 0.2) / 0.0009, 3);
  });

  it('are logged once where they ask for less', () => {
    const { lines, order } = setUp();
    const said = () => lines.filter((line) => line.includes('start-load-shedding')).length;
    const shed = { notices: [notice({ cpuCores: 0.3 })] };
    order(shed);
    order({ ...shed, sequence: 2 });
    expect(said()).toBe(1);
    order({ notices: [] });
    order(shed);
    expect(said()).toBe(2);
  });
});

describe('what cannot wait for a report', () => {
  it('is a change of mode', () => {
    const { said, run } = setUp();
    run(1, (second) => ({ mode: second < 0.5 ? 'L0' : 'L1' }));
    expect(said).toEqual([{ what: 'urgent' }]);
  });

  it('is coming congestion, with a wish for more up to the maximum', async () => {
    const { link, said, run, order } = setUp();
    order({ allocation });
    run(8, (second) => ({ offeredPerSecond: 200 + 100 * second }));
    expect(said.map(({ what }) => what)).toEqual(['notify', 'notify', 'request', 'notify', 'request']);
    expect(said[0]?.body).toMatchObject({ kind: 'pre-congestion', resource: 'cpuCores' });
    const { cpuCores } = said.at(-1)!.body as { cpuCores: number };
    // twice of 450 calls a second fits at first; some 900 calls a second now, twice that are wished for: 1.9 cores
    expect(cpuCores).toBeGreaterThan(0.5);
    expect(cpuCores).toBeLessThan(0.9);
    await Promise.resolve();
    expect(link.view().messages).toMatchObject({
      'pre-congestion': { sent: 3, failed: 0 },
      request: { sent: 0, failed: 2 },
    });
  });

  it('is what is not needed, once a minute', async () => {
    const { link, said, run, order } = setUp();
    order({ allocation: { ...allocation, current: { ...current, diskBytes: 1e9 } } });
    run(61, () => ({ offeredPerSecond: 100 }));
    // 200 calls a second are kept; of disks nothing is known
    expect(said).toEqual([
      {
        what: 'notify',
        body: {
          kind: 'low-utilisation',
          unused: { cpuCores: expect.closeTo(0.8, 6), memoryBytes: expect.closeTo(8e5, 0) },
        },
      },
    ]);
    await Promise.resolve();
    expect(link.view().messages['low-utilisation']).toEqual({ sent: 1, failed: 0 });
  });

  it('is never what is used now, twice over', () => {
    const { said, run, order } = setUp(true, { cpuCores: 0.2, memoryBytes: 9e5 });
    order({ allocation });
    run(61, () => ({ offeredPerSecond: 100 }));
    const unused = { cpuCores: expect.closeTo(0.7, 6), memoryBytes: expect.closeTo(2e5, 0) };
    expect(said).toEqual([{ what: 'notify', body: { kind: 'low-utilisation', unused } }]);
  });

  it('is nothing while there are no orders', () => {
    const { said, run } = setUp();
    run(70, (second) => ({ offeredPerSecond: 50 * second }));
    expect(said).toEqual([]);
  });
});

describe('the view', () => {
  it('has what was ordered, and how messages fared', () => {
    const { link, order } = setUp();
    expect(link.view()).toMatchObject({ name: 'host-1', isUp: true, mode: undefined, allocation: {}, notices: 0 });
    order({ mode: modeReport('L1', 0.25), allocation, notices: [notice({ cpuCores: 0.3 })] });
    expect(link.view()).toMatchObject({
      ...{ mode: 'L1', answeredSecondsAgo: 0.5, allocation: current, allowed: { cpuCores: 0.3, memoryBytes: 2e6 } },
      ...{ notices: 1, reductionRatio: 0.25, messages: { registration: { sent: 1 }, report: { sent: 7 } } },
    });
  });
});

describe('what operators order through it', () => {
  const gap = { kind: 'gap' as const, digits: '900', passRatio: 0, remainingSeconds: 60, by: 'noc' };
  const drain = { kind: 'drain' as const, remainingSeconds: 60, by: 'noc' };
  const texts = (notes: readonly AuditNote<AuditAction>[]) =>
    notes.map(({ by, action, subject, seconds }) => [by, action, subject, seconds]);

  it('is audited when it is new, and when it is lifted before its time', () => {
    const { order, notes, clock, link } = setUp();
    order({ controls: [gap, drain] });
    clock.nowMs += 1000;
    order({
      controls: [
        { ...gap, remainingSeconds: 59 },
        { ...drain, remainingSeconds: 59 },
      ],
    });
    expect(link.ordered().map(({ kind }) => kind)).toEqual(['gap', 'drain']);
    order({ controls: [gap] });
    expect(texts(notes)).toEqual([
      ['noc@host-1', 'gap', '900 passes 0 %', 60],
      ['noc@host-1', 'drain', 'edge', 60],
      ['noc@host-1', 'lift-drain', 'edge', undefined],
    ]);
  });

  it('is not lifted by anybody when it ends by itself, or with an orchestrator that is gone', () => {
    const { order, notes, clock, link } = setUp();
    order({ controls: [gap] });
    order(undefined);
    expect(link.ordered()).toEqual([]);
    order({ controls: [gap] });
    clock.nowMs += 59_000;
    order({ controls: [] });
    expect(texts(notes)).toEqual([['noc@host-1', 'gap', '900 passes 0 %', 60]]);
  });
});
