// RFC 7339 §11: who claims overload control and keeps sending more than it was told.
import { expect, it } from 'vitest';
import { type OcPolice, stepPolice, unpoliced } from '../../src/control/oc-police.ts';

/** `seconds` of `perSecond` requests in samples of 100 ms. */
function after(police: OcPolice, perSecond: number, allowed: number, seconds: number, validityMs = 500): OcPolice {
  let state = police;
  for (let i = 0; i < seconds * 10; i++) state = stepPolice(state, perSecond / 10, allowed, 100, validityMs);
  return state;
}

it('flags after four periods of too much, not before', () => {
  expect(after(unpoliced, 300, 100, 1.9).doesNotComply).toBe(false);
  expect(after(unpoliced, 300, 100, 2).doesNotComply).toBe(true);
  expect(after(unpoliced, 300, 100, 3.9, 1000).doesNotComply).toBe(false);
  expect(after(unpoliced, 300, 100, 4, 1000).doesNotComply).toBe(true);
});

it('does not count as long as nothing is told, or what is within the tolerance', () => {
  expect(after(unpoliced, 1000, Infinity, 60).doesNotComply).toBe(false);
  expect(after(unpoliced, 115, 100, 60).doesNotComply).toBe(false);
  expect(after(unpoliced, 4, 1, 60).doesNotComply).toBe(false);
  expect(after(unpoliced, 1, 0, 60).doesNotComply).toBe(false);
});

it('forgives a burst', () => {
  let police = unpoliced;
  for (let i = 0; i < 20; i++) police = after(after(police, 5000, 100, 1), 100, 100, 1);
  expect(police.doesNotComply).toBe(false);
});

it('clears after as many good periods as it counted, four to eight', () => {
  const flagged = after(unpoliced, 300, 100, 60);
  expect(after(flagged, 100, 100, 3.9).doesNotComply).toBe(true);
  expect(after(flagged, 100, 100, 4).doesNotComply).toBe(false);
  expect(after(flagged, 100, Infinity, 4).doesNotComply).toBe(false);
});
