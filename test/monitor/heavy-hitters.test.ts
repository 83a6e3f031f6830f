import { expect, it } from 'vitest';
import { numberOfDigits } from '../../src/admission/gaps.ts';
import { HeavyHitters } from '../../src/monitor/heavy-hitters.ts';

const noteMany = (hitters: HeavyHitters, digits: string, times: number): void => {
  for (let i = 0; i < times; i++) hitters.noteAttempt(numberOfDigits(digits));
};

it('tells a number and its prefixes, with attempts, answers and what a gap refused', () => {
  const hitters = new HeavyHitters();
  noteMany(hitters, '2125551212', 10);
  noteMany(hitters, '2125550000', 5);
  hitters.noteGapped(numberOfDigits('2125551212'));
  hitters.noteAnswer(numberOfDigits('2125550000'));
  const counts = (attempts: number, answers: number, refusedByGap: number) => ({
    attempts,
    excess: 0,
    answers,
    refusedByGap,
  });
  expect(hitters.take(100)).toEqual([
    { digits: '2125551212', isPrefix: false, ...counts(10, 0, 1) },
    { digits: '2125550000', isPrefix: false, ...counts(5, 1, 0) },
    { digits: '212555', isPrefix: true, ...counts(15, 1, 1) },
    { digits: '212', isPrefix: true, ...counts(15, 1, 1) },
  ]);
  expect(hitters.take(200)).toEqual([]);
});

it.each([
  ['0', []],
  ['911', []],
  ['0911', ['091']],
  ['555121', ['555']],
  ['5551212', ['555121', '555']],
  ['00442071234', ['0044207123', '004420', '004']],
  ['442071234567', ['4420712345', '442071', '442']],
  ['999999999999999', ['9999999999', '999999', '999']],
  ['000000000000000', ['0000000000', '000000', '000']],
])('the prefixes of %s', (digits, prefixes) => {
  const hitters = new HeavyHitters();
  noteMany(hitters, digits, 2);
  hitters.noteAnswer(numberOfDigits(digits));
  hitters.noteGapped(numberOfDigits(digits));
  const taken = hitters.take(0);
  expect(taken.map((one) => [one.digits, one.isPrefix])).toEqual([[digits, false], ...prefixes.map((p) => [p, true])]);
  for (const one of taken) expect(one).toMatchObject({ attempts: 2, answers: 1, refusedByGap: 1 });
});

it('does not tell a number that was called but once, until it is called again', () => {
  const hitters = new HeavyHitters();
  noteMany(hitters, '2125551212', 1);
  noteMany(hitters, '3035550000', 1);
  expect(hitters.take(0)).toEqual([]);
  noteMany(hitters, '2125551212', 1);
  expect(hitters.take(100)[0]).toMatchObject({ digits: '2125551212', attempts: 1 });
});

it('does not count what is no number', () => {
  const hitters = new HeavyHitters();
  hitters.noteAttempt(0);
  hitters.noteAnswer(0);
  hitters.noteGapped(0);
  expect(hitters.take(0)).toEqual([]);
});

it('finds a number with 2 % of 4,000 calls per second among calls to everybody', () => {
  const hitters = new HeavyHitters();
  let n = 0;
  for (let sample = 1; sample <= 50; sample++) {
    for (let i = 0; i < 400; i++) {
      // 7919 and 10^9 have no common factor: all different
      const spread = 2_000_000_000 + ((n++ * 7919) % 1_000_000_000);
      hitters.noteAttempt(numberOfDigits(i % 50 === 0 ? '9005551212' : String(spread)));
    }
    const taken = hitters.take(sample * 100);
    expect(taken.length).toBeLessThanOrEqual(24 + 3 * 8);
    if (sample < 10) continue;
    const hot = taken[0]!;
    expect(hot.digits).toBe('9005551212');
    expect(hot.attempts - hot.excess).toBe(8);
  }
});

it('of a flood it counts one in so many, for as many', () => {
  const hitters = new HeavyHitters();
  const flood = (calls: number) => {
    for (let i = 0; i < calls; i++) {
      // every tenth to one number, in step
      if (hitters.counts())
        hitters.noteAttempt(numberOfDigits(i % 10 === 0 ? '9005551212' : String(2_000_000_000 + i)));
    }
  };
  flood(20_000);
  hitters.take(100);
  flood(20_000);
  const hot = hitters.take(200).find(({ digits }) => digits === '9005551212')!;
  expect(hot.attempts - hot.excess).toBeGreaterThan(1500);
  expect(hot.attempts).toBeLessThan(2700);
  hitters.take(300);
  // and all of it when it is over
  expect(Array.from({ length: 100 }, () => hitters.counts()).every(Boolean)).toBe(true);
});
