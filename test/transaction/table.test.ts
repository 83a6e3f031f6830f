import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransactionTable } from '../../src/transaction/table.ts';

describe('TransactionTable', () => {
  it('holds no more than maxSize, and counts what it refused', () => {
    const table = new TransactionTable<number>(2);
    expect([table.add('a', 1), table.add('b', 2), table.add('c', 3)]).toEqual([true, true, false]);
    expect([table.get('a'), table.get('c'), table.full]).toEqual([1, undefined, true]);
    expect(table.counts()).toEqual({ added: 2, ended: 0, expired: 0, refused: 1, open: 2, peak: 2 });
  });

  it('does not replace a transaction, also when full', () => {
    const table = new TransactionTable<number>(1);
    table.add('a', 1);
    expect(table.add('a', 2)).toBe(false);
    expect(table.get('a')).toBe(1);
    expect(table.counts().refused).toBe(0);
  });

  it('added = ended + expired + open, whatever happens', () => {
    const op = fc.tuple(fc.constantFrom('add', 'ended', 'expired'), fc.nat(20));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(op, { maxLength: 200 }), (maxSize, ops) => {
        const table = new TransactionTable<number>(maxSize);
        for (const [what, n] of ops) {
          if (what === 'add') table.add(`k${n}`, n);
          else table.remove(`k${n}`, what === 'ended' ? 'ended' : 'expired');
          const counts = table.counts();
          expect(counts.added).toBe(counts.ended + counts.expired + counts.open);
          expect(counts.open).toBe(table.size);
          expect(counts.open).toBeLessThanOrEqual(maxSize);
          expect([...table.values()].length).toBe(counts.open);
        }
      }),
    );
  });
});
