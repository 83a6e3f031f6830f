import { describe, expect, it } from 'vitest';
import { defaultAllocationRules } from '../../../src/orchestrator/allocation/allocation-rules.ts';
import {
  initialStability,
  isMoving,
  isUseMoving,
  stepStability,
  stepUse,
  type UseTrack,
} from '../../../src/orchestrator/allocation/stability.ts';
import { applicationOf } from './application-of.ts';

const rules = defaultAllocationRules.stability;

/** Whether use moved after each second; the host has 100. */
function moved(uses: readonly number[]): string {
  let track: UseTrack | undefined;
  return uses
    .map((used, second) => {
      track = stepUse(track, used, 100, second * 1000, rules);
      return isUseMoving(track, second * 1000, rules) ? 'm' : '.';
    })
    .join('');
}

const of = (value: number, count: number): number[] => Array.from({ length: count }, () => value);

describe('seed: whether utilisation changes or is stable', () => {
  it.each<[string, number[], string]>([
    ['constant use is stable', of(50, 6), '......'],
    ['the first sight of it is no change', of(0, 3), '...'],
    ['a jump moves it, until it has stayed where it went', [...of(20, 2), ...of(40, 9)], '..mmm......'],
    ['a fluctuation within a tenth is none', [50, 53, 48, 52, 47, 53, 50], '.......'],
    ['a fluctuation of something tiny is none', [0.1, 0.9, 0.1, 0.5, 1, 0.1], '......'],
    ['growth moves it as long as it lasts', [20, 25, 30, 35, 40, 45, 50], '.mmmmmm'],
    ['the end of load moves it too', [...of(60, 2), ...of(0, 9)], '..mmmmmm...'],
    ['a single spike is forgotten', [...of(50, 2), 70, ...of(50, 7)], '..mmmm....'],
  ])('%s', (_, uses, expected) => {
    expect(moved(uses)).toBe(expected);
  });

  it('is stable after a day of silence', () => {
    const before = stepUse(stepUse(undefined, 10, 100, 0, rules), 90, 100, 1000, rules);
    expect(isUseMoving(before, 1000, rules)).toBe(true);
    expect(isUseMoving(before, 86_400_000, rules)).toBe(false);
  });

  it('a clock that goes back changes nothing', () => {
    const track = stepUse(stepUse(undefined, 10, 100, 5000, rules), 90, 100, 1000, rules);
    expect(track.smoothed).toBe(10);
  });

  it('an application moves when its own use does, and all do when the host does', () => {
    const step = (state: typeof initialStability, web: number, host: number, nowMs: number) =>
      stepStability(
        state,
        [applicationOf('web', { used: { cpuCores: web } }), applicationOf('edge', { used: { cpuCores: 20 } })],
        { maximum: { cpuCores: 100 }, used: { cpuCores: host } },
        nowMs,
        rules,
      );
    const moves = (state: typeof initialStability) =>
      ['web', 'edge'].map((name) => isMoving(state, name, 'cpuCores', 1000, rules));
    const before = step(initialStability, 20, 60, 0);
    expect(moves(step(before, 30, 60, 1000))).toEqual([true, false]);
    expect(moves(step(before, 20, 90, 1000))).toEqual([true, true]);
    expect(moves(step(before, 20, 60, 1000))).toEqual([false, false]);
  });

  it('forgets applications that are gone, and resources that are not rationed', () => {
    const host = { maximum: { cpuCores: 10 }, used: { cpuCores: 1, memoryBytes: 5 } };
    const one = stepStability(initialStability, [applicationOf('a', { used: { memoryBytes: 5 } })], host, 0, rules);
    expect([...one.applications]).toEqual([['a', {}]]);
    expect(Object.keys(one.host)).toEqual(['cpuCores']);
    expect(stepStability(one, [], host, 1000, rules).applications.size).toBe(0);
  });
});
