import { describe, expect, it } from 'vitest';
import { Columns, meanOfLast, total } from '../../../src/console/page/columns.ts';

const history = {
  stepSeconds: 1,
  at: [10, 11, 12],
  mode: [0, 0, 3],
  interfaces: { south: { offered: [1, 2, 3], refused: [0, 0, 1] }, east: { offered: [5, 5, 5], refused: [0, 0, 0] } },
  priority: { offered: [1, 0, 1] },
  switches: { 'sw/1': { capacity: [60, null, 60] }, sw2: { capacity: [40, 40, 40] } },
};
const row = (at: number) => ({
  stepSeconds: 1,
  at,
  mode: 3,
  interfaces: { south: { offered: 9, refused: 8 } },
  priority: { offered: 2 },
  switches: { 'sw/1': { capacity: 60 }, sw2: { capacity: null } },
});

function loaded(most = 600): Columns {
  const columns = new Columns(most);
  columns.load(history);
  return columns;
}

describe('columns of the plots', () => {
  it('are those of the history, by name', () => {
    const columns = loaded();
    expect([columns.length, columns.at]).toEqual([3, [10, 11, 12]]);
    expect(columns.column('interfaces/south/offered')).toEqual([1, 2, 3]);
    expect(columns.column('nothing/like/it')).toEqual([null, null, null]);
    expect(columns.membersOf('interfaces')).toEqual(['south', 'east']);
    expect(columns.membersOf('switches')).toEqual(['sw/1', 'sw2']);
  });

  it('grow by newer rows only; what a row does not name is not known', () => {
    const columns = loaded();
    expect(columns.append(row(12))).toBe(false);
    expect(columns.append(row(13))).toBe(true);
    expect(columns.column('interfaces/south/offered')).toEqual([1, 2, 3, 9]);
    expect(columns.column('interfaces/east/offered')).toEqual([5, 5, 5, null]);
    columns.append({ ...row(14), interfaces: { west: { offered: 4 } } });
    expect(columns.column('interfaces/west/offered')).toEqual([null, null, null, null, 4]);
  });

  it('keep so many rows', () => {
    const columns = loaded(2);
    expect([columns.at, columns.column('mode')]).toEqual([
      [11, 12],
      [0, 3],
    ]);
    columns.append(row(13));
    expect([columns.at, columns.column('mode')]).toEqual([
      [12, 13],
      [3, 3],
    ]);
  });

  it('a sum is not known where one of its parts is not', () => {
    const columns = loaded();
    expect(columns.sum(/^interfaces\/[^/]+\/offered$/)).toEqual([6, 7, 8]);
    expect(columns.sum(/^switches\/.*\/capacity$/)).toEqual([100, null, 100]);
    expect(columns.sum(/^nothing/)).toEqual([null, null, null]);
  });

  it('an answer that is none leaves nothing', () => {
    const columns = loaded();
    columns.load({ at: 5 });
    expect(columns.length).toBe(0);
    columns.load({ at: [1, 2], mode: [0] });
    expect(columns.column('mode')).toEqual([null, null]);
  });

  it('means and totals leave out what is not known', () => {
    expect(meanOfLast([9, 1, null, 3], 3)).toBe(2);
    expect(meanOfLast([null], 3)).toBeNull();
    expect(total([1, null, 2])).toBe(3);
  });
});
