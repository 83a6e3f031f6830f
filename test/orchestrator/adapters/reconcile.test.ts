// What is in force becomes what ought to be, whatever fails, whoever else has a hand in it, and whenever we crash.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../../src/orchestrator/adapters/adapter.ts';
import { createReconciler, noLimits } from '../../../src/orchestrator/adapters/reconcile.ts';
import { createFakeAdapter, type FakeHost, fakeHost, limitsOf } from './fake-adapter.ts';

const mib = 2 ** 20;
const some: Limits = { limits: { cpuCores: 0.5, memoryBytes: 100 * mib }, isSuspended: false };
const other: Limits = { limits: { cpuCores: 2, memoryBytes: 900 * mib }, isSuspended: true };

function setUp(host: FakeHost = fakeHost()) {
  const lines: string[] = [];
  const log = {
    info: (message: string) => void lines.push(message),
    warn: (message: string) => void lines.push(message),
  };
  const make = () => createReconciler(createFakeAdapter(host), 'web', log);
  return { host, lines, make, reconciler: make() };
}

describe('what is in force', () => {
  it('is set where it differs, and left alone where it does not', async () => {
    const { host, reconciler, lines } = setUp();
    expect(await reconciler.reconcile(some, 0)).toMatchObject({ outcome: 'in-force', isChanged: true, unmet: [] });
    expect(limitsOf(host)).toEqual(some);
    expect(await reconciler.reconcile(some, 1)).toMatchObject({ outcome: 'in-force', isChanged: false });
    expect(host.sets).toBe(1);
    expect(lines).toEqual(['limits set']);
  });

  it('is not written again for noise: of what is wanted, or of what came out', async () => {
    const { host, reconciler } = setUp();
    host.round = (_name, limit) => limit - 0.003;
    await reconciler.reconcile(some, 0);
    for (let i = 1; i < 20; i++) {
      const wanted = {
        limits: { cpuCores: 0.5 + (i % 3) / 1000, memoryBytes: 100 * mib + i * 1000 },
        isSuspended: false,
      };
      await reconciler.reconcile(wanted, i);
    }
    expect(host.sets).toBe(1);
    await reconciler.reconcile({ limits: { cpuCores: 0.52, memoryBytes: 100 * mib }, isSuspended: false }, 30);
    expect(host.sets).toBe(2);
  });

  it('whole processors that come out lower are near enough; they are set once', async () => {
    const { host, reconciler } = setUp();
    host.round = (name, limit) => (name === 'cpuCores' ? Math.floor(limit) : limit);
    const wanted = { limits: { cpuCores: 1.7 }, isSuspended: false };
    for (let i = 0; i < 100; i++) {
      expect(await reconciler.reconcile(wanted, i * 1000)).toMatchObject({ outcome: 'in-force', unmet: [] });
    }
    expect(host.sets).toBe(1);
  });

  it('a limit that comes out higher is unmet, said once, and tried again now and then until it holds', async () => {
    const { host, reconciler, lines } = setUp();
    host.round = (name, limit) => (name === 'memoryBytes' ? Math.max(limit, 300 * mib) : limit);
    for (let i = 0; i <= 20; i++) {
      expect(await reconciler.reconcile(some, i * 500)).toMatchObject({ unmet: ['memoryBytes'] });
    }
    expect(host.sets).toBe(3);
    expect(lines).toEqual(['limits set', 'limits hold only in part']);
    host.round = (_name, limit) => limit;
    expect(await reconciler.reconcile(some, 20_000)).toMatchObject({ unmet: [], isChanged: true });
    expect(limitsOf(host)).toEqual(some);
  });

  it('a resource that the adapter cannot limit is unmet, the others are limited', async () => {
    const { host, reconciler } = setUp();
    const wanted = { limits: { cpuCores: 1, networkBytesPerSecond: 5 }, isSuspended: false };
    expect(await reconciler.reconcile(wanted, 0)).toMatchObject({ unmet: ['networkBytesPerSecond'] });
    expect(host.limits).toEqual({ cpuCores: 1 });
    await reconciler.reconcile(wanted, 60_000);
    expect(host.sets).toBe(1);
  });

  it('is set again when somebody else has changed it, or the group was made anew', async () => {
    const { host, reconciler } = setUp();
    await reconciler.reconcile(some, 0);
    host.limits.cpuCores = 7;
    await reconciler.reconcile(some, 1);
    expect(limitsOf(host)).toEqual(some);
    host.limits = {};
    await reconciler.reconcile(some, 2);
    expect(limitsOf(host)).toEqual(some);
  });

  it('after a crash of ours is taken from what is really there', async () => {
    const { host, reconciler, make } = setUp();
    await reconciler.reconcile(other, 0);
    expect(await make().reconcile(noLimits, 0)).toMatchObject({ outcome: 'in-force', isChanged: true });
    expect(limitsOf(host)).toEqual(noLimits);
  });

  it('one pass at a time', async () => {
    const { host, reconciler } = setUp();
    let go = (): void => {};
    host.access = (what) => (what === 'read' ? new Promise((resolve) => (go = resolve)) : undefined);
    const first = reconciler.reconcile(some, 0);
    expect(await reconciler.reconcile(other, 1)).toEqual({ outcome: 'busy' });
    host.access = () => {};
    go();
    expect(await first).toMatchObject({ outcome: 'in-force' });
    expect(limitsOf(host)).toEqual(some);
  });
});

