import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransactionTable } from '../../src/transaction/table.ts';

describe('TransactionTable', () => {
  it('holds no more than maxSize, and counts what it refused', () => {
    const table = new TransactionTable<number>(2);
    expect([table.add(1, 1), table.add(2, 2), table.add(3, 3)]).toEqual([true, true, false]);
    expect([table.get(1), table.get(3), table.full]).toEqual([1, undefined, true]);
    expect(table.counts()).toEqual({ added: 2, ended: 0, expired: 0, refused: 1, open: 2, peak: 2 });
  });

  it('does not replace a transaction, also when full', () => {
    const table = new TransactionTable<number>(1);
    table.add(1, 1);
    expect(table.add(1, 2)).toBe(false);
    expect(table.get(1)).toBe(1);
    expect(table.counts().refused).toBe(0);
  });

  it('added = ended + expired + open, whatever happens', () => {
    const op = fc.tuple(fc.constantFrom('add', 'ended', 'expired'), fc.nat(20));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(op, { maxLength: 200 }), (maxSize, ops) => {
        const table = new TransactionTable<number>(maxSize);
        for (const [what, n] of ops) {
          if (what === 'add') table.add(n, n);
          else table.remove(n, what === 'ended' ? 'ended' : 'expired');
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
