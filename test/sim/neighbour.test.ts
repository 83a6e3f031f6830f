import { describe, expect, it } from 'vitest';
import type { SourceRule } from './call.ts';
import { Neighbour } from './neighbour.ts';
import { Random } from './random.ts';

const rule: SourceRule = {
  name: 'peer',
  interface: 'east',
  neighbour: 'peer',
  rate: [],
  priorityRatio: 0,
  obeysOc: undefined,
  retryAfterRatio: 0,
  callers: { redialRatio: 0, redialMedianMs: 0, mostRedials: 0, patienceMedianMs: 0 },
  numbers: [],
  edge: 0,
};
const newNeighbour = (change: Partial<SourceRule>) => new Neighbour({ ...rule, ...change }, new Random(1));
const feedback = (algorithm: 'loss' | 'rate', value: number) =>
  ({ algorithm, value, validityMs: 500, sequence: '1.00000' }) as const;

/** Of 1,000 calls in a second, those that go on. */
function passed(one: Neighbour, isPriority = false): number {
  let count = 0;
  for (let ms = 0; ms < 1000; ms++) if (one.mayPass(isPriority, ms)) count++;
  return count;
}

describe('Neighbour', () => {
  it('passes everything until it is told', () => expect(passed(newNeighbour({ obeysOc: 'rate' }))).toBe(1000));

  it('obeys a rate (RFC 7415 §3.5.1), for as long as it is valid', () => {
    const one = newNeighbour({ obeysOc: 'rate' });
    one.onFeedback(feedback('rate', 100), 500);
    let count = 0;
    for (let ms = 500; ms < 1000; ms++) if (one.mayPass(false, ms)) count++;
    expect(count).toBeGreaterThanOrEqual(50);
    expect(count).toBeLessThanOrEqual(56);
    expect(one.mayPass(false, 1000)).toBe(true);
  });

  it('obeys a loss, and lets priority pass', () => {
    const one = newNeighbour({ obeysOc: 'loss' });
    one.onFeedback({ ...feedback('loss', 80), validityMs: 5000 }, 0);
    expect(passed(one)).toBeGreaterThan(150);
    expect(passed(one)).toBeLessThan(250);
    expect(passed(one, true)).toBe(1000);
  });

  it('ignores feedback of another algorithm, and all of it when it is deaf', () => {
    for (const obeysOc of ['rate', undefined] as const) {
      const one = newNeighbour({ obeysOc });
      one.onFeedback({ ...feedback('loss', 100), validityMs: 5000 }, 0);
      expect(passed(one)).toBe(1000);
    }
  });

  it('a peer network falls silent for Retry-After; many clients do not, nor does one that ignores it', () => {
    const peer = newNeighbour({ retryAfterRatio: 1 });
    peer.onRefused(10, 0);
    expect([peer.mayPass(false, 9999), peer.mayPass(false, 10_000)]).toEqual([false, true]);
    for (const change of [{ retryAfterRatio: 1, neighbour: '' }, { retryAfterRatio: 0 }]) {
      const other = newNeighbour(change);
      other.onRefused(10, 0);
      expect(other.mayPass(false, 1)).toBe(true);
    }
  });
});
