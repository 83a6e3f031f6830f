import { describe, expect, it } from 'vitest';
import { noStandingQueue, type StandingInput, stepStandingQueue } from '../../src/control/standing-queue.ts';

const usual = { backlogCalls: 0, perSecond: 100, isHeard: true, isLimited: false, intervalMs: 100 };

/** Calls added after each sample; what is added is counted from then on, and worked off at `perSecond` while nothing is sent. */
function added(samples: readonly (Partial<StandingInput> & { readonly queueMs: number })[]): number[] {
  let state = noStandingQueue;
  return samples.map((sample) => {
    const step = stepStandingQueue(state, { ...usual, ...sample });
    state = step.state;
    return Math.round(step.addCalls * 10) / 10;
  });
}
const same = (count: number, sample: Partial<StandingInput> & { readonly queueMs: number }) =>
  new Array<typeof sample>(count).fill(sample);

describe('a standing queue (CoDel, RFC 8289 §3)', () => {
  it('is what was never gone for half a second: then it is counted, once', () => {
    expect(added(same(4, { queueMs: 50 }))).toEqual([0, 0, 0, 0]);
    expect(added(same(9, { queueMs: 50 })).slice(4)).toEqual([5, 0, 0, 0, 0]);
  });

  it('is not a burst, however long, that was gone in between', () => {
    const burst = [...same(4, { queueMs: 400 }), { queueMs: 0 }];
    expect(Math.max(...added([...burst, ...burst, ...burst]))).toBe(0);
  });

  it('is not what is counted already, nor what is less than that', () => {
    expect(Math.max(...added(same(20, { queueMs: 80, backlogCalls: 8 })))).toBe(0);
    expect(Math.max(...added(same(20, { queueMs: 0, backlogCalls: 30 })))).toBe(0);
    expect(added(same(5, { queueMs: 80, backlogCalls: 3 })).at(-1)).toBe(5);
  });

  it('is counted at once when the limit of a switch is found, all of it', () => {
    expect(added([{ queueMs: 20 }, { queueMs: 300, isLimited: true }, { queueMs: 300, isLimited: true }])).toEqual([
      0, 30, 0,
    ]);
  });

  it('of a switch whose limit has not shown costs no more than 100 ms in half a second', () => {
    expect(added(same(5, { queueMs: 900 })).at(-1)).toBe(10);
    expect(added(same(5, { queueMs: 900, isLimited: true }))[0]).toBe(90);
  });

  it('is not learned from silence: what no answer tells is not counted again and again', () => {
    const silent = same(50, { queueMs: 2000, isLimited: true, isHeard: false });
    expect(Math.max(...added(silent))).toBe(0);
    expect(added([...silent, { queueMs: 50, isLimited: true }]).at(-1)).toBe(5);
  });

  it('is nothing where nothing is counted', () => {
    const { state, addCalls } = stepStandingQueue(noStandingQueue, { ...usual, queueMs: 500, perSecond: Infinity });
    expect([state, addCalls]).toEqual([noStandingQueue, 0]);
  });
});
