import { describe, expect, it } from 'vitest';
import {
  expireControls,
  joinGaps,
  noOperatorControls,
  type OperatorControls,
} from '../../src/control/operator-controls.ts';
import type { Gap } from '../../src/control/throttle.ts';

const until = (untilMs: number) => ({ untilMs, reason: '', by: 'ann' });
const interval = (digits: string, intervalMs: number): Gap => ({
  digits,
  limit: { kind: 'interval', intervalMs },
  cause: 'operator',
  untilMs: 1000,
});
const share = (digits: string, passRatio: number): Gap => ({
  ...interval(digits, 1),
  limit: { kind: 'share', passRatio },
});

describe('controls', () => {
  const all: OperatorControls = {
    mode: { mode: 'L2', ...until(100) },
    drain: until(200),
    shadow: { on: true, ...until(200) },
    drainedSwitches: new Map([
      ['a', until(100)],
      ['b', until(300)],
    ]),
  };
  it.each<[number, OperatorControls]>([
    [99, all],
    [100, { mode: undefined, drain: all.drain, shadow: all.shadow, drainedSwitches: new Map([['b', until(300)]]) }],
    [200, { mode: undefined, drain: undefined, shadow: undefined, drainedSwitches: new Map([['b', until(300)]]) }],
    [300, noOperatorControls],
  ])('at %i ms are those whose time is not over', (nowMs, left) => expect(expireControls(all, nowMs)).toEqual(left));

  it('stay the same value while none is over', () => expect(expireControls(all, 50)).toBe(all));
});

describe('gaps of several sources', () => {
  it.each<[string, Gap[][], Gap[]]>([
    ['none', [[], []], []],
    ['one source as it is', [[], [interval('1', 5)]], [interval('1', 5)]],
    ['on different digits', [[interval('1', 5)], [interval('2', 5)]], [interval('1', 5), interval('2', 5)]],
    ['the longer interval', [[interval('1', 5)], [interval('1', 9)], [interval('1', 7)]], [interval('1', 9)]],
    ['the smaller share', [[share('1', 0.5)], [share('1', 0.1)]], [share('1', 0.1)]],
    ['both kinds', [[share('1', 0.5)], [interval('1', 5)]], [share('1', 0.5), interval('1', 5)]],
  ])('%s', (_name, sources, joined) => expect(joinGaps(...sources)).toEqual(joined));
});
