import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RunningMode, runningModes } from '../../../src/control/throttle.ts';
import type { EventInput } from '../../../src/orchestrator/mass-event/mass-event.ts';
import { application, changes, hostAt, runEvent } from './event-run.ts';

const ratio = fc.double({ min: 0, max: 1.05, noNaN: true });
/** What may be so on a host, all at once. */
const load = fc.record({
  host: fc.record({
    cpuCores: ratio,
    memoryBytes: ratio,
    diskBytes: ratio,
    diskBytesPerSecond: ratio,
    networkBytesPerSecond: ratio,
  }),
  requestsPerSecond: fc.double({ min: 0, max: 20_000, noNaN: true }),
  normalPerSecond: fc.option(fc.double({ min: 0, max: 2000, noNaN: true }), { nil: undefined }),
  isReserveInUse: fc.boolean(),
  exemptMemory: ratio,
  peer: fc.constantFrom(...runningModes),
  secondsToThreshold: fc.option(fc.integer({ min: 0, max: 60 })),
});
type Load = typeof load extends fc.Arbitrary<infer T> ? T : never;

function inputOf(one: Load, nowMs: number): Partial<EventInput> {
  const second = Math.floor(nowMs / 1000) * 1000;
  const { requestsPerSecond, normalPerSecond, isReserveInUse, secondsToThreshold } = one;
  const preCongestion =
    secondsToThreshold === null ? [] : [{ resource: 'memoryBytes' as const, receivedMs: second, secondsToThreshold }];
  const edge = application({
    report: { receivedMs: second, requestsPerSecond, normalPerSecond, isReserveInUse },
    preCongestion,
  });
  const gets = application({ name: 'gets', isExempt: true, used: { memoryBytes: one.exemptMemory * 200e9 } });
  return { host: hostAt(one.host), applications: [edge, gets], peers: [{ name: 'east-1', mode: one.peer }] };
}

const rank = (mode: RunningMode): number => runningModes.indexOf(mode);

it('under any constant load the mode rises to where it stays, and never falls', () => {
  fc.assert(
    fc.property(load, fc.constantFrom(100, 250, 1000), (one, stepMs) => {
      const moments = runEvent((nowMs) => inputOf(one, nowMs), 60, { stepMs });
      const modes = moments.map(({ mode }) => rank(mode.mode));
      expect([...modes].sort((a, b) => a - b)).toEqual(modes);
      expect(modes.at(-1)).toBe(modes[Math.floor(modes.length / 2)]);
    }),
    { numRuns: 150 },
  );
});

it('however it came about, a calm host is in L0 soon: within a clear dwell and the falls, unless it relapsed', () => {
  fc.assert(
    fc.property(load, fc.integer({ min: 0, max: 40 }), (one, seconds) => {
      const event = runEvent((nowMs) => inputOf(one, nowMs), seconds);
      const after = runEvent(() => ({}), 9, { from: event });
      expect(after.at(-1)?.mode).toMatchObject({ mode: 'L0', causes: [] });
      expect(after.at(-1)?.attributes).toEqual({ dumpNonEssential: false, reductionRatio: 0, slowed: false });
      expect(after.at(-1)?.proposals).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('whatever happened, attributes are those of the mode, causes are there while one is, and a long calm is L0', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(load, fc.integer({ min: 1, max: 20 })), { maxLength: 12 }), (history) => {
      let moments = runEvent(() => ({}), 1);
      for (const [one, seconds] of history) {
        moments = [...moments, ...runEvent((nowMs) => inputOf(one, nowMs), seconds, { from: moments })];
      }
      moments = [...moments, ...runEvent(() => ({}), 8 + 3 * 2 * 16, { from: moments })];
      for (const { mode, attributes } of moments) {
        expect(attributes.dumpNonEssential).toBe(mode.mode !== 'L0');
        expect(attributes.slowed).toBe(mode.mode === 'L3');
        expect(attributes.reductionRatio).toBeLessThanOrEqual({ L0: 0, L1: 0, L2: 0.5, L3: 0.75 }[mode.mode]);
        expect(mode.causes.length > 0).toBe(mode.mode !== 'L0');
      }
      expect(moments.at(-1)?.mode.mode, changes(moments).join('\n')).toBe('L0');
    }),
    { numRuns: 60 },
  );
});

it('a sample that is alone raises nothing', () => {
  fc.assert(
    fc.property(load, fc.constantFrom(250, 1000), (one, stepMs) => {
      const at = (nowMs: number): Partial<EventInput> => (nowMs === 5000 ? inputOf(one, nowMs) : {});
      expect(changes(runEvent(at, 15, { stepMs }))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});
