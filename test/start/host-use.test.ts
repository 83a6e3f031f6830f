import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../src/congestion/application-messages.ts';
import { HostUse } from '../../src/start/host-use.ts';
import { linkReport } from '../../src/start/link-report.ts';
import { interfaceSample, loopView, sampleOf, switchSample } from '../metrics/loop.ts';

/** A second of samples: 30 ordinary and 2 priority calls in each tenth, 10 ms of processor time. */
function useAfter(samples: number, more: { ordinary?: number } = {}) {
  const cpu = { user: 0, system: 0 };
  const use = new HostUse(() => cpu);
  for (let i = 0; i < samples; i++) {
    const south = interfaceSample('south');
    const arrivals = { ...south.arrivals, newCall: more.ordinary ?? 30, priority: 1, emergency: 1 };
    cpu.user += 8000;
    cpu.system += 2000;
    use.note(sampleOf({ interfaces: [{ ...south, arrivals }], switches: [switchSample('sw1', { answered: 4 })] }));
  }
  return use;
}

describe('the rates of the last second', () => {
  it('are nothing before the first sample', () => {
    expect(new HostUse().rates()).toEqual({
      ...{ offeredPerSecond: 0, priorityPerSecond: 0, admittedPerSecond: 0, completedPerSecond: 0, cpuCores: 0 },
    });
  });
  it('count every call once', () => {
    expect(useAfter(10).rates()).toMatchObject({
      ...{ offeredPerSecond: 320, priorityPerSecond: 20, admittedPerSecond: 70, completedPerSecond: 40 },
    });
    expect(useAfter(11).rates().cpuCores).toBeCloseTo(0.1, 6);
  });
  it('forget what is older', () => {
    const use = useAfter(50);
    for (let i = 0; i < 10; i++) use.note(sampleOf({ interfaces: [], switches: [] }));
    expect(use.rates()).toMatchObject({ offeredPerSecond: 0, completedPerSecond: 0 });
  });
});

describe('a report', () => {
  const dropsBefore = new Map<string, number>();
  const report = (some: Partial<Parameters<typeof linkReport>[0]> = {}) =>
    linkReport({
      ...{ view: loopView(), rates: useAfter(10).rates(), memoryBytes: 1e8, floorPerSecond: 10, dropsBefore, ...some },
    });

  it('is one that an orchestrator takes', () => {
    const lease = { session: 'session-1', sequence: 1, validitySeconds: 5 };
    expect(reportSchema.safeParse({ ...report(), ...lease }).error).toBeUndefined();
  });

  it('has use, buffers with the drops since the last, rates and mode', () => {
    dropsBefore.clear();
    const first = report();
    expect(first).toMatchObject({
      used: { memoryBytes: 1e8 },
      rates: { requestsPerSecond: 320, priorityPerSecond: 20, admittedPerSecond: 70, completedPerSecond: 40 },
      mode: 'L3',
      reserveInUse: false,
    });
    expect(first.buffers).toEqual([
      { name: 'south lane', fillRatio: 0.35 },
      { name: 'south kernel queue', fillRatio: 0.25, drops: 3 },
      { name: 'east lane', fillRatio: 0.35 },
      { name: 'event loop', fillRatio: 0.5 },
    ]);
    expect(report().buffers).toContainEqual({ name: 'south kernel queue', fillRatio: 0.25, drops: 0 });
  });

  it('says what is normal once that is known everywhere, and never less than counts as a surge', () => {
    const normal = (view: ReturnType<typeof loopView>) => report({ view }).rates?.normalPerSecond;
    const view = loopView();
    expect(normal(view)).toBeUndefined(); // of east it is not known
    const of = (perSecond: number) => ({ ...view, control: { ...view.control, normalOf: () => perSecond } });
    expect(normal(of(40))).toBe(80);
    expect(normal(of(1))).toBe(10);
  });
});
