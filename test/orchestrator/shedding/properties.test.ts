import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runningModes } from '../../../src/control/throttle.ts';
import { type SheddingApplication, withoutApplication } from '../../../src/orchestrator/shedding/shedding.ts';
import { sheddingRules } from '../../../src/orchestrator/shedding/shedding-rules.ts';
import { type Moment, runShedding, type Situation } from './shedding-run.ts';

const amount = fc.record({ memoryBytes: fc.nat(100), cpuCores: fc.nat(16) }, { requiredKeys: [] });
const changing = fc.record({
  used: amount,
  boundary: fc.option(amount, { nil: undefined }),
  lent: fc.option(amount, { nil: undefined }),
  isReachable: fc.boolean(),
  isThere: fc.boolean(),
  isEssential: fc.boolean(),
});
const fixed = fc.record({
  isExempt: fc.boolean(),
  canBeForced: fc.boolean(),
  allocated: amount,
});
/** Four applications; what is so of them and of the host changes every few seconds. */
const history = fc.record({
  applications: fc.array(fixed, { minLength: 4, maxLength: 4 }),
  spans: fc.array(
    fc.record({
      seconds: fc.integer({ min: 1, max: 20 }),
      mode: fc.constantFrom(...runningModes),
      isNearLimit: fc.boolean(),
      changing: fc.array(changing, { minLength: 4, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function run({ applications, spans }: History): Moment[] {
  const moments: Moment[] = [];
  for (const { seconds, mode, isNearLimit, changing: now } of spans) {
    const present = applications.flatMap((one, i): SheddingApplication[] => {
      const { isThere, ...changed } = now[i]!;
      return isThere ? [{ name: `app-${i}`, ...one, ...changed }] : [];
    });
    const situation: Situation = { mode, isNearLimit, applications: present };
    const from = moments.at(-1);
    moments.push(...runShedding(() => situation, seconds, from === undefined ? {} : { from }));
  }
  return moments;
}

const runs = (check: (moments: readonly Moment[], one: History) => void): void => {
  fc.assert(
    fc.property(history, (one) => check(run(one), one)),
    { numRuns: 100 },
  );
};
const names = ['app-0', 'app-1', 'app-2', 'app-3'];

it('exempt applications are neither asked, forced nor suspended, ever', () => {
  runs((moments, { applications }) => {
    for (const { applications: orders, events } of moments) {
      applications.forEach(({ isExempt }, i) => {
        if (!isExempt) return;
        expect(orders.get(`app-${i}`) ?? { notices: [], forced: [], isSuspended: false, phase: 'calm' }).toEqual({
          notices: [],
          forced: [],
          isSuspended: false,
          phase: 'calm',
        });
        expect(events.some(({ application }) => application === `app-${i}`)).toBe(false);
      });
    }
  });
});

it('L0 leaves nothing asked, forced or suspended; below L2 nothing is forced', () => {
  runs((moments) => {
    for (const { input, applications, state } of moments) {
      for (const { notices, forced, isSuspended, phase } of applications.values()) {
        if (input.mode === 'L0') expect([notices, forced, isSuspended, phase]).toEqual([[], [], false, 'calm']);
        if (input.mode === 'L1') expect(forced).toEqual([]);
      }
      const present = new Set(input.applications.map(({ name }) => name));
      if (input.mode === 'L0') expect([...state.known.keys()].filter((name) => !present.has(name))).toEqual([]);
    }
  });
});

it('limits are the boundary, resource by resource, of applications that can be forced', () => {
  runs((moments) => {
    for (const { input, applications } of moments) {
      for (const { name, boundary, canBeForced, isEssential } of input.applications) {
        const { forced, isSuspended } = applications.get(name)!;
        for (const { resource, limit } of forced) expect(limit).toBe(boundary?.[resource]);
        expect(new Set(forced.map(({ resource }) => resource)).size).toBe(forced.length);
        if (!canBeForced) expect([forced, isSuspended]).toEqual([[], false]);
        if (isSuspended) expect(isEssential).toBe(false);
      }
    }
  });
});

it('nobody is forced or suspended who was not asked before, nor before the deadline if it could be told', () => {
  runs((moments) => {
    for (const name of names) {
      let wasReachable = true;
      moments.forEach(({ events, input, nowMs }, i) => {
        const notice = moments[i - 1]?.applications.get(name)?.notices[0];
        const here = input.applications.find((one) => one.name === name);
        wasReachable = here?.isReachable === true;
        for (const { application, what } of events) {
          if (application !== name || (what !== 'forced' && what !== 'suspended')) continue;
          expect(notice?.kind).toBe('start-load-shedding');
          const waited = nowMs - notice!.askedMs;
          expect(waited).toBeGreaterThanOrEqual(sheddingRules.unreachableDeadlineMs);
          if (wasReachable) expect(nowMs).toBeGreaterThanOrEqual(notice!.deadlineMs);
        }
      });
    }
  });
});

it('a notice keeps its id, kind, deadline and cause; no two share an id', () => {
  runs((moments) => {
    const seen = new Map<string, string>();
    for (const { applications } of moments) {
      for (const [name, { notices }] of applications) {
        expect(new Set(notices.map(({ id }) => id)).size).toBe(notices.length);
        for (const { id, kind, askedMs, deadlineMs, cause } of notices) {
          const said = JSON.stringify([name, kind, askedMs, deadlineMs, cause]);
          expect(seen.get(id) ?? said).toBe(said);
          seen.set(id, said);
        }
      }
    }
  });
});

it('events tell all that happens: who is forced and suspended follows from them', () => {
  runs((moments) => {
    const forced = new Set<string>();
    const suspended = new Set<string>();
    for (const { events, applications } of moments) {
      for (const { application, what } of events) {
        if (what === 'forced') forced.add(application);
        if (what === 'lifted') forced.delete(application);
        if (what === 'suspended') suspended.add(application);
        if (what === 'resumed') suspended.delete(application);
      }
      const now = (is: (orders: Moment['applications'] extends ReadonlyMap<string, infer O> ? O : never) => boolean) =>
        new Set([...applications].filter(([, orders]) => is(orders)).map(([name]) => name));
      expect(now((orders) => orders.forced.length > 0)).toEqual(forced);
      expect(now((orders) => orders.isSuspended)).toEqual(suspended);
    }
  });
});

it('whoever stays above its boundary in L2 is forced in the end; who stays within is not', () => {
  runs((moments, { applications }) => {
    const last = moments.at(-1)!;
    const { nowMs: _lastMs, ...input } = last.input;
    const after = runShedding(() => input, 15, { from: last }).at(-1)!;
    input.applications.forEach(({ name, used, boundary, isEssential, isExempt }) => {
      if (boundary === undefined || !isEssential || isExempt || (input.mode !== 'L2' && input.mode !== 'L3')) return;
      const isAbove = (resource: 'memoryBytes' | 'cpuCores') =>
        (used[resource] ?? 0) > (boundary[resource] ?? 1e9) * 1.05;
      const on = after.applications.get(name)!.forced.map(({ resource }) => resource);
      const { canBeForced } = applications[names.indexOf(name)]!;
      for (const resource of ['memoryBytes', 'cpuCores'] as const) {
        if (canBeForced && isAbove(resource)) expect(on).toContain(resource);
        if (on.length === 0 && !isAbove('memoryBytes') && !isAbove('cpuCores'))
          expect(after.applications.get(name)!.phase).toBe('complied');
      }
    });
  });
});

it('what has left is gone', () => {
  runs((moments) => {
    let { state } = moments.at(-1)!;
    for (const name of names) state = withoutApplication(state, name);
    expect(state.known.size).toBe(0);
  });
});
