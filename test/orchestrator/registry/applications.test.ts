import { describe, expect, it } from 'vitest';
import { resourceRequestSchema } from '../../../src/congestion/application-messages.ts';
import type { Applications } from '../../../src/orchestrator/registry/applications.ts';
import { applications, lowUtilisation, preCongestion, registration, report, settings } from './fixtures.ts';

const known = (all: Applications, nowMs: number, name = 'web') => all.find(name, nowMs);
const unknownSession = expect.objectContaining({ refused: 409, type: 'urn:surgegate:problem:unknown-session' });
const notRegistered = expect.objectContaining({ refused: 404, type: 'urn:surgegate:problem:not-registered' });

describe('a registration', () => {
  it('gives a session, and a lease from its receipt on', () => {
    const all = applications();
    expect(all.register('web', registration(1), 1000)).toEqual({ turn: 'new-instance' });
    expect(known(all, 10_999)).toMatchObject({ session: 'session-1', state: 'leased', instance: 'instance-1' });
    expect(known(all, 11_000)).toMatchObject({ state: 'silent' });
  });

  it('of nobody who is configured is refused', () => {
    expect(applications().register('other', registration(1), 0)).toMatchObject({ refused: 403 });
  });

  it('anew renews the lease and changes the claim, and the session stays', () => {
    const all = applications();
    all.register('web', registration(1, { priority: 2 }), 0);
    expect(all.register('web', registration(4, { priority: 3 }), 5000)).toEqual({ turn: 'newer' });
    expect(known(all, 14_999)).toMatchObject({ session: 'session-1', state: 'leased', settings: { priority: 3 } });
  });

  it.each([1, 4])('of the same instance with sequence %d after 4 changes nothing', (sequence) => {
    const all = applications();
    all.register('web', registration(4, { priority: 3 }), 0);
    const before = known(all, 9000);
    expect(all.register('web', registration(sequence, { priority: 1 }), 9000)).toEqual({ turn: 'out-of-turn' });
    expect(known(all, 9000)).toEqual(before);
    expect(known(all, 10_000)).toMatchObject({ state: 'silent' });
  });

  it('of another instance takes the place of the one before, whose messages are refused', () => {
    const all = applications();
    all.register('web', registration(50), 0);
    all.report('web', report('session-1', 51, { reserveInUse: true }), 0);
    expect(all.register('web', registration(1, { instance: 'instance-2' }), 100)).toEqual({ turn: 'new-instance' });
    expect(known(all, 100)).toMatchObject({ session: 'session-2', instance: 'instance-2', report: undefined });
    expect(all.report('web', report('session-1', 52), 200)).toEqual(unknownSession);
    expect(all.register('web', registration(51), 200)).toEqual(unknownSession);
    expect(known(all, 200)).toMatchObject({ session: 'session-2' });
  });
});

describe('a report', () => {
  it('renews the lease for as long as it says, and holds as long', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    expect(all.report('web', report('session-1', 2, { validitySeconds: 3, mode: 'L1' }), 9000)).toEqual({
      turn: 'newer',
    });
    expect(known(all, 11_999)).toMatchObject({ state: 'leased', report: { mode: 'L1' } });
    expect(known(all, 12_000)).toMatchObject({ state: 'silent', report: undefined });
  });

  it('after a registration that holds longer is over before the lease is', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    all.report('web', report('session-1', 2, { validitySeconds: 1 }), 0);
    all.register('web', registration(3, { validitySeconds: 100 }), 500);
    expect(known(all, 1000)).toMatchObject({ state: 'leased', report: undefined });
  });

  it.each([1, 2])('with sequence %d after 2 changes nothing', (sequence) => {
    const all = applications();
    all.register('web', registration(1), 0);
    all.report('web', report('session-1', 2, { mode: 'L2' }), 0);
    expect(all.report('web', report('session-1', sequence, { mode: 'L0' }), 5000)).toEqual({ turn: 'out-of-turn' });
    expect(known(all, 5000)).toMatchObject({ report: { mode: 'L2' }, leaseEndsMs: 10_000 });
  });

  it('with another session, or of nobody who is registered, is refused', () => {
    const all = applications();
    expect(all.report('web', report('session-1', 1), 0)).toEqual(notRegistered);
    all.register('web', registration(1), 0);
    expect(all.report('web', report('session-9', 2), 0)).toEqual(unknownSession);
    expect(all.report('batch', report('session-1', 2), 0)).toEqual(notRegistered);
  });

  it('after the lease is over makes it hold again', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    expect(all.step('L0', 20_000)).toEqual({ silent: ['web'], forgotten: [] });
    all.report('web', report('session-1', 2), 21_000);
    expect(known(all, 21_000)).toMatchObject({ state: 'leased' });
    expect(all.step('L0', 40_000)).toEqual({ silent: ['web'], forgotten: [] });
  });
});

it('a request takes its turn with the other messages', () => {
  const all = applications();
  const request = (session: string, sequence: number) => resourceRequestSchema.parse({ session, sequence, wanted: {} });
  expect(all.request('web', request('session-1', 2))).toEqual(notRegistered);
  all.register('web', registration(1), 0);
  expect(all.request('web', request('session-1', 2))).toEqual({ turn: 'newer' });
  expect(all.request('web', request('session-1', 2))).toEqual({ turn: 'out-of-turn' });
  expect(all.report('web', report('session-1', 2), 0)).toEqual({ turn: 'out-of-turn' });
});

