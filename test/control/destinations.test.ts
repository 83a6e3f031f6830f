import { expect, it } from 'vitest';
import {
  answerRatio,
  type Destinations,
  type DestinationsInput,
  keyOf,
  measureDestinations,
  noDestinations,
  normalShare,
  passingAtMost,
  surelyAnswered,
} from '../../src/control/destinations.ts';
import { numberSample } from './number-sample.ts';

function after(steps: number, of: (step: number) => Partial<DestinationsInput>, from = noDestinations): Destinations {
  let all = from;
  for (let i = 0; i < steps; i++) {
    all = measureDestinations(all, {
      numbers: [],
      arrivalsPerSecond: 100,
      intervalMs: 100,
      admittedRatio: 1,
      isNormal: true,
      keep: new Set(),
      ...of(i),
    });
  }
  return all;
}

it('rates are those of the last second, and a destination that is not heard of is forgotten', () => {
  const all = after(30, () => ({ numbers: [numberSample('1', 5), numberSample('2', 9, { excess: 9 })] }));
  expect(all.perSecond).toBeCloseTo(100);
  expect(all.byKey.get('1')!.perSecond).toBe(50);
  expect(all.byKey.get('2')).toBeUndefined();
  expect(after(10, () => ({}), all).byKey.get('1')!.perSecond).toBe(0);
});

it('holds answers against what passed: gapped and shed calls are not bids', () => {
  const numbers = [numberSample('1', 50, { refusedByGap: 30, answers: 4 })];
  const one = after(300, () => ({ numbers, admittedRatio: 0.5, isNormal: false })).byKey.get('1')!;
  expect(one.passesPerSecond).toBeCloseTo(100, 0);
  expect(answerRatio(one)).toBeCloseTo(0.4);
  expect(surelyAnswered(one)).toBeCloseTo(0.4);
});

it('few calls say nothing of answers', () => {
  const one = after(100, (i) => ({ numbers: i % 10 === 0 ? [numberSample('1', 1)] : [] })).byKey.get('1')!;
  expect(answerRatio(one)).toBeUndefined();
  expect(answerRatio(one, 2)).toBe(0);
});

it('answers that come 5 s late do not make a steady number look bad after a while', () => {
  const all = after(150, (i) => ({ numbers: [numberSample('1', 3, { answers: i >= 50 ? 3 : 0 })] }));
  expect(answerRatio(all.byKey.get('1')!)).toBeGreaterThan(0.85);
});

it('passes are cut to what a gap lets pass', () => {
  const one = after(300, () => ({ numbers: [numberSample('1', 50, { answers: 1 })] })).byKey.get('1')!;
  expect(answerRatio(one)).toBeLessThan(0.03);
  expect(answerRatio(passingAtMost(one, 20))).toBeCloseTo(0.5, 1);
  expect(passingAtMost(one, 1e6)).toBe(one);
});

it('a surge is more than twice the normal share, and nothing is normal before 5 s', () => {
  const usual = { numbers: [numberSample('1', 3)] };
  expect(
    normalShare(
      after(40, () => usual),
      after(40, () => usual).byKey.get('1')!,
    ),
  ).toBe(0);
  const learned = after(600, () => usual);
  expect(normalShare(learned, learned.byKey.get('1')!)).toBeCloseTo(0.3, 2);
  expect(learned.byKey.get('1')!.surgingMs).toBe(0);
  // ten times as much of everything is no surge of this number
  const more = after(
    20,
    () => ({ numbers: [numberSample('1', 30)], arrivalsPerSecond: 1000, isNormal: false }),
    learned,
  );
  expect(more.byKey.get('1')!.surgingMs).toBe(0);
  const surge = after(
    20,
    () => ({ numbers: [numberSample('1', 90)], arrivalsPerSecond: 1000, isNormal: false }),
    learned,
  );
  expect(surge.byKey.get('1')!.surgingMs).toBeGreaterThan(1000);
  expect(surge.byKey.get('1')!.surgeCalls).toBeGreaterThan(900);
});

it('a prefix and a number of the same digits are two', () => {
  const all = after(1, () => ({ numbers: [numberSample('212', 1), numberSample('212', 2, { isPrefix: true })] }));
  expect(all.byKey.get(keyOf('212', false))!.perSecond).toBe(1);
  expect(all.byKey.get(keyOf('212', true))!.perSecond).toBe(2);
});
