import fc from 'fast-check';
import { expect, it } from 'vitest';
import { initialLevel, type LevelState, stepLevel } from '../../src/control/level.ts';

const dwell = { setDwellMs: 300, clearDwellMs: 800 };
const set = 2;
const clear = 1;

/** Values every 100 ms; when it changed. */
function changes(values: readonly number[], start: LevelState = initialLevel) {
  let state = start;
  const found: string[] = [];
  values.forEach((value, i) => {
    const before = state.isSet;
    state = stepLevel(state, dwell, value >= set, value < clear, i * 100);
    if (state.isSet !== before) found.push(`${state.isSet ? 'set' : 'clear'} ${i * 100}`);
  });
  return { state, found };
}

const of = (value: number, count: number): number[] => Array.from({ length: count }, () => value);

it('sets after its dwell, stays in between, clears after the other', () => {
  expect(changes([...of(2, 3), ...of(1.9, 2), ...of(2, 4)]).found).toEqual(['set 800']);
  expect(changes([...of(2, 4), ...of(1.5, 100)]).found).toEqual(['set 300']);
  expect(changes([...of(2, 4), ...of(0, 8), 1, ...of(0, 9)]).found).toEqual(['set 300', 'clear 2100']);
});

it('sets at once without a dwell', () => {
  const state = stepLevel(initialLevel, { setDwellMs: 0, clearDwellMs: 1000 }, true, false, 5);
  expect(state.isSet).toBe(true);
});

it('waits longer before it clears the more often it was set again soon', () => {
  const relapse = [...of(2, 4), ...of(0, 90)];
  const { found } = changes([...relapse, ...relapse, ...relapse, ...relapse, ...of(0, 200), ...relapse]);
  const times = found.map((one) => Number(one.split(' ')[1]));
  const heldMs = times.flatMap((ms, i) => (i % 2 === 1 ? [ms - times[i - 1]!] : []));
  // From set to clear: one sample until it is below, then the dwell; the last after more than 10 s of peace.
  expect(heldMs).toEqual([900, 1700, 3300, 6500, 900]);
});

it('changes at most once under any constant value', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 4, noNaN: true }), fc.boolean(), (value, isSet) => {
      const start = isSet ? { ...initialLevel, isSet, clearDwellMs: 800 } : initialLevel;
      expect(changes(of(value, 300), start).found.length).toBeLessThanOrEqual(1);
    }),
  );
});

it('never changes faster than its dwells, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1.5, 3), { maxLength: 300 }), (values) => {
      const times = changes(values).found.map((one) => Number(one.split(' ')[1]));
      times.forEach((ms, i) => {
        if (i > 0) expect(ms - times[i - 1]!).toBeGreaterThan(dwell.setDwellMs);
      });
    }),
  );
});
