import { expect, it } from 'vitest';
import { ordinaryLimit, withoutOverbooking } from '../../src/control/ordinary-limit.ts';

it('what the switches can do and a twentieth more, less privileged calls but for what their count scatters', () => {
  expect(ordinaryLimit(100, 0, Infinity)).toBeCloseTo(105);
  expect(ordinaryLimit(100, 50, Infinity)).toBeCloseTo(60);
  expect(ordinaryLimit(100, 300, Infinity)).toBe(0);
  expect(ordinaryLimit(Infinity, 10, Infinity)).toBe(Infinity);
});

it('never more than the host allows', () => {
  expect(ordinaryLimit(100, 20, 60)).toBe(40);
  expect(ordinaryLimit(Infinity, 20, 60)).toBe(40);
});

it('told to somebody, it is what there is', () => {
  expect(withoutOverbooking(ordinaryLimit(100, 0, Infinity))).toBeCloseTo(100);
  expect(withoutOverbooking(Infinity)).toBe(Infinity);
});
