import { describe, expect, it } from 'vitest';
import { applicationOf } from './application-of.ts';
import { edge, web } from './applications.ts';
import { HostDay } from './host-day.ts';

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
