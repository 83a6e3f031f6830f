// What holds whatever happens on the host.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResourceName } from '../../../src/congestion/amounts.ts';
import { isDumpedIn, minimumIn } from '../../../src/orchestrator/allocation/boundaries.ts';
import { sum } from '../../../src/orchestrator/allocation/fill.ts';
import { applicationOf } from './application-of.ts';
import { HostDay } from './host-day.ts';
import { play, randomHosts, type Seen } from './random-host.ts';
import { seed } from './seed.ts';

const rationed = ['cpuCores', 'memoryBytes'] as const;

/** Everything about one rationed resource after one step. */
function look({ input, before, step, rules }: Seen, resource: ResourceName) {
  const host = input.host.maximum[resource]!;
  const parts = input.applications.map((application) => ({
    application,
    had: before.allocated.get(application.name)?.[resource],
    has: step.allocations.get(application.name)?.[resource] ?? Number.NaN,
    maximum: step.maximums.get(application.name)?.[resource] ?? Number.NaN,
    boundary: step.boundaries.get(application.name)?.[resource],
    minimum: minimumIn(input.mode, application.minimum[resource] ?? 0, application, rules),
  }));
  const of = (isExempt: boolean) => parts.filter(({ application }) => application.isExempt === isExempt);
  const exempt = sum(of(true).map(({ has }) => has));
  const capacity = Math.max(0, host - Math.max(host * rules.reserveRatio, exempt));
  return { host, parts, exempt, capacity, ordinary: of(false), slack: host * 1e-8 };
}

/** Checks each step of random hosts, resource by resource. */
function always(check: (seen: Seen, resource: ResourceName) => void, numRuns = 60) {
  fc.assert(
    fc.property(randomHosts, (host) => {
      for (const seen of play(host)) for (const resource of rationed) check(seen, resource);
    }),
    { numRuns, ...seed },
  );
}

