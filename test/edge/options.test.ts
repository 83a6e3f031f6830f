import { expect, it } from 'vitest';
import { optionsAnswer } from '../../src/edge/options.ts';
import type { EdgeParts } from '../../src/edge/parts.ts';
import { sideOf } from '../admission/sides.ts';
import { peekText } from '../sip/peek-text.ts';
import { routing, text } from './routing.ts';

function asked(
  uri: string,
  { isUp = true, isDraining = false, side = 'east' as 'east' | 'core', maxForwards = 70 } = {},
) {
  // all that is looked at
  const parts = { policy: { routing }, switches: { isAnyUp: () => isUp }, isDraining } as unknown as EdgeParts;
  const p = peekText(text({ method: 'OPTIONS', uri }).replace('Max-Forwards: 70', `Max-Forwards: ${maxForwards}`));
  return optionsAnswer(p, parts, sideOf({ name: side }).anyone)?.status;
}

it('is for us with our address and no user, by any name of ours', () => {
  expect(
    ['sip:192.0.2.2', 'sip:192.0.2.2:5060', 'sip:[2001:DB8::1]', 'sips:192.0.2.2'].map((uri) => asked(uri)),
  ).toEqual([200, 200, 200, 200]);
  for (const uri of ['sip:bob@192.0.2.2', 'sip:192.0.2.2:5099', 'sip:example.com', 'sip:', 'tel:1'])
    expect(asked(uri)).toBeUndefined();
});

it('is for us where no hop is left (RFC 3261 §16.3 step 3)', () => {
  expect(asked('sip:bob@example.com', { maxForwards: 0 })).toBe(200);
});

it('tells a neighbour whether the switches behind us can be had, and a switch about us', () => {
  expect(asked('sip:192.0.2.2', { isUp: false })).toBe(503);
  expect(asked('sip:192.0.2.2', { isDraining: true })).toBe(503);
  expect(asked('sip:10.0.0.1:5050', { isUp: false, isDraining: true, side: 'core' })).toBe(200);
});
