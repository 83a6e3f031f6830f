import { describe, expect, it } from 'vitest';
import {
  initialPull,
  type PullResult,
  type PullState,
  type PullWay,
  stepPull,
} from '../../src/congestion/pull-state.ts';

/** From events on. */
function outcomeOf(...results: PullResult[]): { way: PullWay; waits: number[] } {
  let state: PullState = initialPull;
  const waits = results.map((result) => {
    const next = stepPull(state, result, 1);
    state = next.state;
    return next.waitMs;
  });
  return { way: state.way, waits };
}

describe('how orders are fetched as they change', () => {
  it.each<[PullWay, PullResult[]]>([
    ['events', []],
    ['events', ['worked', 'worked', 'worked']],
    ['events', ['wrong', 'wrong', 'worked', 'wrong', 'wrong']],
    ['poll', ['not-offered']],
    ['poll', ['wrong', 'wrong', 'wrong']],
    ['poll', ['not-offered', 'worked', 'no-answer']],
    ['none', ['not-offered', 'not-offered']],
    ['none', ['not-offered', 'wrong', 'wrong', 'wrong']],
    ['none', ['wrong', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong']],
    ['events', ['not-offered', 'not-offered', 'paused']],
  ])('%s after %j', (way, results) => expect(outcomeOf(...results).way).toBe(way));

  it('an orchestrator that is gone says nothing against a way, and is asked ever less often', () => {
    const { way, waits } = outcomeOf(...new Array<PullResult>(8).fill('no-answer'));
    expect(way).toBe('events');
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('never again at once', () => {
    for (const result of ['worked', 'wrong', 'not-offered', 'no-answer'] as const) {
      expect(stepPull(initialPull, result, 0).waitMs).toBeGreaterThanOrEqual(50);
    }
  });
});
