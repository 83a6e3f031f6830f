import { expect, it } from 'vitest';
import { type ConcentrationInput, noConcentration, stepConcentration } from '../../src/control/concentration.ts';
import { numberSample } from './number-sample.ts';

function ratioAfter(steps: number, input: (step: number) => Partial<ConcentrationInput>): number {
  let state = noConcentration;
  let ratio = 0;
  for (let i = 0; i < steps; i++) {
    const one = { numbers: [], arrivalsPerSecond: 0, floorPerSecond: 20, intervalMs: 100, ...input(i) };
    const result = stepConcentration(state, one);
    state = result.state;
    ratio = result.concentration.ratio;
  }
  return ratio;
}

it('is the share of the four hottest numbers', () => {
  const numbers = [1, 2, 3, 4, 5, 6].map((n) => numberSample(String(n), 10));
  expect(ratioAfter(100, () => ({ numbers, arrivalsPerSecond: 1000 }))).toBeCloseTo(0.4);
  const state = stepConcentration(noConcentration, {
    numbers: [numberSample('1', 1), numberSample('2', 30)],
    arrivalsPerSecond: 400,
    floorPerSecond: 0,
    intervalMs: 100,
  });
  expect(state.concentration.digits).toEqual(['2', '1']);
});

it('a televote is seen within half a second, and forgotten some seconds after', () => {
  const televote = (i: number): Partial<ConcentrationInput> =>
    i >= 100 && i < 200
      ? { numbers: [numberSample('9005551212', 400)], arrivalsPerSecond: 4100 }
      : { numbers: [numberSample('2025550101', 1)], arrivalsPerSecond: 100 };
  expect(ratioAfter(100, televote)).toBeLessThan(0.15);
  expect(ratioAfter(105, televote)).toBeGreaterThan(0.8);
  expect(ratioAfter(300, televote)).toBeLessThan(0.4);
});

it('does not count prefixes, nor what may be another number’s', () => {
  const numbers = [numberSample('212', 100, { isPrefix: true }), numberSample('2125551212', 100, { excess: 99 })];
  expect(ratioAfter(100, () => ({ numbers, arrivalsPerSecond: 1000 }))).toBeCloseTo(0.01);
});

it('one caller who redials at night is no concentration', () => {
  expect(
    ratioAfter(600, (i) => ({
      numbers: i % 10 === 0 ? [numberSample('1', 1)] : [],
      arrivalsPerSecond: i % 10 ? 0 : 10,
    })),
  ).toBeLessThan(0.1);
});

it('is 0 without traffic, at most 1, and bounded in what it remembers', () => {
  expect(ratioAfter(10, () => ({}))).toBe(0);
  expect(ratioAfter(10, () => ({ numbers: [numberSample('1', 50)], arrivalsPerSecond: 100, floorPerSecond: 0 }))).toBe(
    1,
  );
  let state = noConcentration;
  for (let i = 0; i < 2000; i++) {
    const numbers = Array.from({ length: 24 }, (_, n) => numberSample(String(i * 24 + n), 1));
    ({ state } = stepConcentration(state, { numbers, arrivalsPerSecond: 240, floorPerSecond: 20, intervalMs: 100 }));
  }
  expect(state.calls.size).toBeLessThan(24 * 70);
});
