import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.ts';

describe('EventQueue', () => {
  it('runs events in the order of their times, those of one time in the order put in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (times) => {
        const queue = new EventQueue();
        const seen: [number, number][] = [];
        times.forEach((atMs, order) => {
          queue.at(atMs, (one: number, nowMs) => seen.push([nowMs, one]), order);
        });
        queue.runUntil(20);
        const expected = times.map((atMs, order) => [atMs, order]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
        expect(seen).toEqual(expected);
      }),
    );
  });

  it('stops at the end asked for, and its clock with it', () => {
    const queue = new EventQueue();
    const seen: number[] = [];
    for (const atMs of [1, 2, 3]) queue.at(atMs, (_, nowMs) => seen.push(nowMs), undefined);
    queue.runUntil(2);
    expect([seen, queue.nowMs, queue.size]).toEqual([[1, 2], 2, 1]);
  });

  it('an event may put in others, those of the past happening next', () => {
    const queue = new EventQueue();
    const seen: number[] = [];
    queue.at(5, () => queue.at(1, (_, nowMs) => seen.push(nowMs), undefined), undefined);
    queue.runUntil(10);
    expect(seen).toEqual([5]);
  });
});