describe('what fails', () => {
  const failing = (match: RegExp) => (what: string) => {
    if (match.test(what)) throw new Error(`${what} is broken`);
  };

  it.each(['set suspension', 'set cpuCores', 'after cpuCores', 'set memoryBytes', 'after memoryBytes'])(
    'at "%s": nothing is left half-applied, and it is tried again',
    async (what) => {
      const { host, reconciler } = setUp();
      await reconciler.reconcile(some, 0);
      let faults = 1;
      host.access = (now) => {
        if (now === what && faults-- > 0) throw new Error('broken');
      };
      const failed = await reconciler.reconcile(other, 1000);
      expect(failed).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(/: broken$/), state: some });
      expect(limitsOf(host)).toEqual(some);
      expect(await reconciler.reconcile(other, 3000)).toMatchObject({ outcome: 'in-force' });
      expect(limitsOf(host)).toEqual(other);
    },
  );

  it('is said once per cause, tried again after ever longer pauses, and said when it is over', async () => {
    const { host, reconciler, lines } = setUp();
    host.access = failing(/^set/);
    for (let ms = 0; ms <= 60_000; ms += 500) {
      expect(await reconciler.reconcile(some, ms)).toMatchObject({ outcome: 'failed', state: noLimits });
    }
    // 0, 1, 3, 7, 15 s, and every 10 s from there.
    expect(host.sets).toBe(9);
    expect(lines).toEqual(['limits cannot be set']);
    host.access = failing(/^read/);
    expect(await reconciler.reconcile(some, 80_000)).toEqual({
      outcome: 'failed',
      reason: 'read is broken',
      state: undefined,
    });
    expect(lines).toHaveLength(2);
    host.access = () => {};
    await reconciler.reconcile(some, 95_000);
    expect(lines.slice(2)).toEqual(['limits can be set again', 'limits set']);
  });

  it('does not wait with something else', async () => {
    const { host, reconciler } = setUp();
    host.access = failing(/^set/);
    await reconciler.reconcile(some, 0);
    host.access = () => {};
    await reconciler.reconcile(some, 1);
    expect(host.sets).toBe(1);
    await reconciler.reconcile(other, 2);
    expect(limitsOf(host)).toEqual(other);
  });

  it('where putting back fails as well, the next pass starts from what is really there', async () => {
    const { host, reconciler } = setUp();
    await reconciler.reconcile(some, 0);
    let writes = 0;
    host.access = (what) => {
      if (what.startsWith('set') && ++writes >= 3) throw new Error('broken');
    };
    expect(await reconciler.reconcile(other, 1000)).toMatchObject({ reason: expect.stringContaining('not put back') });
    expect(limitsOf(host)).not.toEqual(some);
    host.access = () => {};
    await reconciler.reconcile(some, 1001);
    expect(limitsOf(host)).toEqual(some);
  });
});

describe('at the end', () => {
  it('everything is lifted, after what is under way, and in spite of a fault', async () => {
    const { host, reconciler } = setUp();
    await reconciler.reconcile(other, 0);
    let faults = 2;
    host.access = (what) => {
      if (what === 'set memoryBytes' && faults-- > 0) throw new Error('broken');
    };
    const underWay = reconciler.reconcile(some, 1);
    expect(await reconciler.liftAll()).toBe(true);
    expect(limitsOf(host)).toEqual(noLimits);
    await underWay;
  });

  it('says where that was not possible', async () => {
    const { host, reconciler } = setUp();
    await reconciler.reconcile(other, 0);
    host.access = (what) => {
      if (what === 'read') throw new Error('gone');
    };
    expect(await reconciler.liftAll()).toBe(false);
    host.access = () => {};
    expect(await reconciler.reconcile(noLimits, 10_000)).toMatchObject({ outcome: 'in-force' });
  });
});

it('whatever fails and whenever we crash: the old set or the new, never a mixture, and at last what is wanted', async () => {
  const limits: fc.Arbitrary<Limits> = fc.record({
    limits: fc.record(
      {
        cpuCores: fc.integer({ min: 1, max: 8 }),
        memoryBytes: fc.integer({ min: 1, max: 8 }).map((n) => n * 100 * mib),
      },
      { requiredKeys: [] },
    ),
    isSuspended: fc.boolean(),
  });
  const step = fc.record({ wanted: limits, faultAt: fc.option(fc.nat(8), { nil: undefined }), isCrash: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const { host, make } = setUp();
      let reconciler = make();
      let nowMs = 0;
      for (const { wanted, faultAt, isCrash } of steps) {
        const before = limitsOf(host);
        let accesses = 0;
        host.access = () => {
          if (accesses++ === faultAt) throw new Error('broken');
        };
        nowMs += 20_000;
        const result = await reconciler.reconcile(wanted, nowMs);
        const now = limitsOf(host);
        expect([before, wanted]).toContainEqual(now);
        if (result.outcome === 'in-force') expect(now).toEqual(wanted);
        if (isCrash) reconciler = make();
      }
      host.access = () => {};
      const { wanted } = steps.at(-1)!;
      await reconciler.reconcile(wanted, nowMs + 60_000);
      expect(limitsOf(host)).toEqual(wanted);
    }),
  );
});
