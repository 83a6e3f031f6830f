import { describe, expect, it } from 'vitest';
import type { Part } from '../../../src/orchestrator/allocation/part.ts';
import { recover } from '../../../src/orchestrator/allocation/recover.ts';
import { partOf } from './part-of.ts';

describe('seed: what an application reports unused is recovered', () => {
  it.each<[string, Partial<Part>, number, ReturnType<typeof recover>]>([
    ['all of it', { allocated: 50, used: 10 }, 20, { kind: 'recovered', allocated: 30 }],
    [
      'up to the threshold of the load that follows',
      { allocated: 50, used: 20 },
      25,
      { kind: 'recovered', allocated: 25 },
    ],
    [
      'not if the load that follows would cross the threshold',
      { allocated: 50, used: 21 },
      25,
      { kind: 'refused', projectedRatio: 0.84 },
    ],
    ['never below its minimum', { allocated: 50, used: 0, minimum: 30 }, 45, { kind: 'recovered', allocated: 30 }],
    ['not more than it has', { allocated: 50, used: 0 }, 500, { kind: 'recovered', allocated: 0 }],
    [
      'not all of it while some is used',
      { allocated: 50, used: 1 },
      50,
      { kind: 'refused', projectedRatio: Number.POSITIVE_INFINITY },
    ],
    [
      'its word counts where its use cannot be seen',
      { allocated: 50, used: undefined },
      20,
      { kind: 'recovered', allocated: 30 },
    ],
    [
      'an exempt application too may give back',
      { isExempt: true, allocated: 50 },
      20,
      { kind: 'recovered', allocated: 30 },
    ],
  ])('%s', (_, special, unused, expected) => {
    expect(recover(partOf('a', special), unused, 0.8)).toEqual(expected);
  });
});
