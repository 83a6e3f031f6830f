import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberMap } from '../../src/transaction/number-map.ts';

// keys that fall on one another: few values of the lower bits, several of the upper ones
const key = fc.tuple(fc.nat(7), fc.constantFrom(0, 1024, 2 ** 31, 2 ** 32, 2 ** 52)).map(([low, high]) => high + low);

it('holds what a Map holds, whatever is set and deleted', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), key, fc.nat()), { maxLength: 300 }), (steps) => {
      const map = new NumberMap<number>();
      const model = new Map<number, number>();
      for (const [isSet, k, value] of steps) {
        if (isSet) {
          map.set(k, value);
          model.set(k, value);
        } else expect(map.delete(k)).toBe(model.delete(k));
        expect(map.size).toBe(model.size);
      }
      for (const k of steps.map((step) => step[1])) expect(map.get(k)).toBe(model.get(k));
      expect([...map.values()].sort()).toEqual([...model.values()].sort());
    }),
  );
});

it('grows, and is empty again when everything is deleted', () => {
  const map = new NumberMap<string>();
  const keys = Array.from({ length: 5000 }, (_, i) => (i % 2 ** 21) * 2 ** 32 + (Math.imul(i, 0x9e3779b1) >>> 0));
  for (const k of keys) map.set(k, `v${k}`);
  expect(map.size).toBe(5000);
  for (const k of keys) expect(map.get(k)).toBe(`v${k}`);
  for (const k of keys) expect(map.delete(k)).toBe(true);
  expect([map.size, [...map.values()], map.get(keys[0]!), map.delete(keys[0]!)]).toEqual([0, [], undefined, false]);
});
