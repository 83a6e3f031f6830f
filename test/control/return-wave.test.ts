// Who is told to come back does come back: the bookings, and what they do to the next values.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReturnWave } from '../../src/control/return-wave.ts';

it('books each refusal for the second it was told', () => {
  const wave = new ReturnWave(0.5);
  wave.book([7, 0, 10, 4], 1500);
  wave.book([0, 0, 0, 6], 900 + 1000);
  expect([0, 1, 2, 3, 4].map((s) => wave.expected(s, 1999))).toEqual([0, 0, 5, 5, 0]);
  expect([0, 1, 2].map((s) => wave.expected(s, 3000))).toEqual([5, 5, 0]);
  expect([0, 1, 2].map((s) => wave.expected(s, 4999))).toEqual([5, 0, 0]);
});

it('is empty after an idle day, keeps what lies beyond its end at its end, and bears a clock that goes back', () => {
  const wave = new ReturnWave(1);
  wave.book([...Array(300).fill(0), 1], 10_000);
  expect(wave.expected(255, 10_000)).toBe(1);
  expect(wave.expected(255, 9000)).toBe(1);
  for (let s = 0; s < 256; s++) expect(wave.expected(s, 86_400_000)).toBe(0);
});

it('adds nothing while there is room, and steps over the seconds that are full', () => {
  const wave = new ReturnWave(1, 60);
  expect(wave.extraSeconds(0, 10, 1, 4)).toBe(0);
  wave.book([0, 0, 9], 0);
  expect(wave.extraSeconds(0, 10, 1, 4)).toBe(0);
  wave.book([0, 0, 1], 0);
  expect(wave.extraSeconds(0, 10, 1, 4)).toBe(2);
  // a second later that second is the next one
  expect(wave.extraSeconds(1000, 10, 1, 4)).toBe(1);
  expect(wave.extraSeconds(2000, 10, 1, 4)).toBe(0);
});

it('where no room is left takes what is booked least, and never more than its bound or the end of its ring', () => {
  const wave = new ReturnWave(1, 5);
  wave.book([0, 9, 9, 9, 3, 9, 9, 9, 9], 0);
  expect(wave.extraSeconds(0, 2, 1, 1)).toBe(3);
  expect(wave.extraSeconds(0, 0, 255, 255)).toBe(0);
  const full = new ReturnWave(1, 200);
  full.book(Array(256).fill(5), 0);
  expect(full.extraSeconds(0, 1, 100, 200)).toBe(0);
});

it('keeps every second within what is left, as long as the bound has room for all', () => {
  const rates = fc.record({
    refusedPerSecond: fc.integer({ min: 10, max: 400 }),
    left: fc.integer({ min: 100, max: 400 }),
    most: fc.integer({ min: 1, max: 8 }),
  });
  fc.assert(
    fc.property(rates, ({ refusedPerSecond, left, most }) => {
      const wave = new ReturnWave(0.8, 60);
      let jitter = 0;
      // a surge that lasts as long as the seconds ahead can take half of what it sends back
      const surgeSeconds = Math.min(30, Math.floor((left * 30) / (refusedPerSecond * 0.8)));
      for (let ms = 0; ms < surgeSeconds * 1000; ms += 100) {
        const extra = wave.extraSeconds(ms, left, 1, most);
        const told: number[] = Array(256).fill(0);
        for (let i = 0; i < refusedPerSecond / 10; i++) {
          jitter = (jitter + 0.618_034) % 1;
          const s = 1 + Math.floor(jitter * most) + extra;
          told[s] = told[s]! + 1;
        }
        wave.book(told, ms);
        let highest = 0;
        for (let s = 0; s < 100; s++) highest = Math.max(highest, wave.expected(s, ms));
        // what is told in the 100 ms before the next look may go over
        expect(highest).toBeLessThanOrEqual(left + refusedPerSecond * 0.08 + 1);
      }
    }),
    { numRuns: 30 },
  );
});
