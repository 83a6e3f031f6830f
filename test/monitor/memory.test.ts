import { describe, expect, it } from 'vitest';
import { createMemoryMonitor, memoryRatio } from '../../src/monitor/memory.ts';

describe('memoryRatio', () => {
  const use = { residentBytes: 400, groupLimitBytes: 0, totalBytes: 4000, heapBytes: 100, heapLimitBytes: 2000 };

  it.each([
    ['no limit of a group', {}, 0.1],
    ['a group without a limit, as cgroup v1 tells it', { groupLimitBytes: 2 ** 64 }, 0.1],
    ['a group that may have less than there is', { groupLimitBytes: 800 }, 0.5],
    ['a heap nearer to its limit', { groupLimitBytes: 800, heapBytes: 1500 }, 0.75],
    ['more than allowed', { groupLimitBytes: 300 }, 1],
    ['nothing known', { totalBytes: 0, heapLimitBytes: 0 }, 0],
  ])('%s', (_what, change, ratio) => expect(memoryRatio({ ...use, ...change })).toBeCloseTo(ratio));
});

describe('createMemoryMonitor', () => {
  it('sees what this process takes', () => {
    const sample = createMemoryMonitor();
    const before = sample(0);
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThanOrEqual(1);
    const taken = Buffer.alloc(200_000_000, 1);
    expect(sample(100)).toBeGreaterThan(before);
    expect(taken[0]).toBe(1);
  });
});
