import { describe, expect, it } from 'vitest';
import { initialAllocation, stepAllocation } from '../../../src/orchestrator/allocation/allocate.ts';
import { defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import { applicationOf } from './application-of.ts';
import { HostDay } from './host-day.ts';

const edge = applicationOf('edge', {
  priority: 8,
  maximum: { cpuCores: 60 },
  minimum: { cpuCores: 10 },
  used: { cpuCores: 20 },
});
const web = applicationOf('web', {
  priority: 5,
  maximum: { cpuCores: 40 },
  minimum: { cpuCores: 4 },
  used: { cpuCores: 12 },
});
const batch = applicationOf('batch', {
  priority: 1,
  isEssential: false,
  maximum: { cpuCores: 30 },
  used: { cpuCores: 16 },
});
const gets = applicationOf('gets', { priority: 9, isExempt: true, maximum: { cpuCores: 50 }, used: { cpuCores: 1 } });
const all = [edge, web, batch, gets];

describe('a mass-call event', () => {
  it('the batch job is dumped, boundaries come, shrink by stages, and all goes back to what it was', () => {
    const day = new HostDay(all);
    const before = { edge: 26.666667, web: 26.666667, batch: 26.666667, gets: 20 };
    expect(day.has).toEqual(before);
    expect(day.boundaries).toEqual({});

    day.mode = 'L1';
    day.pass(1);
    expect(day.has).toEqual({ edge: 26.666667, web: 26.666667, batch: 0, gets: 20 });
    expect(day.boundaries).toEqual({ edge: 40, web: 40, batch: 0 });

    expect(day.ask('edge', 30)).toMatchObject({ outcome: 'partly-granted', reason: 'crisis-mode' });
    expect(day.has.edge).toBe(40);

    day.mode = 'L2';
    day.reductionRatio = 0.25;
    day.pass(1);
    expect(day.boundaries).toEqual({ edge: 30, web: 30, batch: 0 });
    day.reductionRatio = 0.5;
    day.pass(1);
    expect(day.has).toEqual({ edge: 20, web: 20, batch: 0, gets: 20 });

    day.mode = 'L3';
    day.reductionRatio = 1;
    day.pass(1);
    expect(day.has).toEqual({ edge: 5, web: 2, batch: 0, gets: 20 });
    expect(day.ask('gets', 30)).toMatchObject({ outcome: 'granted', reason: 'room' });

    day.mode = 'L0';
    day.reductionRatio = 0;
    day.pass(1);
    expect(day.has.edge).toBeGreaterThan(10);
    expect(day.has.edge).toBeLessThan(26);
    day.pass(10);
    // gets has 30 more than its reserve, and nobody takes it away: the others share the other 50.
    expect(day.has.gets).toBe(50);
    day.pass(1, [{ application: 'gets', unused: { cpuCores: 40 } }]).pass(10);
    expect(day.has).toEqual({ ...before, gets: 10 });
  });

  it('what it had before, not less, also if a second event comes while it is being released', () => {
    const day = new HostDay([edge, web]);
    const before = day.has;
    for (const mode of ['L2', 'L0', 'L3', 'L0'] as const) {
      day.mode = mode;
      day.reductionRatio = mode === 'L0' ? 0 : 0.9;
      day.pass(1);
    }
    expect(day.pass(10).has).toEqual(before);
  });

  it('says once which rule did what', () => {
    const day = new HostDay([edge, batch]);
    day.causes.length = 0;
    day.mode = 'L1';
    day.pass(5);
    expect(day.causes).toEqual(['1 s batch dumped 30 → 0']);
    day.mode = 'L0';
    day.causes.length = 0;
    day.pass(20);
    expect(day.causes.map((cause) => cause.replace(/^\d+ s /, ''))).toEqual([
      'batch released 0 → 6',
      'batch released 6 → 12',
      'batch released 12 → 18',
      'batch released 18 → 24',
      'batch released 24 → 30',
    ]);
  });

  it('who comes during the event gets its boundary, and after it what it would have got without', () => {
    const day = new HostDay([edge]);
    day.mode = 'L1';
    day.applications = [edge, web];
    expect(day.pass(1).has).toEqual({ edge: 40, web: 40 });
    day.mode = 'L0';
    expect(day.pass(20).has).toEqual({ edge: 40, web: 40 });
  });

  it('proportionally: by what each used before the event, whatever it uses during it', () => {
    const day = new HostDay([applicationOf('a'), applicationOf('b')], { split: 'proportional' });
    day.uses({ a: 30, b: 10 });
    day.mode = 'L1';
    expect(day.pass(1).boundaries).toEqual({ a: 60, b: 20 });
    day.uses({ a: 5, b: 40 });
    expect(day.pass(1).boundaries).toEqual({ a: 60, b: 20 });
  });

  it('exempt applications growing beyond the reserve shrink the boundaries of the others, down to their minima', () => {
    const day = new HostDay([edge, web, applicationOf('gets', { isExempt: true, priority: 9 })]);
    day.mode = 'L1';
    day.pass(1);
    day.ask('gets', 40);
    expect(day.has).toEqual({ edge: 20, web: 20, gets: 60 });
    expect(day.ask('gets', 40)).toMatchObject({ outcome: 'partly-granted', reason: 'no-room' });
    expect(day.has).toEqual({ edge: 10, web: 4, gets: 86 });
    expect(day.boundaries).toEqual({ edge: 10, web: 4 });
  });
});

describe('cross utilisation', () => {
  it('is what an application has or uses above what would be its boundary', () => {
    const day = new HostDay([edge, applicationOf('idle', { maximum: { cpuCores: 20 } })]);
    expect(day.lent).toEqual({});
    day.applications = [...day.applications, applicationOf('other', { maximum: { cpuCores: 30 } })];
    day.pass(1);
    // In an event: 20 for idle, 30 for each of the others.
    expect(day.has).toEqual({ edge: 30, idle: 20, other: 30 });
    expect(day.uses({ edge: 37 }).pass(1).lent).toEqual({ edge: 7 });
  });

  it('is still told in the step in which the event begins, and as long as it is used', () => {
    const one = applicationOf('one', { maximum: { cpuCores: 70 }, used: { cpuCores: 56 } });
    const day = new HostDay([one]);
    day.applications = [one, applicationOf('two', { used: { cpuCores: 1 } })];
    day.pass(1);
    expect([day.has, day.lent]).toEqual([{ one: 70, two: 10 }, { one: 30 }]);
    day.mode = 'L1';
    day.pass(1);
    expect([day.has, day.lent]).toEqual([{ one: 40, two: 10 }, { one: 30 }]);
    expect(day.pass(1).lent).toEqual({ one: 16 });
    expect(day.uses({ one: 39 }).pass(1).lent).toEqual({});
  });
});

describe('requests in L0', () => {
  const small = applicationOf('small', { used: { cpuCores: 10 }, allocated: { cpuCores: 20 }, priority: 3 });
  const great = applicationOf('great', { used: { cpuCores: 10 }, allocated: { cpuCores: 20 }, priority: 7 });

  it('seed: are held while utilisation moves, and granted when it is stable', () => {
    const day = new HostDay([small, great]);
    expect(day.ask('small', 5)).toMatchObject({ outcome: 'granted', granted: { cpuCores: 5 }, reason: 'room' });
    day.uses({ small: 18 }).pass(1);
    const held = { outcome: 'held', granted: {}, reason: 'utilisation-is-moving' };
    expect(day.ask('small', 5)).toMatchObject(held);
    expect(day.pass(2).has.small).toBe(25);
    day.pass(4);
    expect(day.has.small).toBe(30);
    expect(day.last.state.held).toEqual([]);
  });

  it('seed: short of room, those who wait are ranked by priority', () => {
    const day = new HostDay([small, great]);
    day.uses({ small: 18, great: 18 }).pass(1);
    expect([day.ask('small', 35).outcome, day.ask('great', 35).outcome]).toEqual(['held', 'held']);
    day.pass(6);
    expect(day.has).toEqual({ small: 25, great: 55 });
  });

  it('exempt applications are never held', () => {
    const day = new HostDay([small, gets]);
    day.uses({ small: 18, gets: 15 }).pass(1);
    expect(day.ask('gets', 10)).toMatchObject({ outcome: 'granted' });
    expect(day.has.gets).toBe(30);
  });

  it('an event decides those that were held', () => {
    const day = new HostDay([small, great]);
    day.uses({ small: 18 }).pass(1);
    day.ask('small', 50);
    day.mode = 'L1';
    day.pass(1);
    expect(day.last.answered).toEqual([
      { application: 'small', outcome: 'partly-granted', granted: { cpuCores: 20 }, reason: 'crisis-mode' },
    ]);
  });

  it('are refused after they were held too long', () => {
    const day = new HostDay([small, great], { heldForMs: 5000 });
    day.uses({ small: 18 }).pass(1);
    day.ask('small', 5);
    for (let i = 0; i < 4; i++) day.uses({ small: i % 2 === 0 ? 5 : 18 }).pass(1);
    expect(day.last.answered).toEqual([]);
    day.uses({ small: 5 }).pass(1);
    expect(day.last.answered).toEqual([
      { application: 'small', outcome: 'refused', granted: {}, reason: 'utilisation-is-moving' },
    ]);
  });

  it('of nobody are refused', () => {
    expect(new HostDay([small]).ask('nobody', 5)).toMatchObject({ outcome: 'refused' });
  });

  it('for a resource that the host does not ration are granted, and limit nothing', () => {
    const day = new HostDay([small]);
    expect(day.ask('small', { diskBytes: 1e12 })).toMatchObject({ outcome: 'granted', granted: { diskBytes: 1e12 } });
    expect(day.last.allocations.get('small')).toEqual({ cpuCores: 20 });
    expect(day.last.available).toEqual({ cpuCores: 60 });
    expect(day.last.availableToExempt).toEqual({ cpuCores: 80 });
  });
});

describe('the application that gives and the one that needs', () => {
  it('seed: what the first reports unused is recovered, and then the second gets it', () => {
    const day = new HostDay([edge, web]);
    expect(day.has).toEqual({ edge: 40, web: 40 });
    expect(day.ask('web', 10)).toMatchObject({ outcome: 'refused', reason: 'maximum' });
    day.pass(1, [{ application: 'web', unused: { cpuCores: 15 } }]);
    expect(day.has).toEqual({ edge: 40, web: 25 });
    expect(day.ask('edge', 20)).toMatchObject({ outcome: 'granted' });
    // 15 were free, 5 more were not used by the lower priority.
    expect(day.has).toEqual({ edge: 60, web: 20 });
  });

  it('a recovery that would bring use too near is refused, and said so', () => {
    const day = new HostDay([edge]);
    day.causes.length = 0;
    day.pass(1, [{ application: 'edge', unused: { cpuCores: 39 } }]);
    expect([day.has.edge, day.causes]).toEqual([60, ['1 s edge recovery-refused 60 → 60']]);
  });

  it('of two notifications the last counts', () => {
    const day = new HostDay([edge]);
    const twice = { application: 'edge', unused: { cpuCores: 10 } };
    expect(day.pass(1, [twice, twice]).has.edge).toBe(50);
  });

  it('seed: near the maximum of the host allocation moves to the high priority by itself', () => {
    const day = new HostDay([
      applicationOf('edge', { priority: 8, used: { cpuCores: 38 }, allocated: { cpuCores: 47.5 } }),
      applicationOf('web', { used: { cpuCores: 25 }, allocated: { cpuCores: 32.5 } }),
    ]);
    expect(day.has).toEqual({ edge: 47.5, web: 32.5 });
    day.applications = [...day.applications, applicationOf('os', { isExempt: true, maximum: { cpuCores: 20 } })];
    day.uses({ edge: 46, web: 25, os: 19 }).pass(1);
    // First it is held: its use moves.
    expect(day.has.edge).toBe(47.5);
    day.pass(6);
    expect(day.has).toMatchObject({ edge: 48.75, web: 31.25 });
  });
});

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
    const input = { nowMs: 0, mode: 'L3', reductionRatio: 1, applications: all, unused: [] } as const;
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
