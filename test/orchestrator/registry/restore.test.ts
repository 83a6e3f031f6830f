// After a restart: what the journal has keeps its place until leases are renewed, and late messages are still late.
import { expect, it } from 'vitest';
import { applications, registration, report, settings } from './fixtures.ts';

function saved() {
  const before = applications();
  before.register('web', registration(7, { priority: 2, needsPerRequestPerSecond: { cpuCores: 0.001 } }), 0);
  before.observe('batch', { cpuCores: 1 }, 0);
  return before.saved();
}

it('is what was registered, without its session and its callback', () => {
  expect(saved()).toEqual([
    {
      name: 'web',
      instances: { current: 'instance-1', lastSequence: 7, earlier: [] },
      claim: { essential: true, priority: 2, maximum: {}, minimum: {} },
      needsPerRequestPerSecond: { cpuCores: 0.001 },
    },
  ]);
});

it('is silent until it registers anew, with a session of its own', () => {
  const all = applications();
  all.restore(saved(), 5000);
  expect(all.find('web', 5000)).toMatchObject({ state: 'silent', settings: { priority: 2 } });
  expect(all.step('L2', 5000)).toEqual({ silent: [], forgotten: [] });
  expect(all.report('web', report('session-of-before', 8), 5000)).toMatchObject({ refused: 409 });
  expect(all.register('web', registration(7), 5000)).toEqual({ turn: 'out-of-turn' });
  expect(all.find('web', 5000)).toMatchObject({ state: 'silent' });
  expect(all.register('web', registration(9), 5000)).toEqual({ turn: 'newer' });
  expect(all.find('web', 5000)).toMatchObject({ state: 'leased', session: 'session-1' });
});

it('is forgotten if it never does', () => {
  const all = applications();
  all.restore(saved(), 5000);
  expect(all.step('L0', 65_000)).toEqual({ silent: [], forgotten: ['web'] });
});

it('does not bring back who is no longer configured, nor change who has registered already', () => {
  const all = applications([settings('batch')]);
  all.restore(saved(), 0);
  expect(all.list(0)).toEqual([]);
  const other = applications();
  other.register('web', registration(1, { instance: 'instance-2' }), 0);
  other.restore(saved(), 0);
  expect(other.find('web', 0)).toMatchObject({ state: 'leased', instance: 'instance-2' });
});
