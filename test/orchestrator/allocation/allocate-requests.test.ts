import { describe, expect, it } from 'vitest';
import { applicationOf } from './application-of.ts';
import { edge, web } from './applications.ts';
import { HostDay } from './host-day.ts';

const gets = applicationOf('gets', { priority: 9, isExempt: true, maximum: { cpuCores: 50 }, used: { cpuCores: 1 } });

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
