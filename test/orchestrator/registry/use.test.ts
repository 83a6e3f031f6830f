// What an application uses: the greater of what it says and what its adapter sees; and what it used before an event.
import { expect, it } from 'vitest';
import { applications, registration, report } from './fixtures.ts';

const loadOf = (all: ReturnType<typeof applications>) => all.loads(new Map([['web', { cpuCores: 4 }]]))[0];

it('is the greater of both, resource by resource', () => {
  const all = applications();
  all.register('web', registration(1), 0);
  all.report('web', report('session-1', 2, { used: { cpuCores: 1, memoryBytes: 500, diskBytes: 7 } }), 0);
  all.observe('web', { cpuCores: 2, memoryBytes: 100, networkBytesPerSecond: 9 }, 0);
  all.step('L0', 0);
  expect(loadOf(all)).toMatchObject({
    allocated: { cpuCores: 4 },
    used: { cpuCores: 2, memoryBytes: 500, diskBytes: 7, networkBytesPerSecond: 9 },
  });
});

it('is what the adapter sees once the report is over', () => {
  const all = applications();
  all.register('web', registration(1), 0);
  all.report('web', report('session-1', 2, { used: { cpuCores: 3 } }), 0);
  all.observe('web', { cpuCores: 1 }, 0);
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 1000) all.step('L0', nowMs);
  expect(loadOf(all)?.used.cpuCores).toBeCloseTo(1);
});

it('is not what an adapter saw that fails since long', () => {
  const all = applications();
  all.register('web', registration(1, { validitySeconds: 3600 }), 0);
  all.observe('web', { cpuCores: 1 }, 0);
  all.step('L0', 60_000);
  expect(loadOf(all)?.used).toEqual({ cpuCores: 1 });
  all.step('L0', 61_000);
  expect(loadOf(all)?.used).toEqual({});
});

it('follows a step by 63 % in a second', () => {
  const all = applications();
  all.register('web', registration(1), 0);
  all.observe('web', { cpuCores: 0 }, 0);
  all.step('L0', 0);
  all.observe('web', { cpuCores: 10 }, 1000);
  all.step('L0', 1000);
  expect(loadOf(all)?.used.cpuCores).toBeCloseTo(6.3, 1);
});

it('before the event is what it was while it was calm, not the first seconds of the surge', () => {
  const all = applications();
  all.register('web', registration(1, { validitySeconds: 3600 }), 0);
  const step = (cpuCores: number, mode: 'L0' | 'L2', nowMs: number) => {
    all.observe('web', { cpuCores }, nowMs);
    all.step(mode, nowMs);
  };
  for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) step(1, 'L0', nowMs);
  expect(loadOf(all)?.usedBefore).toEqual(loadOf(all)?.used);
  for (let nowMs = 60_000; nowMs < 63_000; nowMs += 1000) step(10, 'L0', nowMs);
  for (let nowMs = 63_000; nowMs < 90_000; nowMs += 1000) step(10, 'L2', nowMs);
  expect(loadOf(all)?.used.cpuCores).toBeCloseTo(10);
  expect(loadOf(all)?.usedBefore.cpuCores).toBeLessThan(4);
  step(10, 'L0', 90_000);
  expect(loadOf(all)?.usedBefore).toEqual(loadOf(all)?.used);
});

it('before the event, of an application that came in the middle of it, is what it began with', () => {
  const all = applications();
  all.register('web', registration(1), 0);
  all.observe('web', { cpuCores: 2 }, 0);
  all.step('L3', 0);
  all.observe('web', { cpuCores: 8 }, 1000);
  all.step('L3', 1000);
  expect(loadOf(all)?.usedBefore).toEqual({ cpuCores: 2 });
});

it('goes on over a new instance', () => {
  const all = applications();
  all.register('web', registration(1), 0);
  all.observe('web', { cpuCores: 2 }, 0);
  all.step('L2', 0);
  all.register('web', registration(1, { instance: 'instance-2' }), 500);
  expect(loadOf(all)).toMatchObject({ used: { cpuCores: 2 }, usedBefore: { cpuCores: 2 } });
});
