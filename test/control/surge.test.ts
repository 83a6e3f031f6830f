import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ArrivalWindow,
  clearPerSecond,
  ordinaryPerSecond,
  setPerSecond,
  stepWindow,
  windowPerSecond,
} from '../../src/control/surge.ts';

const windows = [600, 1000, 3000];
const rate = fc.double({ min: 0.01, max: 10_000, noNaN: true });
const ratio = fc.double({ min: 3, max: 10, noNaN: true });

it('asks for more than a busy hour, a burst of 20 calls or a caller who redials, at every normal rate', () => {
  fc.assert(
    fc.property(rate, ratio, fc.constantFrom(...windows), (normal, times, windowMs) => {
      const calls = (setPerSecond(normal, times, windowMs) * windowMs) / 1000;
      expect(calls).toBeGreaterThan((2 * normal * windowMs) / 1000 + 20);
      expect(calls).toBeGreaterThan((5 * windowMs) / 1000);
    }),
  );
});

it('is within a tenth of the nominal multiple where rates are large', () => {
  for (const times of [3, 4, 5, 10])
    expect(setPerSecond(2000, times, times >= 5 ? 1000 : 3000) / (2000 * times)).toBeCloseTo(0.97, 1);
});

it('clears below what sets, above what is normal, and both grow with normal', () => {
  fc.assert(
    fc.property(rate, ratio, fc.constantFrom(...windows), (normal, times, windowMs) => {
      const set = setPerSecond(normal, times, windowMs);
      const clear = clearPerSecond(normal, times * 0.8, set);
      expect(clear).toBeLessThan(set);
      expect(clear).toBeGreaterThan(normal);
      expect(setPerSecond(normal * 1.1, times, windowMs)).toBeGreaterThan(set);
      expect(ordinaryPerSecond(normal, windowMs)).toBeLessThanOrEqual(set);
    }),
  );
});

it('counts the slices of the window and no others', () => {
  let window: ArrivalWindow = [];
  for (let i = 1; i <= 50; i++) window = stepWindow(window, { atMs: i * 100, arrivals: i }, 3000);
  expect(window.length).toBe(30);
  expect(windowPerSecond(window, 1000, 100, Number.NEGATIVE_INFINITY)).toBe(455);
  expect(windowPerSecond(window, 1000, 100, 4800)).toBe(99);
  expect(windowPerSecond(window, 100, 100, Number.NEGATIVE_INFINITY)).toBe(500);
  expect(windowPerSecond([], 1000, 100, Number.NEGATIVE_INFINITY)).toBe(0);
});

it('takes a sample longer than the window as it is, and times that are not to the millisecond', () => {
  const slow = stepWindow([{ atMs: 5000, arrivals: 100 }], { atMs: 10_000, arrivals: 50 }, 3000);
  expect(windowPerSecond(slow, 1000, 5000, Number.NEGATIVE_INFINITY)).toBe(10);
  let window: ArrivalWindow = [];
  for (let i = 1; i <= 40; i++) window = stepWindow(window, { atMs: i * 100 + (i % 3), arrivals: 1 }, 3000);
  expect(windowPerSecond(window, 1000, 100, Number.NEGATIVE_INFINITY)).toBe(10);
});
