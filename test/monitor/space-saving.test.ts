import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SpaceSaving } from '../../src/monitor/space-saving.ts';

/** Exact counts beside the sketch. */
class Exact {
  readonly counts = new Map<number, number>();
  note(key: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
  of(key: number): number {
    return this.counts.get(key) ?? 0;
  }
}

it('counts exactly while there is room', () => {
  const sketch = new SpaceSaving(8);
  for (const key of [5, 5, 5, 7, 7, 9]) sketch.noteAttempt(key);
  sketch.noteAnswer(7);
  sketch.noteGapped(5);
  sketch.noteGapped(5);
  sketch.noteAnswer(1);
  expect(sketch.take(2)).toEqual([
    { key: 5, attempts: 3, missed: 0, answers: 0, refusedByGap: 2 },
    { key: 7, attempts: 2, missed: 0, answers: 1, refusedByGap: 0 },
  ]);
  expect(sketch.take(2)).toEqual([]);
  sketch.noteAnswer(7);
  expect(sketch.take(2)).toEqual([{ key: 7, attempts: 0, missed: 0, answers: 1, refusedByGap: 0 }]);
});

it('a new key takes the place of the lightest, and may have been missed as often as that was counted', () => {
  const sketch = new SpaceSaving(2);
  for (const key of [1, 1, 1, 2, 2]) sketch.noteAttempt(key);
  sketch.noteAttempt(3);
  expect(sketch.take(9)).toEqual([
    { key: 1, attempts: 3, missed: 0, answers: 0, refusedByGap: 0 },
    { key: 3, attempts: 3, missed: 2, answers: 0, refusedByGap: 0 },
  ]);
});

it('never counts a key too low, never surely too high, and keeps every key with more than 1/size of the calls', () => {
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.nat({ max: 40 }).map((key) => ({ key })) },
    { weight: 10, arbitrary: fc.nat({ max: 3 }).map((key) => ({ key: key + 4_000_000_000 })) },
    { weight: 1, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.constant('halve' as const) },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 600, size: 'max' }), (size, steps) => {
      const sketch = new SpaceSaving(size);
      let exact = new Exact();
      const check = (): void => {
        const taken = sketch.take(size);
        expect(new Set(taken.map(({ key }) => key)).size).toBe(taken.length);
        for (const { key, attempts, missed } of taken) {
          expect(attempts).toBeGreaterThanOrEqual(exact.of(key));
          expect(attempts - missed).toBeLessThanOrEqual(exact.of(key));
        }
        exact = new Exact();
      };
      let sinceHalved = new Exact();
      let isHalved = false;
      for (const one of steps) {
        if (one === 'take') check();
        else if (one === 'halve') {
          check();
          sketch.halve();
          sinceHalved = new Exact();
          isHalved = true;
        } else {
          sketch.noteAttempt(one.key);
          exact.note(one.key);
          sinceHalved.note(one.key);
        }
      }
      if (isHalved) return check();
      const total = [...sinceHalved.counts.values()].reduce((sum, count) => sum + count, 0);
      for (const key of sinceHalved.counts.keys()) sketch.noteAnswer(key);
      const kept = new Set(
        sketch
          .take(size)
          .filter(({ answers }) => answers > 0)
          .map(({ key }) => key),
      );
      for (const [key, count] of sinceHalved.counts) if (count > total / size) expect(kept).toContain(key);
    }),
    { numRuns: 300 },
  );
});

it('goes through random calls for long without losing an entry', () => {
  const sketch = new SpaceSaving(64);
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 1000; i++) sketch.noteAttempt(Math.floor(1e15 * random() ** 8));
    sketch.noteAttempt(42);
    for (let i = 0; i < 50; i++) sketch.noteAttempt(42);
    const taken = sketch.take(64);
    expect(taken.length).toBe(64);
    const hot = taken.find(({ key }) => key === 42)!;
    expect(hot.attempts - hot.missed).toBeGreaterThanOrEqual(45);
    if (round % 10 === 9) sketch.halve();
  }
});

it('follows the last seconds: what was heavy before is outweighed', () => {
  const sketch = new SpaceSaving(16);
  for (let i = 0; i < 10_000; i++) sketch.noteAttempt(1);
  sketch.take(1);
  for (let second = 0; second < 6; second++) {
    for (let i = 0; i < 1000; i++) sketch.noteAttempt(2);
    sketch.noteAttempt(1);
    sketch.take(1);
    sketch.halve();
  }
  sketch.noteAttempt(1);
  sketch.noteAttempt(2);
  expect(sketch.take(1)[0]!.key).toBe(2);
});
