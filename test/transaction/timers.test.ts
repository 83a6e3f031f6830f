import { expect, it } from 'vitest';
import { defaultTimerBase, timerTable } from '../../src/transaction/timers.ts';

it('RFC 3261 Table 4 and RFC 6026 §8.11, with the default T1, T2 and T4', () => {
  expect(timerTable(defaultTimerBase)).toEqual({
    t1Ms: 500,
    t2Ms: 4000,
    t4Ms: 5000,
    aMs: 500,
    bMs: 32_000,
    cMs: 185_000,
    dMs: 32_000,
    eMs: 500,
    fMs: 32_000,
    gMs: 500,
    hMs: 32_000,
    iMs: 5000,
    jMs: 32_000,
    kMs: 5000,
    lMs: 32_000,
    mMs: 32_000,
    cancelMs: 32_000,
  });
});

it('with a short T1, Timer C stays over three minutes and Timer D at least 32 s', () => {
  const timers = timerTable({ t1Ms: 10, t2Ms: 80, t4Ms: 100 });
  expect(timers.bMs).toBe(640);
  expect(timers.cMs).toBeGreaterThan(180_000);
  expect(timers.dMs).toBe(32_000);
  expect(timerTable({ ...defaultTimerBase, t1Ms: 1000 }).dMs).toBe(64_000);
});
