import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryRow } from '../../src/admin/history-json.ts';
import { History } from '../../src/console/history.ts';

const still = { offered: 0, admitted: 0, refused: 0, completed: 0 };

function row(at: number, some: Partial<HistoryRow> = {}): HistoryRow {
  return {
    stepSeconds: 1,
    at,
    mode: 0,
    boundaryPerSecond: null,
    ordinaryCallsPerSecond: null,
    interfaces: { south: still },
    priority: still,
    switches: {},
    ...some,
  };
}

function filled(seconds: number, of: (at: number) => Partial<HistoryRow> = () => ({})): History {
  const history = new History();
  for (let at = 1; at <= seconds; at++) history.add(row(at, of(at)));
  return history;
}

describe('the history', () => {
  it('is empty at first', () => {
    expect(new History().read(60)).toEqual({
      stepSeconds: 1,
      at: [],
      mode: [],
      boundaryPerSecond: [],
      ordinaryCallsPerSecond: [],
      interfaces: {},
      priority: { offered: [], admitted: [], refused: [], completed: [] },
      switches: {},
    });
  });

  it('has the seconds that are asked for, the oldest first, as they were', () => {
    const south = (at: number) => ({ offered: at, admitted: at / 2, refused: at / 4, completed: 0.125 });
    const history = filled(50, (at) => ({ mode: at % 4, interfaces: { south: south(at) } }));
    const { at, mode, stepSeconds, interfaces } = history.read(10);
    const last = [41, 42, 43, 44, 45, 46, 47, 48, 49, 50];
    expect({ at, mode, stepSeconds }).toEqual({ at: last, mode: last.map((one) => one % 4), stepSeconds: 1 });
    expect(interfaces.south).toEqual({
      offered: last,
      admitted: last.map((one) => one / 2),
      refused: last.map((one) => one / 4),
      completed: last.map(() => 0.125),
    });
  });

  it.each([
    [600, 1, 600],
    [601, 10, 61],
    [3600, 10, 360],
  ])('of %i s is in steps of %i s', (seconds, stepSeconds, rows) => {
    const read = filled(4000).read(seconds);
    expect([read.stepSeconds, read.at.length]).toEqual([stepSeconds, rows]);
    expect(read.at.every((at, i) => i === 0 || at - read.at[i - 1]! === stepSeconds)).toBe(true);
    expect(read.at.at(-1)).toBe(4000);
  });

  it('in steps of ten has all calls that the seconds had: not one more or less', () => {
    const calls = fc.record({
      offered: fc.nat(5000),
      admitted: fc.nat(5000),
      refused: fc.nat(5000),
      completed: fc.nat(5000),
    });
    const seconds = fc.array(fc.record({ south: calls, priority: calls, answered: fc.nat(300) }), {
      minLength: 20,
      maxLength: 200,
    });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 9 }), (given, offset) => {
        const history = new History();
        given.forEach(({ south, priority, answered }, i) => {
          const sw1 = { demand: answered * 2, answered, capacity: null };
          history.add(row(1000 + offset + i, { interfaces: { south }, priority, switches: { sw1 } }));
        });
        const { at, interfaces, priority, switches } = history.read(3600);
        // a row for each ten seconds that are over
        at.forEach((until, i) => {
          const from = i === 0 ? 0 : Math.max(0, until - 9 - 1000 - offset);
          const own = given.slice(from, until - 1000 - offset + 1);
          const mean = (of: (one: (typeof given)[number]) => number) =>
            own.reduce((sum, one) => sum + of(one), 0) / own.length;
          expect(interfaces.south!.offered[i]).toBeCloseTo(
            mean((one) => one.south.offered),
            3,
          );
          expect(interfaces.south!.completed[i]).toBeCloseTo(
            mean((one) => one.south.completed),
            3,
          );
          expect(priority.refused[i]).toBeCloseTo(
            mean((one) => one.priority.refused),
            3,
          );
          expect(switches.sw1!.answered[i]).toBeCloseTo(
            mean((one) => one.answered),
            3,
          );
        });
        expect(at.length).toBe(
          Math.floor((1000 + offset + given.length - 1) / 10) - Math.ceil((1000 + offset) / 10) + 1,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('in steps of ten has the highest mode, and the least of each limit that there was', () => {
    const history = filled(20, (at) => ({
      mode: at === 13 ? 3 : 1,
      boundaryPerSecond: at === 14 ? 70 : at === 15 ? null : 100,
      switches: { sw1: { demand: 0, answered: 0, capacity: at <= 10 ? null : at } },
    }));
    const { mode, boundaryPerSecond, ordinaryCallsPerSecond, switches } = history.read(3600);
    expect({ mode, boundaryPerSecond, ordinaryCallsPerSecond, capacity: switches.sw1?.capacity }).toEqual({
      mode: [1, 3],
      boundaryPerSecond: [100, 70],
      ordinaryCallsPerSecond: [null, null],
      capacity: [null, 11],
    });
  });

  it('weighs a second that took longer by its length', () => {
    const history = new History();
    const offered = (rate: number) => ({ interfaces: { south: { ...still, offered: rate } } });
    history.add(row(18, offered(100)), 1);
    history.add(row(20, offered(10)), 2);
    // 100 calls, and 20 in two seconds
    expect(history.read(3600).interfaces.south?.offered).toEqual([40]);
  });

  it('skips the seconds that a clock repeats, and begins anew where it was set back by more than a minute', () => {
    const history = filled(100);
    expect([101, 100, 50, 40].map((at) => history.takes(at))).toEqual([true, false, false, false]);
    expect(history.read(600).at.length).toBe(100);
    expect(history.takes(39)).toBe(true);
    expect(history.read(600).at).toEqual([]);
    expect(history.read(3600).at).toEqual([]);
  });

  it('forgets a switch that has gone, an hour later, and needs no more memory for all that there ever were', () => {
    const one = { demand: 1, answered: 1, capacity: 1 };
    const history = new History();
    // a reload every minute, and each time another switch
    for (let at = 1; at <= 20_000; at++) history.add(row(at, { switches: { [`sw${Math.ceil(at / 60)}`]: one } }));
    const names = Object.keys(history.read(3600).switches);
    expect(names).toEqual(Array.from({ length: 61 }, (_, i) => `sw${274 + i}`));
    expect(history.read(3600).switches.sw334?.demand.at(-1)).toBe(1);
    // those of two rounds at most: 20 and 120 switches of three columns, and eleven of all rows
    expect(history.columnCount).toBeLessThanOrEqual((20 + 120 + 4) * 3 + 2 * 11);
  });

  it('needs no more memory after a day than after an hour', () => {
    const sw1 = { demand: 1, answered: 1, capacity: 1 };
    const history = filled(3600, () => ({ switches: { sw1 } }));
    const columns = history.columnCount;
    for (let at = 3601; at <= 86_400; at++) history.add(row(at, { switches: { sw1 } }));
    expect(history.columnCount).toBe(columns);
    expect(history.read(3600).at.length).toBe(360);
  });
});
