import { describe, expect, it } from 'vitest';
import { noShortage, queueRoom, type Shortage, stepShortage } from '../../src/control/queue-room.ts';

const intervalMs = 100;
/** After each of the demands, 100 ms apart, on a switch that can do 100. */
function shortages(from: Shortage, demands: readonly number[]): boolean[] {
  let shortage = from;
  return demands.map((demand) => {
    shortage = stepShortage(shortage, demand, 100, intervalMs);
    return shortage.isShort;
  });
}
const times = (count: number, demand: number): number[] => new Array<number>(count).fill(demand);
const short: Shortage = { isShort: true, sinceMs: 0, lateMs: 0 };

describe('a shortage', () => {
  it('begins at once where much more is asked for, after a while where it may be chance', () => {
    expect(shortages(noShortage, [140])).toEqual([true]);
    expect(shortages(noShortage, times(5, 115))).toEqual([false, false, false, false, true]);
    expect(shortages(noShortage, [...times(4, 115), 100, ...times(4, 115)])).not.toContain(true);
  });

  it('does not begin while what is asked for is about what can be done', () => {
    expect(shortages(noShortage, times(100, 108))).not.toContain(true);
    expect(stepShortage(noShortage, 1e6, Infinity, intervalMs)).toEqual(noShortage);
  });

  it('ends when for a while less is asked for than can be done, and not before', () => {
    expect(shortages(short, times(100, 100))).not.toContain(false);
    expect(shortages(short, times(5, 60))).toEqual([true, true, true, true, false]);
    expect(shortages(short, [...times(4, 60), 100, ...times(4, 60)])).not.toContain(false);
  });
});

it('remembers for a second or two by how much our own timers were late', () => {
  let shortage = stepShortage(short, 200, 100, intervalMs, 80);
  expect(shortage.lateMs).toBe(80);
  for (let i = 0; i < 10; i++) shortage = stepShortage(shortage, 200, 100, intervalMs, 2);
  expect(shortage.lateMs).toBeGreaterThan(20);
  for (let i = 0; i < 30; i++) shortage = stepShortage(shortage, 200, 100, intervalMs, 2);
  expect(shortage.lateMs).toBe(2);
});

describe('the room in a switch', () => {
  it('RFC 7415 §3.5.1: 4 T, between 60 and 200 ms, while it can do what is asked for', () => {
    const calm = (perSecond: number) => queueRoom(noShortage, perSecond).ordinary;
    expect([calm(1), calm(10), calm(40), calm(1000)]).toEqual([1, 2, 4, 60]);
  });

  it('one call, and what a timer that is late must not miss, while it cannot', () => {
    expect(queueRoom(short, 1000).ordinary).toBe(16);
    expect(queueRoom({ ...short, lateMs: 20 }, 1000).ordinary).toBe(31);
    expect(queueRoom({ ...short, lateMs: 5000 }, 1000).ordinary).toBe(201);
    expect(queueRoom(short, 20).ordinary).toBeCloseTo(1.3);
  });

  it('is larger for served neighbours, and never less than a call', () => {
    for (const shortage of [noShortage, short])
      for (const perSecond of [0.001, 1, 20, 140, 1000, Infinity]) {
        const { ordinary, served } = queueRoom(shortage, perSecond);
        expect(ordinary).toBeGreaterThanOrEqual(1);
        expect(served).toBeGreaterThanOrEqual(ordinary);
      }
  });

  it('is shorter in a shortage from some ten calls a second on', () => {
    for (const perSecond of [10, 50, 140, 1000])
      expect(queueRoom(short, perSecond).ordinary).toBeLessThan(queueRoom(noShortage, perSecond).ordinary);
  });
});
