import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import {
  oweBefore,
  owedAfterRecovery,
  owedToOthers,
  release,
  stillOwed,
} from '../../../src/orchestrator/allocation/release.ts';
import { amountsOf, asRecord, partOf, pool } from './part-of.ts';

const upToMaximum = ({ maximum }: Part) => maximum;

describe('release after the event', () => {
  const a = partOf('a', { allocated: 20 });
  const b = partOf('b', { allocated: 10 });
  it.each<[string, readonly Part[], Record<string, number>, number, Record<string, number>]>([
    ['nothing is owed', [a, b], {}, 1000, { a: 20, b: 10 }],
    ['in steps', [a, b], { a: 50 }, 1000, { a: 30, b: 10 }],
    ['to what was there before, and no further', [a, b], { a: 25 }, 1000, { a: 25, b: 10 }],
    ['at once after a long pause', [a, b], { a: 50 }, 1e9, { a: 50, b: 10 }],
    ['several at a time', [a, b], { a: 50, b: 30 }, 1000, { a: 30, b: 16 }],
    [
      'as far as there is room: who has least first',
      [a, b, partOf('c', { allocated: 45 })],
      { a: 50, b: 30 },
      1000,
      { a: 20, b: 15, c: 45 },
    ],
    [
      'nobody loses anything by it',
      [partOf('a', { allocated: 70 }), b, partOf('gets', { isExempt: true, allocated: 40 })],
      { b: 30 },
      1000,
      { a: 70, b: 10, gets: 40 },
    ],
    ['not above its maximum', [partOf('a', { allocated: 20, maximum: 22 })], { a: 50 }, 5000, { a: 22 }],
  ])('%s', (_, parts, owed, elapsedMs, expected) => {
    const after = release(parts, pool, new Map(Object.entries(owed)), elapsedMs, 5000, upToMaximum);
    expect(amountsOf(after)).toEqual(expected);
  });

  const had = (amounts: Record<string, number>) => (name: string) => amounts[name];
  it('what each had when the event began is owed, whatever it got or lost during it', () => {
    const began = oweBefore(new Map(), [a, b], had({ a: 60, b: 10 }), true);
    expect(asRecord(began)).toEqual({ a: 60, b: 10 });
    expect(asRecord(oweBefore(began, [a, b], had({ a: 20, b: 30 }), false))).toEqual({ a: 60, b: 10 });
  });

  it('a second event that begins during the release takes nothing off', () => {
    expect(asRecord(oweBefore(new Map([['a', 60]]), [a, b], had({ a: 20, b: 10 }), true))).toEqual({ a: 60, b: 10 });
  });

  it('who comes during the event is owed what it would have got without; exempt applications nothing', () => {
    const fresh = partOf('c', { allocated: undefined, maximum: 50 });
    expect(asRecord(oweBefore(new Map(), [fresh, { ...fresh, name: 'd', isExempt: true }], had({}), false))).toEqual({
      c: 50,
    });
  });

  it('who gives back of its own will is owed no more than it kept', () => {
    const owed = new Map([
      ['a', 60],
      ['b', 30],
    ]);
    expect(asRecord(owedAfterRecovery(owed, 'a', 20))).toEqual({ a: 20, b: 30 });
    expect(asRecord(owedAfterRecovery(owed, 'b', 40))).toEqual({ a: 60, b: 30 });
  });

  it('what is owed is kept free for those it is owed to', () => {
    const owed = new Map([
      ['a', 50],
      ['b', 30],
    ]);
    expect(owedToOthers([a, b], owed, 'a', upToMaximum)).toBe(20);
    expect(owedToOthers([a, b], owed, undefined, upToMaximum)).toBe(50);
    expect(owedToOthers([a, b], owed, undefined, () => 15)).toBe(5);
  });

  it('is over when it has been given back, or nobody is there any more', () => {
    const owed = new Map([
      ['a', 20],
      ['b', 30],
      ['gone', 30],
    ]);
    expect(asRecord(stillOwed(owed, [a, b], false))).toEqual({ b: 30 });
    expect(asRecord(stillOwed(owed, [a, b], true))).toEqual({ a: 20, b: 30 });
  });
});
