import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../src/scan/lane.ts';

describe('Lane', () => {
  it('gives the oldest first, or the newest first', () => {
    const lane = new Lane<string>(4);
    for (const item of ['a', 'b', 'c', 'd']) expect(lane.offer(item, 0)).toBe(true);
    expect(lane.offer('e', 0)).toBe(false);
    expect(lane.next(false)).toBe('a');
    expect(lane.takeNext(false)).toBe('a');
    expect(lane.next(true)).toBe('d');
    expect(lane.takeNext(true)).toBe('d');
    expect(lane.length).toBe(2);
    expect([lane.takeNext(true), lane.takeNext(true), lane.takeNext(true)]).toEqual(['c', 'b', undefined]);
  });

  it('expires what has waited longer than it may, the oldest first', () => {
    const lane = new Lane<string>(4);
    const expired: string[] = [];
    lane.offer('a', 0);
    lane.offer('b', 100);
    lane.offer('c', 101);
    expect(lane.expire(200, 200, (item) => expired.push(item))).toBe(0);
    expect(lane.oldestMs(300)).toBe(300);
    expect(lane.expire(300.5, 200, (item) => expired.push(item))).toBe(2);
    expect(expired).toEqual(['a', 'b']);
    expect(lane.oldestMs(300.5)).toBe(199.5);
    expect(lane.takeNext(false)).toBe('c');
    expect(lane.oldestMs(400)).toBe(0);
  });

  it('what is offered while others expire waits', () => {
    const lane = new Lane<string>(2);
    lane.offer('a', 0);
    lane.offer('b', 0);
    const taken: boolean[] = [];
    lane.expire(300, 200, (item) => taken.push(lane.offer(`${item}2`, 300)));
    expect(taken).toEqual([true, true]);
    expect([lane.takeNext(false), lane.takeNext(false)]).toEqual(['a2', 'b2']);
  });

  it('less room expires nothing, and takes nothing until there is some', () => {
    const lane = new Lane<number>(3);
    for (const item of [1, 2, 3]) lane.offer(item, 0);
    lane.room = 1;
    expect(lane.length).toBe(3);
    expect(lane.offer(4, 0)).toBe(false);
    lane.takeNext(false);
    lane.takeNext(false);
    expect(lane.offer(4, 0)).toBe(false);
    lane.takeNext(false);
    expect(lane.offer(4, 0)).toBe(true);
  });

  it.each([
    [0, 0],
    [-1, 0],
    [Number.NaN, 0],
    [2.9, 2],
    [Number.POSITIVE_INFINITY, 65_536],
  ])('room of %d is %d', (asked, room) => {
    const lane = new Lane<number>(asked);
    expect(lane.room).toBe(room);
    if (room === 0) expect(lane.offer(1, 0)).toBe(false);
  });

  it('keeps nothing of what was taken', () => {
    const lane = new Lane<object>(100);
    const held = (): number => JSON.stringify(lane).length;
    const empty = held();
    for (let i = 0; i < 50; i++) lane.offer({ i }, i);
    lane.remove((item) => 'i' in item && item.i === 20);
    while (lane.takeNext(lane.length % 2 === 0) !== undefined);
    expect(held()).toBe(empty);
  });

  type Step =
    | { do: 'offer' | 'tick' | 'room'; by: number }
    | { do: 'take'; newestFirst: boolean }
    | { do: 'expire' }
    | { do: 'remove'; item: number };
  const steps: fc.Arbitrary<Step>[] = [
    fc.record({ do: fc.constant('offer' as const), by: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ do: fc.constant('tick' as const), by: fc.nat(120) }),
    fc.record({ do: fc.constant('room' as const), by: fc.nat(80) }),
    fc.record({ do: fc.constant('take' as const), newestFirst: fc.boolean() }),
    fc.record({ do: fc.constant('expire' as const) }),
    fc.record({ do: fc.constant('remove' as const), item: fc.nat(200) }),
  ];

  it('does what a plain array would do, whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(...steps), { maxLength: 200 }), (all) => {
        const lane = new Lane<number>(40);
        let model: { item: number; atMs: number }[] = [];
        let room = 40;
        let nowMs = 0;
        let last = 0;
        for (const step of all) {
          switch (step.do) {
            case 'tick':
              nowMs += step.by;
              break;
            case 'room':
              room = step.by;
              lane.room = step.by;
              break;
            case 'offer':
              for (let i = 0; i < step.by; i++) {
                const fits = model.length < room;
                expect(lane.offer(++last, nowMs)).toBe(fits);
                if (fits) model.push({ item: last, atMs: nowMs });
              }
              break;
            case 'take':
              expect(lane.takeNext(step.newestFirst)).toBe((step.newestFirst ? model.pop() : model.shift())?.item);
              break;
            case 'remove': {
              const wanted = model.find(({ item }) => item % 200 === step.item);
              model = model.filter((one) => one !== wanted);
              expect(lane.remove((item) => item % 200 === step.item)).toBe(wanted?.item);
              break;
            }
            case 'expire': {
              const expired: number[] = [];
              lane.expire(nowMs, 200, (item) => expired.push(item));
              expect(expired).toEqual(model.filter(({ atMs }) => nowMs - atMs > 200).map(({ item }) => item));
              model = model.filter(({ atMs }) => nowMs - atMs <= 200);
              break;
            }
          }
          expect(lane.length).toBe(model.length);
          expect(lane.oldestMs(nowMs)).toBe(model.length === 0 ? 0 : nowMs - model[0]!.atMs);
        }
      }),
    );
  });
});