describe('whatever happens', () => {
  it('allocations are never more than the host has, and those of ordinary applications never eat the reserve', () => {
    always((seen, resource) => {
      const { host, parts, ordinary, capacity, slack } = look(seen, resource);
      expect(sum(parts.map(({ has }) => has))).toBeLessThanOrEqual(host + slack);
      expect(sum(ordinary.map(({ has }) => has))).toBeLessThanOrEqual(capacity + slack);
    });
  });

  it("nobody has less than the mode's minimum if the minima fit, and if not, it is by priority", () => {
    always((seen, resource) => {
      const { parts, ordinary, exempt, host, capacity, slack } = look(seen, resource);
      const least = ordinary.map((part) => ({ ...part, minimum: Math.min(part.minimum, part.maximum) }));
      const short = least.filter(({ has, minimum }) => has < minimum - slack);
      if (sum(least.map(({ minimum }) => minimum)) <= capacity) expect(short).toEqual([]);
      for (const { application } of short) {
        const lower = least.filter((one) => one.application.priority < application.priority);
        expect(lower.filter(({ has }) => has > slack)).toEqual([]);
      }
      // An exempt newcomer goes without only where other exempt applications have the whole host.
      const shortExempt = parts.filter(
        ({ application, has, minimum, maximum }) => application.isExempt && has < Math.min(minimum, maximum) - slack,
      );
      if (shortExempt.length > 0) expect(exempt).toBeGreaterThanOrEqual(host - slack);
      expect(seen.step.state.shortOf.includes(resource)).toBe(short.length + shortExempt.length > 0);
    });
  });

  it('exempt applications lose nothing but what they give back, or the host loses', () => {
    always((seen, resource) => {
      const { parts, exempt, host, slack } = look(seen, resource);
      for (const { application, had, has, maximum } of parts) {
        const gaveBack = seen.input.unused.some((one) => one.application === application.name);
        if (!application.isExempt || had === undefined || gaveBack || exempt >= host - slack) continue;
        expect(has).toBeGreaterThanOrEqual(Math.min(had, maximum) - slack);
      }
    });
  });

  it('nobody has more than its maximum, nor in a crisis than its boundary; who is dumped has nothing', () => {
    always((seen, resource) => {
      const { parts, slack } = look(seen, resource);
      const { mode } = seen.input;
      for (const { application, has, maximum, boundary } of parts) {
        expect(has).toBeGreaterThanOrEqual(0);
        expect(has).toBeLessThanOrEqual(maximum + slack);
        expect(boundary === undefined).toBe(mode === 'L0' || application.isExempt);
        expect(has).toBeLessThanOrEqual((boundary ?? maximum) + slack);
        if (isDumpedIn(mode, application)) expect(has).toBe(0);
      }
    });
  });

  it('a resource that the host does not ration is never limited', () => {
    always(({ step }) => {
      for (const all of [step.allocations, step.maximums, step.boundaries, step.lent]) {
        for (const amounts of all.values()) expect(amounts.diskBytes).toBeUndefined();
      }
      expect(step.available.diskBytes).toBeUndefined();
    }, 50);
  });

  it('each change has its causes', () => {
    always((seen, resource) => {
      const { parts, slack } = look(seen, resource);
      for (const { application, had, has } of parts) {
        const own = seen.step.causes.filter(
          (cause) =>
            cause.application === application.name && cause.resource === resource && cause.rule !== 'minima-do-not-fit',
        );
        const changed = sum(own.map(({ fromAmount, toAmount }) => toAmount - fromAmount));
        expect(Math.abs(changed - (has - (had ?? 0)))).toBeLessThanOrEqual(slack);
      }
    });
  });

  it('requests that wait are one of each application at most, and every one gets an answer or waits', () => {
    always(({ input, before, step }) => {
      const waiting = step.state.held.map(({ application }) => application);
      expect(new Set(waiting).size).toBe(waiting.length);
      const present = input.applications.map(({ name }) => name);
      for (const { application } of before.held.filter((one) => present.includes(one.application))) {
        const answers = step.answered.filter((answer) => answer.application === application).length;
        expect(answers + Number(waiting.includes(application))).toBe(1);
      }
    });
  });

  it('the same gives the same, in whatever order applications are listed', () => {
    fc.assert(
      fc.property(randomHosts, (host) => {
        const [once, again, reversed] = [play(host), play(host), play(host, (all) => [...all].reverse())];
        expect(again.map(({ step }) => step)).toEqual(once.map(({ step }) => step));
        once.forEach((seen, i) => {
          for (const resource of rationed) {
            const { parts, slack } = look(seen, resource);
            const other = look(reversed[i]!, resource).parts;
            for (const { application, has } of parts) {
              const same = other.find((part) => part.application.name === application.name);
              expect(Math.abs((same?.has ?? Number.NaN) - has)).toBeLessThanOrEqual(slack);
            }
          }
        });
      }),
      { numRuns: 50, ...seed },
    );
  });
});

describe('whatever event there was', () => {
  it('10 s after it everybody has again what it had before', () => {
    const part = fc.record({
      isEssential: fc.boolean(),
      priority: fc.integer({ min: 0, max: 9 }),
      cores: fc.integer({ min: 0, max: 20 }),
      least: fc.integer({ min: 0, max: 5 }),
    });
    const modes = fc.array(fc.constantFrom('L0' as const, 'L1' as const, 'L2' as const, 'L3' as const), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), modes, (list, seconds) => {
        const day = new HostDay(
          list.map(({ isEssential, priority, cores, least }, i) =>
            applicationOf(`a${i}`, {
              ...{ isEssential, priority },
              minimum: { cpuCores: least },
              maximum: { cpuCores: cores },
              used: { cpuCores: cores / 2 },
            }),
          ),
        );
        const before = day.has;
        for (const mode of seconds) {
          day.mode = mode;
          day.reductionRatio = mode === 'L0' ? 0 : 0.7;
          day.pass(1);
        }
        day.mode = 'L0';
        day.reductionRatio = 0;
        expect(day.pass(10).has).toEqual(before);
      }),
      { numRuns: 100, ...seed },
    );
  });
});
