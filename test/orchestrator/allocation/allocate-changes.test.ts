import { describe, expect, it } from 'vitest';
import { initialAllocation, stepAllocation } from '../../../src/orchestrator/allocation/allocate.ts';
import { defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import { applicationOf } from './application-of.ts';
import { edge, web } from './applications.ts';
import { HostDay } from './host-day.ts';

describe('what changes on the host', () => {
  it('a newcomer gets its minimum even if all is used', () => {
    const day = new HostDay([applicationOf('a', { used: { cpuCores: 80 } })]);
    day.applications = [...day.applications, applicationOf('b', { minimum: { cpuCores: 15 } })];
    expect(day.pass(1).has).toEqual({ a: 65, b: 15 });
  });

  it('what an application had is free when it is gone', () => {
    const day = new HostDay([edge, web]);
    day.applications = [edge];
    day.pass(6);
    expect([day.has, day.last.available]).toEqual([{ edge: 40 }, { cpuCores: 40 }]);
    expect(day.ask('edge', 20)).toMatchObject({ outcome: 'granted' });
  });

  it('minima that do not fit any more are met by priority, and it is said once', () => {
    const low = applicationOf('low', { priority: 2, minimum: { cpuCores: 30 } });
    const day = new HostDay([{ ...edge, minimum: { cpuCores: 40 } }, low]);
    day.causes.length = 0;
    day.hostMaximum = { cpuCores: 60 };
    day.pass(3);
    expect(day.has).toEqual({ edge: 40, low: 8 });
    expect(day.causes.filter((cause) => cause.includes('minima'))).toEqual(['1 s low minima-do-not-fit 30 → 8']);
    day.hostMaximum = { cpuCores: 100 };
    expect(day.pass(1).has.low).toBe(30);
  });

  it('a resource that begins to be rationed is allocated then', () => {
    const day = new HostDay([applicationOf('a'), applicationOf('b')]);
    day.hostMaximum = { cpuCores: 100, memoryBytes: 1000 };
    day.pass(1);
    expect(day.last.allocations.get('a')).toEqual({ cpuCores: 40, memoryBytes: 400 });
    day.hostMaximum = { cpuCores: 100 };
    day.pass(1);
    expect(day.last.allocations.get('a')).toEqual({ cpuCores: 40 });
  });

  it('after a restart each has what it is known to have had', () => {
    const had = [
      applicationOf('a', { allocated: { cpuCores: 55 } }),
      applicationOf('b', { allocated: { cpuCores: 3 } }),
    ];
    expect(new HostDay(had).has).toEqual({ a: 55, b: 3 });
  });

  it('after a restart during an event nobody is stuck where the event had put it', () => {
    const day = new HostDay([edge, web]);
    day.mode = 'L2';
    day.last = { ...day.last, state: initialAllocation };
    day.pass(1);
    day.mode = 'L0';
    expect(day.pass(10).has).toEqual({ edge: 40, web: 40 });
  });

  it('a host that rations nothing limits nobody', () => {
    const input = { nowMs: 0, mode: 'L3', reductionRatio: 1, applications: [edge, web], unused: [] } as const;
    const step = stepAllocation(
      initialAllocation,
      { ...input, host: { maximum: {}, used: {} } },
      defaultAllocationRules,
    );
    expect(
      [...step.allocations.values(), ...step.maximums.values()].every((one) => Object.keys(one).length === 0),
    ).toBe(true);
    expect([step.boundaries.size, step.available, step.causes]).toEqual([0, {}, []]);
  });

  it('after a day without a step allocations are what they were', () => {
    const day = new HostDay([edge, web]);
    const before = day.has;
    day.nowMs += 86_400_000;
    expect(day.pass(1).has).toEqual(before);
  });
});