describe('a notification', () => {
  it('of low utilisation is taken once, the newest', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    all.notify('web', lowUtilisation('session-1', 2, { cpuCores: 1 }), 0);
    all.notify('web', lowUtilisation('session-1', 4, { cpuCores: 3 }), 0);
    all.notify('web', lowUtilisation('session-1', 3, { cpuCores: 2 }), 0);
    expect(all.takeUnused()).toEqual([{ application: 'web', unused: { cpuCores: 3 } }]);
    expect(all.takeUnused()).toEqual([]);
  });

  it('of coming congestion counts as the newest on its resource, while the lease holds', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    all.notify('web', preCongestion('session-1', 2, 'cpuCores', 30), 100);
    all.notify('web', preCongestion('session-1', 3, 'memoryBytes', 20), 200);
    all.notify('web', preCongestion('session-1', 4, 'cpuCores', 10), 300);
    expect(all.eventApplications(300)[0]?.preCongestion).toEqual([
      { resource: 'memoryBytes', receivedMs: 200, secondsToThreshold: 20 },
      { resource: 'cpuCores', receivedMs: 300, secondsToThreshold: 10 },
    ]);
    expect(all.eventApplications(10_000)).toEqual([]);
  });

  it('thousands of them take the room of one on each resource', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    for (let i = 2; i < 5000; i++) all.notify('web', preCongestion('session-1', i, 'cpuCores', 1), i);
    expect(all.eventApplications(100)[0]?.preCongestion).toHaveLength(1);
  });
});

it('rates and the reserve are told to the mass event engine while the report holds', () => {
  const all = applications([settings('web', { isExempt: true })]);
  all.register('web', registration(1, { validitySeconds: 60 }), 0);
  const rates = { requestsPerSecond: 400, normalPerSecond: 100 };
  all.report('web', report('session-1', 2, { rates, reserveInUse: true, validitySeconds: 5 }), 1000);
  all.register('web', registration(3, { validitySeconds: 60 }), 1000);
  const seen = { receivedMs: 1000, requestsPerSecond: 400, normalPerSecond: 100, isReserveInUse: true };
  expect(all.eventApplications(5999)).toMatchObject([{ name: 'web', isExempt: true, isEssential: true, report: seen }]);
  expect(all.eventApplications(6000)).toMatchObject([{ report: undefined }]);
});

describe('the end', () => {
  it('of a lease is followed by silence, and then it is forgotten', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    expect(all.step('L0', 9999)).toEqual({ silent: [], forgotten: [] });
    expect(all.step('L0', 10_000)).toEqual({ silent: ['web'], forgotten: [] });
    expect(all.step('L0', 69_999)).toEqual({ silent: [], forgotten: [] });
    expect(all.step('L0', 70_000)).toEqual({ silent: [], forgotten: ['web'] });
    expect(known(all, 70_000)).toBeUndefined();
    expect(all.report('web', report('session-1', 2), 70_000)).toEqual(notRegistered);
  });

  it('is not there while its adapter sees it', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    for (let nowMs = 0; nowMs <= 200_000; nowMs += 1000) {
      all.observe('web', { memoryBytes: 100 }, nowMs);
      expect(all.step('L0', nowMs).forgotten).toEqual([]);
    }
    expect(known(all, 200_000)).toMatchObject({ state: 'silent', used: { memoryBytes: 100 } });
    all.observe('web', { memoryBytes: 0 }, 201_000);
    expect(all.step('L0', 201_000).forgotten).toEqual(['web']);
  });

  it('of an application that leaves is at once', () => {
    const all = applications();
    all.register('web', registration(1), 0);
    expect(all.leave('web')).toBe(true);
    expect(all.leave('web')).toBe(false);
    expect(all.list(0)).toEqual([]);
    all.register('web', registration(1), 0);
    expect(known(all, 0)).toMatchObject({ session: 'session-2' });
  });

  it('of all that are no longer configured comes with a reload', () => {
    const all = applications();
    all.register('web', registration(1, { priority: 9 }), 0);
    all.register('batch', registration(1), 0);
    all.configure([settings('web', { priority: 8 })]);
    expect(all.list(0).map(({ name, settings: { priority } }) => [name, priority])).toEqual([['web', 8]]);
  });
});

it('an application that has never registered is there while its adapter sees it use something', () => {
  const all = applications();
  all.observe('web', { cpuCores: 0 }, 0);
  expect(all.list(0)).toEqual([]);
  all.observe('web', { cpuCores: 1 }, 1000);
  all.observe('other', { cpuCores: 1 }, 1000);
  expect(all.step('L0', 1000)).toEqual({ silent: [], forgotten: [] });
  expect(all.list(1000)).toMatchObject([{ name: 'web', state: 'silent', instance: undefined, used: { cpuCores: 1 } }]);
  expect(all.report('web', report('session-1', 1), 1000)).toEqual(notRegistered);
  expect(all.leave('web')).toBe(false);
});
